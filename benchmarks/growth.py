"""How cost grows: with threads, with failures alive, with the catalogue, with the body, with the chain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, NamedTuple

import bodies
import logs
import paths
import requests
import timing

import eightbyeight_obs as package
from eightbyeight_obs.core.catalogue import CATALOGUE, CodeEntry


class Series(NamedTuple):
    """One plot: lines of (x, microseconds)."""

    title: str
    x_label: str
    lines: dict[str, list[tuple[float, float]]]
    note: str


def cost(bare: timing.Call, with_it: timing.Call, make: timing.Make, count: int, rounds: int) -> float:
    return timing.paired(bare, with_it, make, count=count, rounds=rounds).added


def threads(rounds: int) -> Series:
    """CPU time per call while so many threads do nothing else, that of the bare call taken off."""
    lines: dict[str, list[tuple[float, float]]] = {"failed request, decoded": [], "successful send": []}
    per_call(paths.seam(requests.sessions.dispatch_hook), paths.failing, 1, 10)  # warm
    for count in (1, 2, 4, 8, 16):
        for name, make in zip(lines, (paths.failing, lambda: paths.GOOD), strict=True):
            ours = per_call(paths.seam(requests.sessions.dispatch_hook), make, count, rounds)
            lines[name].append((count, ours - per_call(paths.seam(paths.BARE_HOOK), make, count, rounds)))
    return Series("threads at work", "threads", lines, "no lock on the way: a call costs the same beside others")


def per_call(call: timing.Call, make: timing.Make, count: int, rounds: int) -> float:
    spent: list[float] = []

    def work() -> None:
        for _ in range(rounds):
            items = [make() for _ in range(50)]
            start = time.thread_time_ns()
            for item in items:
                call(item)
            spent.append((time.thread_time_ns() - start) / 50_000)

    workers = [threading.Thread(target=work) for _ in range(count)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    return sorted(spent)[len(spent) // 2]


def alive(rounds: int) -> Series:
    """With the failing responses that are held at the same time: failures per second times seconds held."""
    lines: dict[str, list[tuple[float, float]]] = {"unrelated warning": [], "failed request, decoded": []}
    ours = logs.logger()

    def warn(log: Any) -> timing.Call:
        return lambda _: log.warning("order", **paths.KEYS)

    held: list[Any] = []
    for count in (0, 1, 10, 100, 1000, 10_000):
        while len(held) < count:
            held.append(paths.fail(paths.failing()))
        added = cost(warn(paths.BARE_LOG), warn(ours), lambda: None, 100, rounds)
        lines["unrelated warning"].append((max(count, 0.5), added))
        added = cost(
            paths.seam(paths.BARE_HOOK), paths.seam(requests.sessions.dispatch_hook), paths.failing, 20, rounds
        )
        lines["failed request, decoded"].append((max(count, 0.5), added))
    return Series(
        "failures per second",
        "failing responses alive (failures per second times seconds held)",
        lines,
        "a step from none to one; then the number does not matter",
    )


def catalogue(rounds: int) -> Series:
    """With a registry of more codes than 8x8 has."""
    tables = CATALOGUE._tables  # type: ignore[attr-defined]
    CATALOGUE["api", 1002]
    real = tables["api"]
    points = []
    for size in (len(real), 1000, 10_000, 100_000):
        more = {
            code: CodeEntry("api", code, "Some code", "unknown") for code in range(10_000, 10_000 + size - len(real))
        }
        tables["api"] = MappingProxyType({**real, **more})
        added = cost(paths.nothing, lambda _: package.explain("1002"), lambda: None, 300, rounds)
        points.append((float(size), added))
    tables["api"] = real
    return Series("catalogue", "codes in the registry", {"explain()": points}, "one look into a dictionary")


def body(rounds: int) -> Series:
    lines: dict[str, list[tuple[float, float]]] = {"successful batch": [], "answer without a count": [], "error": []}
    ours = paths.seam(requests.sessions.dispatch_hook)
    bare = paths.seam(paths.BARE_HOOK)

    def grow(name: str, size: int, status: int, text: bytes) -> None:
        make = lambda: paths.response(status, text, bodies.SEND)  # noqa: E731
        lines[name].append((len(text), cost(bare, ours, make, 3, rounds)))

    for size in (200, 2000, 20_000, 200_000, 2_000_000, 4_100_000):
        grow("successful batch", size, 200, bodies.batch(size))
        grow("answer without a count", size, 200, b'{"data":"' + b"x" * size + b'"}')
    for size in (150, 2000, 20_000, 100_000, 250_000, 300_000, 2_000_000):
        grow("error", size, 400, bodies.error_of(size))
    note = "an error above 256 KiB is not parsed, an answer above 4 MiB is not searched"
    return Series("size of the body", "bytes", lines, note)


def chain(rounds: int) -> Series:
    lines: dict[str, list[tuple[float, float]]] = {"about 8x8": [], "about something else": []}
    for depth in (1, 2, 5, 10, 20, 40):
        for name, related in (("about 8x8", True), ("about something else", False)):
            row = paths.chain_row(depth, related=related)
            answer = row.make()  # alive meanwhile
            lines[name].append((depth, cost(row.bare, row.with_it, row.make, 10, rounds)))
            del answer, row
    return Series("exception chain", "exceptions in the chain", lines, "linear; 50 are looked at")


SERIES: tuple[Callable[[int], Series], ...] = (threads, alive, catalogue, body, chain)


def all_series(rounds: int) -> list[Series]:
    with package.install(log=False, sentry=False):
        return [series(rounds) for series in SERIES]
