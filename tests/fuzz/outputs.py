"""What every output promises, whatever went in: checks that raise AssertionError with the offending value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from eightbyeight_obs.core.details import ErrorDetails, WebhookFailure
from eightbyeight_obs.core.endpoints import LITERALS
from eightbyeight_obs.core.ticket import support_ticket

__all__ = ["CONTROL", "PHONE", "check_details", "check_endpoint", "check_shown", "strings_in", "views"]

Failure = ErrorDetails | WebhookFailure

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""C0 and C1 controls, separators of lines, marks and overrides of direction, lone surrogates."""
PHONE = re.compile(r"\d(?:[ .\-()\[\]]?\d){6,}")

_NUMBER = re.compile(r"-?[0-9]{1,9}")
_CODE_IN_TEXT = re.compile(r"(?:(?<=x )|(?<=code ))-?[0-9]{1,9}(?=[ ;]|$)")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")
_ID = re.compile(r"[A-Za-z0-9._:@+={}/&*()\[\]\d -]{1,200}")
_UUID = re.compile(r"\{?[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}\}?")
_ONLY_A_NUMBER = re.compile(r"[+()\[\] .-]*\d(?:[ .\-()\[\]]{0,2}\d){6,}[+()\[\] .-]*")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d){0,2})?")
_IDS = ("error_id", "umid", "sub_account", "batch_id", "request_id", "session_id")
_COUNTS = ("http_status", "rejected_count", "accepted_count", "retry_after", "attempts")
_MASKED = ("message", "state", "channel", "rejected_reasons")
_MESSAGE, _TAG, _TITLE, _FIELDS, _TICKET = 1000, 200, 700, 6000, 20_000
_TICKET_LINE = re.compile(r"(?:To|Subject): .+|[A-Za-z][A-Za-z ()-]{1,13}: .*")


def views(failure: Failure) -> list[str]:
    """Every text that a sink could show of a failure; of the ticket its lines."""
    return [
        failure.title(),
        *failure.fingerprint(),
        *failure.tags().values(),
        *map(str, failure.fields().values()),
        *map(str, failure.context().values()),
        *support_ticket(failure).splitlines(),
    ]


def check_details(failure: Failure | None) -> None:
    """A failure of any origin: nothing in it can break a line or a terminal, no number, and a bounded size."""
    if failure is None:
        return
    _check_size(failure)
    check_shown(views(failure))
    fields = failure.context()
    code = failure.code
    assert _NUMBER.fullmatch(code) or (_NAME.fullmatch(code) and not PHONE.search(code)), code
    for name in _MASKED:
        text = str(fields.get(name, ""))
        if name == "rejected_reasons":  # "2 x 30381002 Unknown 8x8 code 30381002": a code has up to 9 digits
            text = _CODE_IN_TEXT.sub("", text)
        assert not PHONE.search(text), (name, text)
    for text in (failure.title(), failure.description):
        assert not PHONE.search(text.replace(code, "")), text
    for name in _IDS:
        value = fields.get(name)
        assert value is None or _is_id(str(value)), (name, value)
    for value in filter(None, str(fields.get("rejected_umids", "")).split(", ")):
        assert _is_id(value), value
    for name in _COUNTS:
        count = fields.get(name, 0)
        assert type(count) is int, (name, count)
        assert 0 <= count < 10**9, (name, count)
    time = failure.timestamp
    assert time is None or _TIME.fullmatch(time), time
    assert failure.provider_code is None or re.fullmatch("[0-9]{1,7}", failure.provider_code)


def _is_id(value: str) -> bool:
    return bool(_ID.fullmatch(value)) and (bool(_UUID.fullmatch(value)) or not _ONLY_A_NUMBER.fullmatch(value))


def check_endpoint(endpoint: str | None) -> None:
    """A method, and a path of which only literal words of 8x8's templates are left."""
    if endpoint is None:
        return
    verb, _, path = endpoint.rpartition(" ")
    assert re.fullmatch("[A-Z]{3,10}|", verb), endpoint
    words = [word for word in path.split("/") if word]
    assert [] == [word for word in words if word not in LITERALS and not re.fullmatch(r"\{[A-Za-z-]+\}", word)]


def _check_size(failure: Failure) -> None:
    for name, value in failure.tags().items():
        assert type(value) is str, name
        assert 1 <= len(value) <= _TAG, (name, len(value))
    assert len(failure.message or "") <= _MESSAGE
    assert len(failure.title()) <= _TITLE
    assert sum(map(len, map(str, failure.fields().values()))) <= _FIELDS
    ticket = support_ticket(failure)
    assert len(ticket) <= _TICKET
    to, subject, blank, *lines, end = ticket.split("\n")
    assert ("", "") == (blank, end)
    assert [] == [line for line in (to, subject, *lines) if not _TICKET_LINE.fullmatch(line)], ticket
    assert not {"<", ">"} & set(ticket)


def check_shown(texts: Iterable[str], secrets: Iterable[str] = ()) -> None:
    """No text has a control character in it, nor one of the secrets that were planted."""
    whole = "\x20".join(texts)
    found = CONTROL.search(whole)
    assert found is None, whole[max(0, found.start() - 60) : found.end() + 60]
    assert [] == [secret for secret in secrets if secret in whole]


def strings_in(value: Any) -> list[str]:
    """Every text in a JSON-like value, keys included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for pair in value.items() for part in pair for text in strings_in(part)]
    if isinstance(value, (list, tuple)):
        return [text for part in value for text in strings_in(part)]
    return []
