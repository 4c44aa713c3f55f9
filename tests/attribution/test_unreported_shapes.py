"""``capture_unreported=True`` over the catalogue: each dropped failure once, no failure that was reported."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from .catalogue import Shape, shapes
from .service import BEFORE, WITHOUT, run
from .setups import SETUPS

HIDDEN = {
    "adapter_with_its_own_loop": "the adapter keeps all answers but the last to itself",
    "urllib3_answered_well_at_last": "so does urllib3",
    "urllib3_exhausted": "and an exception without a response is never a dropped response",
    "urllib3_exhausted_and_logged": "the same",
    "urllib3_exhausted_and_raised_from": "the same",
    "urllib3_exhausted_without_raise": "the answers before the last one",
    "urllib3_exhausted_without_raise_and_status_checked": "the same",
    "retries_older_than_the_middleware": "the same",
    "pickled_through_a_process_pool": "it failed in another process",
    "response_pickled_through_a_process_pool": "the same",
    "response_hook_of_a_streamed_answer": "its body, and with it the errorId, was never read",
    "given_one_beside_an_exception_that_is_only_likely": "the line has both; one of them is its code",
}
"""Where not every answer of the servers is seen by the service, or shown by its errorId."""


@contextlib.contextmanager
def nothing_kept() -> Iterator[None]:
    """pytest keeps every record of a test, with its exception, whose frames keep the responses."""
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, []
    try:
        yield
    finally:
        root.handlers = handlers


@pytest.mark.parametrize("shape", shapes(), ids=str)
def test_a_failure_is_reported_by_the_service_or_captured_once(shape: Shape):
    """No failure twice, none not at all: what no line (warning or above) and no event tells of is one more event."""
    setup = next(filter(shape.runs_with, SETUPS))
    shape = dataclasses.replace(shape, options={**(shape.options or {}), "capture_unreported": True})
    with nothing_kept():
        without = run(shape, setup, WITHOUT)
        outcome = run(shape, setup, BEFORE, gc.collect)
    extra = [event for event in outcome.events if is_extra(event)]
    own = [event for event in outcome.events if not is_extra(event)]
    told = error_ids(event.get("tags") or {} for event in own)
    told |= {failure["error_id"] for event in own for failure in members(event) if "error_id" in failure}
    told |= error_ids(line for line in outcome.lines if is_report(line))
    dropped = error_ids(event["tags"] for event in extra)

    assert (len(without.events), len(without.lines)) == (len(own), len(outcome.lines))
    assert set() == told & dropped
    assert len(extra) == len({event["tags"].get("8x8.error_id", event["event_id"]) for event in extra})
    assert ["certain"] * len(extra) == [event["tags"]["8x8.match"] for event in extra]
    if shape.name not in HIDDEN:
        answered = {answer.error_id for answer in outcome.answers if answer.error_id}
        assert answered == (told | dropped) - {MOCKED}


MOCKED = "11111111-1111-4111-8111-111111111111"
"""Of the answers that mocks, caches and adapters made by hand give without asking a server."""


def test_what_is_not_covered_is_in_the_catalogue():
    """A shape that was renamed or taken out is not excused any longer."""
    assert [] == sorted(set(HIDDEN) - {shape.name for shape in shapes()})


def is_extra(event: Mapping[str, Any]) -> bool:
    return str(event.get("message")).endswith(", not reported by the service")


def members(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The failures of a group that an event is about."""
    found: list[dict[str, Any]] = event.get("contexts", {}).get("8x8", {}).get("failures", [])
    return found


def is_report(line: Mapping[str, Any]) -> bool:
    """The lines below warning that are given a failure say "as expected", here and in the whole catalogue."""
    return "as expected" not in str(line["event"])


def error_ids(facts: Iterable[Mapping[str, Any]]) -> set[str]:
    return {each["8x8.error_id"] for each in facts if "8x8.error_id" in each}
