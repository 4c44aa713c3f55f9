"""Voice webhooks: sessions that broke and recordings that were not made."""

from __future__ import annotations

import json
from typing import Any

import pytest
import webhook_bodies as bodies

from eightbyeight_obs.core.catalogue import CATALOGUE
from eightbyeight_obs.core.webhooks import decode_webhook

SESSION_ERRORS = [entry for (registry, _), entry in CATALOGUE.items() if registry == "voice_session"]


def test_a_session_that_broke_becomes_every_fact_that_it_holds() -> None:
    """The page's own summary; the session is the reference to quote."""
    failure = decode_webhook(json.dumps(bodies.session()))
    assert failure is not None
    assert {
        "code": "-2004",
        "registry": "voice_session",
        "description": "No coverage available for requested area",
        "category": "unsupported",
        "product": "voice",
        "sub_account": "SubAccount-1",
        "message": "No coverage available for requested area",
        "timestamp": "2024-07-13T09:54:39Z",
        "session_id": bodies.SESSION,
        "state": "error",
    } == failure.context()
    assert "8x8 -2004 No coverage available for requested area (voice session)" == failure.title()
    assert ["8x8", "voice_session", "-2004"] == failure.fingerprint()


@pytest.mark.parametrize("entry", SESSION_ERRORS, ids=lambda entry: str(entry.code))
def test_every_code_of_a_session_is_described(entry: Any) -> None:
    """As an int, as in the examples, and as a string, as one table says."""
    for sent in (entry.code, str(entry.code)):
        failure = decode_webhook(bodies.session(error={"errorCode": sent, "errorMsg": entry.description}))
        assert failure is not None
        assert (str(entry.code), entry.description, entry.category, entry) == (
            failure.code,
            failure.description,
            failure.category,
            failure.entry,
        )


@pytest.mark.parametrize(
    ("status", "code", "description"),
    [
        ("ERROR", "error", "Error"),
        ("FAILED", "failed", "Failed"),
        ("COMPLETED_UNSUB_ERROR", "completed_unsub_error", "Completed unsub error"),
    ],
)
@pytest.mark.parametrize("error", [None, {}, "text", {"errorCode": 0}, {"errorCode": None}])
def test_without_a_number_the_status_is_the_code(status: str, code: str, description: str, error: object) -> None:
    """A summary without errorDetails, or with a useless one."""
    failure = decode_webhook(bodies.session(status, error))
    assert failure is not None
    assert (code, "voice_session", description, "unknown", code) == (
        failure.code,
        failure.registry,
        failure.description,
        failure.category,
        failure.state,
    )


@pytest.mark.parametrize(
    "status",
    [
        "COMPLETED",
        "NO_ANSWER",
        "NO ANSWER",
        "BUSY",
        "CANCELED",
        "CANCELLED",
        "COMPLETED_UNSUBSCRIBED",
        "UNSUBSCRIBED_CONTACT",
        "",
        None,
        1,
        ["ERROR"],
    ],
)
def test_an_ordinary_outcome_is_no_failure(status: Any) -> None:
    """Nobody answered, the line was busy, the caller gave up."""
    assert None is decode_webhook(bodies.session(status, None))
    assert None is decode_webhook(bodies.session(status, {"errorCode": -2004}))


def test_an_unknown_code_is_passed_through() -> None:
    """With the words of the webhook as its message."""
    failure = decode_webhook(bodies.session(error={"errorCode": -2011, "errorMsg": "A new reason"}))
    assert failure is not None
    assert ("-2011", "Unknown 8x8 code -2011", "unknown", "A new reason") == (
        failure.code,
        failure.description,
        failure.category,
        failure.message,
    )


@pytest.mark.parametrize("status", ["PROCESSING_FAILED", "UPLOAD_FAILED", "CALLBACK_FAILED"])
def test_a_recording_that_failed_is_a_failure(status: str) -> None:
    """Its file path is no part of it."""
    failure = decode_webhook(bodies.recording(status))
    assert failure is not None
    state = status.lower()
    assert (state, "voice_session", bodies.SESSION) == (failure.code, failure.registry, failure.session_id)
    assert f"8x8 {state} {state.replace('_', ' ').capitalize()} (voice recording)" == failure.title()


@pytest.mark.parametrize("status", ["PROCESSING", "UPLOAD_COMPLETED", "CALLBACK_COMPLETED", "UNKNOWN", None])
def test_a_recording_on_its_way_is_none(status: Any) -> None:
    """UNKNOWN is not sure to be a failure."""
    assert None is decode_webhook(bodies.recording(status))


@pytest.mark.parametrize("event", ["CALL_ACTION", "CALL_STATUS", "VIRTUAL_NUMBER_UPDATE", "SOMETHING_NEW", None])
def test_other_voice_webhooks_are_none(event: Any) -> None:
    """A call's progress and a request for the next action are no failures."""
    assert None is decode_webhook(bodies.session() | {"eventType": event})
