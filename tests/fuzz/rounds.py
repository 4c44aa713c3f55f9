"""Many inputs, one after the other: ``python -m tests.fuzz.rounds 1000000``; ``--from 17`` replays from the 17th."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import eightbyeight_obs
from tests.fuzz.entrances import ENTRANCES, terminal
from tests.fuzz.mutate import Input, make

__all__ = ["Outcome", "rounds"]

HANG = 60
"""Seconds after which an input counts as one that never ends, whatever else the machine does."""


@dataclass
class Outcome:
    """What came of it: how many inputs, and of each kind of finding the number of an input, its text and it."""

    inputs: int = 0
    slowest: float = 0.0
    findings: dict[str, tuple[int, str, Input]] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)


class Hang(BaseException):
    """Raised into what does not end; no ``except Exception`` holds it."""


@contextmanager
def _alarm() -> Iterator[Callable[[float], Any]]:
    """Give a function that sets the alarm, or one that does nothing where there is none (Windows)."""
    if not hasattr(signal, "setitimer"):
        yield lambda seconds: None
        return

    def ring(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    try:
        yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def rounds(numbers: Iterable[int], *, limit: float | None = None) -> Outcome:
    """Put every input in at every entrance.

    Args:
        numbers: Which inputs.
        limit: CPU seconds that an entrance may take for one input, best of three; None for no such limit.
            The command line reads whole files and is left out of it.
    """
    outcome = Outcome()
    eightbyeight_obs.install(log=False)
    try:
        with _alarm() as alarm:
            for number in numbers:
                given = make(number)
                outcome.inputs += 1
                for entrance in ENTRANCES:
                    alarm(HANG)
                    try:
                        took = _timed(entrance, given)
                        if limit is not None and took > limit and entrance is not terminal:
                            took = min(took, *(_timed(entrance, given) for _ in range(2)))
                            outcome.slowest = max(outcome.slowest, took)
                            assert took <= limit, f"{took:.3f} s"
                    except (Exception, Hang) as error:
                        alarm(0)
                        _note(outcome, entrance.__name__, number, given, error)
                alarm(0)
    finally:
        eightbyeight_obs.uninstall()
    return outcome


def _timed(entrance: Callable[[Input], None], given: Input) -> float:
    start = time.thread_time()
    entrance(given)
    return time.thread_time() - start


def _note(outcome: Outcome, entrance: str, number: int, given: Input, error: BaseException) -> None:
    place = traceback.extract_tb(error.__traceback__)[-1]
    kind = f"{entrance}: {type(error).__name__} in {place.name}, line {place.lineno}"
    outcome.times[kind] += 1
    outcome.findings.setdefault(kind, (number, str(error)[:500], given))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", type=int)
    parser.add_argument("--from", dest="start", type=int, default=0)
    parser.add_argument("--limit", type=float, default=None, help="CPU seconds for one input")
    asked = parser.parse_args()
    start, found = time.monotonic(), False
    step = max(1, min(50_000, asked.inputs))
    for first in range(asked.start, asked.start + asked.inputs, step):
        outcome = rounds(range(first, min(first + step, asked.start + asked.inputs)), limit=asked.limit)
        spent = time.monotonic() - start
        print(f"{first + outcome.inputs:,} inputs, {spent:.0f} s, {sum(outcome.times.values())} findings", flush=True)
        for kind, (number, text, given) in outcome.findings.items():
            found = True
            print(f"{outcome.times[kind]} x {kind}; input {number}: {text}\n  {json.dumps(given.data())[:2000]}")
    return int(found)


if __name__ == "__main__":
    sys.exit(main())
