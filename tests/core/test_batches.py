"""A batch is one failure: its counts, its reasons, the first umids; also of megabytes, cut short or hostile."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eightbyeight_obs.core.decode import decode
from eightbyeight_obs.core.details import ErrorDetails

SMS = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages/batch"
MISSING, MSISDN = "Text value is missing", "Invalid MSISDN format (not E.164 international number)"


def message(number: int, reason: str | None = None) -> dict:
    """A message of a batch answer, about 190 bytes, rejected for a reason or queued."""
    status = {"code": "QUEUED", "description": "SMS is accepted and queued for processing"}
    if reason:
        status = {"code": "REJECTED", "description": reason}
    umid = f"f2ea5276-a824-e711-8146-{number:012}"
    return {
        "umid": umid,
        "clientMessageId": f"m/{number}",
        "destination": f"65987{number:05}",
        "encoding": "GSM7",
        "status": status,
    }


def batch(messages: list[dict] | None, rejected: int, accepted: int = 0) -> dict:
    """A batch answer of the SMS API."""
    return {
        "batchId": "b-1",
        "clientBatchId": "Demo#1001",
        "acceptedCount": accepted,
        "rejectedCount": rejected,
        "messages": messages,
    }


def decoded(body: dict | str | bytes) -> ErrorDetails:
    """What the answer gives."""
    details = decode(200, json.dumps(body) if isinstance(body, dict) else body, url=SMS, method="POST")
    assert details is not None
    return details


def test_a_batch_is_told_by_its_most_frequent_reason() -> None:
    """Code, description and umid are those of the most frequent reason's first message; all reasons are counted."""
    messages = [message(1), message(2, MISSING), message(3, MSISDN), message(4, MSISDN)]
    expected = {
        "code": "rejected",
        "registry": "api",
        "description": MSISDN,
        "category": "validation",
        "retryable": False,
        "http_status": 200,
        "product": "sms",
        "region": "apac",
        "endpoint": "POST /api/v1/subaccounts/{subAccountId}/messages/batch",
        "umid": "f2ea5276-a824-e711-8146-000000000003",
        "sub_account": "Acme_hq",
        "message": MSISDN,
        "batch_id": "b-1",
        "rejected_count": 3,
        "accepted_count": 1,
        "rejected_reasons": f"2 x rejected {MSISDN}; 1 x rejected {MISSING}",
        "rejected_umids": ", ".join(f"f2ea5276-a824-e711-8146-00000000000{number}" for number in (2, 3, 4)),
    }
    assert expected == decoded(batch(messages, 3, 1)).context()


def test_of_equally_frequent_reasons_the_first_counts() -> None:
    """The order of the answer decides, the same way every time."""
    messages = [message(1, MISSING), message(2, MSISDN)]
    assert MISSING == decoded(batch(messages, 2)).description
    assert MSISDN == decoded(batch(messages[::-1], 2)).description


@pytest.mark.parametrize("messages", [None, [], [5, None, "x", [], {}], "text", {"0": message(1, MISSING)}], ids=repr)
def test_without_messages_the_counts_are_told(messages: object) -> None:
    """`messages` is null unless it was asked for; the failure is told all the same, as rejected."""
    details = decoded({"batchId": "b-1", "acceptedCount": 3, "rejectedCount": 2, "messages": messages})
    facts = (details.code, details.description, details.batch_id, details.rejected_count, details.accepted_count)
    assert ("rejected", "Rejected", "b-1", 2, 3) == facts
    assert (None, None, None) == (details.umid, details.rejected_reasons, details.rejected_umids)
    assert ["8x8", "api", "rejected"] == details.fingerprint()


def test_chatapps_counts_by_code() -> None:
    """The reasons of Messaging Apps are its codes."""
    states = [3038, 3038, 1002]
    messages = [
        {"umid": f"u-{at}", "status": {"state": "rejected", "errorCode": code}} for at, code in enumerate(states)
    ]
    details = decoded(batch(messages, 3))
    assert ("3038", "Template not found", "u-0") == (details.code, details.description, details.umid)
    assert "2 x 3038 Template not found; 1 x 1002 Invalid MSISDN" == details.rejected_reasons
    assert ["8x8", "api", "3038"] == details.fingerprint()


def test_few_umids_and_reasons_are_shown_of_many() -> None:
    """Ten thousand rejections are one failure with five umids and ten reasons."""
    messages = [{"umid": f"u-{at}", "status": {"state": "rejected", "errorCode": 3000 + at % 30}} for at in range(500)]
    details = decoded(batch(messages, 500))
    assert "u-0, u-1, u-2, u-3, u-4" == details.rejected_umids
    assert 10 == len((details.rejected_reasons or "").split("; "))


LARGE = 10_000
"""Messages of the largest batch that the API takes; their answer has 2 MB."""


def large(rejected: dict[int, str], *, indent: int | None = None, counts_last: bool = False) -> str:
    """A batch answer of 2 MB with these messages rejected."""
    answer = batch(
        [message(number, rejected.get(number)) for number in range(LARGE)], len(rejected), LARGE - len(rejected)
    )
    if counts_last:
        answer = {
            name: answer[name] for name in ("messages", "batchId", "clientBatchId", "acceptedCount", "rejectedCount")
        }
    text = json.dumps(answer, indent=indent, separators=(",", ":") if indent is None else None)
    assert len(text) > 1_900_000
    return text


@pytest.mark.parametrize("counts_last", [False, True], ids=["counts first", "counts last"])
@pytest.mark.parametrize("indent", [None, 1], ids=["compact", "indented"])
def test_a_batch_of_2_mb_tells_its_counts(indent: int | None, counts_last: bool) -> None:
    """The server's own counts and the batch id are found before or after the messages, as bytes and as text."""
    text = large({3: MISSING, 5: MSISDN, 6: MSISDN}, indent=indent, counts_last=counts_last)
    for body in (text, text.encode(), b"\xef\xbb\xbf" + text.encode()):
        details = decoded(body)
        assert (3, LARGE - 3, "b-1") == (details.rejected_count, details.accepted_count, details.batch_id)
        # How far the messages are read depends on the clock; the first ones always are, unless the machine stood still.
        assert details.description in {MSISDN, MISSING, "Rejected"}


def test_the_first_messages_of_a_batch_of_2_mb_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """With time enough all messages count; with none left those that were read do."""
    text = large({3: MISSING, 5: MSISDN, LARGE - 1: MSISDN})
    monkeypatch.setattr("eightbyeight_obs.core.rejections.time.perf_counter", lambda: 0.0)
    details = decoded(text)
    assert f"2 x rejected {MSISDN}; 1 x rejected {MISSING}" == details.rejected_reasons
    assert "f2ea5276-a824-e711-8146-000000000005" == details.umid
    clock = iter(range(1000))
    monkeypatch.setattr("eightbyeight_obs.core.rejections.time.perf_counter", lambda: next(clock) / 4000)
    details = decoded(text)
    assert (3, MISSING) == (details.rejected_count, details.description)


def test_a_large_success_is_none() -> None:
    """A batch of 2 MB in which nothing was rejected, and 2 MB of something else, are successes."""
    assert decode(200, large({}), url=SMS) is None
    assert decode(200, json.dumps({"text": "REJECTED " * 200_000}), url=SMS) is None
    assert decode(200, json.dumps(["REJECTED"] * 200_000), url=SMS) is None
    assert decode(200, "x" * 2_000_000, url=SMS) is None


def test_a_text_that_looks_like_a_count_is_none() -> None:
    """What a customer wrote is inside a string, where quotes are escaped: it counts nothing."""
    answer = batch([message(number) for number in range(LARGE)], 0, LARGE)
    answer["clientBatchId"] = '","rejectedCount":5,"messages":['
    assert decode(200, json.dumps(answer), url=SMS) is None


@given(st.integers(0, 2_000_000), st.binary(max_size=20))
def test_a_large_batch_cut_or_broken_anywhere_is_no_exception(at: int, junk: bytes) -> None:
    """Cut short or with other bytes inside: the counts where they are still there, else nothing."""
    body = BROKEN[:at] + junk
    details = decode(200, body, url=SMS)
    assert details is None or ("rejected", 2) == (details.code, details.rejected_count)


BROKEN = large({3: MISSING, 9_999: MSISDN}).encode()


@pytest.mark.parametrize("filling", ["[", "{", '{"messages":[', "9", " ", '"', "\\", "[{", '{"status":'], ids=repr)
def test_a_hostile_large_answer_is_none(filling: str) -> None:
    """Brackets, digits or quotes by the megabyte behind a count are no exception and end."""
    head = '{"rejectedCount":1,"messages":['
    details = decode(200, head + filling * (2_000_000 // len(filling)), url=SMS)
    assert details is not None
    assert ("rejected", "Rejected", 1) == (details.code, details.description, details.rejected_count)


@pytest.mark.parametrize("count", [10**9, 6591234567, 10**400])
def test_a_count_that_can_be_none_is_left_out(count: int) -> None:
    """A batch with such a count is a failure, but what is as long as a phone number is no count of messages."""
    details = decode(200, json.dumps(batch([], count, count)), url=SMS)
    assert details is not None
    assert ("rejected", None, None) == (details.code, details.rejected_count, details.accepted_count)
    assert decode(200, json.dumps(batch([], 1, -5)), url=SMS).accepted_count is None
