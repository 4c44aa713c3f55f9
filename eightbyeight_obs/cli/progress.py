"""The bar over the reading of files; it shows after a second, on a terminal only, and never in the output."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from .console import printer
from .reading.files import STDIN

__all__ = ["Bar", "reading", "size_of"]

_LATE: Final = 1.0  # seconds: what is done by then needs no bar


class Bar:
    """A bar that moves by bytes.

    Args:
        progress: Draws it.
        total: Bytes to read; None where nobody knows.
    """

    def __init__(self, progress: Progress, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task("Reading", total=total)
        self._start = time.monotonic()
        self._shown = False

    def move(self, count: int) -> None:
        """Tell that so many bytes more are read."""
        self._progress.advance(self._task, count)
        self._show()

    def at(self, done: int, doing: str = "Reading") -> None:
        """Tell how many bytes are read in all, and what is done now."""
        self._progress.update(self._task, completed=done, description=doing)
        self._show()

    def _show(self) -> None:
        if not self._shown and time.monotonic() - self._start > _LATE:
            self._shown = True
            self._progress.start()


def size_of(names: Sequence[str]) -> int:
    """Return the bytes of some files; standard input counts as none."""
    return sum(Path(name).stat().st_size for name in names if name != STDIN)


@contextmanager
def reading(names: Sequence[str]) -> Iterator[Bar]:
    """Show a bar on stderr while the block reads these files.

    Args:
        names: The files; with standard input among them nobody knows how long it takes.
    """
    console = printer(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    try:
        yield Bar(progress, None if STDIN in names else size_of(names))
    finally:
        progress.stop()
