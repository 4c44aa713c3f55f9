"""The failures whose response or exception is still alive: what was decoded, when, and whether it was reported."""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterable
from typing import Any, Final, Protocol

from .core.carriers import response_details
from .core.details import ErrorDetails
from .guard import contained

__all__ = [
    "Failure",
    "Watcher",
    "alive",
    "find",
    "find_by_exception",
    "forget_all",
    "note_report",
    "remember",
    "watch",
]


class Failure(weakref.ref[Any]):
    """A weak reference to the response (or the exception without one) with what is known about it.

    Nothing here keeps the response alive, and the entry goes when the response goes.

    Attributes:
        details: The decoded failure.
        received: When it was seen, ``time.monotonic()`` seconds.
        partial: Whether the body was not in memory then, so that decoding later may tell more.
        reported: Whether a log line or a Sentry event of the service's was about it.
        told: Whether it was told; before that only the service's response hooks know it, and may replace it.
    """

    __slots__ = ("details", "key", "partial", "received", "reported", "told")

    details: ErrorDetails
    key: int
    partial: bool
    received: float
    reported: bool
    told: bool

    def current(self) -> ErrorDetails:
        """Return the details, decoded again if the service has read a streamed body since."""
        if self.partial:
            response = self()
            if isinstance(getattr(response, "_content", None), bytes):
                details = response_details(response)
                if details is not None:
                    self.details = details
                self.partial = False
        return self.details


alive: Final[dict[int, Failure]] = {}
"""By ``id()`` of the response or exception. While it is empty no frame is looked at (attribution)."""


class Watcher(Protocol):
    """What is told how failures come and go; ``capture_unreported`` has one."""

    def noted(self) -> None:
        """Hear of a new failure, in the thread of the call."""

    def reported(self, error_id: str) -> None:
        """Hear that a line or an event of the service's was about a failure, whose response may be gone by then."""

    def dropped(self, details: ErrorDetails) -> None:
        """Hear of one whose carrier died and that nobody has reported.

        Called by the garbage collector: in any thread, at any point, maybe inside a lock.
        """


_watcher: Watcher | None = None


def remember(carrier: Any, details: ErrorDetails, *, partial: bool = False) -> Failure | None:
    """Note a failure for as long as its carrier lives; None where the carrier takes no weak references."""
    try:
        failure = Failure(carrier, _gone)
    except TypeError:
        return None
    failure.key = id(carrier)
    failure.details = details
    failure.partial = partial
    failure.received = time.monotonic()
    failure.reported = False
    failure.told = True
    alive[failure.key] = failure
    if _watcher is not None:
        try:
            _watcher.noted()
        except Exception:  # noqa: BLE001
            contained("unreported failure")
    return failure


def find(carrier: object) -> Failure | None:
    """Return the failure noted for this very object, or None."""
    failure = alive.get(id(carrier))
    return failure if failure is not None and failure() is carrier else None


def find_by_exception(exc: BaseException) -> Failure | None:
    """Return the failure that is noted for an exception or for the response that it carries, or None."""
    failure = find(exc)
    if failure is None:
        try:
            failure = find(getattr(exc, "response", None))
        except Exception:  # noqa: BLE001 - a property of the service's that raises
            return None
    return failure


def watch(watcher: Watcher | None) -> None:
    """Set who is told how failures come and go."""
    global _watcher  # noqa: PLW0603 - set by install() and uninstall() only
    _watcher = watcher


def note_report(reported: Iterable[object]) -> None:
    """Note that a line or an event of the service's was about these details."""
    if _watcher is None:
        return
    for details in reported:
        error_id = getattr(details, "error_id", None)
        if error_id is not None:
            try:
                _watcher.reported(error_id)
            except Exception:  # noqa: BLE001
                contained("unreported failure")


def forget_all() -> None:
    """Drop every entry; what dies later is not reported."""
    alive.clear()


def _gone(failure: weakref.ref[Any]) -> None:
    # Runs wherever the last reference is dropped, at interpreter exit too: dictionary operations only.
    if type(failure) is not Failure or alive.get(failure.key) is not failure:
        return
    del alive[failure.key]
    if failure.told and not failure.reported and _watcher is not None:
        try:
            _watcher.dropped(failure.details)
        except Exception:  # noqa: BLE001, S110 - there is no caller to tell, and logging here could wait for a lock
            pass
