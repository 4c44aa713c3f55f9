"""Hypothesis: every output of anything that can be made of 8x8's shapes, noise, and linked exceptions."""

from __future__ import annotations

import logging
from typing import Any

import requests
from hypothesis import given
from hypothesis import strategies as st
from strategies import bodies, headers, texts, urls
from webhook_strategies import content_types, webhooks, written, xml_documents

import eightbyeight_obs
from eightbyeight_obs import EightByEightProcessor
from eightbyeight_obs.core.redaction import Redactor
from eightbyeight_obs.sinks.logging import _enrich
from eightbyeight_obs.sinks.sentry import process_event
from tests.fuzz.entrances import ENTRANCES, KEY, carrier_of
from tests.fuzz.exception_strategies import Graph, graphs
from tests.fuzz.mutate import Input
from tests.fuzz.outputs import check_details, check_shown, strings_in

REQUESTED = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages?to=6591234567"


def _bytes(body: bytes | str) -> bytes:
    return body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")


inputs = st.builds(
    Input,
    st.one_of(st.sampled_from([200, 400, 429, 500]), st.integers(100, 999)),
    st.one_of(bodies(), written(), xml_documents()).map(_bytes),
    urls(),
    st.sampled_from(["POST", "GET", "", "x\ny"]),
    content_types(),
    headers().map(lambda found: found.get("Retry-After")),
)


@given(inputs)
def test_every_entrance(entered: Input) -> None:
    """What the network can send, and what it cannot, comes out clean everywhere."""
    with eightbyeight_obs.install(log=False):
        for entrance in ENTRANCES:
            entrance(entered)


@given(webhooks())
def test_a_mapping(body: dict[str, Any]) -> None:
    """A webhook that the framework has read already."""
    check_details(eightbyeight_obs.decode_webhook(body))


@given(graphs())
def test_linked_exceptions(graph: Graph) -> None:
    """Whatever leads to whatever, the search ends with a failure that is there, or with none."""
    found = eightbyeight_obs.from_exception(graph.top)
    check_details(found)
    assert found is None or found.code in graph.codes
    event: dict[str, Any] = {"event": "x", "exc_info": graph.top}
    assert event is EightByEightProcessor()(None, "error", event)
    assert event.get("8x8.code") is None or event["8x8.code"] in graph.codes
    check_shown(str(value) for key, value in event.items() if key.startswith("8x8."))


@given(graphs(), texts())
def test_events_about_linked_exceptions(graph: Graph, text: str) -> None:
    """The event processor returns the event; its own keys are clean, and the texts of others stay."""
    with eightbyeight_obs.install(log=False):
        event: dict[str, Any] = {"level": "error", "exception": {"values": [{"type": "SmsError", "value": text}]}}
        assert event is process_event(event, {"exc_info": (type(graph.top), graph.top, None)})
        check_shown(strings_in([event.get("tags"), event.get("contexts"), event.get("fingerprint")]))
        if "tags" not in event:
            assert {"level": "error", "exception": {"values": [{"type": "SmsError", "value": text}]}} == event


@given(texts(), st.sampled_from([KEY, f"Bearer {KEY}", f"Authorization: {KEY}", f"{{'Authorization': '{KEY}'}}"]))
def test_texts_around_a_key(text: str, key: str) -> None:
    """A key is taken out of any text, wherever it stands, and so is the number of the call."""
    call = carrier_of(Input(400, b"{}", REQUESTED, "POST", None, None))
    shown = Redactor([call.response]).text(f"{text} {key} {text} +6591234567 {text}")
    assert KEY not in shown
    assert "6591234567" not in shown


@given(st.lists(st.one_of(texts(), st.binary(max_size=20), st.none(), st.integers()), max_size=4), texts())
def test_log_calls(arguments: list[Any], message: str) -> None:
    """A record with any arguments is what it was: nothing is attributed without a failure."""
    with eightbyeight_obs.install(log=False):
        record = logging.LogRecord("shop", logging.ERROR, "shop.py", 1, message, tuple(arguments), None)
        before = dict(vars(record))
        _enrich(record)
        assert before == vars(record)


def test_a_response_that_is_none() -> None:
    """The default response of requests, empty in every way, is no failure."""
    assert eightbyeight_obs.from_response(requests.Response()) is None
