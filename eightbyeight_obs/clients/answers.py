"""What every seam does with an answer of 8x8's: read the body as requests would, decode, tell."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any, NoReturn

from eightbyeight_obs import exchange
from eightbyeight_obs.core.carriers import attach, no_answer, response_details
from eightbyeight_obs.core.decode import decode_at
from eightbyeight_obs.core.hosts import Host, locate, product_of
from eightbyeight_obs.core.rejections import may_hold_rejection

from . import retries

__all__ = ["expect", "note", "read_body"]


def _raise_once(namespace: dict[str, Any], error: Exception, *_: object, **__: object) -> NoReturn:
    """Stand in for ``Response.iter_content`` after a read error: raise that error where requests reads next.

    requests would start again on a body that is half read and return ``b""``. The error must come from
    where it would have come without us, and only once.
    """
    __tracebackhide__ = True
    namespace.pop("iter_content", None)
    # Its chain stays as it is, and begins with what is being handled now, as if it were raised for the first time.
    context, handled = error.__context__, sys.exc_info()[1]
    first: BaseException = error
    while first.__context__ is not None and first is not handled:
        first = first.__context__
    try:
        raise error
    finally:
        error.__context__ = context
        if handled is not None and handled is not first:
            first.__context__ = handled


def read_body(response: Any) -> Exception | None:
    """Read the body of an answer that requests is about to read anyway; return the error instead of raising it."""
    if response._content is not False or 300 <= response.status_code < 400:
        return None  # a redirect's body is drained by requests in its own way
    try:
        response.content  # noqa: B018 - the property reads
    except Exception as error:  # noqa: BLE001 - raised again by requests' own next read
        if error.__traceback__ is not None:
            error.__traceback__ = error.__traceback__.tb_next  # without this frame
        response.iter_content = partial(_raise_once, response.__dict__, error)
        return error
    return None


def expect(response: Any, host: Host) -> None:
    """Note a failure that the service's response hooks are about to see; ``note`` tells of it when they are done."""
    status, content = response.status_code, response._content
    is_read = type(content) is bytes
    if status < 400:
        if not is_read or not 200 <= status < 300:
            return
        if not may_hold_rejection(content, host.product or product_of(response.url)):
            return
    details = response_details(response)
    if details is not None:
        exchange.expect(response, details, partial=not is_read)


def note(response: Any, host: Host, stream: object, error: Exception | None) -> None:
    """Decode an answer that has passed the service's hooks, and tell of it if it is a failure.

    Args:
        response: The response as the service will get it.
        host: The host that it is from.
        stream: Whether the body was left unread.
        error: What reading the body raised.
    """
    status = response.status_code
    if status < 400 and (stream or not 200 <= status < 300):
        return
    if error is not None:
        _note_cut_short(response, error)
        return
    content = response._content
    if status < 300:
        hidden = retries.take(response)
        if hidden is not None:
            exchange.retried(hidden)
        product = host.product or product_of(response.url)
        if type(content) is not bytes or not may_hold_rejection(content, product):
            return
    else:
        retries.forget()
    details = response_details(response)
    if details is not None:
        exchange.failed(response, details, partial=not isinstance(content, bytes))


def _note_cut_short(response: Any, error: Exception) -> None:
    """Tell of a body that broke off: the status is known after 4xx and 5xx, nothing is after 2xx."""
    status = response.status_code
    place = locate(response.url, getattr(response.request, "method", None))
    if place is None:
        return
    details = decode_at(status, b"", place) if status >= 400 else no_answer(type(error).__name__, place, status=status)
    if details is not None:
        attach(error, details)
        if status < 400:
            exchange.failed(error, details)
        else:
            exchange.failed(response, details)
