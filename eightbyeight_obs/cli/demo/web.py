"""``demo --web``: the demo's events in a real list of issues, in the browser, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from types import FrameType
from typing import Any, Final

from rich.console import Console

from ..console import ExitCode, fail, plain
from .bugsink import USER, Server

__all__ = ["PROJECTS", "WITH", "WITHOUT", "stay", "stopped_in_order", "web_facts"]

WITHOUT: Final = "without"
WITH: Final = "with"
PROJECTS: Final = (WITHOUT, WITH)


def web_facts(server: Server) -> dict[str, Any]:
    """Return where the issues are, and how to log in, as ``--json`` shows it."""
    return {
        "issues": {name: server.issues(name) for name in PROJECTS},
        "user": USER,
        "password": server.password,
    }


def stay(console: Console, server: Server, *, browser: bool) -> None:
    """Tell where the issues are, open them, and stay until Ctrl-C.

    Args:
        console: Where to tell.
        server: The running server.
        browser: Open the browser, where there is a screen to open it on.
    """
    console.print()
    console.print("Bugsink, a server of Sentry's protocol, has the events of both runs:", style="bold")
    for name, words in ((WITH, "with install()"), (WITHOUT, "without")):
        console.print(plain(f"  {words:<16}{server.issues(name)}"), soft_wrap=True)
    console.print(plain(f"  {'log in as':<16}{USER}, password {server.password}"), soft_wrap=True)
    console.print('Type "8x8.code:1002" into its search. Ctrl-C stops it, and nothing stays behind.', style="dim")
    if browser and _has_screen():
        webbrowser.open(server.issues(WITH))
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = server.process.wait(0.5)
                fail(f"Bugsink ended by itself, with exit code {code}.", "Type it again.", ExitCode.MISSING)
    except KeyboardInterrupt:
        console.print("Stopped; nothing is left behind.")


def _has_screen() -> bool:
    """Tell whether a browser has a window to open; without one, webbrowser starts a text browser in this terminal."""
    if os.environ.get("BROWSER") or sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextlib.contextmanager
def stopped_in_order() -> Iterator[None]:
    """Let a closed terminal and ``kill`` end the block as an exception does, so that the server is stopped, too."""

    def stop(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), stop) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
