"""What needs a process of its own: memory after many failures, the cost of importing, and other log sinks."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
IMPORT = """
import sys, time, requests
start = time.process_time()
import {name}
spent = time.process_time() - start
print(spent * 1000, *sorted({{"structlog", "sentry_sdk"}} & sys.modules.keys()))
"""


def environment() -> dict[str, str]:
    """The environment of a fresh Python: it finds these files and the package, and keeps what it compiles."""
    paths = os.pathsep.join([str(HERE), str(HERE.parent)])
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": paths}


def fresh(*arguments: str) -> str:
    """Run Python anew and return what it prints."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment(), cwd=HERE).stdout


def import_cost(name: str, times: int) -> tuple[float, list[str]]:
    """Return the milliseconds that an import costs after that of requests, and what it has imported of the sinks."""
    answers = [fresh("-c", IMPORT.format(name=name)).split() for _ in range(times)]
    return sorted(float(words[0]) for words in answers)[times // 2], answers[0][1:]


def resident() -> int:
    """Resident memory in KiB."""
    gc.collect()
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def memory(failures_told: int) -> dict[str, Any]:
    """Let so many failures happen, each with its log line; return what stays."""
    import logs
    import paths

    import eightbyeight_obs
    from eightbyeight_obs import failures

    logs.configure()
    eightbyeight_obs.install()
    for _ in range(5000):
        paths.fail(paths.failing())
    before = resident()
    for _ in range(failures_told):
        paths.fail(paths.failing())
    return {"failures": failures_told, "kib": resident() - before, "alive": len(failures.alive)}


def all_paths(rounds: int) -> dict[str, Any]:
    import paths

    return paths.all_rows(rounds)


def all_series(rounds: int) -> list[Any]:
    import growth

    return growth.all_series(rounds)


def log_peers(rounds: int) -> dict[str, Any]:
    """What structlog-sentry adds to an event: a breadcrumb, or an event of a Sentry client that sends nothing."""
    import logs
    import peers
    import timing
    from structlog_sentry import SentryProcessor

    peers.sentry()
    bare, theirs = logs.logger(), logs.logger(SentryProcessor(level=20, event_level=40))

    def call(log: Any, level: str) -> timing.Call:
        return lambda _: getattr(log, level)("order", order=17, user="ann", state="new")

    return {
        f"structlog-sentry, {level}": timing.paired(call(bare, level), call(theirs, level), count=count, rounds=rounds)
        for level, count in (("info", 50), ("error", 3))
    }


if __name__ == "__main__":
    what = {"memory": memory, "log_peers": log_peers, "paths": all_paths, "growth": all_series}
    print(json.dumps(what[sys.argv[1]](int(sys.argv[2]))))
