"""Delivery receipts of SMS and Messaging Apps, in today's format and in the legacy ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from eightbyeight_obs.core.details import WebhookDraft, WebhookFailure, freeze_webhook
from eightbyeight_obs.core.envelopes import code_of
from eightbyeight_obs.core.privacy import timestamp
from eightbyeight_obs.core.rejections import REASONS

from .parts import describe_code, describe_state, mapping, reference, safe_message

__all__ = ["CHATAPPS", "SMS", "legacy_failure", "message_failure"]


class Format(NamedTuple):
    """What differs between the receipts of the two products."""

    product: str
    registry: str
    kind: str


SMS: Final = Format("sms", "sms_receipt", "SMS receipt")
CHATAPPS: Final = Format("chatapps", "chatapps_receipt", "ChatApps receipt")

# The states that are a failure, as 8x8's status reference of 2026-06 and its older page write them, and the
# legacy statuses (developer.wavecell.com, delivery receipts v4).
_LEGACY: Final = {
    "REJECTED BY CARRIER": "rejected_by_carrier",
    "REJECTED BY DEVICE": "rejected_by_device",
    "TRASHED": "trashed",
}
_LEGACY_STATES: Final = frozenset(_LEGACY.values())
_FAILED: Final = {state: state for state in ("rejected", "undelivered", "failed", "error")} | _LEGACY
_STATES: Final = frozenset(_FAILED.values())
_WITH_REASON: Final = frozenset({"rejected_by_carrier", "trashed"})
_REASON_KEYS: Final = ("error", "errorCode", "reasonCode")

# 8x8's page of supported Messaging Apps, 2026-07-23, and the channels that older pages and the error tables name.
_CHANNELS: Final = {
    name: name.lower()
    for name in (
        "sms",
        "whatsapp",
        "viber",
        "rcs",
        "line",
        "LineNotification",
        "ZaloNotification",
        "zalo",
        "wechat",
        "facebook",
        "messenger",
        "kakao",
        "kakaotalk",
        "telegram",
        "instagram",
    )
}
_CHANNEL_NAMES: Final = frozenset(_CHANNELS.values())
_PROVIDER_CODE: Final = re.compile(r"[0-9]{1,7}")  # Meta's longest has 7 digits; a phone number in clear has 8 or more


def message_failure(payload: Mapping[str, Any], form: Format) -> WebhookFailure | None:
    """Decode the payload of an ``outbound_message_status_changed``; the state tells what is a failure.

    A number alone does not: ``delivered`` comes with an ``errorCode`` of 0, and Viber's 2000 is a success.
    """
    status = mapping(payload.get("status"))
    if status is None:
        return _receipt(payload, payload, payload.get("status"), form)
    return _receipt(payload, status, status.get("state"), form)


def legacy_failure(webhook: Mapping[str, Any], event: object) -> WebhookFailure | None:
    """Decode a flat receipt, whose ``status`` is a text in capitals.

    ``outboundMessageDelivery`` is version 4 of the Messaging Apps; without a name and a channel it is SMS.
    """
    status = webhook.get("status")
    if not isinstance(status, str) or status.strip() not in _LEGACY:
        return None
    channel = _channel(webhook.get("channel"))
    chatapps = event == "outboundMessageDelivery" or channel not in (None, "sms")
    return _receipt(webhook, webhook, status, CHATAPPS if chatapps else SMS)


def _receipt(
    payload: Mapping[str, Any], status: Mapping[str, Any], sent_state: object, form: Format
) -> WebhookFailure | None:
    state = _state(sent_state)
    if state is None:
        return None
    registry, code = _code(payload, status, state, form.registry)
    text = status.get("errorMessage")
    if text is None and state in _LEGACY_STATES:
        text = payload.get("errorMessage", payload.get("error"))
        text = None if code_of(text) else text
    if code is None:
        code = state
        description, category = _described(state, text)
    else:
        description, category, failure = describe_code(code, registry, "delivery")
        if not failure:
            return None  # Viber's 2000
    provider = payload.get("whatsapp") or payload.get("viber")
    draft = WebhookDraft(code, registry, description, category)
    draft.product, _, draft.kind = form
    draft.umid = reference(payload.get("umid"))
    draft.sub_account = reference(payload.get("subAccountId"))
    draft.batch_id = reference(payload.get("batchId"))
    draft.message = safe_message(text, description, payload)
    draft.timestamp = timestamp(status.get("timestamp"))
    draft.state = state
    draft.channel = _channel(payload.get("channel"))
    if provider:
        draft.provider_code = _provider_code(provider)
    return freeze_webhook(draft)


def _described(state: str, text: object) -> tuple[str, str]:
    """Return (description, category) of a receipt without a number; a rejection has its documented reason."""
    reason = text.strip() if state == "rejected" and isinstance(text, str) else ""
    known = REASONS.get(reason)
    if known is None:
        return describe_state(state, "delivery")
    return reason, "server" if known[0] == "server" else "delivery"


def _state(value: object) -> str | None:
    """Return the state in snake case if it is a failure."""
    if not isinstance(value, str):
        return None
    state = _FAILED.get(value)
    if state is None and len(value) <= 40:
        state = value.strip().lower().replace(" ", "_")
        if state not in _STATES:
            return None
    return state


def _code(payload: Mapping[str, Any], status: Mapping[str, Any], state: str, registry: str) -> tuple[str, str | None]:
    """Return the registry and the number, or None without one.

    The seed document of reason codes: where the status is REJECTED BY CARRIER or TRASHED the parameters
    carry a number of 3 digits.
    """
    if state not in _LEGACY_STATES:
        return registry, code_of(status.get("errorCode"))
    values = list(_values(payload, status))
    if state in _WITH_REASON:
        for value in values:
            code = code_of(value)
            if code is not None and len(code) == 3 and code.isdigit():
                return "reason_code", code
    codes = (code_of(value) for value in values)
    return registry, next((code for code in codes if code), None)


def _values(payload: Mapping[str, Any], status: Mapping[str, Any]) -> Iterator[object]:
    for name in _REASON_KEYS:
        yield status.get(name)
        if status is not payload:
            yield payload.get(name)


def _channel(value: object) -> str | None:
    """Return a channel that 8x8 names, in lower case; 8x8 itself writes ``whatsapp`` and ``whatsApp``."""
    if not isinstance(value, str):
        return None
    channel = _CHANNELS.get(value)
    if channel is None and len(value) <= 40:
        channel = value.lower()
        if channel not in _CHANNEL_NAMES:
            return None
    return channel


def _provider_code(provider: object) -> str | None:
    parts = mapping(provider)
    value = parts.get("providerErrorCode") if parts else None
    text = str(value) if type(value) is int and 0 <= value < 10**7 else value
    return text if isinstance(text, str) and _PROVIDER_CODE.fullmatch(text) else None
