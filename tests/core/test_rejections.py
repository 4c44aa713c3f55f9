"""Failures inside an answer of 2xx: rejected messages and batches, Lookup's error, Voice's NOT_CREATED."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import rejections

from eightbyeight_obs.core.decode import decode
from eightbyeight_obs.core.hosts import PRODUCTS
from eightbyeight_obs.core.rejections import ANSWER_LIMIT, REASONS, may_hold_rejection

SMS = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
CHATAPPS = "https://chatapps.8x8.com/api/v1/subaccounts/Acme_hq/messages"
LOOKUP = "https://lookup.8x8.com/api/v1/subaccounts/Acme_hq/phones/+6591234567"
VOICE = "https://voice.8x8.com/api/v1/subaccounts/Acme_hq/callflows"
SMS_FACTS = {
    "http_status": 200,
    "product": "sms",
    "region": "apac",
    "endpoint": "POST /api/v1/subaccounts/{subAccountId}/messages",
    "sub_account": "Acme_hq",
}


def known(body: object, url: str | None = SMS, status: int = 200) -> dict[str, object]:
    """The facts that the answer gives; empty for none."""
    details = decode(status, body if isinstance(body, bytes) else json.dumps(body), url=url, method="POST")
    return details.context() if details else {}


def sms(text: str, umid: str = "f3ea5276-a824-e711-8146-022a22cc1c71") -> dict:
    """A rejected message of the SMS API (8x8 OpenAPI, sms-api.json, POST /messages/batch, 200)."""
    return {
        "umid": umid,
        "clientMessageId": "id_100003",
        "destination": "+1123456789",
        "encoding": "GSM7",
        "status": {"code": "REJECTED", "description": text},
    }


@pytest.mark.parametrize("reason", REASONS)
def test_a_rejected_message_is_described_by_its_documented_reason(reason: str) -> None:
    """The status texts that 8x8 documents are the description; `rejected` is the code and the text the fingerprint."""
    category, retryable = REASONS[reason]
    facts = {"code": "rejected", "registry": "api", "description": reason, "category": category, "message": reason}
    if retryable is not None:
        facts["retryable"] = retryable
    expected = {**facts, **SMS_FACTS, "umid": "f3ea5276-a824-e711-8146-022a22cc1c71"}
    assert expected == known(sms(reason))


def test_the_documented_reasons_are_these() -> None:
    """8x8's list of status texts, who has to act, whether a resend can help, and the fingerprint of each."""
    assert [*[("validation", False)] * 5, ("server", None)] == list(REASONS.values())
    slugs = []
    for reason in REASONS:
        details = decode(200, json.dumps(sms(reason)), url=SMS)
        assert details is not None
        slugs.append(details.fingerprint())
    assert [
        ["8x8", "api", "rejected", "text-value-is-missing"],
        ["8x8", "api", "rejected", "invalid-text-value-reached-max-allowed-limit"],
        ["8x8", "api", "rejected", "invalid-source-value-reached-max-allowed-limit"],
        ["8x8", "api", "rejected", "expiry-time-already-reached"],
        ["8x8", "api", "rejected", "invalid-msisdn-format-not-e-164-international-number"],
        ["8x8", "api", "rejected", "internal-server-error"],
    ] == slugs


@pytest.mark.parametrize("text", ["No credit for +6591234567", "", None, 5, ["x"], "REJECTED"], ids=repr)
def test_any_other_reason_is_the_message_only(text: object) -> None:
    """A text that 8x8 does not document can hold values: it is shown masked, and not grouped by."""
    details = decode(200, json.dumps(sms(text)), url=SMS)
    assert details is not None
    assert ("rejected", "Rejected", "unknown", None) == (
        details.code,
        details.description,
        details.category,
        details.retryable,
    )
    assert ["8x8", "api", "rejected"] == details.fingerprint()
    assert (text.replace("65912345", "********") if isinstance(text, str) and text else None) == details.message


def test_chatapps_rejects_with_a_code_of_the_registry_api() -> None:
    """`status.state` is rejected; errorCode is decoded (8x8 OpenAPI, business-messaging-api.json)."""
    status = {
        "state": "rejected",
        "timestamp": "2020-01-04T08:19:45.99Z",
        "errorCode": 3038,
        "errorMessage": "Template not found for provided name and language",
    }
    expected = {
        **SMS_FACTS,
        "product": "chatapps",
        "code": "3038",
        "registry": "api",
        "description": "Template not found",
        "category": "template",
        "retryable": False,
        "umid": "u-1",
        "message": "Template not found for provided name and language",
        "timestamp": "2020-01-04T08:19:45.99Z",
    }
    assert expected == known({"umid": "u-1", "user": {"msisdn": "+6591234567"}, "status": status}, CHATAPPS)
    without = known({"umid": "u-1", "status": {**status, "errorCode": 0}}, CHATAPPS)
    assert ("rejected", "Rejected") == (without["code"], without["description"])


def test_lookup_answers_200_with_an_error_of_its_own_registry() -> None:
    """`status.state` is error; the requestId is the reference (8x8 OpenAPI, number-lookup-api.json)."""
    body = {
        "requestId": "5611682f-4ecb-4c62-b685-ac8a0101abe9",
        "phoneNumber": "+6285611111111",
        "status": {
            "state": "error",
            "timestamp": "2020-12-07T07:38:11.43Z",
            "errorCode": 6000,
            "errorMessage": "Destination operator is currently not available",
        },
    }
    facts = known(body, LOOKUP)
    expected = ("6000", "lookup", "5611682f-4ecb-4c62-b685-ac8a0101abe9", "2020-12-07T07:38:11.43Z")
    assert expected == (facts["code"], facts["registry"], facts["request_id"], facts["timestamp"])
    assert "POST /api/v1/subaccounts/{subAccountId}/phones/{phoneNumber}" == facts["endpoint"]
    assert "6285611111111" not in json.dumps(facts)
    body["status"].pop("errorCode")
    assert ("error", "lookup") == (known(body, LOOKUP)["code"], known(body, LOOKUP)["registry"])


def test_voice_creates_no_session_with_a_2xx() -> None:
    """NOT_CREATED, or a negative statusCode with its message; the callFlowRequestId is the reference."""
    body = {
        "sessionStatus": "NOT_CREATED",
        "callFlowRequestId": "c-1",
        "statusCode": -1007,
        "statusMessage": "bad action",
    }
    facts = known(body, VOICE)
    expected = ("-1007", "voice_status", "c-1", "bad action")
    assert expected == (facts["code"], facts["registry"], facts["request_id"], facts["message"])
    assert "-1007" == known({"statusCode": -1007, "statusMessage": "x"}, VOICE)["code"]
    assert "not_created" == known({"sessionStatus": "NOT_CREATED"}, VOICE)["code"]
    created = {"sessionStatus": "CREATED", "sessionId": "s-1", "statusCode": 1, "statusMessage": "Created"}
    assert {} == known(created, VOICE)
    assert {} == known({"statusCode": 0, "statusMessage": "ok"}, VOICE)


def test_without_a_url_the_shape_tells_the_api() -> None:
    """Each shape is recognised without a URL too."""
    shapes = [
        (sms("Text value is missing"), ("rejected", "api")),
        ({"status": {"state": "rejected", "errorCode": 3038}}, ("3038", "api")),
        ({"status": {"state": "error", "errorCode": 6000}}, ("6000", "lookup")),
        ({"sessionStatus": "NOT_CREATED", "statusCode": -1007}, ("-1007", "voice_status")),
        ({"rejectedCount": 1}, ("rejected", "api")),
    ]
    assert [expected for _, expected in shapes] == [
        (facts["code"], facts["registry"]) for facts in (known(body, None) for body, _ in shapes)
    ]


def test_the_shape_of_one_api_is_nothing_in_another() -> None:
    """A shape counts only where its API answers; Contacts and Automation have none."""
    assert {} == known(sms("Text value is missing"), LOOKUP)
    assert {} == known({"status": {"state": "error", "errorCode": 6000}}, SMS)
    assert {} == known({"sessionStatus": "NOT_CREATED"}, SMS)
    assert {} == known({"rejectedCount": 1}, "https://contacts.8x8.com/api/v1/accounts/a/contacts")


NO_REJECTION = {
    "queued": {"umid": "u", "status": {"code": "QUEUED", "description": "SMS is accepted and queued for processing"}},
    "queued by chatapps": {"umid": "u", "status": {"state": "queued", "timestamp": "2020-01-04T08:19:45.99Z"}},
    "batch without rejections": {"batchId": "b", "acceptedCount": 3, "rejectedCount": 0, "messages": None},
    "batch of rejections that counts none": {"rejectedCount": 0, "messages": [sms("Text value is missing")]},
    "count of another type": {"rejectedCount": "1"},
    "count is a bool": {"rejectedCount": True},
    "negative count": {"rejectedCount": -1},
    "a text about it": {
        "umid": "u",
        "text": "REJECTED",
        "status": {"code": "QUEUED", "description": "REJECTED rejected"},
    },
    "other letters": {"status": {"code": "rejected"}},
    "status is text": {"status": "REJECTED"},
    "a list": [sms("Text value is missing")],
    "a string": "REJECTED",
    "null": None,
    "nested": {"result": sms("Text value is missing")},
}


@pytest.mark.parametrize("name", NO_REJECTION)
@pytest.mark.parametrize("url", [SMS, CHATAPPS, None])
def test_everything_else_in_a_2xx_is_a_success(name: str, url: str | None) -> None:
    """A word somewhere, another type, another depth: no rejection."""
    assert {} == known(NO_REJECTION[name], url)


@pytest.mark.parametrize("status", [199, 300, 302, 399])
def test_only_a_2xx_is_searched(status: int) -> None:
    """No other status below 400 holds a rejection."""
    assert {} == known(sms("Text value is missing"), SMS, status)


@given(
    rejections(),
    st.sampled_from(PRODUCTS),
    st.sampled_from([None, 1]),
    st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]),
)
def test_the_search_of_the_bytes_never_misses(
    answer: dict, product: str, indent: int | None, separators: tuple
) -> None:
    """Wherever a rejection is decoded, the cheap search of the bytes has said that there may be one."""
    body = json.dumps(answer, indent=indent, separators=separators, ensure_ascii=False).encode("utf-8", "replace")
    url = f"https://{product}.8x8.com/api/v1/subaccounts/Acme_hq/messages"
    details = decode(200, body, url=url)
    assert details is None or may_hold_rejection(body, product)


SIGNS = {
    b'{"status":{"code":"QUEUED"}}': False,
    b'{"status":{"code":"REJECTED"}}': True,
    b'{"acceptedCount":9,"rejectedCount":0,"messages":null}': False,
    b'{"acceptedCount":9,"rejectedCount" : 0 ,"messages":null}': False,
    b'{"acceptedCount":9,"rejectedCount":1}': True,
    b'{"acceptedCount":9,"rejectedCount" :\n 12}': True,
    b'{"status":{"state":"rejected","errorCode":3038}}': True,
    b'{"clientMessageId":"rejected-17","status":{"code":"REJECTED"}}': True,
    b'{"rejectedCount":0,"messages":[{"status":{"state":"queued"}}]}': False,
    b"": False,
}


@pytest.mark.parametrize("body", SIGNS, ids=ascii)
def test_the_search_of_the_bytes_lets_successes_go(body: bytes) -> None:
    """A count of 0 and a queued message are not parsed at all."""
    assert SIGNS[body] == may_hold_rejection(body, "sms")


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_product_is_searched_for_its_own_signs(product: str) -> None:
    """Lookup's error and Voice's NOT_CREATED are signs there only; Contacts and Automation have none."""
    signs = {
        b'{"status":{"code":"REJECTED"}}': {"sms", "chatapps", "verify"},
        b'{"rejectedCount":1}': {"sms", "chatapps", "verify"},
        b'{"status":{"state":"error"}}': {"lookup"},
        b'{"sessionStatus":"NOT_CREATED"}': {"voice"},
        b'{"statusCode":-1007}': {"voice"},
        b'{"statusCode": -1007}': {"voice"},
        b'{"statusCode":1}': set(),
    }
    assert [product in products for products in signs.values()] == [may_hold_rejection(body, product) for body in signs]


def test_an_answer_above_4_mib_is_not_searched() -> None:
    """The limit is to the byte."""
    body = json.dumps({"rejectedCount": 1}).encode()
    assert known(body.ljust(ANSWER_LIMIT))["rejected_count"] == 1
    assert {} == known(body.ljust(ANSWER_LIMIT + 1))
