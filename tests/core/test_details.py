"""ErrorDetails: a frozen value, and the views that the sinks take of it, letter by letter."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, asdict, fields, replace

import pytest

from eightbyeight_obs.core.catalogue import CATALOGUE
from eightbyeight_obs.core.decode import decode
from eightbyeight_obs.core.details import KEYS, ErrorDetails, WebhookFailure, slug

FULL = ErrorDetails(
    code="1002",
    registry="api",
    description="Invalid MSISDN",
    category="validation",
    retryable=False,
    error_id="b4478860-b76c-e811-814e-022a35cc1c71",
    http_status=400,
    product="sms",
    region="apac",
    endpoint="POST /api/v1/subaccounts/{subAccountId}/messages",
    match="certain",
    umid="f2ea5276-a824-e711-8146-022a22cc1c71",
    sub_account="Acme_hq",
    message="Invalid MSISDN +********67",
    timestamp="2018-08-04T09:25:40.9235752+00:00",
    batch_id="b-1",
    request_id="r-1",
    session_id="s-1",
    rejected_count=1,
    accepted_count=3,
    rejected_reasons="1 x 1002 Invalid MSISDN",
    rejected_umids="f2ea5276-a824-e711-8146-022a22cc1c71",
    state="undelivered",
    channel="whatsapp",
    provider_code="131047",
    retry_after=1,
    attempts=2,
    host="sms.8x8.com",
)
LEAST = ErrorDetails("http-502", "http", "Bad Gateway", "server")
RECEIPT = WebhookFailure(
    "15",
    "sms_receipt",
    "Invalid destination",
    "delivery",
    umid="u-1",
    state="undelivered",
    channel="sms",
    kind="SMS receipt",
)


def test_the_log_view_holds_every_fact_with_its_own_type() -> None:
    """The keys are the contract's, in its order; None is left out; the host is no key."""
    expected = {
        "8x8.code": "1002",
        "8x8.registry": "api",
        "8x8.description": "Invalid MSISDN",
        "8x8.category": "validation",
        "8x8.retryable": False,
        "8x8.error_id": "b4478860-b76c-e811-814e-022a35cc1c71",
        "8x8.http_status": 400,
        "8x8.product": "sms",
        "8x8.region": "apac",
        "8x8.endpoint": "POST /api/v1/subaccounts/{subAccountId}/messages",
        "8x8.match": "certain",
        "8x8.umid": "f2ea5276-a824-e711-8146-022a22cc1c71",
        "8x8.sub_account": "Acme_hq",
        "8x8.message": "Invalid MSISDN +********67",
        "8x8.timestamp": "2018-08-04T09:25:40.9235752+00:00",
        "8x8.batch_id": "b-1",
        "8x8.request_id": "r-1",
        "8x8.session_id": "s-1",
        "8x8.rejected_count": 1,
        "8x8.accepted_count": 3,
        "8x8.rejected_reasons": "1 x 1002 Invalid MSISDN",
        "8x8.rejected_umids": "f2ea5276-a824-e711-8146-022a22cc1c71",
        "8x8.state": "undelivered",
        "8x8.channel": "whatsapp",
        "8x8.provider_code": "131047",
        "8x8.retry_after": 1,
        "8x8.attempts": 2,
    }
    assert expected == FULL.fields()
    assert list(expected) == list(FULL.fields())
    assert {
        "8x8.code": "http-502",
        "8x8.registry": "http",
        "8x8.description": "Bad Gateway",
        "8x8.category": "server",
    } == LEAST.fields()


def test_the_tags_are_strings_and_only_the_ones_to_search_by() -> None:
    """A tag is a string, a bool is `true` or `false`; no sub-account, message, time or batch among them."""
    expected = {
        "8x8.code": "1002",
        "8x8.registry": "api",
        "8x8.description": "Invalid MSISDN",
        "8x8.category": "validation",
        "8x8.retryable": "false",
        "8x8.error_id": "b4478860-b76c-e811-814e-022a35cc1c71",
        "8x8.http_status": "400",
        "8x8.product": "sms",
        "8x8.region": "apac",
        "8x8.endpoint": "POST /api/v1/subaccounts/{subAccountId}/messages",
        "8x8.match": "certain",
        "8x8.umid": "f2ea5276-a824-e711-8146-022a22cc1c71",
    }
    assert expected == FULL.tags()
    assert "true" == replace(FULL, retryable=True).tags()["8x8.retryable"]
    assert "8x8.retryable" not in replace(FULL, retryable=None).tags()


def test_a_tag_has_1_to_200_characters() -> None:
    """Sentry drops an empty value and cuts a long one; neither is sent."""
    tags = replace(FULL, endpoint="x" * 300, umid="").tags()
    assert "x" * 200 == tags["8x8.endpoint"]
    assert "8x8.umid" not in tags


def test_the_context_is_the_log_view_without_the_prefix() -> None:
    """The Sentry context named 8x8 has the same facts under the names of the attributes."""
    context = FULL.context()
    assert {"8x8." + name: value for name, value in context.items()} == FULL.fields()
    assert {name: value for name, value in asdict(FULL).items() if name != "host"} == context


def test_every_key_is_an_attribute_with_the_prefix() -> None:
    """The name of a key is `8x8.` and the attribute; each attribute but host and kind has a key."""
    assert [] == [key for key in KEYS if key.name != "8x8." + key.attribute]
    names = {field.name for cls in (ErrorDetails, WebhookFailure) for field in fields(cls)}
    assert names - {"host", "kind"} == {key.attribute for key in KEYS}


FINGERPRINTS = [
    (FULL, ["8x8", "api", "1002"]),
    (LEAST, ["8x8", "http", "http-502"]),
    (replace(FULL, code="rejected", description="Rejected"), ["8x8", "api", "rejected"]),
    (
        replace(FULL, code="rejected", description="Invalid Text value. Reached max allowed limit"),
        ["8x8", "api", "rejected", "invalid-text-value-reached-max-allowed-limit"],
    ),
    (replace(FULL, code="ConnectTimeout", registry="transport"), ["8x8", "transport", "ConnectTimeout"]),
    (RECEIPT, ["8x8", "sms_receipt", "15"]),
]


@pytest.mark.parametrize(("details", "expected"), FINGERPRINTS, ids=lambda value: getattr(value, "code", ""))
def test_the_fingerprint_is_registry_and_code(details: ErrorDetails, expected: list[str]) -> None:
    """One issue per JSON code; a rejection without a number is split by its documented reason."""
    assert expected == details.fingerprint()


def test_each_fingerprint_is_a_list_of_its_own() -> None:
    """A caller may change the list that it got."""
    FULL.fingerprint().append("changed")
    assert ["8x8", "api", "1002"] == FULL.fingerprint()


TITLES = [
    (FULL, "8x8 1002 Invalid MSISDN (HTTP 400, POST sms.8x8.com/api/v1/subaccounts/{subAccountId}/messages)"),
    (
        replace(FULL, code="http-502", description="Bad Gateway", http_status=502),
        "8x8 http-502 Bad Gateway (HTTP 502, POST sms.8x8.com/api/v1/subaccounts/{subAccountId}/messages)",
    ),
    (
        replace(FULL, code="ConnectTimeout", registry="transport", description="No answer", http_status=None),
        "8x8 ConnectTimeout No answer (POST sms.8x8.com/api/v1/subaccounts/{subAccountId}/messages)",
    ),
    (replace(FULL, endpoint="/files/{filename}"), "8x8 1002 Invalid MSISDN (HTTP 400, sms.8x8.com/files/{filename})"),
    (replace(FULL, host=None), "8x8 1002 Invalid MSISDN (HTTP 400)"),
    (replace(FULL, endpoint=None), "8x8 1002 Invalid MSISDN (HTTP 400, sms.8x8.com)"),
    (LEAST, "8x8 http-502 Bad Gateway"),
    (RECEIPT, "8x8 15 Invalid destination (SMS receipt)"),
]


@pytest.mark.parametrize(("details", "expected"), TITLES, ids=[expected[:30] for _, expected in TITLES])
def test_the_title_names_code_meaning_status_and_place(details: ErrorDetails, expected: str) -> None:
    """The title is one formula for every code; what is not known is left out of it."""
    assert expected == details.title()


def test_the_title_has_the_host_as_called_without_port() -> None:
    """A port, a user and a region do not change the formula; the host is the one that was called."""
    details = decode(
        400, '{"code": 1200}', url="https://u:p@SMS.us.8x8.com:8443/api/v1/subaccounts/Acme_hq/messages", method="get"
    )
    assert details is not None
    expected = "8x8 1200 Unauthorized Access (HTTP 400, GET sms.us.8x8.com/api/v1/subaccounts/{subAccountId}/messages)"
    assert expected == details.title()


def test_the_entry_is_the_row_of_the_catalogue() -> None:
    """`details.entry` is what explain() gives; None where the catalogue has no such code."""
    assert CATALOGUE["api", 1002] is FULL.entry
    assert CATALOGUE["http", 502] is LEAST.entry
    assert CATALOGUE["sms_receipt", 15] is RECEIPT.entry
    assert replace(FULL, code="3999").entry is None
    assert replace(FULL, code="ConnectTimeout", registry="transport").entry is None


VALUES = [FULL, LEAST, RECEIPT, decode(400, '{"code": 1002}'), CATALOGUE["api", 1002]]


@pytest.mark.parametrize("value", VALUES, ids=["made", "least", "receipt", "decoded", "entry"])
def test_a_value_is_frozen_and_slotted(value: ErrorDetails) -> None:
    """No attribute can be set, deleted or added, also on what decode() made."""
    with pytest.raises(FrozenInstanceError):
        value.code = "9"
    with pytest.raises(FrozenInstanceError):
        del value.code
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        value.other = 1
    assert not hasattr(value, "__dict__")


@pytest.mark.parametrize("value", VALUES, ids=["made", "least", "receipt", "decoded", "entry"])
def test_a_value_survives_pickle_and_copy(value: ErrorDetails) -> None:
    """A process pool, a task queue or a cache gives back an equal value of the same class."""
    copies = [pickle.loads(pickle.dumps(value, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    copies += [copy.copy(value), copy.deepcopy(value), replace(value)]
    assert [value] * len(copies) == copies
    assert {type(value)} == {type(each) for each in copies}
    assert {hash(value)} == {hash(each) for each in copies}


def test_values_are_equal_by_their_facts() -> None:
    """Two decodings of one answer are equal; a fact makes the difference; another class is never equal."""
    body = json.dumps({"code": 1002, "errorId": "e-1"})
    assert decode(400, body) == decode(400, body)
    assert decode(400, body) != decode(401, body)
    assert LEAST != WebhookFailure("http-502", "http", "Bad Gateway", "server")
    assert 2 == len({FULL, replace(FULL), LEAST})


SLUGS = {
    "Text value is missing": "text-value-is-missing",
    "  A.B  c! ": "a-b-c",
    "Ünïcode": "n-code",
    "": "",
    "---": "",
}


@pytest.mark.parametrize("text", SLUGS)
def test_a_slug_is_lower_case_words_and_dashes(text: str) -> None:
    """Everything but a-z and 0-9 becomes one dash, none at the ends."""
    assert SLUGS[text] == slug(text)
