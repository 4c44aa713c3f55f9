"""decode(): one answer of 8x8's, in any state, becomes the right ErrorDetails or None."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest

from eightbyeight_obs.core.decode import decode, decode_at
from eightbyeight_obs.core.details import ErrorDetails
from eightbyeight_obs.core.hosts import locate, use_extra_hosts

SMS = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
# 8x8 OpenAPI, sms-api.json, POST /messages, 400.
BODY = {
    "code": 1002,
    "message": "Invalid MSISDN format (not E.164 international number)",
    "errorId": "b4478860-b76c-e811-814e-022a35cc1c71",
    "timestamp": "2018-08-04T09:25:40.9235752+00:00",
}


def known(details: ErrorDetails | None) -> dict[str, object]:
    """The log view without the prefix; empty for None."""
    return details.context() if details else {}


def test_an_error_body_becomes_every_fact_that_it_holds() -> None:
    """The standard envelope, the host and the path give the whole vocabulary."""
    expected = {
        "code": "1002",
        "registry": "api",
        "description": "Invalid MSISDN",
        "category": "validation",
        "retryable": False,
        "error_id": "b4478860-b76c-e811-814e-022a35cc1c71",
        "http_status": 400,
        "product": "sms",
        "region": "apac",
        "endpoint": "POST /api/v1/subaccounts/{subAccountId}/messages",
        "sub_account": "Acme_hq",
        "message": "Invalid MSISDN format (not E.164 international number)",
        "timestamp": "2018-08-04T09:25:40.9235752+00:00",
    }
    assert expected == known(decode(400, json.dumps(BODY), url=SMS, method="POST"))
    assert expected == known(decode(400, json.dumps(BODY).encode(), url=SMS, method="post"))


def test_without_a_url_the_shape_decides() -> None:
    """Without a URL the envelope is read all the same; host, product and endpoint are not known."""
    details = decode(404, '{"code": 1300, "message": "Message not found."}')
    expected = {
        "code": "1300",
        "registry": "api",
        "description": "Not found",
        "category": "not_found",
        "retryable": False,
        "http_status": 404,
        "message": "Message not found.",
    }
    assert expected == known(details)
    assert details is not None
    assert details.title() == "8x8 1300 Not found (HTTP 404)"


@pytest.mark.parametrize(
    "url", ["https://api.8x8.com/x", "https://sms.8x8.com.evil.example/x", "https://example.com", "", "no url"]
)
def test_a_foreign_url_is_not_decoded(url: str) -> None:
    """The same body from a host that is none of 8x8's is not 8x8's."""
    assert decode(400, json.dumps(BODY), url=url) is None


def test_a_host_of_the_user_is_decoded() -> None:
    """After install(hosts=...) the pure functions know those hosts too."""
    url = "http://127.0.0.1:8080/api/v1/subaccounts/Acme_hq/messages"
    assert decode(400, json.dumps(BODY), url=url) is None
    use_extra_hosts({"127.0.0.1:8080": "sms"})
    details = decode(400, json.dumps(BODY), url=url, method="POST")
    assert details is not None
    assert ("1002", "sms", None, "127.0.0.1") == (details.code, details.product, details.region, details.host)


CODES = {
    "1002": ("1002", "api", "Invalid MSISDN"),
    '"1002"': ("1002", "api", "Invalid MSISDN"),
    "1": ("1", "api", "Unknown 8x8 code 1"),
    '"-1"': ("-1", "api", "Unknown 8x8 code -1"),
    "3999": ("3999", "api", "Unknown 8x8 code 3999"),
    "-5": ("-5", "api", "Unknown 8x8 code -5"),
    '"-5"': ("-5", "api", "Unknown 8x8 code -5"),
    "429": ("429", "api", "Quota exceeded"),
    "999999999": ("999999999", "api", "Unknown 8x8 code 999999999"),
    '"999999999"': ("999999999", "api", "Unknown 8x8 code 999999999"),
    "0": None,
    '"0"': None,
    '"-0"': None,
    "-0": None,
    '"000"': None,
    "1000000000": None,
    '"1000000000"': None,
    "9" * 400: None,
    '"' + "9" * 400 + '"': None,
    "9" * 5000: None,  # more digits than int() reads at all
    "true": None,
    "false": None,
    "null": None,
    "1002.0": None,
    "1e3": None,
    "NaN": None,
    '""': None,
    '"-"': None,
    '"--5"': None,
    '"+5"': None,
    '" 1002"': None,
    '"1_002"': None,
    '"0x3ea"': None,
    '"١٠٠٢"': None,  # digits, but none that 8x8 sends
    '"²"': None,
    "[1002]": None,
    '{"code": 1002}': None,
    '"SHA001"': None,
    '"VALIDATION_ERROR"': None,
}


@pytest.mark.parametrize("code", CODES, ids=lambda code: code[:20])
def test_what_counts_as_a_code(code: str) -> None:
    """An int, or a string of an optional minus and 1 to 9 digits, and not 0; else it is `http-<status>`."""
    details = decode(400, f'{{"code": {code}, "errorId": "e-1"}}', url=SMS)
    assert details is not None
    expected = CODES[code] or ("http-400", "http", "Bad Request")
    assert expected == (details.code, details.registry, details.description)
    # The other facts of the envelope stay, unless Python refused to read it at all.
    assert (None if code == "9" * 5000 and details.error_id is None else "e-1") == details.error_id


NO_ENVELOPE = {
    "empty": b"",
    "blank": b" \r\n ",
    "html": b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
    "xml": b'<string xmlns="http://wavecell.com/">RECEIVED:x</string>',
    "text": b"upstream connect error",
    "null": b"null",
    "number": b"1002",
    "string": b'"code"',
    "list": b'[{"code": 1002}]',
    "cut short": b'{"code": 1002, "message": "Inv',
    "two values": b'{"code": 1002}{"code": 1003}',
    "single quotes": b"{'code': 1002}",
    "comment": b'/* no */ {"code": 1002}',
    "no such encoding": b'\xff\xfe\xfd{"code": 1002}',
    "bytes": bytes(range(256)),
    "nested lists": b"[" * 100_000,
    "nested code": b'{"code":' * 100_000 + b"1" + b"}" * 100_000,
    "bare brackets": b"{" * 100_000,
    "5 MB": b'{"code": 1002, "message": "' + b"x" * 5_000_000 + b'"}',
    "5 MB of blanks": b" " * 5_000_000 + b'{"code": 1002}',
    "just above 256 KiB": b'{"code": 1002}'.ljust(256 * 1024 + 1),
    "code inside": b'{"error": {"code": 1002}}',
    "code in capitals": b'{"CODE": 1002, "Code": 1002}',
}


@pytest.mark.parametrize("name", NO_ENVELOPE)
def test_a_body_that_is_no_envelope_is_told_by_its_status(name: str) -> None:
    """HTML, text, nothing, too much or too deep: the code is `http-502`, whatever the type of the body."""
    body = NO_ENVELOPE[name]
    expected = {
        "code": "http-502",
        "registry": "http",
        "description": "Bad Gateway",
        "category": "server",
        "http_status": 502,
        "product": "sms",
        "region": "apac",
        "endpoint": "POST /api/v1/subaccounts/{subAccountId}/messages",
        "sub_account": "Acme_hq",
    }
    assert expected == known(decode(502, body, url=SMS, method="POST"))
    assert expected == known(decode(502, body.decode("latin-1"), url=SMS, method="POST"))


READABLE = {
    "byte order mark": b"\xef\xbb\xbf" + json.dumps(BODY).encode(),
    "UTF-16 with its mark": json.dumps(BODY).encode("utf-16"),
    "blanks around": b"\r\n  " + json.dumps(BODY).encode() + b"\n\n",
    "just 256 KiB": json.dumps(BODY).encode().ljust(256 * 1024),
    "code twice": b'{"code": 9, ' + json.dumps(BODY).encode()[1:],
    "unknown fields": json.dumps({**BODY, "details": [{"x": 1}], "": None}).encode(),
}


@pytest.mark.parametrize("name", READABLE)
def test_a_body_that_can_be_read_is_read(name: str) -> None:
    """Marks, blanks and fields that nobody knows do not hide the code."""
    details = decode(400, READABLE[name], url=SMS)
    assert details is not None
    assert ("1002", BODY["errorId"]) == (details.code, details.error_id)


@pytest.mark.parametrize("body", [None, 5, {"code": 1002}, object(), ["x"]], ids=lambda value: type(value).__name__)
def test_what_is_no_body_counts_as_an_empty_one(body: object) -> None:
    """A body that is neither bytes nor text is no body."""
    details = decode(500, body, url=SMS)
    assert details is not None
    assert details.code == "http-500"


@pytest.mark.parametrize("body", [bytearray(json.dumps(BODY).encode()), memoryview(json.dumps(BODY).encode())])
def test_other_kinds_of_bytes_are_bytes(body: bytes) -> None:
    """A bytearray or a memoryview is read like bytes."""
    details = decode(400, body, url=SMS)
    assert details is not None
    assert details.code == "1002"


class Hostile(bytes):
    """Bytes that cannot even be measured."""

    def __len__(self) -> int:
        raise RuntimeError("no length")


def test_an_object_that_raises_is_contained() -> None:
    """A body of the service's own making that raises when it is looked at gives None, not an exception."""
    assert decode(400, Hostile(b"{}"), url=SMS) is None


NO_FAILURE = [-1, 0, 1, 99, 100, 101, 199, 200, 201, 204, 299, 300, 301, 302, 304, 399, 1000, 10**400]
NO_STATUS = [None, True, False, "400", 400.0, b"400", object(), [400]]


@pytest.mark.parametrize("status", [*NO_FAILURE, *NO_STATUS], ids=lambda status: repr(status)[:20])
def test_what_is_no_failing_status_is_no_failure(status: object) -> None:
    """Successes, redirects and what is no status at all give None, with an error body too."""
    assert decode(status, json.dumps(BODY), url=SMS) is None


@pytest.mark.parametrize("status", list(HTTPStatus))
def test_every_status_of_http_is_known(status: HTTPStatus) -> None:
    """From 400 on, each status of http.HTTPStatus has its reason phrase and a category."""
    details = decode(status, b"", url=SMS)
    if status < 400:
        assert details is None
        return
    assert details is not None
    assert (f"http-{status.value}", "http", status.value) == (details.code, details.registry, details.http_status)
    assert not details.description.startswith("Unknown")
    special = {401: "authentication", 403: "authorization", 404: "not_found", 410: "unsupported", 426: "unsupported"}
    special |= {429: "rate_limit"}
    assert special.get(status.value, "validation" if status < 500 else "server") == details.category
    assert (status == 429) == (details.retryable is True)
    assert status < 500 or details.retryable is not True


@pytest.mark.parametrize(
    ("status", "category"),
    [(499, "validation"), (460, "validation"), (520, "server"), (599, "server"), (600, "unknown"), (999, "unknown")],
)
def test_a_status_that_http_does_not_have_is_a_failure_too(status: int, category: str) -> None:
    """Gateways make up statuses; they are told as they came."""
    details = decode(status, b"", url=SMS)
    assert details is not None
    assert (f"http-{status}", f"Unknown 8x8 code http-{status}", category) == (
        details.code,
        details.description,
        details.category,
    )


def test_the_caller_can_add_what_a_body_does_not_hold() -> None:
    """The grade, the seconds to wait and the attempts come from outside the body."""
    details = decode_at(429, b'{"code": 429}', locate(SMS, "POST"), match="certain", retry_after=1, attempts=3)
    assert details is not None
    assert ("certain", 1, 3, True, "rate_limit") == (
        details.match,
        details.retry_after,
        details.attempts,
        details.retryable,
        details.category,
    )
