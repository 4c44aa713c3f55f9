"""How long to search: a little in CI, always the same; with ``FUZZ=full`` long, and elsewhere each time."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

FULL = os.environ.get("FUZZ") == "full"

settings.register_profile(
    "fuzz", settings.get_profile("suite"), max_examples=150, suppress_health_check=list(HealthCheck)
)
settings.register_profile("full", settings.get_profile("fuzz"), max_examples=5000, derandomize=False)


@pytest.fixture(scope="session")
def amount() -> int:
    """How many inputs the rounds take."""
    return int(os.environ.get("FUZZ_INPUTS", "8000"))


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("full" if FULL else "fuzz")
