"""What people wrote, and who they are, is in no part of a decoded webhook."""

from __future__ import annotations

import json
from typing import Any

import pytest
import webhook_bodies as bodies
from hypothesis import given
from hypothesis import strategies as st
from strategies import numbers
from webhook_strategies import SHAPES, webhooks

from eightbyeight_obs.core.details import WebhookFailure
from eightbyeight_obs.core.ticket import support_ticket
from eightbyeight_obs.core.webhooks import decode_webhook


def everything(failure: WebhookFailure | None) -> str:
    """All that a failure shows anywhere."""
    if failure is None:
        return ""
    return "\n".join(
        [
            repr(failure),
            repr(failure.fields()),
            repr(failure.tags()),
            repr(failure.context()),
            repr(failure.fingerprint()),
            failure.title(),
            support_ticket(failure),
        ]
    )


@pytest.mark.parametrize("body", SHAPES, ids=lambda body: str(body["eventType"]))
def test_no_shape_shows_its_parties_or_texts(body: dict[str, Any]) -> None:
    """Planted numbers, names, texts and template names appear in no view of any known webhook."""
    assert any(private in json.dumps(body) for private in bodies.PRIVATE)
    shown = everything(decode_webhook(body))
    assert shown
    assert [] == [private for private in bodies.PRIVATE if private in shown]


@given(webhooks())
def test_whatever_else_is_wrong_nothing_private_shows(body: dict[str, Any]) -> None:
    """Also where fields are missing or hold something else."""
    shown = everything(decode_webhook(body))
    assert [] == [private for private in bodies.PRIVATE if private in shown]


TEXTS = (
    "AcmeBank may not send to +1 (202) 555-0293",
    "Jonathan Livingston (jlivingston) has no account",
    "Refused: 'Your code is 493817'",
    "Unknown user US.13491208655302741918",
    "12025550293",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("make", [bodies.sms, bodies.chatapps])
def test_an_error_message_that_quotes_the_message_is_filtered(make: Any, text: str) -> None:
    """The sender, the recipient and the text of the same message are taken out of the error text."""
    body = make(state="undelivered", errorCode=15, errorMessage=text)
    body["payload"] |= {"source": "AcmeBank", "user": bodies.chatapps()["payload"]["user"]}
    body["payload"]["outboundContent"] = {"body": {"text": "Your code is 493817"}, "buttons": [{"text": "493817"}]}
    shown = everything(decode_webhook(body))
    assert "8x8 15" in shown
    assert [] == [private for private in bodies.PRIVATE if private in shown]
    assert "555-0293" not in shown


def test_a_sessions_error_text_loses_the_parties_of_its_calls() -> None:
    """Numbers are masked, reference names are filtered."""
    failure = decode_webhook(bodies.session(error={"errorCode": -2008, "errorMsg": "jlivingston +12025550293 refused"}))
    assert failure is not None
    assert "[Filtered] [Filtered] refused" == failure.message


@given(number=numbers(), where=st.sampled_from(["umid", "batchId", "subAccountId", "channel"]))
def test_a_phone_number_in_the_place_of_an_id_is_masked(number: str, where: str) -> None:
    """Where an id is nothing but a number of 7 digits or more, however it is written."""
    body = bodies.chatapps()
    body["payload"][where] = number
    assert number not in everything(decode_webhook(body))


@given(number=numbers())
def test_a_phone_number_in_an_error_text_is_masked(number: str) -> None:
    """In receipts of both products and in voice sessions."""
    text = f"cannot reach <{number}>, sorry"
    for body in (
        bodies.sms(state="undelivered", errorMessage=text),
        bodies.chatapps(state="undelivered", errorMessage=text),
        bodies.legacy("TRASHED", error=text),
        bodies.session(error={"errorMsg": text}),
    ):
        shown = everything(decode_webhook(body))
        assert "cannot reach" in shown
        assert number not in shown


def test_control_characters_in_an_error_text_are_escaped() -> None:
    """No webhook adds a line to a log or a ticket."""
    failure = decode_webhook(bodies.sms(state="undelivered", errorMessage="a\nSubject: b\x1b[31m\u202e"))
    assert failure is not None
    assert "a\\nSubject: b\\x1b[31m\\u202e" == failure.message
