"""decode_webhook(): delivery receipts of today's formats become the right WebhookFailure or None."""

from __future__ import annotations

import json
import pickle
from types import MappingProxyType
from typing import Any

import pytest
import webhook_bodies as bodies

from eightbyeight_obs.core.catalogue import CATALOGUE
from eightbyeight_obs.core.details import WebhookFailure
from eightbyeight_obs.core.webhooks import WEBHOOK_LIMIT, decode_webhook


def known(body: Any, **options: Any) -> dict[str, Any]:
    """The log view without the prefix; empty for None."""
    failure = decode_webhook(body, **options)
    return failure.context() if failure else {}


def rows(registry: str) -> list[Any]:
    """The rows of a table, each a case named by its code."""
    return [pytest.param(entry, id=str(code)) for (name, code), entry in CATALOGUE.items() if name == registry]


def test_an_sms_receipt_becomes_every_fact_that_it_holds() -> None:
    """The sample of 8x8's page gives code, description, state and the references to quote."""
    expected = {
        "code": "15",
        "registry": "sms_receipt",
        "description": "Invalid destination",
        "category": "delivery",
        "product": "sms",
        "umid": bodies.UMID,
        "sub_account": "SubAccount-1",
        "message": "Invalid destination",
        "timestamp": bodies.TIME,
        "batch_id": bodies.BATCH,
        "state": "undelivered",
    }
    assert expected == known(json.dumps(bodies.sms()))
    assert expected == known(json.dumps(bodies.sms()).encode())


def test_a_receipt_of_messaging_apps_has_its_channel_and_the_providers_code() -> None:
    """Version 9 with Meta's own code beside 8x8's."""
    expected = {
        "code": "1022",
        "registry": "chatapps_receipt",
        "description": "Message window expired",
        "category": "delivery",
        "product": "chatapps",
        "umid": bodies.UMID,
        "sub_account": "SubAccount-1",
        "message": "Message window expired",
        "timestamp": "2026-01-01T00:00:00.1234567Z",
        "batch_id": bodies.BATCH,
        "state": "undelivered",
        "channel": "whatsapp",
        "provider_code": "131047",
    }
    assert expected == known(bodies.chatapps())
    assert expected == known(bodies.chatapps(version=None)), "version 8 says the same"


def test_version_8_describes_15_with_the_table_and_keeps_the_words_of_the_receipt() -> None:
    """The receipt's errorMessage has the words of SMS, the description those of the Messaging Apps table."""
    found = known(bodies.chatapps(version=None, state="undelivered", errorCode=15, errorMessage="Invalid destination"))
    assert ("15", "InvalidDestination", "Invalid destination") == (
        found["code"],
        found["description"],
        found["message"],
    )


@pytest.mark.parametrize("entry", rows("sms_receipt"))
def test_every_code_of_an_sms_receipt_is_described(entry: Any) -> None:
    """Each row of the table gives its own description and category; 0 is no number, so its state is the code."""
    failure = decode_webhook(bodies.sms(state="undelivered", errorCode=entry.code, errorMessage=entry.description))
    assert failure is not None
    if entry.code == 0:
        assert ("undelivered", "Undelivered", "delivery") == (failure.code, failure.description, failure.category)
        return
    assert (str(entry.code), "sms_receipt", entry.description, entry.category, entry) == (
        failure.code,
        failure.registry,
        failure.description,
        failure.category,
        failure.entry,
    )
    assert f"8x8 {entry.code} {entry.description} (SMS receipt)" == failure.title()
    assert ["8x8", "sms_receipt", str(entry.code)] == failure.fingerprint()


@pytest.mark.parametrize("entry", rows("chatapps_receipt"))
def test_every_code_of_a_messaging_apps_receipt_is_described(entry: Any) -> None:
    """Each row gives its own description; Viber's 2000 says that the message was sent."""
    failure = decode_webhook(bodies.chatapps(state="undelivered", errorCode=entry.code))
    if not entry.failure:
        assert failure is None
        return
    assert failure is not None
    assert (str(entry.code), "chatapps_receipt", entry.description, entry.category) == (
        failure.code,
        failure.registry,
        failure.description,
        failure.category,
    )
    assert f"8x8 {entry.code} {entry.description} (ChatApps receipt)" == failure.title()


@pytest.mark.parametrize("state", ["undelivered", "rejected", "failed", "error"])
@pytest.mark.parametrize("number", [{}, {"errorCode": 0}, {"errorCode": None}, {"errorCode": ""}, {"errorCode": "0"}])
@pytest.mark.parametrize("make", [bodies.sms, bodies.chatapps])
def test_a_receipt_without_a_number_has_its_state_as_code(make: Any, number: dict[str, Any], state: str) -> None:
    """No number, or 0: the code and the description are the state."""
    found = known(make(state=state, **number))
    assert (state, state.capitalize(), "delivery", state) == (
        found["code"],
        found["description"],
        found["category"],
        found["state"],
    )


@pytest.mark.parametrize(
    ("text", "description", "category", "fourth"),
    [
        ("Text value is missing", "Text value is missing", "delivery", ["text-value-is-missing"]),
        ("Internal server error", "Internal server error", "server", ["internal-server-error"]),
        ("Something that no page of 8x8's says", "Rejected", "delivery", []),
        (None, "Rejected", "delivery", []),
    ],
)
def test_a_rejection_without_a_number_has_its_documented_reason(
    text: str | None, description: str, category: str, fourth: list[str]
) -> None:
    """The reason describes and splits the issue only where 8x8 documents it."""
    failure = decode_webhook(bodies.sms(state="rejected", errorMessage=text))
    assert failure is not None
    assert (description, category, text) == (failure.description, failure.category, failure.message)
    assert ["8x8", "sms_receipt", "rejected", *fourth] == failure.fingerprint()


@pytest.mark.parametrize(
    ("number", "code", "description"),
    [
        ("15", "15", "Invalid destination"),
        (6, "6", "Unknown 8x8 code 6"),
        (3999, "3999", "Unknown 8x8 code 3999"),
        (-15, "-15", "Unknown 8x8 code -15"),
        (True, "undelivered", "Undelivered"),
        (15.0, "undelivered", "Undelivered"),
        (" 15", "undelivered", "Undelivered"),
        (10**9, "undelivered", "Undelivered"),
        ([15], "undelivered", "Undelivered"),
    ],
)
def test_what_counts_as_a_code(number: object, code: str, description: str) -> None:
    """An int or a string of 1 to 9 digits with an optional minus; an unknown one is a delivery failure too."""
    found = known(bodies.sms(state="undelivered", errorCode=number))
    assert (code, description, "delivery") == (found["code"], found["description"], found["category"])


@pytest.mark.parametrize(
    "body",
    [
        bodies.sms(state="delivered", detail="delivered_to_recipient", errorCode=0, errorMessage=""),
        bodies.sms(state="delivered", detail="delivered_to_operator"),
        bodies.sms(state="queued", timestamp=bodies.TIME),
        bodies.sms(state="sent", errorCode=4, errorMessage="Deferred delivery"),
        bodies.sms(state="sent", errorCode=22),
        bodies.sms(state="unknown", errorCode=56),
        bodies.sms(state="accepted"),
        bodies.sms(errorCode=15, errorMessage="Invalid destination"),
        bodies.chatapps(state="read"),
        bodies.chatapps(channel="viber", state="delivered", errorCode=2000, errorMessage="Successfully sent"),
        bodies.chatapps(channel="viber", state="sent", errorCode=2000),
        bodies.sms() | {"eventType": "inbound_message_received"},
        bodies.chatapps() | {"eventType": "inbound_message_received"},
        bodies.chatapps() | {"eventType": "external_app_message"},
        bodies.sms() | {"namespace": "Fax"},
        bodies.sms() | {"payload": None},
        bodies.sms() | {"payload": [1]},
        {"umid": bodies.UMID, "surveyId": "1", "answers": ["undelivered"]},
        {"status": "error"},
        {"status": "trashed"},
        {},
    ],
    ids=repr,
)
def test_what_is_no_failure_is_none(body: dict[str, Any]) -> None:
    """Delivered, on its way, unknown, inbound, a survey's answer, a stranger: None."""
    assert None is decode_webhook(body)
    assert None is decode_webhook(json.dumps(body))


@pytest.mark.parametrize(
    ("sent", "channel"),
    [
        ("whatsApp", "whatsapp"),
        ("viber", "viber"),
        ("RCS", "rcs"),
        ("LineNotification", "linenotification"),
        ("ZaloNotification", "zalonotification"),
        ("sms", "sms"),
        ("carrier pigeon", None),
        (["whatsapp"], None),
        ("Jonathan Livingston", None),
    ],
)
def test_the_channel_is_one_that_8x8_names_in_lower_case(sent: Any, channel: str | None) -> None:
    """Anything else under that key is left out."""
    assert channel == known(bodies.chatapps(channel=sent)).get("channel")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("131009", "131009"),
        (131009, "131009"),
        ("0", "0"),
        ("2593107", "2593107"),
        ("12025550293", None),
        ("+1202", None),
        ("", None),
        (True, None),
        ({}, None),
    ],
)
def test_the_providers_code_is_a_short_number(sent: object, code: str | None) -> None:
    """Meta's codes have up to 7 digits; nothing longer goes through."""
    body = bodies.chatapps()
    body["payload"]["whatsapp"]["providerErrorCode"] = sent
    assert code == known(body).get("provider_code")


def test_a_receipt_without_ids_and_time_is_still_a_failure() -> None:
    """Every field but the state is optional."""
    body = {
        "namespace": "SMS",
        "eventType": "outbound_message_status_changed",
        "payload": {"status": {"state": "undelivered"}},
    }
    expected = WebhookFailure(
        "undelivered",
        "sms_receipt",
        "Undelivered",
        "delivery",
        product="sms",
        state="undelivered",
        kind="SMS receipt",
    )
    assert expected == decode_webhook(body)


def test_tags_and_context_are_the_contract_s_keys() -> None:
    """Tags are the short list, as strings; the context is everything."""
    failure = decode_webhook(bodies.chatapps())
    assert failure is not None
    assert {
        "8x8.code": "1022",
        "8x8.registry": "chatapps_receipt",
        "8x8.description": "Message window expired",
        "8x8.category": "delivery",
        "8x8.product": "chatapps",
        "8x8.umid": bodies.UMID,
    } == failure.tags()
    assert {"8x8." + name for name in failure.context()} == set(failure.fields())


def test_a_failure_is_a_value() -> None:
    """Two decodings of a body are equal, hashable, picklable and cannot be changed."""
    one, other = decode_webhook(bodies.sms()), decode_webhook(json.dumps(bodies.sms()))
    assert one == other
    assert one == pickle.loads(pickle.dumps(one))
    assert 1 == len({one, other})
    with pytest.raises(AttributeError):
        one.code = "16"  # type: ignore[union-attr,misc]


def test_any_mapping_and_any_bytes_are_read() -> None:
    """A read-only mapping, a bytearray and a memoryview are as good as a dict and bytes."""
    raw = json.dumps(bodies.sms()).encode()
    expected = decode_webhook(raw)
    assert expected is not None
    assert expected == decode_webhook(MappingProxyType(bodies.sms()))
    assert expected == decode_webhook(bytearray(raw))  # type: ignore[arg-type]
    assert expected == decode_webhook(memoryview(raw))  # type: ignore[arg-type]
    assert expected == decode_webhook(raw, content_type="application/json; charset=utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    """UTF-8 with a byte order mark or without, the others with one; blanks around."""
    assert "15" == known(json.dumps(bodies.sms()).encode(encoding))["code"]
    assert "15" == known("  \r\n" + json.dumps(bodies.sms()) + "\n")["code"]


def test_a_body_above_the_limit_is_not_read() -> None:
    """One byte more than a mebibyte is None; the limit itself is read."""
    raw = json.dumps(bodies.sms())
    assert "15" == known(raw + " " * (WEBHOOK_LIMIT - len(raw)))["code"]
    assert None is decode_webhook(raw + " " * (WEBHOOK_LIMIT - len(raw) + 1))
