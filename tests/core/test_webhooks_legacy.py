"""Legacy receipts: statuses in capitals, and the 3-digit reason codes of the seed document, line by line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import webhook_bodies as bodies

from eightbyeight_obs.core.catalogue import CATALOGUE
from eightbyeight_obs.core.webhooks import decode_webhook

SEED = Path(__file__).parent.parent / "data" / "seeds" / "reason-codes.txt"


def document() -> list[tuple[int, str, str]]:
    """The lines of the document's table: number, reason phrase, sentence."""
    text = SEED.read_text(encoding="utf-8")
    table = text.partition("Code Description\n")[2].partition("\n\n")[0]
    lines = []
    for line in table.splitlines():
        # "422 422 Unprocessable Entity, The request ..." writes its number twice.
        found = re.fullmatch(r"(\d{3}) (?:\1 )?([^,]+), (.+)", line)
        assert found, line
        lines.append((int(found[1]), found[2], found[3]))
    return lines


def test_the_table_is_the_documents_and_nothing_else() -> None:
    """Every line of the document is a row with the phrase as description and the sentence as detail."""
    table = [
        (code, entry.description, entry.detail)
        for (registry, code), entry in CATALOGUE.items()
        if registry == "reason_code"
    ]
    assert document() == table
    assert 12 == len(table)


def test_the_document_names_the_two_statuses() -> None:
    """The rule that is implemented is the one that the document states."""
    text = " ".join(SEED.read_text(encoding="utf-8").split())
    assert "If the status of the message is REJECTED BY CARRIER or TRASHED, the parameters can be filled" in text
    assert "The reason code status is a 3 digit-number" in text


@pytest.mark.parametrize("line", document(), ids=lambda line: str(line[0]))
@pytest.mark.parametrize("status", ["REJECTED BY CARRIER", "TRASHED"])
@pytest.mark.parametrize("key", ["error", "errorCode", "reasonCode"])
def test_a_reason_code_has_the_words_of_the_document(line: tuple[int, str, str], status: str, key: str) -> None:
    """With either status a 3-digit number under any of the three keys is a reason code, as int or as text."""
    number, phrase, sentence = line
    for sent in (number, str(number)):
        failure = decode_webhook(bodies.legacy(status, **{key: sent}))
        assert failure is not None
        assert ("reason_code", str(number), phrase) == (failure.registry, failure.code, failure.description)
        assert failure.entry is not None
        assert sentence == failure.entry.detail
        assert f"8x8 {number} {phrase} (ChatApps receipt)" == failure.title()


@pytest.mark.parametrize(
    ("status", "state", "description"),
    [
        ("REJECTED BY DEVICE", "rejected_by_device", "Rejected by device"),
        ("REJECTED BY CARRIER", "rejected_by_carrier", "Rejected by carrier"),
        ("TRASHED", "trashed", "Trashed"),
    ],
)
@pytest.mark.parametrize("number", [{}, {"error": 0}, {"errorCode": "0"}, {"reasonCode": "000"}, {"error": True}])
def test_without_a_number_the_status_is_the_code(
    status: str, state: str, description: str, number: dict[str, Any]
) -> None:
    """In snake case; the description is the status in words."""
    failure = decode_webhook(bodies.legacy(status, **number))
    assert failure is not None
    expected = {
        "code": state,
        "registry": "chatapps_receipt",
        "description": description,
        "category": "delivery",
        "product": "chatapps",
        "umid": bodies.UMID,
        "sub_account": "SubAccount-1",
        "timestamp": "2018-11-02T08:11:41.59Z",
        "state": state,
        "channel": "whatsapp",
    }
    assert expected == failure.context()
    assert ["8x8", "chatapps_receipt", state] == failure.fingerprint()


@pytest.mark.parametrize(
    "status", ["RECEIVED FOR PROCESSING", "SENT", "DELIVERED TO CARRIER", "DELIVERED TO DEVICE", "READ", "", None, 401]
)
def test_the_other_statuses_are_no_failure(status: Any) -> None:
    """Also where a number comes with them."""
    assert None is decode_webhook(bodies.legacy(status))
    assert None is decode_webhook(bodies.legacy(status, error=401, errorCode=15))


@pytest.mark.parametrize(
    ("status", "number", "registry", "code", "description"),
    [
        ("REJECTED BY DEVICE", 15, "chatapps_receipt", "15", "InvalidDestination"),
        ("REJECTED BY CARRIER", 41, "chatapps_receipt", "41", "SmscReject"),
        ("TRASHED", 42, "chatapps_receipt", "42", "NoCredit"),
        ("REJECTED BY DEVICE", 404, "chatapps_receipt", "404", "Unknown 8x8 code 404"),
        ("TRASHED", 555, "reason_code", "555", "Unknown 8x8 code 555"),
        ("TRASHED", 4040, "chatapps_receipt", "4040", "Unknown 8x8 code 4040"),
        ("TRASHED", "-40", "chatapps_receipt", "-40", "Unknown 8x8 code -40"),
    ],
)
def test_other_numbers_are_codes_of_the_receipt(
    status: str, number: object, registry: str, code: str, description: str
) -> None:
    """Only 3 digits, and only with the two statuses, are a reason code."""
    failure = decode_webhook(bodies.legacy(status, error=number))
    assert failure is not None
    assert (registry, code, description, "delivery") == (
        failure.registry,
        failure.code,
        failure.description,
        failure.category,
    )


def test_the_number_of_three_digits_comes_first() -> None:
    """A reason code under one key is found beside another number under another key."""
    failure = decode_webhook(bodies.legacy("TRASHED", error=15, reasonCode="429"))
    assert failure is not None
    assert ("reason_code", "429", "Too Many Requests", "rate_limit") == (
        failure.registry,
        failure.code,
        failure.description,
        failure.category,
    )


def test_a_text_under_error_is_the_message() -> None:
    """Masked as every message is."""
    failure = decode_webhook(bodies.legacy("TRASHED", error="No route to +1 202 555 0293"))
    assert failure is not None
    assert ("trashed", "No route to +* *** *** **93") == (failure.code, failure.message)


def test_a_flat_receipt_without_an_event_and_a_channel_is_an_sms() -> None:
    """The formats before the Messaging Apps; the statuses in capitals are unmistakable."""
    failure = decode_webhook({"umid": bodies.UMID, "status": "REJECTED BY CARRIER", "reasonCode": "403"})
    assert failure is not None
    assert ("8x8 403 Forbidden (SMS receipt)", "reason_code", "sms") == (
        failure.title(),
        failure.registry,
        failure.product,
    )
    failure = decode_webhook({"umid": bodies.UMID, "status": "TRASHED"})
    assert failure is not None
    assert ("trashed", "sms_receipt") == (failure.code, failure.registry)


def test_the_statuses_in_capitals_are_known_in_todays_envelope_too() -> None:
    """Whether as the status itself or as its state."""
    inside = bodies.sms(state="REJECTED BY CARRIER", errorCode=410)
    beside = bodies.sms()
    beside["payload"] |= {"status": "TRASHED", "reasonCode": 410}
    for body in (inside, beside):
        failure = decode_webhook(body)
        assert failure is not None
        assert "8x8 410 Gone (SMS receipt)" == failure.title()
