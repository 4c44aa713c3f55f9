"""One webhook, JSON or XML -> the failure that it tells of. Total: None instead of an exception."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from eightbyeight_obs.core.details import WebhookFailure
from eightbyeight_obs.core.envelopes import parse

from .business import business_failure
from .messages import CHATAPPS, SMS, legacy_failure, message_failure
from .parts import mapping
from .voice import recording_failure, session_failure

__all__ = ["WEBHOOK_LIMIT", "decode_webhook"]

WEBHOOK_LIMIT: Final = 1024 * 1024
"""Larger bodies are not parsed: bytes. 8x8's own are of a few kilobytes."""

_DECODER: Final = json.JSONDecoder()


def decode_webhook(body: bytes | str | Mapping[str, Any], *, content_type: str | None = None) -> WebhookFailure | None:
    """Decode what 8x8 posted to a webhook.

    Known are delivery receipts of SMS (JSON and XML) and of Messaging Apps (v8, v9 and the legacy v4), the legacy
    statuses in capitals, voice session summaries and recordings, and WhatsApp's and Viber's business management.

    Args:
        body: The body of the request as it came, or the mapping that was read from it.
        content_type: The header of that name. The body is read as XML where it says so, else as JSON.

    Returns:
        The failure, or None: for what went well or may still go well, for inbound messages, for what is no
        webhook of 8x8's, and for anything that cannot be read. Message texts, senders, recipients and names
        are in no part of it.
    """
    try:
        webhook = body if type(body) is dict else _read(body, content_type)
        return None if webhook is None else _dispatch(webhook)
    except Exception:  # noqa: BLE001 - total by contract: a mapping's own methods may raise anything
        return None


def _read(body: object, content_type: object) -> Mapping[str, Any] | None:
    if isinstance(body, (bytearray, memoryview)):
        body = bytes(body)
    if not isinstance(body, (bytes, str)):
        return mapping(body)
    if content_type is not None and _is_xml(content_type):
        from .xml import parse_xml  # a fifth of a millisecond that JSON does without

        return parse_xml(body)
    if not 0 < len(body) <= WEBHOOK_LIMIT:
        return None
    try:
        text = body if isinstance(body, str) else body.decode()
        if text[0] == "{":  # the short way, a microsecond less than json.loads
            webhook, end = _DECODER.raw_decode(text)
            return mapping(webhook) if end == len(text) or not text[end:].strip() else None
    except UnicodeDecodeError:
        pass  # UTF-16 or UTF-32, or nothing
    return mapping(parse(body, WEBHOOK_LIMIT))


def _is_xml(content_type: object) -> bool:
    if not isinstance(content_type, str):
        return False
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type.endswith(("/xml", "+xml"))


def _dispatch(webhook: Mapping[str, Any]) -> WebhookFailure | None:
    namespace = webhook.get("namespace")
    event = webhook.get("eventType")
    if namespace is None:
        if "eventDetails" in webhook:
            return business_failure(webhook, event)
        return legacy_failure(webhook, event)
    payload = mapping(webhook.get("payload"))
    if payload is None:
        return None
    if event == "outbound_message_status_changed":
        if namespace == "SMS":
            return message_failure(payload, SMS)
        if namespace == "ChatApps":
            return message_failure(payload, CHATAPPS)
    elif namespace == "VOICE":
        if event == "SESSION_SUMMARY":
            return session_failure(payload)
        if event == "CALL_RECORDING_STATUS":
            return recording_failure(payload)
    return None
