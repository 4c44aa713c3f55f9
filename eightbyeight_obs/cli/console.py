"""What every command prints with: consoles, JSON, errors that say what to type next, and the exit codes."""

from __future__ import annotations

import json
import os
import sys
from enum import IntEnum
from typing import Any, Final, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from ..core.privacy import clean

__all__ = ["EXIT_CODES", "ExitCode", "fail", "plain", "printer", "write_json"]

_PIPE_WIDTH: Final = 160
_TEXT_LIMIT: Final = 2_000


class ExitCode(IntEnum):
    """What a script can tell from the exit code."""

    OK = 0
    NOTHING = 1
    USAGE = 2
    MISSING = 3


EXIT_CODES: Final = (
    "Exit codes: 0 done; 1 nothing found, or the check failed; 2 wrong arguments or unreadable input; "
    "3 something is missing here (a package, a token, the network); 130 stopped with Ctrl-C."
)


def printer(*, stderr: bool = False) -> Console:
    """Return a console for this moment's stdout: no markup in texts, no emoji codes, NO_COLOR honoured by rich.

    Into a pipe it is wide, so that `grep` sees whole rows.
    """
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS") else _PIPE_WIDTH
    return Console(stderr=stderr, width=width, markup=False, emoji=False, highlight=False)


def plain(value: object, style: str = "", limit: int = _TEXT_LIMIT) -> Text:
    """Return any value as text that a terminal shows as it is: control and direction characters are escaped."""
    return Text(clean(str(value), limit), style=style)


def write_json(value: Any) -> None:
    """Write one JSON document to stdout; ASCII only, so that no encoding and no escape sequence is in the way."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=True, default=str).replace("\x7f", "\\u007f") + "\n")


def fail(problem: str, advice: str = "", code: ExitCode = ExitCode.USAGE) -> NoReturn:
    """Tell on stderr what is wrong and what to type next, and exit.

    Args:
        problem: What is wrong, naming the value.
        advice: What to type, or what is accepted.
        code: The exit code.
    """
    console = printer(stderr=True)
    console.print(Text("Error: ", style="bold red") + plain(problem), soft_wrap=True)
    for line in advice.splitlines():
        console.print(plain(line), soft_wrap=True)
    raise typer.Exit(int(code))
