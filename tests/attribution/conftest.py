"""Fixtures of the tests beside the catalogue: a service with logging and Sentry, ready for ``install()``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
import structlog

from . import loopback, setups
from .service import Kept


@pytest.fixture
def sentry() -> Iterator[Kept]:
    """What Sentry would send."""
    kept = Kept()
    sentry_sdk.init(
        dsn="https://public@sentry.invalid/1", transport=kept, auto_enabling_integrations=False, release="1"
    )
    with sentry_sdk.isolation_scope() as scope:
        scope.clear_breadcrumbs()
        yield kept
    sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """The log lines of the standard library."""
    handler = setups.Lines(setups.attributes)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(autouse=True)
def fresh_start() -> Iterator[None]:
    """The servers count their answers from the start, and structlog is as it is imported."""
    loopback.forget()
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def no_word_about_slow_callbacks():
    """Python's development mode tells of callbacks over 0.1 s, which a full collection on a busy machine is."""
    logger = logging.getLogger("asyncio")

    def is_about_the_task(record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith("Executing ")

    logger.addFilter(is_about_the_task)
    yield
    logger.removeFilter(is_about_the_task)
