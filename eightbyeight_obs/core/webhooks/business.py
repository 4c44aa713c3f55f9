"""Business management (CABM): a template that was rejected or paused, an account that violated a policy.

8x8's pages "WhatsApp template change webhook" and "WhatsApp account update webhook", 2026-07-23. Events that are
no failure, or that may be none, give None: a changed category, quality or limit, a flag, a deletion.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from eightbyeight_obs.core.details import WebhookDraft, WebhookFailure, freeze_webhook
from eightbyeight_obs.core.privacy import timestamp

from .parts import mapping, reference, words

__all__ = ["business_failure"]

_PROVIDERS: Final = {"whatsapp": "whatsapp", "viber": "viber"}
_TEMPLATE_STATES: Final = {"REJECTED": "rejected", "PAUSED": "paused", "DISABLED": "disabled"}
_REASONS: Final = frozenset({"ABUSIVE_CONTENT", "INCORRECT_CATEGORY", "INVALID_FORMAT", "SCAM"})
_ACCOUNT_EVENTS: Final = {"ACCOUNT_VIOLATION": "account_violation", "ACCOUNT_RESTRICTION": "account_restriction"}
_UNBAN: Final = "DIRECT_SEND_UTILITY_CATEGORY_ABUSE_UNBAN"
_VIOLATIONS: Final = frozenset(
    {
        "LOW_BUSINESS_INITIATED_CALLING_QUALITY",
        "LOW_USER_INITIATED_CALLING_QUALITY",
        "USER_INITIATED_CALLS_LOW_PICKUP_RATE",
        "DIRECT_SEND_UTILITY_CATEGORY_ABUSE_WARN",
        "DIRECT_SEND_UTILITY_CATEGORY_ABUSE_STRIKE_1",
        "DIRECT_SEND_UTILITY_CATEGORY_ABUSE_STRIKE_2",
        "DIRECT_SEND_UTILITY_CATEGORY_ABUSE_OFFBOARD",
        "RESTRICTED_BUSINESS_INITIATED_CALLING",
        "RESTRICTED_USER_INITIATED_CALLING",
        "RESTRICTED_USER_INITIATED_CALLING_CALL_BUTTON_HIDDEN",
        "RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES",
    }
)


def business_failure(webhook: Mapping[str, Any], event: object) -> WebhookFailure | None:
    """Decode an event; its ``eventId`` is the reference to quote."""
    provider = webhook.get("provider")
    channel = _PROVIDERS.get(provider.lower()) if isinstance(provider, str) and len(provider) < 40 else None
    details = mapping(webhook.get("eventDetails"))
    if channel is None or details is None:
        return None
    facts = None
    if event == "template_status_update":
        facts = _template(mapping(details.get("meta")) or {})
    elif event == "account_update":
        facts = _account(details)
    if facts is None:
        return None
    return freeze_webhook(
        WebhookDraft(
            registry="chatapps_receipt",
            product="chatapps",
            channel=channel,
            timestamp=timestamp(webhook.get("timestamp")),
            request_id=reference(webhook.get("eventId")),
            **facts,
        )
    )


def _template(meta: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read a template's new status; a rejection has its documented reason as its description."""
    status, reason = meta.get("status"), meta.get("reason")
    state = _TEMPLATE_STATES.get(status) if isinstance(status, str) else None
    other = mapping(meta.get("otherInfo"))
    if state is None or (other and other.get("title") == "UNPAUSE"):
        return None
    documented = state == "rejected" and isinstance(reason, str) and reason in _REASONS
    return {
        "code": state,
        "description": reason if documented else words(state),
        "category": "template",
        "state": state,
        "kind": "template update",
    }


def _account(details: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read what happened to an account; the type of a violation or restriction is the state."""
    event = details.get("event")
    if not isinstance(event, str):
        return None
    if event == "BUSINESS_VERIFICATION_STATUS_UPDATE":
        verification = mapping(details.get("businessVerificationInfo")) or {}
        code = state = "business_verification_failed"
        if verification.get("verificationStatus") != "FAILED":
            return None
    else:
        code = _ACCOUNT_EVENTS.get(event, "")
        kind = _type_of(details)
        if not code or kind == _UNBAN:
            return None
        state = kind.lower() if kind in _VIOLATIONS else code
    return {
        "code": code,
        "description": words(code),
        "category": "unknown",
        "state": state,
        "kind": "account update",
    }


def _type_of(details: Mapping[str, Any]) -> str:
    violation = mapping(details.get("violationInfo"))
    if violation is not None:
        kind = violation.get("violationType")
    else:
        restrictions = details.get("restrictionInfo")
        first = mapping(restrictions[0]) if isinstance(restrictions, list) and restrictions else None
        kind = first.get("restrictionType") if first else None
    return kind if isinstance(kind, str) else ""
