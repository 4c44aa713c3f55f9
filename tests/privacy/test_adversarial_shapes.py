"""Shapes that a simple search would miss: cut texts, keys as keys of dictionaries, encoded numbers, notes, partials."""

from __future__ import annotations

import concurrent.futures
import functools
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import pytest
import requests
import sentry_sdk

import eightbyeight_obs
from tests.privacy import planted
from tests.privacy.habits import HEADERS, SmsError, log, post, target


@dataclass
class Settings:
    """A service's settings, whose repr has the key."""

    api_key: str
    retries: int = 3


@dataclass
class Message:
    """What a service sends, whose repr has the number."""

    to: str


def failed() -> requests.HTTPError:
    """Call, and return the HTTPError."""
    try:
        post().raise_for_status()
    except requests.HTTPError as exc:
        return exc
    raise AssertionError("the call did not fail")


def spaced(number: str) -> str:
    """Write a number as people do: ``+65 9330-0033``."""
    return f"+{number[:2]} {number[2:6]}-{number[6:]}"


TEXTS: dict[str, Any] = {
    "headers in JSON in JSON": lambda exc: json.dumps({"sent": json.dumps(dict(exc.request.headers))}),
    "headers as bytes": lambda exc: str(list({k: v.encode() for k, v in exc.request.headers.items()}.items())),
    "the request as a dictionary": lambda exc: str({**vars(exc.request), "body": None}),
    "the body as it was sent": lambda exc: f"sent {exc.request.body!r}",
    "the body as text": lambda exc: f"sent {exc.request.body.decode()}",
    "path and query": lambda exc: exc.request.path_url,
    "path and query, decoded": lambda exc: unquote(exc.request.path_url),
    "the query alone": lambda exc: exc.request.url.partition("?")[2],
    "the query, decoded": lambda exc: unquote(exc.request.url.partition("?")[2]),
    "parameters of the query": lambda exc: str({"code": planted.OTP, "to": "+" + planted.QUERY_PHONE}),
    "a code in a sentence": lambda exc: f"the code {planted.OTP} was not checked",
    "the URL, encoded once more": lambda exc: quote(exc.request.url, safe=""),
    "the URL, decoded": lambda exc: unquote(exc.request.url),
    "the URL in upper case": lambda exc: exc.request.url.upper(),
    "the URL in angle brackets": lambda exc: f"<{exc.request.url}>",
    "the URL in Markdown": lambda exc: f"[call]({exc.request.url})",
    "numbers as people write them": lambda exc: " or ".join(
        map(spaced, (planted.BODY_PHONE, planted.PATH_PHONE, planted.QUERY_PHONE, planted.MESSAGE_PHONE))
    ),
    "a number without its country": lambda exc: f"no route to {planted.BODY_PHONE[2:]}",
    "a number in a repr": lambda exc: f"could not send {Message('+' + planted.BODY_PHONE)}",
    "a key in a repr": lambda exc: f"could not send with {Settings(planted.KEY)}",
    "a key as the argument of a partial": lambda exc: repr(
        functools.partial(post, headers=HEADERS, url=exc.request.url)
    ),
    "a key in the URL": lambda exc: f"https://{quote(planted.KEY)}@sms.8x8.com/api",
    "the answer": lambda exc: exc.response.text,
    "the answer as the repr of bytes": lambda exc: repr(exc.response.content),
    "curl": lambda exc: f"curl '{exc.request.url}' -H 'authorization: bearer {planted.KEY}' -d '{exc.request.body!r}'",
}


def raised(text: str, exc: requests.HTTPError) -> None:
    own = SmsError(text)
    own.__cause__ = exc  # as "raise ... from" does, without a frame: its variables would be the service's own
    sentry_sdk.capture_exception(own)


def noted(text: str, exc: requests.HTTPError) -> None:
    own = SmsError("could not send")
    own.__cause__ = exc
    own.__notes__ = [text]  # type: ignore[attr-defined] # what add_note() does, of Python 3.11
    sentry_sdk.capture_exception(own)


def logged(text: str, exc: requests.HTTPError) -> None:
    log.error(text, extra={"response": exc.response})


def as_parameter(text: str, exc: requests.HTTPError) -> None:
    log.error("could not send: %s (%s)", text, exc)


def as_extra(text: str, exc: requests.HTTPError) -> None:
    log.error("could not send", exc_info=exc.with_traceback(None), extra={"told": {"deeper": [text]}})


def as_breadcrumbs(text: str, exc: requests.HTTPError) -> None:
    log.info(text)
    sentry_sdk.add_breadcrumb(category="shop", message=text, data={"told": text})
    sentry_sdk.capture_exception(exc.with_traceback(None))


def as_a_key(text: str, exc: requests.HTTPError) -> None:
    log.error("could not send", exc_info=exc.with_traceback(None), extra={"told": {text: 1}})


WAYS = (raised, noted, logged, as_parameter, as_extra, as_breadcrumbs, as_a_key)
NUMBERS = (planted.BODY_PHONE, planted.PATH_PHONE, planted.QUERY_PHONE, planted.MESSAGE_PHONE)


def leaks(sent: bytes) -> list[str]:
    """What of the call is in these bytes, numbers in other spellings too."""
    spellings = [spelling for number in NUMBERS for spelling in (spaced(number), number[2:])]
    return planted.leaks(sent) + [spelling for spelling in spellings if spelling.encode() in sent]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_text_about_the_call_tells_what_it_carried(text, host, sentry, installed):
    """In an exception, a note, a log line, a parameter, ``extra``, a breadcrumb or a key: no spelling of it is sent."""
    wire = sentry()
    target.url = planted.url(host)
    for way in WAYS:
        with sentry_sdk.isolation_scope():
            way(text(failed()), failed())
    assert ["certain"] * len(WAYS) == [event["tags"]["8x8.match"] for event in wire.events]
    assert {} == {
        way.__name__: found
        for way, event in zip(WAYS, wire.events, strict=True)
        if (found := leaks(json.dumps(event).encode()))
    }
    assert [] == leaks(wire.sent())


def accounts() -> None:
    """Have the key as a key, cut off, in a repr and in nested arguments."""
    by_key = {planted.KEY: "Acme", (planted.KEY, 1): "Acme"}
    as_text = json.dumps({"settings": json.dumps({"key": planted.KEY})})
    nested = {"kwargs": {"headers": [["Authorization", planted.KEY]], "json": {"to": [{"key": planted.KEY.encode()}]}}}
    settings, partial = Settings(planted.KEY), functools.partial(post, headers={"Authorization": planted.KEY})
    message = Message("+" + planted.BODY_PHONE)
    cut = "x" * 900 + planted.KEY
    post().raise_for_status()
    print(by_key, as_text, nested, settings, partial, message, cut)


@pytest.mark.parametrize("length", [None, 100, 920, 923], ids=lambda length: f"cut at {length}")
def test_local_variables_of_the_service_never_show_the_key(length, host, sentry, installed):
    """As a key of a dictionary, nested, in a repr, and cut off where the SDK cuts long texts."""
    wire = sentry() if length is None else sentry(max_value_length=length)
    target.url = planted.url(host)
    try:
        accounts()
    except requests.HTTPError as exc:
        sentry_sdk.capture_exception(exc)
    (event,) = wire.events
    (frame,) = (
        each for each in event["exception"]["values"][-1]["stacktrace"]["frames"] if each["function"] == "accounts"
    )
    assert {"by_key", "as_text", "nested", "settings", "partial", "message", "cut"} == set(frame["vars"])
    assert planted.KEY[:7] not in json.dumps(event)
    assert planted.BODY_PHONE[2:] not in json.dumps(frame["vars"]["message"])


@pytest.mark.parametrize("scrubbed", [True, False], ids=["", "log=False"])
def test_an_event_of_report_shows_no_key_in_the_stack(scrubbed, host, sentry):
    """With ``attach_stacktrace`` the own event has the variables of the function that calls ``report()``."""
    eightbyeight_obs.install(hosts={host: "lookup"}, log=scrubbed)
    wire = sentry(attach_stacktrace=True)
    target.url = planted.url(host)

    def work() -> None:
        key = planted.KEY
        response = post()
        sentry_sdk.add_breadcrumb(message=f"called {response.request.path_url} with {key}")
        eightbyeight_obs.report(eightbyeight_obs.from_response(response), capture=True)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:  # the stack of a test is pytest's
        pool.submit(work).result()
    assert 1 == len(wire.events)
    assert [] == leaks(wire.sent())
