"""Scrubbing one event is a bounded amount of work, whatever the event holds, and fails closed."""

from __future__ import annotations

from typing import Any

import pytest

from eightbyeight_obs.core.redaction import FILTERED, Redactor
from eightbyeight_obs.sinks.scrubbing import scrub_event


def frame(number: int, **variables: Any) -> dict[str, Any]:
    """A frame of the service's as the SDK serialises it."""
    return {
        "module": "shop.orders",
        "function": f"f{number}",
        "context_line": "    response.raise_for_status()",
        "pre_context": ["def send(order):", "    response = session.post(url, json=body)"],
        "post_context": ["    return response.json()"],
        "vars": {"order": str(number), "headers": {"Accept": "'*/*'"}, "text": "'hello'", **variables},
    }


def event(*frames: dict[str, Any]) -> dict[str, Any]:
    """An error event with these frames, the innermost last."""
    return {"exception": {"values": [{"type": "HTTPError", "value": "x", "stacktrace": {"frames": list(frames)}}]}}


def variables(of: dict[str, Any], at: int) -> Any:
    """The variables of one frame of the first exception."""
    return of["exception"]["values"][0]["stacktrace"]["frames"][at]["vars"]


class Work:
    """Counts the texts that are looked at, and their characters."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts = self.characters = 0
        for name in ("concerns", "secrets"):
            monkeypatch.setattr(Redactor, name, self._counting(getattr(Redactor, name)))

    def _counting(self, method: Any) -> Any:
        def counted(redactor: Redactor, text: str) -> Any:
            self.texts += 1
            self.characters += len(text)
            return method(redactor, text)

        return counted


def test_an_event_of_200_frames_keeps_every_variable():
    """The bound is far above what services send: nothing of an event with 200 frames is left out."""
    sent = event(*(frame(number) for number in range(200)))
    scrub_event(sent)
    kept = [variables(sent, at) for at in range(200)]
    assert [{"order": str(at), "headers": {"Accept": "'*/*'"}, "text": "'hello'"} for at in range(200)] == kept


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(lambda: event(*(frame(number) for number in range(200))), id="200 frames"),
        pytest.param(lambda: event(*(frame(number) for number in range(20_000))), id="20,000 frames"),
        pytest.param(lambda: event(frame(0, big="x" * 10_000_000)), id="a variable of 10 MB"),
        pytest.param(lambda: event(*(frame(n, big="x" * 19_000) for n in range(200))), id="200 long variables"),
        pytest.param(lambda: event(frame(0, many={str(n): "y" for n in range(100_000)})), id="100,000 keys"),
        pytest.param(lambda: {"logentry": {"message": "x", "params": ["y"] * 100_000}}, id="100,000 parameters"),
        pytest.param(
            lambda: {"breadcrumbs": {"values": [{"message": "x" * 5000, "data": {"y": "z" * 5000}}] * 1000}},
            id="1,000 breadcrumbs",
        ),
    ],
)
def test_the_work_for_one_event_is_bounded(sent, monkeypatch):
    """At most 6,000 looks at a text, and 500,000 characters of them."""
    work = Work(monkeypatch)
    scrub_event(sent())
    assert 0 < work.texts <= 6_000
    assert work.characters <= 500_000


def test_frames_near_the_failure_come_first():
    """When the bound is reached it is the outermost frames that lose their variables."""
    sent = event(*(frame(number) for number in range(20_000)))
    scrub_event(sent)
    assert "19999" == variables(sent, -1)["order"]
    assert FILTERED == variables(sent, 0)


def test_a_structure_that_contains_itself_comes_to_an_end():
    """Depth is bounded too."""
    loop: dict[str, Any] = {"to": "x"}
    loop["again"] = loop
    sent = {"extra": {"loop": loop}, **event(frame(0, loop=loop))}
    scrub_event(sent)
    assert FILTERED in repr(sent["extra"])
    assert FILTERED in repr(variables(sent, 0))


@pytest.mark.internal_failure
def test_what_cannot_be_scrubbed_is_not_sent(monkeypatch, internal_failures):
    """If scrubbing breaks, the event keeps classes and places and loses every value."""

    def broken(redactor: Redactor, text: str) -> str:
        raise RuntimeError("told by the test")

    monkeypatch.setattr(Redactor, "text", broken)
    sent = {**event(frame(1)), "extra": {"a": 1}, "logentry": {"message": "m"}, "breadcrumbs": {"values": [{}]}}
    sent["contexts"] = {"structlog": {"url": "x"}}
    scrub_event(sent)
    lines = {key: value for key, value in frame(1).items() if key != "vars"}
    value = {"type": "HTTPError", "value": FILTERED, "stacktrace": {"frames": [lines]}}
    assert {"exception": {"values": [value]}} == sent
    assert 1 == len(internal_failures)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"exception": None, "breadcrumbs": None, "extra": None, "logentry": None, "contexts": None},
        {"exception": {"values": [None, 1, {}]}, "breadcrumbs": {"values": [None, 1, {}]}},
        {"exception": [{"value": 1, "stacktrace": {"frames": [None, {"vars": None}, {"module": 1, "vars": {}}]}}]},
        {"breadcrumbs": [{"message": 1, "data": 1}], "threads": [{"stacktrace": None}], "stacktrace": 1},
    ],
)
def test_events_of_other_shapes_pass(sent):
    """Sections that are missing, empty or of a wrong type are passed over."""
    before = repr(sent)
    scrub_event(sent)
    assert before == repr(sent)


def test_an_object_whose_repr_raises_is_left_to_the_sdk():
    """The SDK writes "<broken repr>" for it."""

    class Broken:
        def __repr__(self) -> str:
            raise ValueError("told by the test")

    broken = Broken()
    sent = {"extra": {"broken": broken}}
    scrub_event(sent)
    assert {"extra": {"broken": broken}} == sent
