"""Says what a piece of text is, and which failure of 8x8's it tells of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from ...core.decode import decode
from ...core.details import ErrorDetails, WebhookFailure
from ...core.envelopes import code_of
from ...core.webhooks import decode_webhook
from .files import LogFile, text_or_lines
from .http_dump import answers_in
from .log_fields import from_fields, line_time, own_fields, text_time
from .objects import key_values, objects_in, parse_json, plain_text

__all__ = ["Finding", "Hints", "findings_in", "in_line", "in_text", "may_tell"]

LOG_LINE: Final = "a log line of eightbyeight_obs"
IN_LINE: Final = "a log line with an answer of 8x8's in it"
ERROR_BODY: Final = "an error body of 8x8's"
REJECTION: Final = "an answer with a failure in it"
HTTP: Final = "an HTTP answer"
WEBHOOK: Final = "a webhook of 8x8's"

_MARKS: Final = (b"8x8", b"errorId", b"umid", b"statusMessage", b"requestId", b"rejectedCount")
_DEPTH: Final = 5
_VALUES: Final = 2_000
_TEXT_LIMIT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Hints:
    """What the user says about the text.

    Attributes:
        status: The HTTP status that the answer came with.
        url: The URL of the request.
        method: The method of the request.
    """

    status: int | None = None
    url: str | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One failure that was found.

    Attributes:
        kind: What the text is, in words.
        details: The failure.
        time: When the line that holds it was written, where it says so.
    """

    kind: str
    details: ErrorDetails | WebhookFailure
    time: datetime | None = None


_NO_HINTS: Final = Hints()


def findings_in(name: str, hints: Hints = _NO_HINTS, moved: Callable[[int], object] | None = None) -> Iterator[Finding]:
    """Yield the failures of a file; a large one is read line by line, and how far is told now and then."""
    with LogFile(name) as file:
        content = text_or_lines(file, moved)
        if isinstance(content, str):
            yield from in_text(content, hints)
            return
        for line in content:
            if may_tell(line):
                yield from _in_line(line.decode("utf-8", "replace"), hints)


def may_tell(line: bytes) -> bool:
    """Tell whether a line may hold a failure, before it is parsed: most lines of a log hold none."""
    return any(mark in line for mark in _MARKS)


def in_text(text: str, hints: Hints = _NO_HINTS) -> Iterator[Finding]:
    """Yield the failures of a whole text: a body, a dump, a webhook, a log, or several of one kind."""
    text = text.removeprefix("\ufeff").strip()
    dumps = list(answers_in(text))
    if dumps:
        for answer in dumps:
            known = Hints(hints.status or answer.status, hints.url or answer.url, hints.method or answer.method)
            details = _answer(answer.body, known)
            if details is not None:
                if answer.retry_after is not None:
                    details = replace(details, retry_after=answer.retry_after)
                yield Finding(HTTP, details)
        return
    if text.startswith("<"):
        failure = decode_webhook(text, content_type="application/xml")
        if failure is not None:
            yield Finding(WEBHOOK, failure)
            return
    document = parse_json(text)
    if isinstance(document, list):
        for member in document:
            if isinstance(member, dict):
                yield from _in_object(member, hints)
        return
    if isinstance(document, dict):
        yield from _in_object(document, hints)
        return
    if hints.status is not None:
        details = _answer(text, hints)
        if details is not None:
            yield Finding(HTTP, details)
        return
    yield from _in_lines(text, hints)


def in_line(line: str) -> Finding | None:
    """Return the failure that one log line tells of: written by the middleware, or with an answer of 8x8's in it."""
    return next(_in_line(line, _NO_HINTS), None)


def _in_lines(text: str, hints: Hints) -> Iterator[Finding]:
    """Read line by line; where no line holds anything, as objects that span lines."""
    found = False
    for line in text.splitlines():
        for finding in _in_line(line, hints):
            found = True
            yield finding
    if not found and "\n" in text:
        for value in objects_in(text):
            yield from _in_object(value, hints)


def _in_line(line: str, hints: Hints) -> Iterator[Finding]:
    line = plain_text(line.strip())
    if not line:
        return
    whole = parse_json(line) if line.startswith("{") else None
    if isinstance(whole, dict):
        yield from _in_object(whole, hints)
        return
    pairs = key_values(line) if "8x8.code=" in line else {}
    if pairs:
        details = from_fields(own_fields(pairs) or {})
        if details is not None:
            yield Finding(LOG_LINE, details, text_time(line))
        return
    for value in objects_in(line):
        for finding in _in_object(value, hints):
            kind = IN_LINE if finding.kind in (ERROR_BODY, REJECTION) else finding.kind
            yield replace(finding, kind=kind, time=finding.time or text_time(line))


def _in_object(value: dict[str, Any], hints: Hints) -> Iterator[Finding]:
    """Look at an object as what it may be itself, then for what is packed into it."""
    found = _object_itself(value, hints)
    if found is not None:
        yield found
        return
    time = line_time(value)
    seen: set[tuple[str, str | None, str | None]] = set()
    for inner in _packed(value):
        found = _object_itself(inner, _NO_HINTS)
        if found is None:
            continue
        key = (found.details.code, getattr(found.details, "error_id", None), found.details.umid)
        if key in seen:  # a Sentry event has the same failure in its tags and in its context
            continue
        seen.add(key)
        kind = IN_LINE if found.kind in (ERROR_BODY, REJECTION) else found.kind
        yield Finding(kind, found.details, found.time or time)


def _object_itself(value: dict[str, Any], hints: Hints) -> Finding | None:
    facts = own_fields(value)
    if facts is not None:
        details = from_fields(facts)
        if details is not None:
            return Finding(LOG_LINE, details, line_time(value))
    webhook = decode_webhook(value)
    if webhook is not None:
        return Finding(WEBHOOK, webhook)
    answer = _answer(value, hints)
    if answer is None:
        return None
    return Finding(ERROR_BODY if _is_envelope(value) else REJECTION, answer)


def _is_envelope(value: Mapping[str, Any]) -> bool:
    """Tell whether an object is 8x8's envelope by its shape: a code, and one of the fields that come with it."""
    if code_of(value.get("code")) is not None:
        return "errorId" in value or "timestamp" in value or "message" in value
    return code_of(value.get("statusCode")) is not None and "statusMessage" in value


def _answer(body: dict[str, Any] | str, hints: Hints) -> ErrorDetails | None:
    """Decode an answer; one whose HTTP status nobody told is decoded by its shape, and the status left out."""
    text = body if isinstance(body, str) else json.dumps(body)
    if hints.status is not None:
        return decode(hints.status, text, url=hints.url, method=hints.method)
    if isinstance(body, dict) and _is_envelope(body):
        details = decode(400, text, url=hints.url, method=hints.method)
    else:
        details = decode(200, text, url=hints.url, method=hints.method)
    return replace(details, http_status=None) if details is not None else None


def _packed(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects inside an object and those in its strings: docker's "log", journald's MESSAGE, tags."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    looked_at = 0
    while waiting and looked_at < _VALUES:
        current, depth = waiting.pop(0)
        looked_at += 1
        inner: list[Any] = []
        if isinstance(current, dict):
            if depth:
                yield current
            inner = list(current.values())
        elif isinstance(current, list):
            # Sentry's tags as its API gives them: [["8x8.code", "1002"], ...] or [{"key": ..., "value": ...}].
            pairs = _pairs(current)
            if pairs:
                yield pairs
            inner = current
        elif isinstance(current, str) and len(current) <= _TEXT_LIMIT:
            text = plain_text(current)
            if "8x8.code=" in text:
                yield dict(key_values(text))
            elif "{" in text:
                inner = list(objects_in(text))
        if depth < _DEPTH:
            waiting += [(member, depth + 1) for member in inner if isinstance(member, (dict, list, str))]


def _pairs(members: list[Any]) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for member in members[:200]:
        if isinstance(member, list) and len(member) == 2 and isinstance(member[0], str):
            pairs[member[0]] = member[1]
        elif isinstance(member, dict) and isinstance(member.get("key"), str):
            pairs[member["key"]] = member.get("value")
    return pairs if "8x8.code" in pairs else {}
