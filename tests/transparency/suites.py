"""The suites of other projects: where their tests are in the sdist, and which are quick."""

from __future__ import annotations

from typing import NamedTuple


class Suite(NamedTuple):
    """One project's own tests.

    Attributes:
        tests: The path of the tests in the sdist; empty where the sdist has none.
        quick: Whether it is run without `--full`.
    """

    tests: str
    quick: bool = True


SUITES: dict[str, Suite] = {
    "requests": Suite("tests", quick=False),
    "responses": Suite("responses/tests"),
    "requests-mock": Suite("tests"),
    "requests-toolbelt": Suite("tests"),
    "structlog": Suite("tests"),
    "structlog-sentry": Suite(""),  # its sdist has no tests
}
