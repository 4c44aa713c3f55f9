"""The receivers in examples/receivers answer 200 whatever arrives, and report each failure once, with nothing private.

Each runs under its framework's own test client, with Sentry's integration for that framework, which puts the body
of the request into events.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sentry_sdk
import webhook_bodies as bodies
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from eightbyeight_obs import decode_webhook, report

RECEIVERS = Path(__file__).parent.parent.parent / "examples" / "receivers"
URL = "/webhooks/8x8"
REASON = "the framework of this receiver is not installed"


class Receiver(NamedTuple):
    """A receiver under its test client, and the Sentry integration of its framework."""

    post: Callable[[bytes, str | None], int]
    integrations: list[Any]


class KeptTransport(Transport):
    """Keeps the events instead of sending them."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        if event is not None:
            self.events.append(json.loads(json.dumps(event)))


def flask_receiver() -> Receiver:
    pytest.importorskip("flask", reason=REASON)
    from sentry_sdk.integrations.flask import FlaskIntegration

    client = importlib.import_module("flask_receiver").app.test_client()
    return Receiver(
        lambda body, content_type: client.post(URL, data=body, content_type=content_type).status_code,
        [FlaskIntegration()],
    )


def asgi_receiver(module: str) -> Receiver:
    pytest.importorskip(module.partition("_")[0], reason=REASON)
    from sentry_sdk.integrations.fastapi import FastApiIntegration
    from sentry_sdk.integrations.starlette import StarletteIntegration

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer versions of Starlette ask for httpx2, and do with httpx as well
        from starlette.testclient import TestClient

    client = TestClient(importlib.import_module(module).app)

    def post(body: bytes, content_type: str | None) -> int:
        headers = {"Content-Type": content_type} if content_type is not None else {}
        return client.post(URL, content=body, headers=headers).status_code

    integrations: list[Any] = [StarletteIntegration()]
    return Receiver(post, [*integrations, FastApiIntegration()] if module.startswith("fastapi") else integrations)


def django_receiver() -> Receiver:
    pytest.importorskip("django", reason=REASON)
    importlib.import_module("django_receiver")
    from django.test import Client
    from sentry_sdk.integrations.django import DjangoIntegration

    client = Client()
    return Receiver(
        lambda body, content_type: client.generic("POST", URL, body, content_type or "").status_code,
        [DjangoIntegration()],
    )


MAKERS: dict[str, Callable[[], Receiver]] = {
    "flask": flask_receiver,
    "starlette": lambda: asgi_receiver("starlette_receiver"),
    "fastapi": lambda: asgi_receiver("fastapi_receiver"),
    "django": django_receiver,
}


@pytest.fixture(params=MAKERS)
def receiver(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """One of the receivers, with no memory of earlier tests."""
    monkeypatch.syspath_prepend(RECEIVERS)
    made = MAKERS[request.param]()
    sys.modules["receiving"]._seen.clear()
    return made


@pytest.fixture
def sent(receiver: Receiver) -> Iterator[list[dict[str, Any]]]:
    """The events that Sentry would have got."""
    transport = KeptTransport()
    with sentry_sdk.isolation_scope():
        sentry_sdk.init(
            "https://key@sentry.invalid/1",
            transport=transport,
            integrations=receiver.integrations,
            auto_enabling_integrations=False,
            max_request_body_size="always",
        )
        yield transport.events
        sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    """The middleware's own log events, as the dictionaries of their records."""
    caplog.set_level(logging.INFO, "eightbyeight_obs")
    return lambda: [vars(record) for record in caplog.records if record.name == "eightbyeight_obs"]


FAILURES = [
    ("15", "Invalid destination", "SMS receipt", bodies.sms()),
    ("1022", "Message window expired", "ChatApps receipt", bodies.chatapps()),
    ("401", "Unauthorized", "ChatApps receipt", bodies.legacy("TRASHED", error="401")),
    ("-2004", "No coverage available for requested area", "voice session", bodies.session()),
    ("rejected", "SCAM", "template update", bodies.template(status="REJECTED", reason="SCAM")),
]


@pytest.mark.parametrize(("code", "description", "kind", "body"), FAILURES, ids=[case[0] for case in FAILURES])
def test_a_failure_is_one_log_line_and_one_event(
    receiver: Receiver,
    sent: list[dict[str, Any]],
    logged: Callable[[], list[dict[str, Any]]],
    code: str,
    description: str,
    kind: str,
    body: dict[str, Any],
) -> None:
    """Grouped by registry and code, and without any of the parties, texts or names of the webhook."""
    assert 200 == receiver.post(json.dumps(body).encode(), "application/json")
    [line] = logged()
    assert ("8x8.delivery_failed", code) == (line["msg"], line["8x8.code"])
    [event] = sent
    assert (f"8x8 {code} {description} ({kind})", "warning") == (event["message"], event["level"])
    assert ["8x8", line["8x8.registry"], code] == event["fingerprint"][:3]
    assert (code, line.get("8x8.umid")) == (event["tags"]["8x8.code"], event["tags"].get("8x8.umid"))
    shown = json.dumps(event) + repr(line)
    assert [] == [private for private in bodies.PRIVATE if private in shown]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", None),
        (b"", ""),
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"\xff\xfe\x00", "text/plain; charset=utf-16"),
        (b"[" * 100_000, "application/json"),
        (b"code=493817&destination=%2B12025550293", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b"<!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>", "application/xml"),
        (b"x" * (3 * 1024 * 1024), "application/octet-stream"),
        (b"{}", "no content type at all;;;"),
        (json.dumps(bodies.sms(state="delivered", errorCode=0)).encode(), "application/json"),
        (json.dumps(bodies.sms(state="queued")).encode(), "application/json"),
        (json.dumps(bodies.session("NO_ANSWER", None)).encode(), "application/json"),
        (json.dumps(bodies.sms() | {"eventType": "inbound_message_received"}).encode(), "application/json"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_whatever_arrives_is_answered_200(
    receiver: Receiver,
    sent: list[dict[str, Any]],
    logged: Callable[[], list[dict[str, Any]]],
    body: bytes,
    content_type: str | None,
) -> None:
    """Nothing is told of what is no failure; an answer of 4xx or 5xx would bring it four times more."""
    assert 200 == receiver.post(body, content_type)
    assert ([], []) == (sent, logged())


def test_the_xml_twin_is_read(receiver: Receiver, sent: list[dict[str, Any]]) -> None:
    """The header of the request says what it is."""
    assert 200 == receiver.post(bodies.SMS_XML.encode(), "application/xml; charset=utf-8")
    assert ["8x8 15 Invalid destination (SMS receipt)"] == [event["message"] for event in sent]


def test_duplicates_and_disorder_are_reported_once(
    receiver: Receiver, sent: list[dict[str, Any]], logged: Callable[[], list[dict[str, Any]]]
) -> None:
    """The same failure again is answered and not told; another state or another message is."""
    failed, delivered, rejected = (
        bodies.sms(),
        bodies.sms(state="delivered"),
        bodies.sms(state="rejected", errorCode=60),
    )
    other = bodies.sms()
    other["payload"]["umid"] = "another-message"
    order = [delivered, failed, failed, rejected, delivered, failed, other, rejected, other]
    answers = [receiver.post(json.dumps(body).encode(), "application/json") for body in order]
    assert [200] * len(order) == answers
    assert ["15", "60", "15"] == [event["tags"]["8x8.code"] for event in sent]
    assert [bodies.UMID, bodies.UMID, "another-message"] == [line["8x8.umid"] for line in logged()]


def test_what_has_no_reference_is_told_each_time(receiver: Receiver, sent: list[dict[str, Any]]) -> None:
    """Without umid, session or event two failures cannot be told from one."""
    body = bodies.sms()
    del body["payload"]["umid"]
    for _ in range(2):
        receiver.post(json.dumps(body).encode(), "application/json")
    assert 2 == len(sent)


def test_the_request_is_no_part_of_the_event(sent: list[dict[str, Any]], receiver: Receiver) -> None:
    """Where a service reads the body in its framework's usual way, the integration of Sentry knows it too.

    That request is the webhook, with texts and numbers in clear; the event about it has its facts only.
    """
    body = json.dumps(bodies.chatapps()).encode()
    with sentry_sdk.isolation_scope() as scope:
        scope.add_event_processor(lambda event, _: event | {"request": {"url": URL, "data": body.decode()}})
        sentry_sdk.capture_message("the service's own")
        event_id = report(decode_webhook(body), capture=True)  # type: ignore[arg-type]
    own, reported = sent
    assert body.decode() == own["request"]["data"]
    assert event_id == reported["event_id"]
    assert "request" not in reported


def test_the_memory_of_a_receiver_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest failures are forgotten."""
    monkeypatch.syspath_prepend(RECEIVERS)
    receiving = importlib.import_module("receiving")
    receiving._seen.clear()
    monkeypatch.setattr(receiving, "_MOST", 3)
    for number in range(10):
        body = bodies.sms()
        body["payload"]["umid"] = f"message-{number}"
        receiving.receive(json.dumps(body).encode(), None)
    assert ["message-7", "message-8", "message-9"] == [key[0] for key in receiving._seen]
