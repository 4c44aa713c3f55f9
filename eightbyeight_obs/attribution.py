"""Which failure an event is about, and how sure that is: certain, likely, related, or none.

The rules, in the order in which they are tried (``docs/attribution.md`` explains them with examples):

certain  the exception carries the failing response, or was raised ``from`` one that does; or the log call
         was given the response, the exception or the details.
likely   (a) an implicit ``__context__`` carries it; (b) there is no exception, but such a one is being
         handled; (c) the function that reports holds the response in a local variable.
related  an exception group with several members, one of them a failure of 8x8's.

A wrong answer is worse than none: whatever is not one of these is none.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from types import FrameType
from typing import Any, Final

from . import failures, frames, settings
from .core.carriers import CERTAIN, LIKELY, RELATED, carried, causes, from_response, is_bare, may_be_response, search
from .core.details import ErrorDetails, Fact, WebhookFailure

__all__ = ["CERTAIN", "LIKELY", "RELATED", "Attribution", "attribute"]

_AGE_LIMIT: Final = 30.0
"""Seconds after which a response that a function holds says nothing about what it reports."""

_MATCH: Final = "8x8.match"
_SUB_ACCOUNT: Final = "8x8.sub_account"
_PLAIN: Final = frozenset({str, int, float, bool, type(None), bytes, list, dict, tuple})


class Attribution:
    """The failures that an event is about (more than one for a group only), and the grade.

    Attributes:
        grade: ``"certain"``, ``"likely"`` or ``"related"``.
        failures: The decoded failures, the one to show first.
    """

    __slots__ = ("failures", "grade")

    def __init__(self, grade: str, failures: list[Any]) -> None:
        self.grade = grade
        self.failures: list[ErrorDetails | WebhookFailure] = failures

    @property
    def details(self) -> ErrorDetails | WebhookFailure:
        """The failure to show."""
        return self.failures[0]

    def fields(self) -> dict[str, Fact]:
        """Return what a log line shows: every fact by its key, and ``8x8.match``."""
        return self._shown(self.details)

    def tags(self) -> dict[str, str]:
        """Return the Sentry tags."""
        tags = self.details.tags()
        tags[_MATCH] = self.grade
        return tags

    def context(self) -> dict[str, Any]:
        """Return the Sentry context; of a group, with all its failures."""
        context: dict[str, Any] = {name[4:]: value for name, value in self.fields().items()}
        if len(self.failures) > 1:
            context["failures"] = [
                {name[4:]: value for name, value in self._shown(failure).items()} for failure in self.failures
            ]
        return context

    def _shown(self, failure: ErrorDetails | WebhookFailure) -> dict[str, Fact]:
        fields = failure.fields()
        fields[_MATCH] = self.grade
        if not settings.current().sub_account:
            fields.pop(_SUB_ACCOUNT, None)
        return fields


def attribute(
    *,
    exception: BaseException | None = None,
    given: Iterable[object] = (),
    is_warning: bool = True,
    is_report: bool = True,
    is_rendered: bool = False,
) -> Attribution | None:
    """Decide which failure a log line or a Sentry event is about.

    Args:
        exception: The exception of the event, if it has one.
        given: What the log call was given besides: arguments, extra, values of keys.
        is_warning: Whether the level is warning or above; below it only what was given counts.
        is_report: Whether the failure counts as reported by this (a log line of warning or above, any event).
        is_rendered: Whether to ask structlog's frames what its call was given, even if no failure is alive: for
            Sentry's events, which are dear and often made of a line that structlog has rendered.

    Returns:
        The attribution, or None, which most events get.
    """
    touched: list[failures.Failure] = []
    found = _given(exception, given, touched) if exception is not None or given else None
    if (found is None or found.grade != CERTAIN) and (is_rendered or (is_warning and failures.alive)):
        call = frames.structlog_call()
        if call is not None:
            raised, values = frames.given_to_structlog(call)
            exception = raised if exception is None else exception
            found = _given(exception, values, touched) or found
    if found is None and is_warning:
        if exception is None and (handled := sys.exc_info()[1]) is not None:
            found = _handled(handled, touched)
        if found is None and failures.alive:
            found = _held(exception, touched)
    if found is not None and is_report:
        for failure in touched:
            failure.reported = True
        if not touched:
            failures.note_report(found.failures)  # whose responses are gone, or copies
    return found


def _given(
    exception: BaseException | None, given: Iterable[object], touched: list[failures.Failure]
) -> Attribution | None:
    """Grade what the event was given; a certain one wins over whatever else was."""
    best = None
    if exception is not None and not is_bare(exception):
        best = _of_exception(exception, touched)
        if best is not None and best.grade == CERTAIN:
            return best
    for value in given:
        if type(value) in _PLAIN:
            continue
        found = _of_value(value, touched)
        if found is None:
            continue
        if found.grade == CERTAIN:
            return found
        best = best or found
    return best


def _of_value(value: Any, touched: list[failures.Failure]) -> Attribution | None:
    cls = type(value)  # not isinstance(): a lazy object of Django's answers that with a query of the database
    if issubclass(cls, (ErrorDetails, WebhookFailure)):
        touched.extend(failure for failure in list(failures.alive.values()) if _is_same(failure.details, value))
        return Attribution(CERTAIN, [value])
    if issubclass(cls, BaseException):
        return _of_exception(value, touched)
    details = _of_response(value, touched)
    return Attribution(CERTAIN, [details]) if details is not None else None


def _is_same(known: ErrorDetails, given: ErrorDetails | WebhookFailure) -> bool:
    """Tell whether the service's own decoding (``from_response``) is of a failure that is known here."""
    return known is given or (
        isinstance(given, ErrorDetails) and known.error_id is not None and known.error_id == given.error_id
    )


def _of_response(value: object, touched: list[failures.Failure]) -> ErrorDetails | None:
    failure = failures.find(value)
    if failure is not None:
        touched.append(failure)
        return failure.current()
    # A response that no client of ours has seen: received before install(), unpickled, or httpx's.
    return from_response(value) if may_be_response(value) else None


def _of_exception(exception: BaseException, touched: list[failures.Failure]) -> Attribution | None:
    def carry(exc: BaseException) -> ErrorDetails | None:
        failure = failures.find_by_exception(exc) if failures.alive else None
        if failure is not None:
            touched.append(failure)
            return failure.current()
        details = carried(exc)
        if details is not None:  # a body cut short: the error has the details, the response is what is alive
            touched.extend(failure for failure in list(failures.alive.values()) if failure.details == details)
        return details

    found = search(exception, carry)
    return Attribution(*found) if found is not None else None


def _handled(handled: BaseException, touched: list[failures.Failure]) -> Attribution | None:
    """Rule (b): no exception in the event, but one about 8x8 is being handled where it is reported."""
    if is_bare(handled):
        return None
    found = _of_exception(handled, touched)
    if found is None or found.grade == RELATED:
        touched.clear()
        return None
    return Attribution(LIKELY, found.failures)


def _held(exception: BaseException | None, touched: list[failures.Failure]) -> Attribution | None:
    """Rule (c): the function that reports, or that raised, holds the response."""
    looked_at = frames.visible(frames.outward_from_report()) if exception is None else _raising(exception)
    oldest = time.monotonic() - _AGE_LIMIT
    newest: failures.Failure | None = None
    for failure in frames.held(looked_at):
        if failure.received >= oldest and (newest is None or failure.received > newest.received):
            newest = failure
    if newest is None:
        return None
    touched.append(newest)
    return Attribution(LIKELY, [newest.current()])


def _raising(exception: BaseException) -> list[FrameType]:
    """Return the frames to look at: of the exception, of the one in a group of one, and of their causes."""
    looked_at: list[FrameType] = []
    for link in causes(exception):
        if link.__traceback__ is not None:
            looked_at += frames.visible(frames.outward_from_traceback(link.__traceback__))
    return looked_at
