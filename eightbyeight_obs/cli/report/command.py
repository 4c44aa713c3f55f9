"""``eightbyeight-obs report``: count the failures of any amount of logs."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ..console import ExitCode, fail, printer, write_json
from ..options import JSON
from ..progress import reading, size_of
from ..reading.files import STDIN, expand
from ..reading.log_fields import read_time

if TYPE_CHECKING:
    from .engine import Engine

__all__ = ["report"]

_AGO: Final = re.compile(r"([0-9]{1,6})(m|h|d|w)")
_UNITS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def report(
    logs: Annotated[
        list[str] | None,
        typer.Argument(metavar="LOGS", help="Log files, also packed; patterns in quotes; - for what is piped in."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write one page that needs no network, to open or to send."),
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="From this time on: 2026-11-21T08:00, 24h, 7d.")
    ] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="Up to this time.")] = "",
    top: Annotated[int, typer.Option("--top", min=1, max=500, help="How many codes, endpoints, ... to list.")] = 20,
    bodies: Annotated[
        bool,
        typer.Option(
            "--bodies", help="Count 8x8's error bodies in lines without 8x8.* keys, too: logs from before install()."
        ),
    ] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Count the failures in logs: by code over time, by endpoint and sub-account, with the errorIds to quote.

    JSON lines of structlog and of the standard library's formatters, docker's and journald's wrapping of them.
    Plain text with JSON in it or with 8x8.code=..., packed with gzip, bzip2, xz or zstd; logs larger than memory.
    A failure counts once, however many lines tell of it.

    Examples:
      eightbyeight-obs report app.log "old/*.log.gz" --since 7d
      docker logs shop 2>&1 | eightbyeight-obs report
      journalctl -u shop -o json | eightbyeight-obs report --html report.html

    Exit code 1: there is no failure of 8x8's in them.
    """
    if find_spec("duckdb") is None:
        fail(
            "report needs duckdb, which this Python does not have.",
            f'Type: {sys.executable} -m pip install "eightbyeight-obs[cli,report]"',
            ExitCode.MISSING,
        )
    if not logs and sys.stdin.isatty():
        fail("there is nothing to read.", "Type: eightbyeight-obs report app.log")
    names = expand(logs or [STDIN])
    if html is not None:
        _check_page(html)
    start, end = (_time(text, option) for text, option in ((since, "--since"), (until, "--until")))
    from .summary import cube, summarise  # duckdb is a large import

    with _engine(names, bodies=bodies) as (engine, source):
        found = source | summarise(engine, since=start, until=end, top=top)
        page = _page(found, cube(engine, found)) if html is not None else None
    if html is not None and page is not None:
        _write(html, page)
    if as_json:
        write_json(found)
    else:
        from .view import show

        show(printer(), found)
    if html is not None:
        printer(stderr=True).print(f"The page is {html}", soft_wrap=True)
    if not found["failures"]:
        fail(
            "there is no failure of 8x8's in these logs.",
            "Lines without 8x8.* keys are from before install(): count the error bodies in them with --bodies."
            if not bodies
            else "",
            ExitCode.NOTHING,
        )


@contextmanager
def _engine(names: list[str], *, bodies: bool) -> Iterator[tuple[Engine, dict[str, Any]]]:
    """Read the files into an engine. Its folder goes away with it, Ctrl-C or not."""
    from .engine import Engine
    from .scan import Scan

    with tempfile.TemporaryDirectory(prefix="eightbyeight-obs-", ignore_cleanup_errors=True) as folder:
        try:
            with closing(Engine(Path(folder))) as engine:
                scan = Scan(names, Path(folder), bodies=bodies)
                with reading(names) as bar:
                    for segment in scan.segments(lambda: bar.at(scan.read)):
                        engine.ingest(segment)
                    bar.at(scan.read, "Counting")
                    engine.read_the_rest()
                yield engine, {"files": len(names), "bytes": size_of(names), "long_lines": scan.long_lines}
        except RuntimeError as exc:
            # Ctrl-C while DuckDB works: its own code takes the KeyboardInterrupt and raises this.
            if str(exc) == "Query interrupted":
                raise KeyboardInterrupt from None
            raise


def _time(text: str, option: str) -> datetime | None:
    """Return a time in UTC, without a zone, as the table has them."""
    if not text:
        return None
    ago = _AGO.fullmatch(text)
    if ago:
        moment = datetime.now(timezone.utc) - timedelta(seconds=int(ago.group(1)) * _UNITS[ago.group(2)])
    else:
        read = read_time(text)
        if read is None:
            fail(
                f"{option} {text!r} is no time.",
                "Accepted: 2026-11-21, 2026-11-21T08:00, with +02:00 or Z; 90m, 24h, 7d, 2w.",
            )
        moment = read
    return moment.replace(tzinfo=None)


def _page(found: dict[str, Any], counts: dict[str, Any]) -> str:
    from .page import render

    return render(found, counts)


def _check_page(path: Path) -> None:
    """Refuse to write over a file that is no page of ours: the name of a log is typed quickly."""
    from .page import MARK

    if path.is_dir() or not path.parent.is_dir():
        fail(f"--html {path} is no file in a folder that is there.", "Type: --html report.html")
    if path.exists() and MARK.encode() not in path.read_bytes()[:200]:
        fail(f"--html {path} is there already, and is no page of this command.", "Name another file.")


def _write(path: Path, page: str) -> None:
    """Write the page beside its place and move it there: no half of it is ever seen."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".html", delete=False) as file:
        beside = Path(file.name)
        try:
            file.write(page)
            file.close()
            beside.chmod(0o644)
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
