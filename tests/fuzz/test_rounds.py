"""Documented bodies with a few things wrong, at every entrance; and the inputs that were trouble once."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

import eightbyeight_obs
from tests.fuzz import entrances, rounds
from tests.fuzz.mutate import Input, make
from tests.fuzz.outputs import check_details, check_shown

REGRESSIONS = sorted((Path(__file__).parents[1] / "data" / "regressions").glob("*.json"))


def test_no_input_is_trouble_at_any_entrance(amount: int) -> None:
    """No exception, no control character, no number or secret, a bounded size, and an end, whatever comes in."""
    outcome = rounds.rounds(range(amount))
    told = {kind: (number, text) for kind, (number, text, _) in outcome.findings.items()}
    assert (amount, {}) == (outcome.inputs, told)


def test_the_same_number_gives_the_same_input() -> None:
    """A finding can be repeated by its number; different numbers give different inputs."""
    assert [make(number) for number in range(50)] == [make(number) for number in range(50)]
    assert len({make(number).body for number in range(300)}) > 250


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("entrance", entrances.ENTRANCES, ids=lambda entrance: entrance.__name__)
def test_what_was_trouble_once_is_none_now(path: Path, entrance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every input that fuzzing found comes out clean at every entrance."""
    kept = json.loads(path.read_text(encoding="utf-8"))["input"]
    monkeypatch.setattr(entrances, "_one_in", lambda count, given: True)
    with eightbyeight_obs.install(log=False):
        entrance(Input(**kept | {"body": kept["body"].encode("latin-1")}))


def test_trouble_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rounds note an exception, and an output that is not as promised, with the input to repeat it."""
    details = eightbyeight_obs.decode(400, '{"code": 1002, "message": "no"}')
    assert details is not None

    def raises(given: Input) -> None:
        raise RuntimeError(given.method)

    def shows(given: Input) -> None:
        object.__setattr__(details, "message", "to 6591234567")
        check_details(details)

    def breaks(given: Input) -> None:
        check_shown(["a\x1b[2J"])

    monkeypatch.setattr(rounds, "ENTRANCES", (raises, shows, breaks))
    found = rounds.rounds(range(3)).findings
    assert {"raises: RuntimeError", "shows: AssertionError", "breaks: AssertionError"} == {
        kind.partition(" in ")[0] for kind in found
    }
    assert {make(0)} == {given for _, _, given in found.values()}


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no alarm")
def test_what_does_not_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An input that is never done with is stopped and noted."""

    def hangs(given: Input) -> None:
        while True:
            pass

    monkeypatch.setattr(rounds, "ENTRANCES", (hangs,))
    monkeypatch.setattr(rounds, "HANG", 0.05)
    assert ["hangs: Hang"] == [kind.partition(" in ")[0] for kind in rounds.rounds([1]).findings]
