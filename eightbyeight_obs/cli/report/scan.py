"""Reads logs of any size and keeps the few lines that may tell of 8x8, in segments on disk.

A search of the bytes decides about most of a log at once (some 600 MB/s on one core); only the lines
that are left are parsed. Files are read side by side, each by a thread of its own.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from ..reading.files import LogFile

__all__ = ["Scan", "matching_lines"]

_CHUNK: Final = 1024 * 1024
_SEGMENT: Final = 64 * 1024 * 1024
_LINE: Final = 1024 * 1024  # longer lines are counted, not read
_READERS: Final = 8
_KEY: Final = b"8x8"
_BODY: Final = b"errorId"
# What follows "8x8" in a line of ours: a key, or the end of the name of an object, quoted once or twice.
_AFTER: Final = (b".code", b'":', b'\\":', b'" :')
_SEPARATOR: Final = b"\x01"  # what the segments are read with as "no column ends here"


def matching_lines(chunk: bytes, *, bodies: bool = False) -> list[bytes]:
    """Return the lines of a chunk (whole lines) that may tell of a failure.

    Args:
        chunk: Lines, each with its end.
        bodies: Take lines with an ``errorId`` as well.
    """
    found: list[bytes] = []
    at = done = 0
    key, body = chunk.find(_KEY), chunk.find(_BODY) if bodies else -1
    while key >= 0 or body >= 0:
        at = min(position for position in (key, body) if position >= 0)
        if at == body or chunk.startswith(_AFTER, at + len(_KEY)):
            start = chunk.rfind(b"\n", done, at) + 1 or done
            end = chunk.find(b"\n", at) + 1 or len(chunk)
            found.append(chunk[start:end])
            done = at = end
        else:
            at += len(_KEY)
        if 0 <= key < at:
            key = chunk.find(_KEY, at)
        if 0 <= body < at:
            body = chunk.find(_BODY, at)
    return found


class Scan:
    """A running scan: an iterator of segments, with its progress.

    Args:
        names: The files.
        folder: Where the segments go; whoever takes one deletes it.
        bodies: Take lines with an ``errorId`` as well.

    Attributes:
        read: Bytes read so far, packed ones as packed.
        long_lines: Lines that were left out because they are longer than 1 MiB.
    """

    def __init__(self, names: Sequence[str], folder: Path, *, bodies: bool = False) -> None:
        self._names: queue.SimpleQueue[str] = queue.SimpleQueue()
        for name in names:
            self._names.put(name)
        self._folder = folder
        self._bodies = bodies
        self._segments: queue.Queue[Path | BaseException | None] = queue.Queue(maxsize=2)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._number = 0
        self._readers = min(_READERS, len(names))
        self.read: int = 0
        self.long_lines: int = 0

    def segments(self, tick: Callable[[], object] = lambda: None) -> Iterator[Path]:
        """Start reading, and yield the segments as they come.

        Args:
            tick: Called about ten times a second while there is nothing to yield.
        """
        for number in range(self._readers):
            # A daemon: one that waits for stdin must not keep the process after Ctrl-C.
            threading.Thread(target=self._work, name=f"reader-{number}", daemon=True).start()
        running = self._readers
        try:
            while running:
                try:
                    item = self._segments.get(timeout=0.1)
                except queue.Empty:
                    tick()
                    continue
                tick()
                if item is None:
                    running -= 1
                elif isinstance(item, BaseException):
                    raise item
                else:
                    yield item
        finally:
            self._stop.set()

    def _work(self) -> None:
        try:
            while not self._stop.is_set():
                try:
                    name = self._names.get_nowait()
                except queue.Empty:
                    break
                self._scan(name)
        except BaseException as exc:  # noqa: BLE001 - raised again where the segments are asked for
            self._put(exc)
        else:
            self._put(None)

    def _put(self, item: Path | BaseException | None) -> None:
        while not self._stop.is_set():
            try:
                self._segments.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def _scan(self, name: str) -> None:
        segment = _Segment(self._folder, self._next_number)
        with LogFile(name) as file:
            before = 0
            for chunk in self._chunks(file):
                lines = matching_lines(chunk, bodies=self._bodies)
                if lines and segment.write(lines) >= _SEGMENT:
                    self._put(segment.close())
                position = file.position()
                with self._lock:
                    self.read += position - before
                before = position
                if self._stop.is_set():
                    break
        finished = segment.close()
        if finished is not None:
            self._put(finished)

    def _next_number(self) -> int:
        with self._lock:
            self._number += 1
            return self._number

    def _chunks(self, file: LogFile) -> Iterator[bytes]:
        """Yield whole lines, about a mebibyte at a time."""
        rest = b""
        skipping = False
        while data := file.read(_CHUNK):
            if skipping:  # inside a line that is too long
                _, newline, data = data.partition(b"\n")
                if not newline:
                    continue
                skipping = False
            data = rest + data
            cut = data.rfind(b"\n") + 1
            rest = data[cut:]
            if len(rest) > _LINE:
                rest, skipping = b"", True
                with self._lock:
                    self.long_lines += 1
            if cut:
                yield data[:cut]
        if rest:
            yield rest + b"\n"


class _Segment:
    """A file of lines in the form that DuckDB reads fastest: UTF-8, one column, nothing quoted."""

    def __init__(self, folder: Path, number: Callable[[], int]) -> None:
        self._folder, self._next = folder, number
        self._path: Path | None = None
        self._size = 0

    def write(self, lines: list[bytes]) -> int:
        """Append lines and return the size of the segment."""
        data = b"".join(lines)
        if not data.isascii():
            # What is no UTF-8 is replaced; a reader would refuse the whole line.
            data = data.decode("utf-8", "replace").encode()
        for byte in (_SEPARATOR, b"\r", b"\x00"):
            if byte in data:
                data = data.replace(byte, b" ")
        if self._path is None:
            self._path = self._folder / f"segment-{self._next()}.log"
        with self._path.open("ab") as file:
            file.write(data)
        self._size += len(data)
        return self._size

    def close(self) -> Path | None:
        """Return the file, or None if nothing was written, and start anew."""
        path, self._path, self._size = self._path, None, 0
        return path
