"""The suites of other projects: where their tests are in the sdist, and which are quick."""

from __future__ import annotations

from typing import NamedTuple


class Suite(NamedTuple):
    """One project's own tests.

    Attributes:
        tests: The path of the tests in the sdist; empty where the sdist has none.
        quick: Whether it is run without `--full`.
        inside: The tests that are about the very list of processors, in which install() puts one of its own.
    """

    tests: str
    quick: bool = True
    inside: tuple[str, ...] = ()


SUITES: dict[str, Suite] = {
    "requests": Suite("tests", quick=False),
    "responses": Suite("responses/tests"),
    "requests-mock": Suite("tests"),
    "requests-toolbelt": Suite("tests"),
    "structlog": Suite(
        "tests",
        inside=(
            "tests/test_base.py::TestBinding::test_repr",
            "tests/test_config.py::TestBoundLoggerLazyProxy::test_prefers_args_over_config",
            "tests/test_config.py::TestConfigure::test_configure_all",
            "tests/test_config.py::TestConfigure::test_just_context_class",
            "tests/test_config.py::TestConfigure::test_just_processors",
            "tests/test_config.py::TestConfigure::test_reset",
            "tests/test_config.py::TestFunctions::test_get_logger_configures_according_to_config",
        ),
    ),
    "structlog-sentry": Suite(""),  # its sdist has no tests
}
