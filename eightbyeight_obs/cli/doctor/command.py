"""``eightbyeight-obs doctor``: what is in place, what would arrive, and why something would not."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

from ..console import ExitCode, fail, printer, write_json
from ..options import JSON
from .findings import findings
from .tried import PROBLEM

__all__ = ["doctor"]

_INSIDE: Final = Path(__file__).parent / "inside"
_GRACE: Final = 40.0  # seconds, for the look itself and for a slow start
_LONG: Final = 60.0  # seconds; an empty Python ends by itself
_END: Final = 10.0  # seconds, for the service's own last steps
_LATER: Final = 5.0  # seconds, for other processes of the same program
# What the documentation tells to do, and a DSN that nothing is sent to.
_BARE: Final = """
import eightbyeight_obs, logging, requests, sentry_sdk, structlog
eightbyeight_obs.install()
handler = logging.StreamHandler()
handler.setFormatter(structlog.stdlib.ProcessorFormatter(
    foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.ExtraAdder()],
    processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer()]))
logging.basicConfig(handlers=[handler])
structlog.configure(
    processors=[structlog.stdlib.render_to_log_kwargs], logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger)
sentry_sdk.init(dsn="https://doctor@localhost/1", default_integrations=True, auto_enabling_integrations=False)
"""


def doctor(
    command: Annotated[
        list[str] | None, typer.Argument(metavar="-- COMMAND", help="The service, as it is started: -- python app.py.")
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, max=600, help="How long to wait until the service is up.")
    ] = 5.0,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Look at a service from inside: versions, hooks, and what becomes of a failure of 8x8's.

    The service is started as given and stopped again. Inside it, synthetic failures go the real way:
    through requests, its logging, its Sentry. Nothing is sent anywhere; its handlers do not write.
    Without a command an empty Python is looked at, set up as the documentation says.

    Examples:
      eightbyeight-obs doctor
      eightbyeight-obs doctor -- python app.py
      eightbyeight-obs doctor --seconds 15 -- gunicorn shop.wsgi

    Exit code 1: something would not arrive; the report says what.
    """
    bare = not command
    program = command or [sys.executable, "-c", _BARE]
    if shutil.which(program[0]) is None:
        fail(
            f"there is no program {program[0]}.",
            "Type it as you start the service: eightbyeight-obs doctor -- python app.py",
        )
    with printer(stderr=True).status("Looking ..." if bare else f"Running {program[0]} for {seconds:g} seconds ..."):
        found, last = _watch(program, _LONG if bare else seconds)
    concluded = findings(found)
    if as_json:
        write_json({**found, "findings": [finding._asdict() for finding in concluded]})
    else:
        from .view import show

        show(printer(), found, concluded, bare=bare, last=last)
    if any(finding.level == PROBLEM for finding in concluded):
        raise typer.Exit(int(ExitCode.NOTHING))


def _watch(program: Sequence[str], seconds: float) -> tuple[dict[str, Any], list[str]]:
    """Run the program with the doctor inside, and return what it wrote down, and its last lines if it failed."""
    mark = f"eightbyeight-doctor {secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory(prefix="eightbyeight-doctor-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        job = {"folder": name, "seconds": seconds, "mark": mark}
        with (folder / "out").open("wb") as out, _running(program, _environment(job), out) as process:
            _wait(process, folder, seconds)
            with contextlib.suppress(subprocess.TimeoutExpired):  # one that ends is let end, for its exit code
                process.wait(_END if any(result["ending"] for result in _results(folder)) else 0)
            code = process.poll()
        results = _results(folder)
        text = (folder / "out").read_bytes().decode("utf-8", "replace")
    printed = _between_marks(text, mark)
    last = [line for line in text.splitlines() if line.strip() and mark not in line][-5:]
    if not results:
        _nothing(program, code, last)
    found: dict[str, Any] = max(results, key=_worth)
    for tried in found["tries"]:
        tried["lines"] += [
            {"handler": "printed", "text": line, "keys": {}}
            for line in printed.get(f"{tried['logger']} {tried['case']}", ())
        ]
    found["exit_code"] = code  # None: it was running
    return found, last if code else []


def _environment(job: dict[str, Any]) -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(_INSIDE), os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, "PYTHONPATH": path, "EIGHTBYEIGHT_DOCTOR": json.dumps(job)}


@contextlib.contextmanager
def _running(program: Sequence[str], environment: dict[str, str], out: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run the program in a group of its own, and stop all of the group at the end, Ctrl-C or not."""
    process = subprocess.Popen(  # noqa: S603 - the user's own command
        list(program), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=environment,
        start_new_session=os.name == "posix",
    )  # fmt: skip
    try:
        yield process
    finally:
        for stop in ("SIGTERM", "SIGKILL"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.name == "posix":
                    os.killpg(process.pid, getattr(signal, stop))
                else:
                    process.terminate()
            try:
                process.wait(3)
                break
            except subprocess.TimeoutExpired:
                continue


def _wait(process: subprocess.Popen[bytes], folder: Path, seconds: float) -> None:
    """Wait until a process with the middleware has written down what it saw, or all had their time to."""
    waiting, end = False, time.monotonic() + seconds + _GRACE
    while process.poll() is None and time.monotonic() < end:
        results = _results(folder)
        if any(_worth(result)[0] for result in results):
            return
        if results and not waiting:  # one without: a worker of the same program may be a little later
            waiting, end = True, time.monotonic() + _LATER
        time.sleep(0.05)


def _results(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def _worth(result: dict[str, Any]) -> tuple[bool, bool, bool]:
    """Rank a process by what it tells: one with the middleware, else one with requests, else any."""
    look = result.get("look") or {}
    imported = look.get("imported") or {}
    return bool((look.get("installation") or {}).get("installed")), bool(imported.get("requests")), bool(look)


def _between_marks(text: str, mark: str) -> dict[str, list[str]]:
    """Return what was printed during each try, by the name of the try."""
    found: dict[str, list[str]] = {}
    for name, inner in re.findall(
        rf"\[{re.escape(mark)} (\w+ \w+) begin\]\n(.*?)\n?\[{re.escape(mark)} \1 end\]", text, re.DOTALL
    ):
        # stdout and stderr end in the same file, so each mark stands there twice.
        lines = [line for line in inner.splitlines() if line.strip() and mark not in line]
        found.setdefault(name, []).extend(lines)
    return found


def _nothing(program: Sequence[str], code: int | None, lines: Sequence[str]) -> NoReturn:
    last = "\n".join(f"  {line}" for line in lines)
    ended = f"It ended with exit code {code}." if code is not None else "It was running, and did not answer."
    fail(
        f"{program[0]} was not to be looked at. {ended}",
        f"Is it a Python program? With python -I or -E nobody can look inside.\nIts last lines:\n{last}",
        ExitCode.USAGE,
    )
