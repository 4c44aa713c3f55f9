"""from_response(): responses of requests and httpx, mocks, and objects that only look like one."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from types import SimpleNamespace
from unittest.mock import MagicMock

import httpx
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from strategies import bodies, headers, urls
from urllib3.util.retry import RequestHistory

from eightbyeight_obs.core.carriers import from_response
from eightbyeight_obs.core.details import ErrorDetails

SMS = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
BODY = json.dumps({"code": 1002, "errorId": "b4478860-b76c-e811-814e-022a35cc1c71"}).encode()


def response(status=400, body=BODY, url=SMS, method="POST", headers=(), history=None) -> requests.Response:
    """A response of requests as its adapter makes it, the body already read."""
    made = requests.Response()
    made.status_code, made.url, made._content = status, url, body
    made.headers.update(headers)
    made.request = requests.Request(method, url).prepare()
    if history is not None:
        made.raw = SimpleNamespace(retries=SimpleNamespace(history=history))
    return made


EXPECTED = ErrorDetails(
    "1002",
    "api",
    "Invalid MSISDN",
    "validation",
    retryable=False,
    error_id="b4478860-b76c-e811-814e-022a35cc1c71",
    http_status=400,
    product="sms",
    region="apac",
    endpoint="POST /api/v1/subaccounts/{subAccountId}/messages",
    sub_account="Acme_hq",
    host="sms.8x8.com",
)


def test_a_response_of_requests_tells_its_failure() -> None:
    """Status, body, URL and method of the response give the details."""
    assert EXPECTED == from_response(response())


def test_a_response_of_httpx_tells_its_failure() -> None:
    """A response of httpx, read or made whole, gives the same details."""
    assert EXPECTED == from_response(httpx.Response(400, content=BODY, request=httpx.Request("POST", SMS)))


def test_a_response_that_went_through_a_real_client_tells_its_failure() -> None:
    """A response from httpx's client, over a transport, gives the same details as one made by hand."""
    transport = httpx.MockTransport(lambda request: httpx.Response(400, content=BODY))
    with httpx.Client(transport=transport) as client:
        assert EXPECTED == from_response(client.post(SMS))


@pytest.mark.parametrize("status", [200, 204, 301, 302, 399])
def test_a_success_or_redirect_is_no_failure(status: int) -> None:
    """Below 400, and without a rejection inside, there is nothing to tell."""
    assert from_response(response(status)) is None


def test_a_rejection_inside_a_success_is_a_failure() -> None:
    """A 200 with a rejected message in it is told."""
    body = b'{"umid": "u-1", "status": {"code": "REJECTED", "description": "Text value is missing"}}'
    details = from_response(response(200, body))
    assert details is not None
    assert ("rejected", "Text value is missing", "u-1") == (details.code, details.description, details.umid)


@pytest.mark.parametrize("url", ["https://api.8x8.com/x", "https://sms.8x8.com.evil.example/x", "https://example.com/"])
def test_a_response_of_another_host_is_none_of_ours(url: str) -> None:
    """The same body from elsewhere is not decoded."""
    assert from_response(response(url=url)) is None


def test_a_streamed_body_is_never_read() -> None:
    """While the service has not read the body, the status alone is told, and the body is still there to read."""

    def chunks():
        read.append(True)
        yield BODY

    read: list[bool] = []
    streamed = response(body=False)
    streamed.raw = SimpleNamespace(stream=lambda *_, **__: chunks())
    details = from_response(streamed)
    assert details is not None
    assert ("http-400", []) == (details.code, read)
    assert streamed.json() == json.loads(BODY)
    again = from_response(streamed)
    assert again is not None
    assert "1002" == again.code


def test_a_streamed_body_of_httpx_is_never_read() -> None:
    """The same for httpx, whose response raises when its unread body is asked for."""

    class Stream(httpx.SyncByteStream):
        def __iter__(self):
            yield BODY

    streamed = httpx.Response(400, stream=Stream(), request=httpx.Request("POST", SMS))
    details = from_response(streamed)
    assert details is not None
    assert ("http-400", False) == (details.code, streamed.is_stream_consumed)
    streamed.read()
    assert EXPECTED == from_response(streamed)


SECONDS = {
    "1": 1,
    "0": 0,
    " 120 ": 120,
    "": None,
    "-1": None,
    "1.5": None,
    "soon": None,
    "١٢": None,
    "9" * 400: 999_999_999,
    "Fri, 31 Dec 1999 23:59:59 GMT": 0,
    "Fri, 31 Dec 1999 23:59:59 -0000": None,  # a time that says that its zone is not known
    "Fri, 31 Dec 9999999999999 23:59:59 GMT": None,
    "Fri, 31 Dec 1999 99:99:99 GMT": None,
    "Fri, 31 Dec 1999 23:59:59 +9999999999": None,
    "x" * 5_000_000: None,
}


@pytest.mark.parametrize("value", SECONDS, ids=lambda value: ascii(value)[:40])
def test_retry_after_is_told_in_seconds(value: str) -> None:
    """A number of seconds or a date; what is neither is left out, and the failure is told all the same."""
    details = from_response(response(429, b'{"code": 429}', headers={"Retry-After": value}))
    assert details is not None
    assert ("429", SECONDS[value]) == (details.code, details.retry_after)


def test_retry_after_belongs_to_a_failing_status() -> None:
    """It is told from 400 on; a rejection inside a 200 is not cured by waiting."""
    details = [from_response(response(status, REJECTED, headers={"Retry-After": "7"})) for status in (200, 400, 503)]
    assert [None, 7, 7] == [each.retry_after for each in details if each]


REJECTED = b'{"umid": "u-1", "status": {"code": "REJECTED", "description": "Text value is missing"}}'


def test_retry_after_as_a_date_is_the_distance_to_it() -> None:
    """A date in the future gives the seconds from now on."""
    moment = format_datetime(datetime.now(timezone.utc) + timedelta(hours=1), usegmt=True)
    details = from_response(response(429, headers={"retry-after": moment}))
    assert details is not None
    assert details.retry_after is not None
    assert 3500 < details.retry_after <= 3600


@pytest.mark.parametrize("value", [5, None, b"5", ["5"]], ids=repr)
def test_a_header_that_is_no_text_is_left_out(value: object) -> None:
    """Headers of a mock can hold anything."""
    mocked = SimpleNamespace(status_code=429, url=SMS, _content=b"", headers={"Retry-After": value})
    details = from_response(mocked)
    assert details is not None
    assert details.retry_after is None


HISTORIES = [
    (None, None),
    ((), None),
    ((RequestHistory("POST", SMS, None, 429, None), RequestHistory("POST", SMS, None, 503, None)), 2),
    ((RequestHistory("POST", SMS, OSError(), None, None), RequestHistory("POST", SMS, None, 503, None)), 1),
    ((RequestHistory("POST", SMS, OSError(), None, None),), None),
    ([1, 2], None),
    ((1, 2), None),
    ("text", None),
]


@pytest.mark.parametrize(("history", "attempts"), HISTORIES, ids=lambda value: type(value).__name__)
def test_attempts_counts_the_answers_before_the_last(history: object, attempts: int | None) -> None:
    """urllib3's history tells how many answers came before; attempts without an answer are none."""
    details = from_response(response(history=history))
    assert details is not None
    assert ("1002", attempts) == (details.code, details.attempts)


class Raising:
    """A response of which one property raises."""

    def __init__(self, name: str, error: BaseException) -> None:
        self._name, self._error = name, error

    def __getattr__(self, name: str):
        if name == self._name:
            raise self._error
        return {"status_code": 400, "url": SMS, "_content": BODY, "headers": {}, "raw": None, "request": None}[name]


@pytest.mark.parametrize("name", ["status_code", "url", "request", "_content", "headers", "raw"])
@pytest.mark.parametrize(
    "error", [RuntimeError("x"), AttributeError("x"), RecursionError("x"), MemoryError()], ids=repr
)
def test_a_property_that_raises_is_contained(name: str, error: Exception) -> None:
    """Whatever a property raises, from_response does not."""
    details = from_response(Raising(name, error))
    assert details is None or details.code in {"1002", "http-400"}


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_passes(error: type[BaseException]) -> None:
    """KeyboardInterrupt and SystemExit are never contained."""
    with pytest.raises(error):
        from_response(Raising("status_code", error()))


def test_mocks_are_decoded_where_they_hold_what_a_response_holds() -> None:
    """A mock with a status, a URL and a body is as good as a response; a bare one is none."""
    mock = MagicMock(status_code=400, url=SMS, _content=BODY, headers={}, request=SimpleNamespace(method="POST"))
    assert EXPECTED == from_response(mock)
    assert from_response(MagicMock()) is None
    assert from_response(MagicMock(status_code=400, url=SMS)).code == "http-400"
    assert from_response(MagicMock(status_code=400)) is None


NOTHING = [
    None,
    5,
    "text",
    b"bytes",
    True,
    [],
    {},
    object,
    requests.Response(),
    requests.Request("GET", SMS),
    Exception("x"),
    httpx.Response(400),
]


@pytest.mark.parametrize("value", NOTHING, ids=lambda value: type(value).__name__)
def test_what_is_no_response_is_no_failure(value: object) -> None:
    """Anything at all can be asked; only a response with a URL of 8x8's answers."""
    assert from_response(value) is None


@given(st.integers(200, 599), bodies(), urls(), headers(), st.sampled_from(["GET", "post", "\n", ""]))
def test_every_response_is_decoded_or_none(status: int, body: bytes | str, url: str, sent: dict, method: str) -> None:
    """Whatever a response holds, the answer is None or details with a code, and the response is as it was."""
    made = SimpleNamespace(
        status_code=status, url=url, _content=body, headers=sent, request=SimpleNamespace(method=method)
    )
    before = dict(vars(made))
    details = from_response(made)
    assert before == vars(made)
    if details is not None:
        assert details.code
        assert status == details.http_status
        assert details.retry_after is None or 0 <= details.retry_after <= 10**12
