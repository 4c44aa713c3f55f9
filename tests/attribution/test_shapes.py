"""Every shape of service code, with every set-up: the right code on what is about a failure, nothing on the rest."""

from __future__ import annotations

import pytest

from .catalogue import Shape, shapes
from .judge import judge, precision_and_recall
from .service import AFTER, BEFORE, WITHOUT, run
from .setups import SETUPS, SetUp

CELLS = [
    pytest.param(shape, setup, id=f"{shape}-{setup}")
    for shape in shapes()
    for setup in SETUPS
    if shape.runs_with(setup)
]


@pytest.mark.parametrize(("shape", "setup"), CELLS)
def test_every_report_is_attributed_as_the_catalogue_says(shape: Shape, setup: SetUp):
    """With the middleware there are as many events and lines as without; those about a failure tell its code."""
    outcomes = {order: run(shape, setup, order) for order in (WITHOUT, BEFORE, AFTER)}
    for order in (BEFORE, AFTER):
        verdicts, problems = judge(shape, outcomes[WITHOUT], outcomes[order])
        assert [] == problems + [
            f"{order}, {verdict.sink}: {each}" for verdict in verdicts for each in verdict.problems
        ]
        assert (1.0, 1.0) == precision_and_recall(verdicts)


def test_no_shape_is_silent():
    """Each shape makes a report in some set-up, but those that are about transactions and check-ins."""
    silent = [
        str(shape)
        for shape in shapes()
        if not (reports := run(shape, next(filter(shape.runs_with, SETUPS)), WITHOUT)).lines
        and not reports.events
        and not reports.others
    ]
    assert [] == silent


def test_the_catalogue_has_no_name_twice():
    """A shape is known by its function's name."""
    names = [shape.name for shape in shapes()]
    assert sorted(set(names)) == sorted(names)
