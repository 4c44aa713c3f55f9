"""What every test gets: no hosts left over, no installation left over, and no silent internal failure."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from eightbyeight_obs.core import hosts

# No deadline: a slow machine is no bug. The same examples on every run, so that a red build is red again at home.
settings.register_profile(
    "suite", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

LOGGER = "eightbyeight_obs"


class InternalFailures(logging.Handler):
    """Keeps the records that the guard of the middleware writes, and no other."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "internal failure" in str(record.msg):
            self.records.append(record)


def pytest_configure() -> None:
    """Let Ctrl-C work, here and in the processes that tests start: who was started with ``&`` has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def internal_failures() -> Iterator[list[logging.LogRecord]]:
    """The records about failures inside the middleware, in the order in which they came."""
    handler = InternalFailures()
    logger = logging.getLogger(LOGGER)
    logger.addHandler(handler)
    yield handler.records
    logger.removeHandler(handler)


@pytest.fixture(autouse=True)
def loud_guard(request: pytest.FixtureRequest, internal_failures: list[logging.LogRecord]) -> Iterator[None]:
    """Fails a test in which the guard contained something, unless it is marked ``internal_failure``.

    In production a failure of the middleware is one log record and the service goes on; a test must not.
    The guard speaks once per place: it forgets what it told before each test.
    """
    guard = sys.modules.get("eightbyeight_obs.guard")
    if guard is not None:
        guard.forget_told()
    yield
    if internal_failures and request.node.get_closest_marker("internal_failure") is None:
        told = "\n".join(map(logging.Formatter().format, internal_failures))
        pytest.fail(f"contained in the middleware:\n{told}", pytrace=False)


@pytest.fixture(autouse=True)
def no_leftovers(loud_guard: None) -> Iterator[None]:
    """Takes back the installation and the extra hosts that a test left behind."""
    yield
    package = sys.modules.get("eightbyeight_obs")
    uninstall = getattr(package, "uninstall", None)
    if uninstall is not None:
        uninstall()
    hosts.use_extra_hosts({})
