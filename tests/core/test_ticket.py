"""support_ticket(): the text to paste into an inquiry to 8x8's support."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from strategies import NASTY, bodies, urls

from eightbyeight_obs.core.decode import decode
from eightbyeight_obs.core.details import ErrorDetails, WebhookFailure
from eightbyeight_obs.core.ticket import support_ticket

SMS = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
TO = "To: cpaas-support@8x8.com, or https://connect.8x8.com/support/tickets/create\n"

# 8x8 OpenAPI, sms-api.json, POST /messages, 400; the number is ours.
ERROR = decode(
    400,
    json.dumps(
        {
            "code": 1002,
            "message": "Invalid MSISDN format: +6591234567",
            "errorId": "b4478860-b76c-e811-814e-022a35cc1c71",
            "timestamp": "2018-08-04T17:25:40.9235752+08:00",
        }
    ),
    url=SMS,
    method="POST",
)


def test_a_ticket_says_what_support_asks_for() -> None:
    """errorId, code, meaning, status, time in UTC, product, region, endpoint, sub-account, masked message, where to."""
    expected = (
        TO
        + """\
Subject: 8x8 1002 Invalid MSISDN, errorId b4478860-b76c-e811-814e-022a35cc1c71

errorId:       b4478860-b76c-e811-814e-022a35cc1c71
Code:          1002 (registry api)
Meaning:       Invalid MSISDN
HTTP status:   400
Time (UTC):    2018-08-04 09:25:40.923
Product:       sms
Region:        apac
Endpoint:      POST /api/v1/subaccounts/{subAccountId}/messages
Sub-account:   Acme_hq
Message:       Invalid MSISDN format: +********67
Documentation: https://developer.8x8.com/connect/docs/api-error-codes
"""
    )
    assert ERROR is not None
    assert expected == support_ticket(ERROR)


def test_a_batch_quotes_its_counts_and_references() -> None:
    """Where there is no errorId, umid and batchId are the references to quote."""
    messages = [{"umid": "u-1", "status": {"code": "REJECTED", "description": "Text value is missing"}}]
    batch = {"batchId": "b-1", "acceptedCount": 3, "rejectedCount": 1, "messages": messages}
    details = decode(200, json.dumps(batch), url=SMS + "/batch", method="POST")
    assert details is not None
    expected = (
        TO
        + """\
Subject: 8x8 rejected Text value is missing, UMID u-1

UMID:          u-1
Batch id:      b-1
Code:          rejected (registry api)
Meaning:       Text value is missing
HTTP status:   200
Product:       sms
Region:        apac
Endpoint:      POST /api/v1/subaccounts/{subAccountId}/messages/batch
Sub-account:   Acme_hq
Messages:      1 rejected, 3 accepted
Reasons:       1 x rejected Text value is missing
First UMIDs:   u-1
Message:       Text value is missing
"""
    )
    assert expected == support_ticket(details)


def test_a_receipt_quotes_its_umid_and_state() -> None:
    """A delivery receipt has no HTTP status and no endpoint; its state, channel and provider's code stand there."""
    receipt = WebhookFailure(
        "1022",
        "chatapps_receipt",
        "Message window expired",
        "delivery",
        product="chatapps",
        umid="u-1",
        sub_account="Acme_hq",
        timestamp="2026-01-01T00:00:00Z",
        state="undelivered",
        channel="whatsapp",
        provider_code="131047",
    )
    expected = (
        TO
        + """\
Subject: 8x8 1022 Message window expired, UMID u-1

UMID:          u-1
Code:          1022 (registry chatapps_receipt)
Meaning:       Message window expired
State:         undelivered
Channel:       whatsapp
Provider code: 131047
Time (UTC):    2026-01-01 00:00:00
Product:       chatapps
Sub-account:   Acme_hq
Documentation: https://developer.8x8.com/connect/docs/delivery-error-codes
"""
    )
    assert expected == support_ticket(receipt)


REFERENCES = [
    ({"error_id": "e-1", "umid": "u-1", "batch_id": "b-1"}, "errorId e-1"),
    ({"umid": "u-1", "batch_id": "b-1", "request_id": "r-1"}, "UMID u-1"),
    ({"batch_id": "b-1", "request_id": "r-1"}, "batchId b-1"),
    ({"request_id": "r-1", "session_id": "s-1"}, "request id r-1"),
    ({"session_id": "s-1"}, "session id s-1"),
]


@pytest.mark.parametrize(("facts", "reference"), REFERENCES, ids=[reference for _, reference in REFERENCES])
def test_the_subject_names_the_best_reference(facts: dict, reference: str) -> None:
    """errorId first, then umid, batch, request, session."""
    details = ErrorDetails("-1007", "voice_status", "Invalid value", "validation", **facts)
    assert f"Subject: 8x8 -1007 Invalid value, {reference}" == support_ticket(details).splitlines()[1]


def test_without_a_reference_the_ticket_is_short() -> None:
    """What is not known has no line."""
    details = ErrorDetails("ConnectTimeout", "transport", "No answer", "unknown")
    expected = (
        TO
        + """\
Subject: 8x8 ConnectTimeout No answer

Code:          ConnectTimeout (registry transport)
Meaning:       No answer
"""
    )
    assert expected == support_ticket(details)


TIMES = {
    "2020-12-22T05:52:01.85Z": "2020-12-22 05:52:01.850",
    "2018-08-04T09:25:40.9235752+00:00": "2018-08-04 09:25:40.923",
    "2025-12-18T10:00:00.000Z": "2025-12-18 10:00:00",
    "2025-11-10T10:30:00Z": "2025-11-10 10:30:00",
    "2025-11-10T10:30:00+08:00": "2025-11-10 02:30:00",
    "2025-11-10T10:30:00-05:30": "2025-11-10 16:00:00",
    "2025-11-10T10:30:00": "2025-11-10T10:30:00 (no time zone sent)",
    "2025-13-10T10:30:00Z": "2025-13-10T10:30:00Z",
    "0000-00-00T00:00:00Z": "0000-00-00T00:00:00Z",
    "0001-01-01T00:00:00+14:00": "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00": "9999-12-31T23:59:59-14:00",
}


@pytest.mark.parametrize("timestamp", TIMES)
def test_the_time_is_in_utc_where_it_can_be_read(timestamp: str) -> None:
    """2 to 7 fraction digits, Z or an offset; a time without a zone says so; one that is none stays as sent."""
    details = ErrorDetails("1002", "api", "Invalid MSISDN", "validation", timestamp=timestamp)
    (line,) = [line for line in support_ticket(details).splitlines() if line.startswith("Time (UTC):")]
    assert TIMES[timestamp] == line.removeprefix("Time (UTC):").strip()


@pytest.mark.parametrize(
    "value", [None, "", 5, b"", {}, object(), ErrorDetails, []], ids=lambda value: type(value).__name__
)
def test_what_is_no_failure_has_an_empty_ticket(value: object) -> None:
    """None, as decode() gives for a success, and anything else that is no failure: an empty text, no exception."""
    assert support_ticket(value) == ""


@pytest.mark.parametrize("nasty", NASTY, ids=ascii)
def test_nothing_that_was_sent_adds_a_line_or_markup(nasty: str) -> None:
    """The server's words are one line of the ticket, escaped for the page that it is pasted into."""
    body = {"code": 1002, "message": f"a {nasty} b", "errorId": f"e {nasty}", "timestamp": nasty}
    plain = {"code": 1002, "message": "a b", "errorId": "e"}
    ticket, expected = (support_ticket(decode(400, json.dumps(each), url=SMS)) for each in (body, plain))
    assert [line.partition(":")[0] for line in expected.splitlines()] == [
        line.partition(":")[0] for line in ticket.splitlines()
    ]
    assert "<" not in ticket
    assert ">" not in ticket
    assert {True} == {char.isprintable() for char in ticket if char != "\n"}


@given(bodies(), urls())
def test_every_failure_has_a_ticket(body: bytes | str, url: str) -> None:
    """Whatever was decoded, the ticket is one fact per line and says where to send it."""
    details = decode(400, body, url=url, method="POST") or decode(200, body) or decode(500, body)
    assert details is not None
    ticket = support_ticket(details)
    assert ticket.startswith(TO + f"Subject: 8x8 {details.code} ")
    assert {"\n"} == {char for char in ticket if unicodedata.category(char) == "Cc"}
    assert "\n\n\n" not in ticket
    assert len(ticket.splitlines()) <= 25


def test_a_failure_made_by_hand_adds_no_line_either() -> None:
    """Line breaks in details that were not decoded by us, but read from a log say, are escaped all the same."""
    details = ErrorDetails("1002", "api", "Invalid\nMSISDN", "validation", message="a\r\n\"b'", error_id="e\x1b[0m")
    expected = (
        TO
        + """\
Subject: 8x8 1002 Invalid\\nMSISDN, errorId e\\x1b[0m

errorId:       e\\x1b[0m
Code:          1002 (registry api)
Meaning:       Invalid\\nMSISDN
Message:       a\\r\\n"b'
Documentation: https://developer.8x8.com/connect/docs/api-error-codes
"""
    )
    assert expected == support_ticket(details)
