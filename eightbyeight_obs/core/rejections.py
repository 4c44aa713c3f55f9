"""Failures inside an answer of 2xx: rejected messages and batches, Lookup's error, Voice's NOT_CREATED."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .details import Draft, ErrorDetails, freeze
from .envelopes import code_of, describe, parse
from .hosts import Place
from .privacy import identifier, message_text, timestamp

__all__ = ["ANSWER_LIMIT", "may_hold_rejection", "rejection_details"]

ANSWER_LIMIT: Final = 4 * 1024 * 1024
"""Larger answers are not searched: bytes."""

# What 8x8's OpenAPI file of the SMS API lists for status.description of a rejected message (2026-07-25).
REASONS: Final[Mapping[str, tuple[str, bool | None]]] = {
    "Text value is missing": ("validation", False),
    "Invalid Text value. Reached max allowed limit": ("validation", False),
    "Invalid Source value. Reached max allowed limit": ("validation", False),
    "Expiry time already reached": ("validation", False),
    "Invalid MSISDN format (not E.164 international number)": ("validation", False),
    "Internal server error": ("server", None),
}
_NEVER_REJECT: Final = frozenset({"contacts", "automation"})
_WHOLE: Final = 256 * 1024  # up to here json.loads of everything is quick enough
_SECONDS: Final = 0.02  # for reading the messages of a larger batch one by one
_FIRST_UMIDS: Final = 5
_MOST: Final = 10**9  # what is no smaller is no count of messages, but as long as a phone number, or without end
_COUNT: Final = re.compile(r'"(rejectedCount|acceptedCount|batchId)"\s*:\s*(\d{1,9}|"[^"\\]{1,100}")')
_REJECTED_COUNT: Final = re.compile(rb'rejectedCount"\s*:\s*([0-9])')
_MESSAGES: Final = re.compile(r'"messages"\s*:\s*\[')
_DECODER: Final = json.JSONDecoder()


def may_hold_rejection(body: bytes, product: str | None) -> bool:
    """Search the bytes of a 2xx answer for a sign of failure, before anything is parsed.

    A batch that says ``"rejectedCount": 0`` needs no further search, whatever its size.
    """
    if product in _NEVER_REJECT or len(body) > ANSWER_LIMIT:
        return False
    if product == "voice":
        return b"NOT_CREATED" in body or b'"statusCode":-' in body or b'"statusCode": -' in body
    if product == "lookup":
        return b'"error"' in body
    at = body.find(b"rejected")
    if at >= 0:
        count = _REJECTED_COUNT.match(body, at)
        return count is None or count[1] != b"0"
    return b"REJECTED" in body


def rejection_details(
    status: int, body: bytes | str, place: Place | None, match: str | None = None, attempts: int | None = None
) -> ErrorDetails | None:
    """Decode the failure inside a 2xx answer, or return None where there is none."""
    if len(body) > ANSWER_LIMIT:
        return None
    product = place.product if place else None
    answer = parse(body, _WHOLE) if len(body) <= _WHOLE else _large_batch(body)
    if type(answer) is not dict:
        return None
    found = None
    if product in (None, "voice"):
        found = _voice(answer)
    if found is None and product in (None, "lookup"):
        found = _lookup(answer)
    if found is None and product in (None, "sms", "chatapps", "verify"):
        found = _batch(answer) if "rejectedCount" in answer else _message(answer)
    if found is None:
        return None
    common: dict[str, Any] = {"http_status": status, "match": match, "attempts": attempts}
    if place is not None:
        common.update(
            host=place.host,
            product=place.product,
            region=place.region,
            endpoint=place.endpoint,
            sub_account=place.sub_account,
        )
    return freeze(Draft(**common, **found))


def _coded(code: str, registry: str) -> dict[str, Any]:
    description, category, retryable = describe(code, registry)
    return {
        "code": code,
        "registry": registry,
        "description": description,
        "category": category,
        "retryable": retryable,
    }


def _state(code: str, registry: str, text: object) -> dict[str, Any]:
    """Return the facts of a failure that has a state instead of a number."""
    reason = text.strip() if isinstance(text, str) else ""
    known = REASONS.get(reason) if code == "rejected" else None
    category, retryable = known or ("unknown", None)
    description = reason if known else code.replace("_", " ").capitalize()
    return {
        "code": code,
        "registry": registry,
        "description": description,
        "category": category,
        "retryable": retryable,
    }


def _voice(answer: dict[str, Any]) -> dict[str, Any] | None:
    code = code_of(answer.get("statusCode"))
    if answer.get("sessionStatus") != "NOT_CREATED" and not (
        code and code.startswith("-") and "statusMessage" in answer
    ):
        return None
    facts = _coded(code, "voice_status") if code else _state("not_created", "voice_status", None)
    facts.update(
        message=message_text(answer.get("statusMessage")),
        request_id=identifier(answer.get("callFlowRequestId")),
        session_id=identifier(answer.get("sessionId")),
    )
    return facts


def _lookup(answer: dict[str, Any]) -> dict[str, Any] | None:
    status = answer.get("status")
    if type(status) is not dict or status.get("state") != "error":
        return None
    code = code_of(status.get("errorCode"))
    facts = _coded(code, "lookup") if code else _state("error", "lookup", None)
    facts.update(
        message=message_text(status.get("errorMessage")),
        timestamp=timestamp(status.get("timestamp")),
        request_id=identifier(answer.get("requestId")),
    )
    return facts


def _message(answer: dict[str, Any]) -> dict[str, Any] | None:
    """Read one message: SMS has ``status.code == "REJECTED"``, ChatApps ``status.state == "rejected"``."""
    status = answer.get("status")
    if type(status) is not dict:
        return None
    if status.get("code") == "REJECTED":
        text = status.get("description")
        facts = _state("rejected", "api", text)
    elif status.get("state") == "rejected":
        text = status.get("errorMessage")
        code = code_of(status.get("errorCode"))
        facts = _coded(code, "api") if code else _state("rejected", "api", text)
    else:
        return None
    facts.update(
        message=message_text(text), umid=identifier(answer.get("umid")), timestamp=timestamp(status.get("timestamp"))
    )
    return facts


def _batch(answer: dict[str, Any]) -> dict[str, Any] | None:
    """Read a batch: one failure with the facts of its most frequent reason."""
    rejected = answer.get("rejectedCount")
    if type(rejected) is not int or rejected <= 0:
        return None
    accepted = answer.get("acceptedCount")
    messages = answer.get("messages")
    counts: dict[tuple[str, str], int] = {}
    first: dict[tuple[str, str], dict[str, Any]] = {}
    umids: list[str] = []
    for message in messages if isinstance(messages, (list, Iterator)) else ():
        facts = _message(message) if type(message) is dict else None
        if facts is None:
            continue
        reason = (facts["code"], facts["description"])
        counts[reason] = counts.get(reason, 0) + 1
        first.setdefault(reason, facts)
        if facts["umid"] and len(umids) < _FIRST_UMIDS:
            umids.append(facts["umid"])
    if counts:
        frequent = sorted(counts, key=lambda reason: -counts[reason])
        facts = first[frequent[0]]
        reasons = "; ".join(f"{counts[reason]} x {' '.join(reason)}" for reason in frequent[:10])
    else:
        facts, reasons = _state("rejected", "api", None), None
    facts.update(
        batch_id=identifier(answer.get("batchId")),
        rejected_count=rejected if rejected < _MOST else None,
        accepted_count=accepted if type(accepted) is int and 0 <= accepted < _MOST else None,
        rejected_reasons=reasons,
        rejected_umids=", ".join(umids) or None,
    )
    return facts


def _large_batch(body: bytes | str) -> dict[str, Any] | None:
    """Read a batch answer of some megabytes without building all of it: its counts, and message by message.

    The messages come as an iterator that gives up after 20 ms; the counts are the server's own.
    """
    text = body if isinstance(body, str) else body.decode("utf-8", "replace")
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return None
    start = _MESSAGES.search(text)
    head = text[: start.start()] if start else text[:4096]
    tail = text[-4096:]
    answer: dict[str, Any] = {}
    for part in (tail, head[:4096]):
        for name, value in _COUNT.findall(part):
            answer[name] = value[1:-1] if value.startswith('"') else int(value)
    if start:
        answer["messages"] = _each_message(text, start.end())
    return answer if "rejectedCount" in answer else None


def _each_message(text: str, at: int) -> Iterator[Any]:
    deadline = time.perf_counter() + _SECONDS
    while time.perf_counter() < deadline:
        at = text.find("{", at)
        if at < 0:
            return
        try:
            message, at = _DECODER.raw_decode(text, at)
        except Exception:  # noqa: BLE001 - cut or hostile: what was read so far counts
            return
        yield message
