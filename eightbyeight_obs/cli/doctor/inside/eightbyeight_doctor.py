# ruff: noqa: INP001 - no package: these files run where the package may be another version, or not there
"""In the process that is watched: waits until it is up, or ends, and writes down what is to be seen."""

from __future__ import annotations

import atexit
import importlib
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

_SETTLE = 15.0
_CALM = 5
_lock = threading.Lock()
_done_in: int | None = None


def wait() -> None:
    """Look after the seconds that the doctor said, or when the process ends, whichever comes first."""
    job = json.loads(os.environ["EIGHTBYEIGHT_DOCTOR"])
    _start(job)
    atexit.register(lambda: look(job, ending=True))
    if hasattr(os, "register_at_fork"):  # a server that forks its workers: the threads stay behind
        os.register_at_fork(after_in_child=lambda: _start(job))


def _start(job: dict[str, Any]) -> None:
    def late() -> None:
        time.sleep(job["seconds"])
        _settle()
        look(job)

    threading.Thread(target=late, name="eightbyeight-doctor", daemon=True).start()


def _settle() -> None:
    """Wait until the main thread imports no more: half a module is nothing to look at."""
    calm, end = 0, time.monotonic() + _SETTLE
    while calm < _CALM and time.monotonic() < end:
        frame = sys._current_frames().get(threading.main_thread().ident or 0)
        files = []
        while frame is not None:
            files.append(frame.f_code.co_filename)
            frame = frame.f_back
        calm = 0 if any(file.startswith("<frozen importlib") for file in files) else calm + 1
        time.sleep(0.1)


def look(job: dict[str, Any], *, ending: bool = False) -> None:
    """Write down, once per process, what this process looks like and what became of the synthetic failures."""
    global _done_in  # noqa: PLW0603 - one note: in which process the look is done
    with _lock:
        if _done_in == os.getpid():
            return
        _done_in = os.getpid()
        found: dict[str, Any] = {"look": {}, "tries": [], "broken": [], "ending": ending}
        for name, module, function in (
            # The tries first: structlog's chain is complete when a logger has been used.
            ("tries", "eightbyeight_doctor_try", "tries"),
            ("look", "eightbyeight_doctor_look", "look"),
        ):
            try:
                found[name] = getattr(importlib.import_module(module), function)(job)
            except Exception as exc:  # noqa: BLE001 - the watched process goes on, whatever is wrong here
                found["broken"].append(f"{name}: {type(exc).__name__}: {exc}")
        path = Path(job["folder"], f"{os.getpid()}.json")
        part = path.with_suffix(".part")
        part.write_text(json.dumps(found, default=str), encoding="utf-8")
        part.replace(path)
        sys.stdout.flush()
