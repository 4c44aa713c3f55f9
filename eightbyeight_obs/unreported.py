"""``capture_unreported``: one Sentry event for a failure whose response was dropped without a word."""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final

import sentry_sdk

from . import failures
from .attribution import CERTAIN, Attribution
from .core.details import ErrorDetails
from .guard import contained
from .sinks import sentry

__all__ = ["wire"]

_PER_MINUTE: Final = 10
_WINDOW: Final = 60.0
_CODES: Final = 200
"""How many codes are counted at a time; the numbers come from the network and could be without end."""
_WAIT_AT_EXIT: Final = 1.0
_PATIENCE: Final = 1.0
"""Seconds for which a failure waits for a report of the service's that comes after its response is gone."""


class _Limit:
    """Counts the events of one code and minute, and those that were left out."""

    __slots__ = ("began", "left_out", "sent")

    def __init__(self) -> None:
        self.began, self.sent, self.left_out = 0.0, 0, 0

    def admit(self, now: float) -> int | None:
        """Return how many were left out since the last one that was sent, or None to leave this one out."""
        if now - self.began >= _WINDOW:
            self.began, self.sent = now, 0
        if self.sent >= _PER_MINUTE:
            self.left_out += 1
            return None
        self.sent += 1
        left_out, self.left_out = self.left_out, 0
        return left_out


class _Reporter:
    """Takes failures from the garbage collector and sends them from a thread of its own.

    The collector may run in any thread, at any point, with any lock held. All it does is to put the details
    into a ``SimpleQueue``, whose ``put`` may interrupt itself; every call of Sentry's is made by the thread.

    Each waits there for a moment: a service that decodes an answer, drops it and logs the details has reported it.
    """

    def __init__(self) -> None:
        self._limits: dict[tuple[str, str], _Limit] = {}
        self._client: Callable[[], object] = lambda: None
        self._open()

    def _open(self) -> None:
        self._queue: SimpleQueue[ErrorDetails | str | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="eightbyeight_obs-unreported", daemon=True)
        self._thread.start()

    def noted(self) -> None:
        """See to it that what waits at exit is sent before Sentry's client is closed there: last come, first run."""
        client = sentry_sdk.get_client()
        if self._client() is not client:
            self._client = weakref.ref(client)
            atexit.unregister(self.close)
            atexit.register(self.close)

    def reported(self, error_id: str) -> None:
        self._queue.put(error_id)

    def dropped(self, details: ErrorDetails) -> None:
        self._queue.put(details)

    def reopen_in_child(self) -> None:
        """Start over after a fork: threads stay behind in the parent."""
        self._open()

    def close(self) -> None:
        """Send what is waiting, for a second at most, and end the thread."""
        self._queue.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(_WAIT_AT_EXIT)

    def _run(self) -> None:
        __tracebackhide__ = True  # with attach_stacktrace the SDK adds the frames of this thread
        queue = self._queue
        waiting: deque[tuple[float, ErrorDetails]] = deque()
        is_open = True
        while True:
            while waiting and (waiting[0][0] <= time.monotonic() or not is_open):
                try:
                    self._send(waiting.popleft()[1])
                except Exception:  # noqa: BLE001
                    contained("unreported failure")
            if not is_open:
                return
            try:
                item = queue.get(timeout=max(0.0, waiting[0][0] - time.monotonic()) if waiting else None)
            except Empty:
                continue
            if item is None:
                is_open = False
            elif isinstance(item, str):
                waiting = deque(entry for entry in waiting if entry[1].error_id != item)
            else:
                waiting.append((time.monotonic() + _PATIENCE, item))

    def _send(self, details: ErrorDetails) -> None:
        __tracebackhide__ = True
        left_out = self._limit_of(details).admit(time.monotonic())
        if left_out is not None:
            sentry.capture_apart(Attribution(CERTAIN, [details]), left_out)

    def _limit_of(self, details: ErrorDetails) -> _Limit:
        key = (details.registry, details.code)
        limit = self._limits.get(key)
        if limit is None:
            while len(self._limits) >= _CODES:
                self._limits.pop(next(iter(self._limits)))
            limit = self._limits[key] = _Limit()
        return limit


_reporter: _Reporter | None = None


def wire() -> Callable[[], None]:
    """Watch for failures that die without having been reported; return what ends it."""
    global _reporter  # noqa: PLW0603 - the one of install()
    _reporter = _Reporter()
    failures.watch(_reporter)
    return _end


def _end() -> None:
    global _reporter
    ending, _reporter = _reporter, None
    failures.watch(None)
    if ending is not None:
        atexit.unregister(ending.close)
        ending.close()


def _restart() -> None:
    if _reporter is not None:
        _reporter.reopen_in_child()


# Once and not by each install(): it cannot be taken back.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_restart)
