"""Responses and exceptions that carry a failure of 8x8's."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import GetSetDescriptorType
from typing import Any, Final

from .chains import CERTAIN, LIKELY, RELATED, causes, is_bare, search
from .decode import decode_at
from .details import Draft, ErrorDetails, freeze
from .hosts import Place, locate

__all__ = [
    "CERTAIN",
    "LIKELY",
    "RELATED",
    "attach",
    "carried",
    "causes",
    "exhausted_status",
    "from_exception",
    "from_response",
    "is_bare",
    "is_no_answer",
    "may_be_response",
    "no_answer",
    "response_details",
    "retry_after",
    "search",
]

_ATTACHED: Final = "_eightbyeight_obs"

_TOO_MANY: Final = re.compile(r"too many (\d{3}) error responses")
_NO_ANSWER_CLASSES: Final = {
    ("requests.exceptions", "RequestException"),
    ("httpx", "TransportError"),
    ("httpx._exceptions", "TransportError"),
}


def from_response(response: Any) -> ErrorDetails | None:
    """Decode a response of ``requests`` (or ``httpx``) from an 8x8 host.

    Only a body that is already in memory is looked at: a streamed one is never read, its HTTP status alone
    is told.

    Returns:
        The details, or None for a success, another host, or anything that is no response.
    """
    try:
        return response_details(response)
    except Exception:  # noqa: BLE001 - total by contract: properties that raise, mocks of any kind
        return None


def from_exception(exc: BaseException | None) -> ErrorDetails | None:
    """Decode the failure that an exception is about.

    Looks at its response (``HTTPError``), at what the retries of urllib3 left (``RetryError``), at the
    request of a call without an answer, at what it was raised ``from``, and at the members of a group (the
    first that is a failure of 8x8's).
    """
    try:
        found = search(exc, carried)
        return found[1][0] if found and found[0] != LIKELY else None
    except Exception:  # noqa: BLE001 - total by contract
        return None


def may_be_response(value: object) -> bool:
    """Tell whether a value has a ``status_code``, by its type and its own attributes alone.

    Nothing is asked of the value: a lazy object (werkzeug's ``LocalProxy``, Django's ``SimpleLazyObject``) would
    answer ``getattr``, ``isinstance`` and even ``__dict__`` with a query of the database, or with an error.
    """
    cls = type(value)
    if hasattr(cls, "status_code"):
        return True
    for base in cls.__mro__:
        namespace = base.__dict__.get("__dict__")
        if namespace is not None:  # a proxy has put something else there
            return type(namespace) is GetSetDescriptorType and "status_code" in namespace.__get__(value)
    return False


def response_details(response: Any, match: str | None = None) -> ErrorDetails | None:
    """Do what ``from_response`` does, without the guard around it."""
    status = response.status_code
    if not isinstance(status, int) or 300 <= status < 400:
        return None
    url = response.url
    if type(url) is not str:
        url = str(url)
    request = getattr(response, "request", None)
    place = locate(url, getattr(request, "method", None))
    if place is None:
        return None
    return decode_at(
        status,
        getattr(response, "_content", None),
        place,
        match=match,
        retry_after=retry_after(response) if status >= 400 else None,
        attempts=_attempts(response),
    )


def _attempts(response: Any) -> int | None:
    history = getattr(getattr(getattr(response, "raw", None), "retries", None), "history", None)
    if type(history) is not tuple or not history:
        return None
    return sum(1 for attempt in history if getattr(attempt, "status", None) is not None) or None


def retry_after(response: Any) -> int | None:
    """Return the seconds of a Retry-After header: a number, or the distance to a date."""
    headers = getattr(response, "headers", None)
    value = headers.get("Retry-After") if headers is not None else None
    if not isinstance(value, str):
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return int(value[:9])
    if len(value) > 40:
        return None
    try:
        seconds = (parsedate_to_datetime(value) - datetime.now(timezone.utc)).total_seconds()
    except (TypeError, ValueError, OverflowError):  # no date, or one without a time zone, or of the year 10**13
        return None
    return max(0, round(seconds))


def no_answer(name: str, place: Place, match: str | None = None, status: int | None = None) -> ErrorDetails:
    """Return the details of a call without an answer, or with one of 2xx that was cut short.

    Args:
        name: The exception's class, which is the code.
        place: Where the request went.
        match: The grade to note.
        status: The status of the answer that was cut short; None without any.
    """
    return freeze(
        Draft(
            code=re.sub(r"\W", "_", name)[:100],
            registry="transport",
            description="No answer" if status is None else "Answer cut short",
            category="unknown",
            http_status=status,
            product=place.product,
            region=place.region,
            endpoint=place.endpoint,
            match=match,
            sub_account=place.sub_account,
            host=place.host,
        )
    )


def attach(exc: BaseException, details: ErrorDetails) -> None:
    """Leave the failure on an exception without a response, for ``carried`` to find.

    It is left as a plain dictionary: the exception may be pickled, and read where this package is not.
    """
    facts = {name: getattr(details, name) for name in ErrorDetails.__match_args__}
    setattr(exc, _ATTACHED, {name: value for name, value in facts.items() if value is not None})


def carried(exc: BaseException) -> ErrorDetails | None:
    """Return the failure that this one exception carries, not looking at its causes."""
    try:
        return _carried(exc)
    except Exception:  # noqa: BLE001 - a property of the service's that raises; the causes may still tell
        return None


def _carried(exc: BaseException) -> ErrorDetails | None:
    attached = getattr(exc, _ATTACHED, None)
    if type(attached) is dict:
        return freeze(Draft(**attached))
    response = getattr(exc, "response", None)
    if response is not None:
        return response_details(response)
    if not is_no_answer(exc):
        return None
    request = exc.request  # type: ignore[attr-defined]
    place = locate(str(request.url), request.method)
    if place is None:
        return None
    status = exhausted_status(exc)
    if status is not None:
        return decode_at(status, b"", place)
    return no_answer(type(exc).__name__, place)


def is_no_answer(exc: BaseException) -> bool:
    """Tell whether this is an exception of the client about a request that has no response."""
    cls: Any = type(exc)  # mypy takes a class of exceptions for unhashable
    return _is_client_class(cls) and getattr(getattr(exc, "request", None), "url", None) is not None


@lru_cache(maxsize=256)
def _is_client_class(cls: type) -> bool:
    return any((base.__module__, base.__name__) in _NO_ANSWER_CLASSES for base in cls.__mro__)


def exhausted_status(exc: BaseException) -> int | None:
    """Return the status that urllib3's Retry gave up on, from the text of a RetryError, which has no response."""
    reason = getattr(exc.args[0], "reason", None) if exc.args else None
    said = _TOO_MANY.fullmatch(str(reason)) if reason is not None else None
    return int(said.group(1)) if said else None
