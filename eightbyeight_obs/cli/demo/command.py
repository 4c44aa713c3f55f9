"""``eightbyeight-obs demo``: run the sample service without and with the middleware, and show the difference."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Final

import typer

from ..console import ExitCode, fail, printer, write_json

__all__ = ["demo"]

_SECONDS: Final = 60
_BOOT: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from eightbyeight_obs.cli.demo.one_pass import main; main(sys.argv[2:])"
)


def demo(
    dsn: Annotated[
        str,
        typer.Option(
            "--dsn", help="Send the events to this Sentry project as well (environments demo-without and demo-with)."
        ),
    ] = "",
    full: Annotated[bool, typer.Option("--full", help="Show every log line as it was written.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")] = False,
) -> None:
    """Show what the middleware does: one sample service, a fake 8x8, without and with install().

    A small shop calls a fake 8x8 on this machine, which answers with 8x8's own published error bodies.
    It runs twice, and what it logged and what reached Sentry is shown side by side.
    Nothing leaves this machine unless --dsn says where to. No account is needed.

    Exit code 1: the middleware did not do what it promises; the failed check is named.
    """
    from .result import CHECKS  # the sample service imports requests and structlog, which no other command needs
    from .view import show

    _check_dsn(dsn)
    with printer(stderr=True).status("The shop calls the fake 8x8, without and with the middleware ..."):
        result = _run(dsn)
    if as_json:
        write_json(result)
    else:
        show(printer(), result, full=full, dsn=dsn)
    if result["lost"]:
        fail(
            f"{result['lost']} events could not be delivered to Sentry.",
            "Look at the DSN (Sentry: Settings, Projects, Client Keys) and at the way to its host, then type it again.",
            ExitCode.MISSING,
        )
    broken = [CHECKS[name] for name, holds in result["checks"].items() if not holds]
    if broken:
        fail(
            "it does not hold that " + "; that ".join(broken) + ".",
            'Type "eightbyeight-obs demo --json" and report its output as a bug.',
            ExitCode.NOTHING,
        )


def _check_dsn(dsn: str) -> None:
    from sentry_sdk.utils import BadDsn, Dsn

    try:
        if dsn:
            Dsn(dsn)
    except (BadDsn, ValueError) as exc:
        fail(
            f"--dsn {dsn!r} is no Sentry DSN ({exc}).",
            "It looks like https://<key>@<host>/<number>: Sentry, Settings, Projects, Client Keys (DSN).",
        )


def _run(dsn: str) -> dict[str, Any]:
    """Run both passes at the same time, each in a fresh interpreter."""
    from .result import compare

    with ThreadPoolExecutor(2) as pool:
        without, with_it = pool.map(lambda how: _pass(how, dsn), ("off", "last"))
    return compare(without, with_it)


def _pass(how: str, dsn: str) -> dict[str, Any]:
    command = [sys.executable, "-c", _BOOT, json.dumps(sys.path), how, *([dsn] if dsn else [])]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and code
            command, capture_output=True, check=False, env=_environment(), timeout=_SECONDS, text=True, encoding="utf-8"
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        fail(
            f"the sample service could not run: {exc}",
            "The demo needs to start this Python and to open ports on 127.0.0.1.",
            ExitCode.MISSING,
        )
    if done.returncode:
        fail(
            "the sample service stopped: " + (done.stderr.strip().splitlines() or ["no message"])[-1],
            "The demo needs requests, structlog and sentry-sdk, and to open ports on 127.0.0.1.",
            ExitCode.MISSING,
        )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _environment() -> dict[str, str]:
    """Return an environment in which only the two runs decide: no switch, no Sentry options, no proxy to loopback."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SENTRY_", "EIGHTBYEIGHT_OBS", "OTEL_")) and name != "PYTHONSTARTUP"
    }
    loopback = "127.0.0.1,localhost"
    for name in ("NO_PROXY", "no_proxy"):
        environment[name] = f"{environment[name]},{loopback}" if environment.get(name) else loopback
    environment["PYTHONIOENCODING"] = "utf-8"
    return environment
