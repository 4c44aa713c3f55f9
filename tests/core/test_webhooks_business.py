"""Business management: which events are failures, and that names and numbers stay out."""

from __future__ import annotations

from typing import Any

import pytest
import webhook_bodies as bodies

from eightbyeight_obs.core.webhooks import decode_webhook


def test_a_rejected_template_becomes_every_fact_that_it_holds() -> None:
    """The documented reason is the description; the event is the reference to quote."""
    failure = decode_webhook(bodies.template(status="REJECTED", reason="INVALID_FORMAT"))
    assert failure is not None
    assert {
        "code": "rejected",
        "registry": "chatapps_receipt",
        "description": "INVALID_FORMAT",
        "category": "template",
        "product": "chatapps",
        "timestamp": "2025-01-01T00:00:00.00Z",
        "request_id": bodies.EVENT,
        "state": "rejected",
        "channel": "whatsapp",
    } == failure.context()
    assert "8x8 rejected INVALID_FORMAT (template update)" == failure.title()
    assert ["8x8", "chatapps_receipt", "rejected", "invalid-format"] == failure.fingerprint()


@pytest.mark.parametrize("reason", ["NONE", "Jonathan Livingston", None, 7, ["SCAM"]])
def test_an_undocumented_reason_is_left_out(reason: Any) -> None:
    """It may hold anything."""
    failure = decode_webhook(bodies.template(status="REJECTED", reason=reason))
    assert failure is not None
    assert "Rejected" == failure.description


@pytest.mark.parametrize(
    ("provider", "meta", "code"),
    [
        ("viber", {"status": "REJECTED"}, "rejected"),
        ("WhatsApp", {"status": "PAUSED", "otherInfo": {"title": "FIRST_PAUSE"}}, "paused"),
        ("WhatsApp", {"status": "DISABLED"}, "disabled"),
    ],
)
def test_a_template_that_cannot_be_sent_any_more_is_a_failure(provider: str, meta: Any, code: str) -> None:
    """Rejected, paused or disabled, at WhatsApp or Viber."""
    failure = decode_webhook(bodies.template(provider, **meta))
    assert failure is not None
    assert (code, provider.lower(), "template") == (failure.code, failure.channel, failure.category)


@pytest.mark.parametrize(
    ("event", "details", "code", "state"),
    [
        (
            "ACCOUNT_VIOLATION",
            {"violationInfo": {"violationType": "USER_INITIATED_CALLS_LOW_PICKUP_RATE", "remediation": "..."}},
            "account_violation",
            "user_initiated_calls_low_pickup_rate",
        ),
        (
            "ACCOUNT_VIOLATION",
            {"violationInfo": {"violationType": "JONATHAN"}},
            "account_violation",
            "account_violation",
        ),
        (
            "ACCOUNT_RESTRICTION",
            {"restrictionInfo": [{"restrictionType": "RESTRICTED_USER_INITIATED_CALLING"}]},
            "account_restriction",
            "restricted_user_initiated_calling",
        ),
        (
            "ACCOUNT_RESTRICTION",
            {"violationInfo": {"violationType": "DIRECT_SEND_UTILITY_CATEGORY_ABUSE_STRIKE_1"}},
            "account_restriction",
            "direct_send_utility_category_abuse_strike_1",
        ),
        ("ACCOUNT_RESTRICTION", {"restrictionInfo": "?"}, "account_restriction", "account_restriction"),
        (
            "BUSINESS_VERIFICATION_STATUS_UPDATE",
            {"businessVerificationInfo": {"verificationStatus": "FAILED"}},
            "business_verification_failed",
            "business_verification_failed",
        ),
    ],
)
def test_what_happened_to_an_account_is_a_failure(event: str, details: Any, code: str, state: str) -> None:
    """A violation, a restriction, a verification that failed; the documented type is the state."""
    failure = decode_webhook(bodies.account(event, **details))
    assert failure is not None
    assert (code, state, "account update") == (failure.code, failure.state, failure.kind)


@pytest.mark.parametrize(
    "body",
    [
        bodies.template(status="APPROVED", reason="NONE"),
        bodies.template(status="FLAGGED"),
        bodies.template(status="PENDING_DELETION"),
        bodies.template(status="PAUSED", otherInfo={"title": "UNPAUSE"}),
        bodies.template(provider="Telegram", status="REJECTED"),
        bodies.template(provider=None, status="REJECTED"),  # type: ignore[arg-type]
        bodies.template(),
        bodies.business("template_category_update", {"meta": {"newCategory": "MARKETING"}}),
        bodies.business("template_quality_update", {"meta": {"newQualityScore": "RED"}}),
        bodies.business("template_correct_category_detection", {"meta": {"category": "UTILITY"}}),
        bodies.business("phone_number_quality_update", {"meta": {"event": "DOWNGRADE"}}),
        bodies.business("template_status_update", {"meta": "REJECTED"}),
        bodies.account(
            "BUSINESS_VERIFICATION_STATUS_UPDATE", businessVerificationInfo={"verificationStatus": "APPROVED"}
        ),
        bodies.account(
            "ACCOUNT_RESTRICTION", violationInfo={"violationType": "DIRECT_SEND_UTILITY_CATEGORY_ABUSE_UNBAN"}
        ),
        bodies.account("SOMETHING_NEW"),
        bodies.account(None),  # type: ignore[arg-type]
        bodies.business("account_update", None),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_what_may_be_no_failure_is_none(body: dict[str, Any]) -> None:
    """Good news, warnings that stop nothing, other providers, new events."""
    assert None is decode_webhook(body)
