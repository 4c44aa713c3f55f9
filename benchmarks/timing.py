"""Paired measurement: two ways of doing the same take turns in short blocks, so that drift meets both alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

Make = Callable[[], Any]
Call = Callable[[Any], object]


class Cost(NamedTuple):
    """What one call costs beyond the bare one, in microseconds; `bare` and `control` in the same unit.

    `control` is what the same bare call seems to cost beyond itself: how far the figure can be trusted.
    """

    added: float
    low: float
    high: float
    bare: float
    control: float = 0.0


def block(call: Call, items: Iterable[Any], count: int) -> float:
    """Time one block, in microseconds per call. CPU time of this thread: what other processes do is not counted."""
    start = time.thread_time_ns()
    for item in items:
        call(item)
    return (time.thread_time_ns() - start) / count / 1000


def paired(
    bare: Call,
    with_it: Call,
    make: Make = lambda: None,
    *,
    count: int,
    rounds: int,
    switch: Callable[[bool], None] = lambda on: None,
) -> Cost:
    """Measure what `with_it` costs beyond `bare`.

    In each round: bare, with it, bare again, in turns forwards and backwards. The first bare block is what the cost
    is measured against, the second one, measured against the first, is the A/A control.

    Args:
        bare: The call without it; takes one item.
        with_it: The same call with it.
        make: Makes an item, outside of the measured time.
        count: Calls per block.
        rounds: How often.
        switch: Turns it on (True) before a block with it, and off after it.
    """
    added, control, bares = [], [], []
    for number in range(rounds + 1):
        times = {}
        order = ("a", "with", "b") if number % 2 else ("b", "with", "a")
        for name in order:
            is_on = name == "with"
            items = [make() for _ in range(count)]
            call = with_it if is_on else bare
            if is_on:
                switch(True)
            for item in [make() for _ in range(min(3, count))]:
                call(item)  # warm: the interpreter specialises the calls anew after a switch
            times[name] = block(call, items, count)
            if is_on:
                switch(False)
            del items
        if number:  # the first round warms up
            added.append(times["with"] - (times["a"] + times["b"]) / 2)
            control.append(times["b"] - times["a"])
            bares += [times["a"], times["b"]]
        if number % 20 == 0:
            gc.collect()
    quarters = statistics.quantiles(added, n=4) if len(added) > 1 else [added[0]] * 3
    return Cost(
        statistics.median(added), quarters[0], quarters[2], statistics.median(bares), statistics.median(control)
    )
