"""from_exception(): what one exception carries: an answer, exhausted retries, a request without an answer."""

from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import requests
from raising import REQUEST, SMS, Carrying, failure, response, with_cause
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from eightbyeight_obs.core.carriers import attach, from_exception
from eightbyeight_obs.core.details import ErrorDetails
from eightbyeight_obs.core.hosts import use_extra_hosts


def code(exc: BaseException | None) -> str | None:
    """The code of the failure that the exception is about."""
    details = from_exception(exc)
    return details.code if details else None


def test_an_http_error_is_about_its_response() -> None:
    """HTTPError, and any exception with such a `.response`, is about the answer that it carries."""
    assert "1002" == code(failure())
    assert "1300" == code(Carrying(response(1300)))
    request = httpx.Request("POST", SMS)
    answer = httpx.Response(400, json={"code": 1200}, request=request)
    assert "1200" == code(httpx.HTTPStatusError("x", request=request, response=answer))


def test_a_call_without_an_answer_is_about_its_request() -> None:
    """Without a response, but with a request to 8x8: the exception's class is the code, registry transport."""
    expected = ErrorDetails(
        "ConnectTimeout",
        "transport",
        "No answer",
        "unknown",
        product="sms",
        region="apac",
        endpoint="POST /api/v1/subaccounts/{subAccountId}/messages",
        sub_account="Acme_hq",
        host="sms.8x8.com",
    )
    assert expected == from_exception(requests.ConnectTimeout("timed out", request=REQUEST))
    assert expected == from_exception(httpx.ConnectTimeout("timed out", request=httpx.Request("POST", SMS)))
    assert (
        expected.title() == "8x8 ConnectTimeout No answer (POST sms.8x8.com/api/v1/subaccounts/{subAccountId}/messages)"
    )


def test_details_left_on_an_exception_are_found_there() -> None:
    """What a client saw before the exception was raised travels with it, through pickle too."""
    details = from_exception(failure(1300))
    assert details is not None
    for error in (requests.exceptions.RetryError("too many 429 error responses", request=REQUEST), OSError("x")):
        attach(error, details)
        assert details == from_exception(error)
        assert details == from_exception(pickle.loads(pickle.dumps(error)))


def test_the_name_of_a_class_is_a_safe_and_short_code() -> None:
    """A class can be named anything; the code is one word of 100 characters at most."""
    for name, expected in {"Odd Name\n8x8": "Odd_Name_8x8", "X" * 300: "X" * 100}.items():
        details = from_exception(type(name, (requests.ConnectionError,), {})("x", request=REQUEST))
        assert details is not None
        assert (expected, "transport") == (details.code, details.registry)


FOREIGN = requests.Request("POST", "https://api.8x8.com/x").prepare()
NOT_ABOUT_8X8 = {
    "another host": lambda: requests.ConnectTimeout("x", request=FOREIGN),
    "another host's answer": lambda: Carrying(response(1002, "https://api.8x8.com/x")),
    "no request": lambda: requests.ConnectTimeout("x"),
    "httpx without a request": lambda: httpx.ConnectTimeout("x"),
    "no exception of the client": lambda: with_request(TimeoutError("x")),
    "response is text": lambda: Carrying("text"),
    "response is a class": lambda: Carrying(requests.Response),
    "a ValueError": lambda: ValueError(json.dumps({"code": 1002, "errorId": "x"})),
    "None": lambda: None,
}


def with_request(exc: BaseException) -> BaseException:
    """The exception with a request of 8x8's on it, as some other library may leave one."""
    exc.request = REQUEST
    return exc


@pytest.mark.parametrize("name", NOT_ABOUT_8X8)
def test_every_other_exception_is_about_something_else(name: str) -> None:
    """Other hosts, other libraries, texts that look like an answer: None."""
    assert from_exception(NOT_ABOUT_8X8[name]()) is None


@pytest.mark.parametrize("value", [5, "text", object(), [], ValueError], ids=lambda value: type(value).__name__)
def test_what_is_no_exception_is_no_failure(value: object) -> None:
    """Anything can be asked."""
    assert from_exception(value) is None


class Raising(Exception):
    """An exception of which every unknown attribute raises."""

    def __getattr__(self, name: str):
        raise RuntimeError(name)


def test_a_property_that_raises_does_not_hide_the_cause() -> None:
    """An exception that cannot be looked at is passed over; what it was raised from still tells."""
    assert code(Raising()) is None
    assert "1002" == code(with_cause(Raising(), failure(1002)))
    without_request = httpx.ConnectTimeout("x")  # its property raises RuntimeError
    assert "1002" == code(with_cause(without_request, failure(1002)))


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_passes(error: type[BaseException]) -> None:
    """KeyboardInterrupt and SystemExit from inside are not contained."""

    class Ending(Exception):
        @property
        def response(self):
            raise error

    with pytest.raises(error):
        from_exception(Ending())


# --- over a real connection ------------------------------------------------------------------------------------------


class Limited(BaseHTTPRequestHandler):
    """Answers every request with 8x8's 429."""

    def do_GET(self) -> None:
        body = b'{"code": 429, "message": "Quota exceeded. Please try again in 1 second(s)."}'
        self.send_response(429)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def limited() -> Iterator[str]:
    """The URL of a loopback server that answers 429, known as a host of the product sms."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Limited) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        host = f"127.0.0.1:{server.server_port}"
        use_extra_hosts({host: "sms"})
        yield f"http://{host}/api/v1/subaccounts/Acme_hq/messages"
        server.shutdown()
        thread.join()


def session(**options: object) -> requests.Session:
    """A session whose adapter retries twice, at once, on 429."""
    made = requests.Session()
    made.mount(
        "http://",
        HTTPAdapter(
            max_retries=Retry(
                total=2, status_forcelist=[429], backoff_factor=0, respect_retry_after_header=False, **options
            )
        ),
    )
    return made


def test_exhausted_retries_tell_their_status(limited: str) -> None:
    """RetryError has no response; its text tells the status that urllib3 gave up on."""
    with session() as client, pytest.raises(requests.exceptions.RetryError) as raised:
        client.get(limited)
    details = from_exception(raised.value)
    assert details is not None
    assert ("http-429", "http", "rate_limit", 429, "sms", "GET /api/v1/subaccounts/{subAccountId}/messages") == (
        details.code,
        details.registry,
        details.category,
        details.http_status,
        details.product,
        details.endpoint,
    )


def test_the_last_answer_after_retries_tells_its_attempts(limited: str) -> None:
    """With raise_on_status=False the last answer comes back; two came before it."""
    with session(raise_on_status=False) as client:
        answer = client.get(limited)
    with pytest.raises(requests.HTTPError) as raised:
        answer.raise_for_status()
    details = from_exception(raised.value)
    assert details is not None
    assert ("429", "api", 2) == (details.code, details.registry, details.attempts)


def test_a_refused_connection_is_a_call_without_an_answer() -> None:
    """ConnectionError from a closed port: registry transport, and no status."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Limited) as server:
        host = f"127.0.0.1:{server.server_port}"
    use_extra_hosts({host: "voice"})
    with pytest.raises(requests.ConnectionError) as raised:
        requests.post(f"http://{host}/api/v1/subaccounts/Acme_hq/callflows")
    details = from_exception(raised.value)
    assert details is not None
    expected = "8x8 ConnectionError No answer (POST 127.0.0.1/api/v1/subaccounts/{subAccountId}/callflows)"
    assert (expected, "transport", None) == (details.title(), details.registry, details.http_status)
