"""What is said of a failure of our own: once per place, and by no means lost."""

from __future__ import annotations

import logging

import pytest

from eightbyeight_obs.guard import LOGGER_NAME, contained

pytestmark = pytest.mark.internal_failure


def fail(place: str) -> None:
    try:
        raise LookupError(place)
    except LookupError:
        contained(place)


def test_a_place_is_told_once_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    for place in ("here", "here", "there"):
        fail(place)
    assert ["here", "there"] == [record.args[0] for record in caplog.records if record.args]
    assert {LOGGER_NAME} == {record.name for record in caplog.records}
    assert [LookupError] * 2 == [record.exc_info[0] for record in caplog.records if record.exc_info]


def test_what_the_logger_would_drop_is_not_spent(caplog: pytest.LogCaptureFixture) -> None:
    """A disabled logger, or CPython 3.13.5 while it handles another line: the next time is the first."""
    logger = logging.getLogger(LOGGER_NAME)
    logger.disabled = True
    try:
        fail("here")
    finally:
        logger.disabled = False
    assert [] == caplog.records
    fail("here")
    assert ["here"] == [record.args[0] for record in caplog.records if record.args]


def test_a_logger_that_raises_stays_in_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A logger class of the service's own, with whatever in its methods: we are inside an except block of ours."""

    def broken(*_: object) -> bool:
        raise RuntimeError("the service's logger")

    for name in ("isEnabledFor", "warning"):
        with monkeypatch.context() as patched:
            patched.setattr(logging.Logger, name, broken)
            fail(f"with a broken {name}")


def test_no_more_than_a_hundred_places_are_told(caplog: pytest.LogCaptureFixture) -> None:
    """Names of hooks are among the places: a service that makes them anew must not fill the memory."""
    for number in range(150):
        fail(f"place {number}")
    assert 100 == len(caplog.records)
