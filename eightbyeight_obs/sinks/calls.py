"""The responses and exceptions behind an attributed event: what their requests carried must not be in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import failures
from ..attribution import Attribution
from ..core.carriers import may_be_response
from ..core.chains import search

__all__ = ["carriers_of"]

_LIMIT = 20


def carriers_of(attribution: Attribution, exception: BaseException | None, given: Iterable[object]) -> list[Any]:
    """Return what has the requests of an event's failures: responses, and exceptions without one.

    Args:
        attribution: What the event is about.
        exception: The exception of the event, whose chain and members are looked at.
        given: What the log call was given.
    """
    found: list[Any] = []

    def note(value: object) -> None:
        if len(found) < _LIMIT and _get(value, "request") is not None:
            found.append(value)

    def visit(link: BaseException) -> None:
        note(_get(link, "response"))
        note(link)

    for failure in list(failures.alive.values()):
        if any(_is_same(failure, details) for details in attribution.failures):
            note(failure())
    if exception is not None:
        search(exception, visit)  # which finds nothing, and so comes by everywhere
    for value in given:
        if issubclass(type(value), BaseException):  # not isinstance(): it wakes lazy objects
            search(value, visit)  # type: ignore[arg-type]
        elif may_be_response(value):
            note(value)
    return found


def _get(value: object, name: str) -> Any:
    try:
        return getattr(value, name, None)
    except Exception:  # noqa: BLE001 - a property of the service's that raises
        return None


def _is_same(failure: failures.Failure, details: Any) -> bool:
    known = failure.details
    return known is details or (known.error_id is not None and known.error_id == getattr(details, "error_id", None))
