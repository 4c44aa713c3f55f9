"""What urllib3's Retry hides: the body of an answer that it drains before it tries again or gives up.

urllib3 drains a retried answer and, at the end, raises an error without it (psf/requests#4389). Its
``HTTPResponse.drain_conn`` is called in both cases and nowhere else, on 1.26 and on 2. Reading the body
right before is safe, since it is thrown away next, and no frame of ours is on the way of any exception.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from eightbyeight_obs.core.carriers import exhausted_status, response_details, retry_after
from eightbyeight_obs.core.decode import decode_at
from eightbyeight_obs.core.details import ErrorDetails
from eightbyeight_obs.core.envelopes import ERROR_BODY_LIMIT
from eightbyeight_obs.core.hosts import is_8x8, locate
from eightbyeight_obs.guard import contained

__all__ = ["exhausted", "forget", "take", "wire"]

_thread: Final = threading.local()


class _Hidden(NamedTuple):
    """The last answer that was drained in this thread, and how many were drained for the same call."""

    status: int
    body: bytes
    retry_after: int | None
    host: str
    seen: int


def wire() -> Callable[[], None]:
    """Wrap ``urllib3.response.HTTPResponse.drain_conn``; return what undoes it."""
    from urllib3.response import HTTPResponse

    original = HTTPResponse.drain_conn
    active = True

    def drain_conn(self: Any) -> None:
        if active:
            try:
                _keep(self)
            except Exception:  # noqa: BLE001 - drain_conn swallows read errors too
                contained("drained answer")
        original(self)

    HTTPResponse.drain_conn = drain_conn  # type: ignore[method-assign]

    def undo() -> None:
        nonlocal active
        active = False
        if HTTPResponse.drain_conn is drain_conn:
            HTTPResponse.drain_conn = original  # type: ignore[method-assign]
        forget()

    return undo


def _keep(answer: Any) -> None:
    pool = getattr(answer, "_pool", None)
    host = getattr(pool, "host", None)
    if answer.status < 400 or not host:
        return
    url = f"{getattr(pool, 'scheme', 'https')}://{host}:{getattr(pool, 'port', None) or ''}/"
    if not is_8x8(url):
        return
    history = getattr(getattr(answer, "retries", None), "history", ())
    _thread.hidden = _Hidden(
        answer.status, _body(answer), retry_after(answer), host, 1 + sum(1 for attempt in history if attempt.status)
    )


def _body(answer: Any) -> bytes:
    """Read the body as it came over the wire, and unpack it within bounds: urllib3 would throw it away packed."""
    try:
        packed: bytes = answer.read(ERROR_BODY_LIMIT + 1, decode_content=False)
    except Exception:  # noqa: BLE001 - cut short: the status alone is known
        return b""
    encoding = (answer.headers.get("Content-Encoding") or "").strip().lower()
    if not packed or encoding in ("", "identity"):
        return packed
    if encoding not in ("gzip", "x-gzip", "deflate"):
        return b""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(packed, ERROR_BODY_LIMIT + 1)
    except zlib.error:
        return b""


def forget() -> None:
    """Drop what was kept for this thread."""
    _thread.__dict__.pop("hidden", None)


def _take() -> _Hidden | None:
    hidden: _Hidden | None = _thread.__dict__.pop("hidden", None)
    return hidden


def take(response: Any) -> ErrorDetails | None:
    """Return the last failure that was hidden on the way to this answer, which is a good one."""
    hidden = _take()
    if hidden is None:
        return None
    history = getattr(getattr(response.raw, "retries", None), "history", ())
    place = locate(response.url, response.request.method)
    if not history or place is None or place.host != hidden.host or history[-1].status != hidden.status:
        return None  # left by another call in this thread that did not go through requests
    return decode_at(hidden.status, hidden.body, place, retry_after=hidden.retry_after, attempts=hidden.seen)


def exhausted(error: Any) -> ErrorDetails | None:
    """Return the failure behind a RetryError: the last answer before urllib3 gave up."""
    status = exhausted_status(error)
    hidden = _take()
    if status is None:
        return None
    place = locate(str(error.request.url), error.request.method)
    if place is None:
        return None
    if hidden is not None and hidden.status == status and hidden.host == place.host:
        attempts = hidden.seen - 1
        return decode_at(status, hidden.body, place, retry_after=hidden.retry_after, attempts=attempts or None)
    return _of_emulation(error) or decode_at(status, b"", place)


def _of_emulation(error: Any) -> ErrorDetails | None:
    """Return the answer that a mock has: ``responses`` plays Retry itself, on answers that it need not drain.

    It is a local variable of the function that asked ``Retry.increment``, which is in the traceback.
    """
    traceback = error.args[0].__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_globals.get("__name__") == "responses":
            response = frame.f_locals.get("response")
            details = response_details(response) if response is not None else None
            if details is not None:
                return details
        traceback = traceback.tb_next
    return None
