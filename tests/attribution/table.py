"""The table: shape x set-up x grade, with precision and recall. ``python -m tests.attribution.table [word ...]``."""

from __future__ import annotations

import concurrent.futures
import faulthandler
import functools
import multiprocessing
import os
import sys
import time
import warnings
from collections import Counter

from .catalogue import NONE, Expected, Shape, shapes
from .judge import Verdict, judge, precision_and_recall
from .service import AFTER, BEFORE, WITHOUT, run
from .setups import SETUPS, SetUp

WIDTH = 13
PATIENCE = 900.0
"""Seconds after which a shape, with all set-ups, is taken to hang."""
SIGNS = {"certain": "C", "likely": "L", "related": "R", "none": "."}


def cell(shape: Shape, setup: SetUp) -> tuple[list[Verdict], list[str]]:
    """Run one shape with one set-up, in both orders, and judge it."""
    without, *outcomes = map(functools.partial(run, shape, setup), (WITHOUT, BEFORE, AFTER))
    judged = [judge(shape, without, outcome) for outcome in outcomes]
    verdicts = [verdict for found, _ in judged for verdict in found]
    return verdicts, [problem for _, found in judged for problem in found]


def mark(verdicts: list[Verdict], problems: list[str]) -> str:
    """Return a cell as text: the grades of the log lines, a slash, those of Sentry's events; ! where one is wrong.

    The two orders of install() are one sign where they agree, as they must.
    """
    text = "/".join(
        "".join(SIGNS.get(verdict.found.grade, "?") + ("" if verdict.is_right else "!") for verdict in found)
        for sink in ("log", "sentry")
        for found in [_once([verdict for verdict in verdicts if verdict.sink == sink])]
    )
    return text + ("!" if problems else "")


def _once(verdicts: list[Verdict]) -> list[Verdict]:
    half = len(verdicts) // 2
    first, second = verdicts[:half], verdicts[half:]
    same = [(each.found, each.is_right) for each in first] == [(each.found, each.is_right) for each in second]
    return first if same else verdicts


Row = list[tuple[list[Verdict], list[str]] | None]


def row(at: int) -> Row:
    """Return the cells of one shape, in the order of the set-ups; None where it cannot be written with one."""
    warnings.simplefilter("ignore")
    shape = shapes()[at]
    faulthandler.dump_traceback_later(PATIENCE, exit=True)  # a shape that hangs is wrong too
    try:
        return [cell(shape, setup) if shape.runs_with(setup) else None for setup in SETUPS]
    finally:
        faulthandler.cancel_dump_traceback_later()


def unseen(shape: Shape, verdicts: list[Verdict]) -> list[str]:
    """Return what the catalogue expects of a shape and no report told: a shape must not fall silent unnoticed."""
    expected: set[Expected] = set()
    for reports in (shape.log, shape.sentry):
        expected |= {reports} if isinstance(reports, Expected) else set(reports.values())
    return [f"no report that is {each}" for each in expected - {verdict.expected for verdict in verdicts} - {NONE}]


def main(words: list[str]) -> int:
    """Print the table; return 1 where anything is wrong."""
    began = time.monotonic()
    everything: list[Verdict] = []
    wrong: list[str] = []
    chosen = [(at, each) for at, each in enumerate(shapes()) if not words or any(word in str(each) for word in words)]
    width = max((len(str(shape)) for _, shape in chosen), default=0) + 2
    print("log lines/Sentry events: C certain, L likely, R related, . untouched, ! wrong, blank: not for this set-up\n")
    for at in range(2):  # the names of the set-ups in two lines
        names = [setup.name.replace(">", "> ").replace("+", "+ ").replace("-", "- ").split() for setup in SETUPS]
        print(" " * width + "".join((name[at] if at < len(name) else "")[: WIDTH - 1].ljust(WIDTH) for name in names))
    workers = concurrent.futures.ProcessPoolExecutor(
        min(4, os.cpu_count() or 1), mp_context=multiprocessing.get_context("spawn")
    )
    with workers:
        rows = workers.map(row, [at for at, _ in chosen])
        for (_, shape), cells in zip(chosen, rows, strict=True):
            line = str(shape).ljust(width)
            for setup, judged in zip(SETUPS, cells, strict=True):
                verdicts, problems = judged or ([], [])
                line += (mark(verdicts, problems) if judged else "").ljust(WIDTH)
                everything += verdicts
                wrong += [f"{shape}, {setup}: {problem}" for problem in problems]
                wrong += [f"{shape}, {setup}, {v.sink}: {problem}" for v in verdicts for problem in v.problems]
            print(line.rstrip(), flush=True)
            found = [verdict for judged in cells if judged for verdict in judged[0]]
            wrong += [f"{shape}: {problem}" for problem in unseen(shape, found)]
    if not everything:
        wrong.append("nothing was judged")
    precision, recall = precision_and_recall(everything)
    grades = Counter(verdict.expected.grade for verdict in everything)
    print()
    print(*wrong, sep="\n")
    print(f"{len(chosen)} shapes, {len(SETUPS)} set-ups, {len(everything)} reports judged: {dict(grades)}")
    print(f"precision {precision:.4f}, recall {recall:.4f}, {len(wrong)} wrong, {time.monotonic() - began:.0f} s")
    return 1 if wrong or (precision, recall) != (1.0, 1.0) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
