"""``eightbyeight-obs demo``: run the sample service without and with the middleware, and show the difference."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Final

import typer

from ..console import ExitCode, fail, printer, write_json

__all__ = ["demo"]

_SECONDS: Final = 120  # on a very busy machine
_RUNNING: Final = "The shop calls the fake 8x8, without and with the middleware ..."
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
    web: Annotated[
        bool, typer.Option("--web", help="Show the issues in a browser: starts Bugsink here, until Ctrl-C.")
    ] = False,
    bugsink_python: Annotated[
        str,
        typer.Option(
            "--bugsink", metavar="PYTHON", envvar="BUGSINK_PYTHON", help="The Python that has Bugsink, for --web."
        ),
    ] = "",
    browser: Annotated[bool, typer.Option("--open/--no-open", help="With --web: open the browser.")] = True,
    full: Annotated[bool, typer.Option("--full", help="Show every log line as it was written.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")] = False,
) -> None:
    """Show what the middleware does: one sample service, a fake 8x8, without and with install().

    A small shop calls a fake 8x8 on this machine, which answers with 8x8's own published error bodies.
    It runs twice, and what it logged and what reached Sentry is shown side by side.
    Nothing leaves this machine unless --dsn says where to. No account is needed.

    Examples:
      eightbyeight-obs demo
      eightbyeight-obs demo --web
      eightbyeight-obs demo --dsn https://<key>@<host>/<number>

    Exit code 1: the middleware did not do what it promises; the failed check is named.
    """
    _check_dsn(dsn)
    if web and dsn:
        fail("--web and --dsn are two places for the same events.", "Leave one of them out.")
    if web:
        _demo_in_browser(bugsink_python, full=full, as_json=as_json, browser=browser)
        return
    with printer(stderr=True).status(_RUNNING):
        result = _run((dsn, dsn))
    _show(result, full=full, dsn=dsn, as_json=as_json)


def _demo_in_browser(python: str, *, full: bool, as_json: bool, browser: bool) -> None:
    """Run the demo against a Bugsink of its own, and keep that one until Ctrl-C."""
    from .bugsink import bugsink, find
    from .web import PROJECTS, WITH, WITHOUT, stay, stopped_in_order, web_facts

    found, status = find(python), printer(stderr=True).status("")
    with stopped_in_order(), contextlib.ExitStack() as running:
        with status:
            server = running.enter_context(bugsink(found, PROJECTS, status.update))
            status.update(_RUNNING)
            result = _run((server.dsns[WITHOUT], server.dsns[WITH]))
        result["web"] = web_facts(server)
        _show(result, full=full, dsn=server.dsns[WITH], as_json=as_json)
        stay(printer(stderr=as_json), server, browser=browser)


def _show(result: dict[str, Any], *, full: bool, dsn: str, as_json: bool) -> None:
    """Print the comparison; exit where events were lost or a promise did not hold."""
    from .result import CHECKS  # the sample service imports requests and structlog, which no other command needs
    from .view import show

    if as_json:
        write_json(result)
        sys.stdout.flush()
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


def _run(dsns: tuple[str, str]) -> dict[str, Any]:
    """Run both passes at the same time, each in a fresh interpreter, with the DSN of its own."""
    from .result import compare

    with ThreadPoolExecutor(2) as pool:
        without, with_it = pool.map(_pass, ("off", "last"), dsns)
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
