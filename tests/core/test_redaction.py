"""What is taken out of a text about a call to 8x8, and what stays."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from eightbyeight_obs.core import hosts
from eightbyeight_obs.core.redaction import Redactor

KEY = "k3yQ9z-planted-8x8secret-77f1"
URL = "https://verify.8x8.com/api/v2/subaccounts/Acme/sessions/f2ea5276-a824-e711-8146-022a22cc1c71?code=482913"
TEMPLATE = "https://verify.8x8.com/api/v2/subaccounts/{subAccountId}/sessions/{sessionId}"
SEND = "https://sms.8x8.com/api/v1/subaccounts/Acme/messages"

POOL = "HTTPSConnectionPool(host='verify.8x8.com', port=443): Max retries exceeded with url: "


def failed(
    url: str = SEND, body: Any = None, answer: bytes = b"", authorization: Any = f"Bearer {KEY}"
) -> requests.Response:
    """A failed call as requests leaves it."""
    response = requests.Response()
    response.request = requests.Request("POST", url, json=body).prepare()
    if authorization is not None:
        response.request.headers["Authorization"] = authorization
    response._content = answer
    return response


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"400 Client Error: Bad Request for url: {URL}", f"400 Client Error: Bad Request for url: {TEMPLATE}"),
        (f"see ({URL}).", f"see ({TEMPLATE})."),
        (f"{{'url': '{URL}', 'b': 2}}", f"{{'url': '{TEMPLATE}', 'b': 2}}"),
        (f"{URL} and {URL}", f"{TEMPLATE} and {TEMPLATE}"),
        (f"{URL}&text=it's+a+secret, really", f"{TEMPLATE}, really"),
        (URL.replace("https", "HTTPS"), TEMPLATE.replace("https", "HTTPS")),
        (URL.replace("://", "://id:password@"), TEMPLATE),
        (URL.replace(".com/", ".com:8443/"), TEMPLATE.replace(".com/", ".com:8443/")),
        (f"{SEND}?{'to=1&' * 2000}", f"{SEND.replace('Acme', '{subAccountId}')}"),
        (
            f"{POOL}/api/v2/subaccounts/Acme/sessions/1?code=482913 (Caused by ResponseError('too many'))",
            f"{POOL}/api/v2/subaccounts/{{subAccountId}}/sessions/{{sessionId}} (Caused by ResponseError('too many'))",
        ),
    ],
)
def test_urls_of_8x8_become_their_template(text, expected):
    """Host and path template stay; query string, ids, user and password go, wherever the URL stands."""
    assert expected == Redactor().text(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/api/v2/subaccounts/Acme/sessions/1?code=482913",
        "https://api.8x8.com/analytics?code=482913",
        "https://sms.8x8.com.evil.example/a?code=482913",
        "HTTPSConnectionPool(host='example.com', port=443): Max retries exceeded with url: /8x8?code=482913 (Caused)",
        "order 12345678 of +6591234567 failed at 2026-11-21T10:00:00Z",
        "Bearer token is missing",
        "Bearer authentication failed",
        "Basic authentication is not supported",
        "basic settings are missing",
        "Authorization: header missing",
        "",
    ],
)
def test_everything_else_stays(text):
    """URLs of others, numbers that the call did not carry, and sentences about authentication are untouched."""
    assert text == Redactor().text(text)
    assert text == Redactor().secrets(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl -H 'Authorization: Bearer abc123def'", "curl -H 'Authorization: Bearer [Filtered]'"),
        ("Authorization: Bearer abc.def-ghi_jkl~mno+pqr/stu==", "Authorization: Bearer [Filtered]"),
        ("BEARER ABCDEF123456", "BEARER [Filtered]"),
        ("Basic QWNtZTpwYXNzd29yZDE=", "Basic [Filtered]"),
        ("{'Authorization': 'abcdefgh'}", "{'Authorization': '[Filtered]'}"),
        ('{"authorization":"abcdefgh","a":"b"}', '{"authorization":"[Filtered]","a":"b"}'),
        ('"{\\"Authorization\\": \\"abcdefgh\\"}"', '"{\\"Authorization\\": \\"[Filtered]\\"}"'),
        ("{b'Authorization': b'abcdefgh'}", "{b'Authorization': b'[Filtered]'}"),
        ("Authorization: abcd1234efgh\r\nHost: x", "Authorization: [Filtered]\r\nHost: x"),
    ],
)
def test_authorization_is_filtered_in_any_spelling(text, expected):
    """Headers as text, as a dictionary, as JSON and as JSON inside a string."""
    assert expected == Redactor().secrets(text)


@pytest.mark.parametrize("authorization", [f"Bearer {KEY}", KEY, f"Bearer {KEY}".encode(), f"  bearer   {KEY} "])
def test_the_key_of_the_call_is_found_bare(authorization):
    """What the request's Authorization header holds is taken out wherever it stands, whatever it is called there."""
    redactor = Redactor([failed(authorization=authorization)])
    assert "settings(token=[Filtered])" == redactor.secrets(f"settings(token={KEY})")
    assert "settings(token=[Filtered])" == redactor.text(f"settings(token={KEY})")


def test_a_password_of_basic_authentication_is_found_bare():
    """Of Basic both spellings are known: as sent, and decoded."""
    sent = base64.b64encode(f"account:{KEY}".encode()).decode()
    redactor = Redactor([failed(authorization=f"Basic {sent}")])
    assert "[Filtered] or [Filtered] of account" == redactor.secrets(f"{KEY} or {sent} of account")


@pytest.mark.parametrize("authorization", [None, "", "Bearer x", "Basic é", 17])
def test_a_call_without_a_key_changes_nothing(authorization):
    """A header that is missing, too short to be a key, or nonsense is passed over."""
    assert "x marks the spot" == Redactor([failed(authorization=authorization)]).text("x marks the spot")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to +6591234567", "to +********67"),
        ("to 65 9123-4567 now", "to ** ****-**67 now"),
        ("to 9123 4567", "to **** **67"),
        ("order 17 6591234567", "order ** ********67"),
        ("order 7654321", "order 7654321"),
        ("id 91234567-0000-4000-8000-000091234567", "id 91234567-0000-4000-8000-000091234567"),
    ],
)
@pytest.mark.parametrize(
    "call",
    [
        lambda: failed(SEND + "?to=%2B6591234567"),
        lambda: failed("https://lookup.8x8.com/api/v1/subaccounts/Acme/phones/+6591234567"),
        lambda: failed(body={"destination": "+65 9123 4567", "text": "your order 7654321"}),
        lambda: failed(body={"user": {"msisdn": "6591234567"}}),
        lambda: failed(answer=b'{"code":1002,"message":"Invalid MSISDN (6591234567)","timestamp":"2026-11-21T10:00Z"}'),
    ],
    ids=["query", "path", "body", "body of ChatApps", "answer"],
)
def test_phone_numbers_of_the_call_are_masked_and_no_others(call, text, expected):
    """A number in the URL, in the body or in the answer's message is masked, however it is spelled."""
    assert expected == Redactor([call()]).text(text)


def test_the_path_of_the_call_is_reduced_where_it_stands_alone():
    """PreparedRequest.path_url and urllib3's log lines have no host."""
    redactor = Redactor([failed(URL)])
    text = "POST /api/v2/subaccounts/Acme/sessions/f2ea5276-a824-e711-8146-022a22cc1c71?code=482913 failed"
    assert "POST /api/v2/subaccounts/{subAccountId}/sessions/{sessionId} failed" == redactor.text(text)


def test_hosts_of_install_are_8x8s():
    """A proxy given in install(hosts=...) is treated like 8x8's own hosts."""
    hosts.use_extra_hosts({"127.0.0.1:8080": "sms"})
    text = "http://127.0.0.1:8080/api/v1/subaccounts/Acme/messages?to=1"
    assert "http://127.0.0.1:8080/api/v1/subaccounts/{subAccountId}/messages" == Redactor().text(text)


class Hostile:
    """A double that only looks like a response."""

    @property
    def request(self) -> Any:
        raise RuntimeError("told by the test")


@pytest.mark.parametrize(
    "carrier", [None, 17, Hostile(), requests.ConnectionError("x"), failed("https://example.com/?to=6591234567")]
)
def test_what_is_no_call_to_8x8_teaches_nothing(carrier):
    """Anything may stand among the carriers."""
    assert "6591234567 " + KEY == Redactor([carrier]).text("6591234567 " + KEY)


@pytest.mark.parametrize("body", [None, b"\xff\xfe", b"[]", b'{"destination": 17}', "x" * 100_000, iter([b"x"])])
def test_bodies_of_any_kind_are_read_without_an_error(body):
    """Bytes in no encoding, generators, long texts."""
    response = failed()
    response.request.body = body
    assert "x" == Redactor([response]).text("x")


@given(texts())
def test_any_text_passes_and_scrubbing_twice_is_scrubbing_once(text):
    """No input raises, and what was scrubbed stays as it is."""
    redactor = Redactor([failed(URL, {"destination": "+6591234567"})])
    once = redactor.text(text)
    assert once == redactor.text(once)
    assert KEY not in redactor.text(text + KEY)


@given(st.text("0123456789 .-()[]:/?&='\"\\", max_size=300))
def test_long_runs_of_separators_take_no_time_to_speak_of(text):
    """The patterns are linear: 30,000 characters of digits, separators and quotes come back."""
    redactor = Redactor([failed(SEND + "?to=6591234567")])
    assert isinstance(redactor.text((text + "https://sms.8x8.com/ authorization bearer basic ") * 60), str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the code 482913 is wrong", "the code [Filtered] is wrong"),
        ("code%3D482913%26to", "code%3D[Filtered]%26to"),
        ("code:%20482913", "code:%20[Filtered]"),
        ("{'code': '482913'}", "{'code': '[Filtered]'}"),
        ("order 14829137", "order 14829137"),
        ("called with code=482913", "called with [Filtered]"),
    ],
)
def test_the_one_time_code_of_the_call_is_taken_out(text, expected):
    """What stood in ``?code=`` is found alone too, and not inside of a longer number."""
    assert expected == Redactor([failed(URL)]).text(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('sent {"text": "Your code is 1", "mail": "a@b.example"}', "sent [Filtered]"),
        ("sent 'Your code is 1'", "sent '[Filtered]'"),
        ("sent to a@b.example", "sent to [Filtered]"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_the_body_its_text_and_its_addresses_are_taken_out(text, expected):
    """The request's body where it stands whole, the message text and e-mail addresses in it alone."""
    assert expected == Redactor([failed(body={"text": "Your code is 1", "mail": "a@b.example"})]).text(text)


def test_a_text_with_quotes_is_known_in_both_spellings():
    """In JSON and as it is read."""
    redactor = Redactor([failed(body={"text": 'Say "friend" and enter'})])
    assert "[Filtered] or [Filtered]" == redactor.text('Say \\"friend\\" and enter or Say "friend" and enter')


@pytest.mark.parametrize("cut", range(6, 14))
def test_the_start_of_a_key_at_the_end_of_a_text_that_was_cut(cut):
    """Loggers and SDKs cut long texts: six characters of a key, or more, are taken out there."""
    redactor = Redactor([failed(authorization=KEY)])
    assert "key=[Filtered]..." == redactor.secrets(f"key={KEY[:cut]}...")
    assert f"key={KEY[:cut]}..., one more..." == redactor.secrets(f"key={KEY[:cut]}..., one more...")


def test_the_start_of_a_number_at_the_end_of_a_text_that_was_cut():
    """Five digits or more, where the call had a number at all."""
    redactor = Redactor([failed(SEND + "?to=%2B6591234567")])
    assert "to +******..." == redactor.text("to +659123...")
    assert "to +6591..." == redactor.text("to +6591...")
    assert "to +659123..." == Redactor([failed()]).text("to +659123...")
