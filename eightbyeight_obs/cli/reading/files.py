"""Opens log files as lines of bytes: names, globs, stdin; plain, gzip, bzip2, xz or zstd by their first bytes."""

from __future__ import annotations

import bz2
import glob
import gzip
import io
import lzma
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final, cast

from ..console import ExitCode, fail

__all__ = ["LINE_LIMIT", "STDIN", "LogFile", "expand", "lines_of", "text_or_lines"]

STDIN: Final = "-"
LINE_LIMIT: Final = 1024 * 1024
"""Longer lines are read in pieces of this many bytes."""

_OFTEN: Final = 5_000
_SMALL: Final = 8 * 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_BZIP2: Final = b"BZh"
_XZ: Final = b"\xfd7zXZ"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"


def expand(names: Iterable[str]) -> list[str]:
    """Return the files that the names and patterns stand for, in their order, each once; ``-`` is stdin.

    Exits with the advice what to type where a name is no file.
    """
    found: dict[str, None] = {}
    for name in names:
        if name == STDIN:
            found[name] = None
            continue
        path = Path(name).expanduser()
        if path.is_dir():
            fail(f"{name} is a directory.", f'Name the files in it: "{name.rstrip("/")}/*.log"')
        # glob, not Path.glob: that one refuses absolute patterns.
        matches = [str(path)] if path.exists() else sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207
        matches = [match for match in matches if not Path(match).is_dir()]
        if not matches:
            fail(f"there is no file {name}.", 'Name log files, a pattern in quotes ("logs/*.json.gz"), or - for stdin.')
        found.update(dict.fromkeys(matches))
    return list(found)


class LogFile:
    """One file, open for reading and unpacked; exits with the reason where it cannot be read or is damaged.

    Args:
        name: The file; ``-`` for stdin.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._file: IO[bytes] | None = None
        with self._told(), ExitStack() as opened:  # closed again if anything fails here
            raw = cast("IO[bytes]", sys.stdin.buffer)
            if name != STDIN:
                raw = self._file = opened.enter_context(Path(name).open("rb"))
            self._stream = _unpacked(raw, name)
            if self._stream is not raw:
                opened.enter_context(self._stream)
            self._open = opened.pop_all()

    def __enter__(self) -> LogFile:  # noqa: PYI034 - Self is in typing from 3.11 on
        """Return the file; it is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._open.close()

    def read(self, size: int) -> bytes:
        """Return the next bytes; fewer only at the end."""
        with self._told():
            return self._stream.read(size)

    def position(self) -> int:
        """Return how many bytes of the file were read, packed ones as packed; 0 for stdin."""
        return self._file.tell() if self._file is not None else 0

    def lines(self, moved: Callable[[int], object] | None = None) -> Iterator[bytes]:
        """Yield the lines from here on.

        Args:
            moved: Called every few thousand lines with the bytes of the file that were read since.
        """
        count = before = 0
        while line := self._line():
            count += 1
            if moved is not None and not count % _OFTEN:
                position = self.position()
                moved(position - before)
                before = position
            yield line

    def _line(self) -> bytes:
        with self._told():
            return self._stream.readline(LINE_LIMIT)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, lzma.LZMAError, ValueError) as exc:
            fail(f"{self._name} cannot be read, or is damaged: {getattr(exc, 'strerror', None) or exc}")


def lines_of(name: str, moved: Callable[[int], object] | None = None) -> Iterator[bytes]:
    """Yield the lines of one file, and tell now and then how many bytes more were read."""
    with LogFile(name) as file:
        yield from file.lines(moved)


def text_or_lines(file: LogFile, moved: Callable[[int], object] | None = None) -> str | Iterator[bytes]:
    """Return the text of a file, whatever its encoding; of one of more than 8 MiB its lines."""
    head = file.read(_SMALL)
    if len(head) == _SMALL:
        return _lines(file, head, moved)
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return head.decode("utf-16" if utf16 else "utf-8", "replace")


def _lines(file: LogFile, head: bytes, moved: Callable[[int], object] | None) -> Iterator[bytes]:
    *lines, rest = head.split(b"\n")
    yield from lines
    for line in file.lines(moved):
        yield rest + line
        rest = b""
    if rest:
        yield rest


def _unpacked(stream: IO[bytes], name: str) -> IO[bytes]:
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stream))
    start = buffered.peek(8)[:8]
    if start.startswith(_GZIP):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=buffered))
    if start.startswith(_BZIP2):
        return bz2.BZ2File(buffered)
    if start.startswith(_XZ):
        return lzma.LZMAFile(buffered)
    if start.startswith(_ZSTD):
        return _zstd(buffered, name)
    return buffered


def _zstd(stream: io.BufferedReader, name: str) -> IO[bytes]:
    if sys.version_info >= (3, 14):
        from compression import zstd

        return cast("IO[bytes]", zstd.ZstdFile(stream))
    if find_spec("zstandard") is None:
        fail(
            f"{name} is packed with zstd, which this Python cannot read.",
            f'Type: {sys.executable} -m pip install zstandard\nor:   zstd -dc "{name}" | eightbyeight-obs ... -',
            ExitCode.MISSING,
        )
    zstandard = import_module("zstandard")  # not one of the packages that type checkers of this project see
    reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True, closefd=True)
    return io.BufferedReader(cast("io.RawIOBase", reader), 1024 * 1024)
