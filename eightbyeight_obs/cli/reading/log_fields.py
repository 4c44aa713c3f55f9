"""The keys of a log line -> the ErrorDetails that wrote them. Log files are hostile input like any other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from math import isfinite
from typing import Any, Final

from ...core.details import KEYS, PREFIX, ErrorDetails, WebhookFailure
from ...core.envelopes import code_of, describe
from ...core.privacy import clean, identifier, mask, message_text, timestamp

__all__ = ["from_fields", "line_time", "own_fields", "read_time", "text_time"]

_CODE: Final = re.compile(r"-?[A-Za-z0-9_][A-Za-z0-9_\-]{0,99}")
_INTEGERS: Final = frozenset({"http_status", "rejected_count", "accepted_count", "retry_after", "attempts"})
_IDENTIFIERS: Final = frozenset({"error_id", "umid", "sub_account", "batch_id", "request_id", "session_id"})
_RECEIPTS: Final = frozenset({"sms_receipt", "chatapps_receipt", "voice_session", "reason_code"})
_BOOLEANS: Final = {"true": True, "false": False}
_LIST_LIMIT: Final = 1000
_ERROR_NAMES: Final = frozenset(ErrorDetails.__match_args__)
_WEBHOOK_NAMES: Final = frozenset(WebhookFailure.__match_args__)

# Where the formatters of this world put the time, and where docker, journald and the shippers do.
_TIMES: Final = (
    "timestamp", "@timestamp", "time", "ts", "asctime", "datetime", "date", "created", "eventTime",
    "__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP",
)  # fmt: skip
_START: Final = re.compile(r"\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z| ?[+-]\d\d:?\d\d)?)")
_FRACTION: Final = re.compile(r"[.,](\d{1,6})\d*")
_SHORT_ZONE: Final = re.compile(r"([+-]\d{2})(\d{2})$")


def own_fields(mapping: Mapping[Any, Any]) -> dict[str, Any] | None:
    """Return the facts of a line by their names without prefix, or None where the line has no ``8x8.code``.

    Known shapes: flat keys (``"8x8.code"``), which is what the middleware writes, and an object ``8x8``, as
    Sentry's context and as stores make of dotted keys.
    """
    if mapping.get(PREFIX + "code") is not None:
        cut = len(PREFIX)
        return {key[cut:]: value for key, value in mapping.items() if isinstance(key, str) and key.startswith(PREFIX)}
    nested = mapping.get("8x8")
    if isinstance(nested, dict) and nested.get("code") is not None:
        return nested
    return None


def from_fields(facts: Mapping[str, Any]) -> ErrorDetails | WebhookFailure | None:
    """Make the details again that a line was written from, or None where the facts make no sense.

    Everything is cleaned and masked again: who wrote the line is not known.
    """
    values: dict[str, Any] = {}
    for attribute, _, _ in KEYS:
        value = facts.get(attribute)
        if value is not None:
            values[attribute] = _value(attribute, value)
    code, registry = values.get("code"), values.get("registry")
    if not code or not _CODE.fullmatch(code) or (mask(code) != code and code_of(code) is None):
        return None  # a code has 9 digits at most: what has more could be a phone number
    values["registry"] = registry = registry or ("http" if code.startswith("http-") else "api")
    description, category, retryable = describe(code, registry)
    known = {"description": description, "category": category, "retryable": retryable}
    values.update({name: value for name, value in known.items() if values.get(name) is None})
    if registry in _RECEIPTS:
        return WebhookFailure(**{name: value for name, value in values.items() if name in _WEBHOOK_NAMES})
    return ErrorDetails(**{name: value for name, value in values.items() if name in _ERROR_NAMES})


def _value(attribute: str, value: Any) -> Any:
    if attribute == "retryable":
        return value if isinstance(value, bool) else _BOOLEANS.get(str(value).strip().lower())
    if attribute in _INTEGERS:
        text = str(value)
        return (
            int(text) if not isinstance(value, bool) and text.isascii() and text.isdigit() and len(text) < 10 else None
        )
    text = value if isinstance(value, str) else str(value)[:200]
    if attribute in _IDENTIFIERS:
        return identifier(text)
    if attribute == "message":
        return message_text(text)
    if attribute == "timestamp":
        return timestamp(text)
    if attribute == "rejected_umids":
        return ", ".join(filter(None, map(identifier, text[:_LIST_LIMIT].split(", ")))) or None
    # A code of 7 to 9 digits in the description is masked like any number: it stands beside it.
    return (clean(text) if attribute == "code" else mask(clean(text))) or None


def line_time(mapping: Mapping[str, Any]) -> datetime | None:
    """Return when a line was written, in UTC, by whichever of the usual keys it has. No zone means UTC."""
    for key in _TIMES:
        value = mapping.get(key)
        if value is not None:
            moment = read_time(value)
            if moment is not None:
                return moment
    return None


def text_time(line: str) -> datetime | None:
    """Return the time that a line of text begins with."""
    start = _START.match(line)
    return _iso(start.group(1)) if start else None


def read_time(value: Any) -> datetime | None:
    """Read ISO 8601 in its many spellings, or a number of seconds, milli-, micro- or nanoseconds since 1970."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        if text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit() and len(text) <= 30:
            value = float(text)
        else:
            return _iso(text)
    if not isinstance(value, (int, float)):
        return None
    try:
        seconds = float(value)
        if not isfinite(seconds):  # Python's json reads Infinity
            return None
        while seconds > 1e11:  # later than the year 5000: a finer unit
            seconds /= 1000
        return datetime.fromtimestamp(seconds, timezone.utc) if seconds > 1e8 else None
    except (OverflowError, ValueError, OSError):
        return None


def _iso(text: str) -> datetime | None:
    if not 10 <= len(text) <= 40:
        return None
    text = text.replace("Z", "+00:00").replace(" +", "+")
    text = _FRACTION.sub(lambda found: "." + found.group(1).ljust(6, "0"), text, count=1)
    text = _SHORT_ZONE.sub(r"\1:\2", text) if "T" in text or " " in text else text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)
