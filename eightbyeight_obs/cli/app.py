"""The command line: its commands, and the help that ties them together."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Final

import typer

from .codes import codes
from .console import EXIT_CODES
from .decode import decode
from .demo.command import demo
from .doctor.command import doctor
from .explain import explain
from .report.command import report
from .sentry.app import sentry
from .ticket import ticket

__all__ = ["app"]

_HELP: Final = """Read 8x8's errors: what a code means, what is in a log, what to send to 8x8's support.

Start with "eightbyeight-obs demo". Every command has --help and --json; colours follow NO_COLOR.
"""

app = typer.Typer(
    name="eightbyeight-obs",
    help=_HELP,
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(*, wanted: bool) -> None:
    if not wanted:
        return
    try:
        number = version("eightbyeight-obs")
    except PackageNotFoundError:
        number = "(not installed, run from a checkout)"
    typer.echo(f"eightbyeight-obs {number}")
    raise typer.Exit


@app.callback()
def _root(
    wanted: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda value: _version(wanted=value), is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    pass


# "-1007" is a code, not an option: explain sorts out itself what begins with a dash.
app.command(epilog=EXIT_CODES, context_settings={"ignore_unknown_options": True})(explain)
app.command(epilog=EXIT_CODES)(codes)
app.command(epilog=EXIT_CODES)(decode)
app.command(epilog=EXIT_CODES)(ticket)
app.command(epilog=EXIT_CODES)(report)
app.command(epilog=EXIT_CODES)(demo)
app.command(epilog=EXIT_CODES)(doctor)
app.add_typer(sentry)
