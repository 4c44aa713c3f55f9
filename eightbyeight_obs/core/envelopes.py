"""8x8's error bodies: the standard envelope and Voice's, as dictionaries -> ErrorDetails."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from .catalogue import explain
from .details import Draft, ErrorDetails, freeze
from .hosts import Place
from .privacy import identifier, message_text, timestamp

__all__ = ["ERROR_BODY_LIMIT", "code_of", "describe", "error_details", "parse"]

ERROR_BODY_LIMIT: Final = 256 * 1024
"""Larger error bodies are not parsed: bytes."""

_CODE_DIGITS: Final = 9
_DECODER: Final = json.JSONDecoder()
_IDENTIFIERS: Final = {
    "errorId": "error_id",
    "requestId": "request_id",
    "callFlowRequestId": "request_id",
    "sessionId": "session_id",
    "umid": "umid",
    "batchId": "batch_id",
}


def parse(body: bytes | str, limit: int) -> Any:
    """Return the JSON value of a body, or None for what is not JSON, or longer than ``limit``."""
    if not body or len(body) > limit:
        return None
    try:
        text: Any = body if isinstance(body, str) else body.decode()
    except UnicodeDecodeError:
        text = body  # UTF-16 or UTF-32, or nothing: json.loads finds out
    try:
        if text[0] == "{":  # the short way, a microsecond less than json.loads
            value, end = _DECODER.raw_decode(text)
            return None if text[end:].strip(" \t\r\n") else value
        return json.loads(text.removeprefix("\ufeff") if isinstance(text, str) else text)
    except Exception:  # noqa: BLE001 - bytes in no encoding, 100,000 brackets (RecursionError), 5,000 digits
        return None


def code_of(value: object) -> str | None:
    """Return a code as the string it is in tags, or None for what is no code.

    A code is an int (no bool) or a string of an optional minus and 1 to 9 digits, and not 0. An int of
    more than 9 digits is none either: no table of 8x8's has such a code, but phone numbers are that long.
    """
    if type(value) is int:
        return str(value) if 0 < abs(value) < 10**_CODE_DIGITS else None
    if type(value) is not str:
        return None
    digits = value.removeprefix("-")
    if 1 <= len(digits) <= _CODE_DIGITS and digits.isascii() and digits.isdigit() and int(digits):
        return value
    return None


@lru_cache(maxsize=512)
def describe(code: str, registry: str) -> tuple[str, str, bool | None]:
    """Return (description, category, retryable) of a code, whether the catalogue has it or not."""
    entry = explain(code, registry)
    if entry is None:
        category = "server" if registry == "http" and code.startswith("http-5") else "unknown"
        if registry == "http" and code.startswith("http-4"):
            category = "validation"
        return f"Unknown 8x8 code {code}", category, None
    return entry.description, entry.category, entry.retryable


def error_details(
    status: int,
    body: bytes | str,
    place: Place | None,
    match: str | None = None,
    retry_after: int | None = None,
    attempts: int | None = None,
) -> ErrorDetails:
    """Decode an answer of 400 and above.

    Args:
        status: The HTTP status.
        body: The body, whole; anything that is no envelope of 8x8's gives the code ``http-<status>``.
        place: Where the request went; None where only the shape of the body can tell.
        match: The grade to note in the details.
        retry_after: Seconds, from the header.
        attempts: How many answers came before this one.
    """
    envelope = parse(body, ERROR_BODY_LIMIT)
    if type(envelope) is not dict:
        envelope = {}
    registry, code = "api", code_of(envelope.get("code"))
    if code is None and (place is None or place.product == "voice"):
        registry, code = "voice_status", code_of(envelope.get("statusCode"))
        if place is None and "statusMessage" not in envelope:
            code = None  # "statusCode" alone is everybody's word: without a host it is not Voice's envelope
    if code is None:
        registry, code = "http", f"http-{status}"
    # By assignments, and for the keys that are there only: a third of what 20 keyword arguments cost.
    draft = Draft(code, registry, *describe(code, registry))
    draft.http_status = status
    draft.match = match
    draft.retry_after = retry_after
    draft.attempts = attempts
    draft.message = message_text(envelope.get("message", envelope.get("statusMessage")))
    draft.timestamp = timestamp(envelope.get("timestamp"))
    for key, attribute in _IDENTIFIERS.items():
        if key in envelope:
            setattr(draft, attribute, identifier(envelope[key]))
    if place is not None:
        draft.host, draft.product, draft.region, draft.endpoint, draft.sub_account = place
    return freeze(draft)
