"""What a shape is: a piece of service code, and which failure each of its reports is about."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeAlias

from . import setups

THEMES = ("raised", "chained", "handled", "held", "given", "retried", "concurrent", "clients", "untouched")
"""The modules in ``shapes/``; each says in its first line what it is about."""


@dataclass(frozen=True)
class Expected:
    """What one report, a log line or a Sentry event, has to tell.

    Attributes:
        grade: ``certain``, ``likely``, ``related`` or ``none``.
        code: The 8x8 code; None with ``none``.
        attempts: ``8x8.attempts``.
        nth: Which of the answers with this code it is, the last as a rule.
    """

    grade: str
    code: str | None = None
    attempts: int | None = None
    nth: int = -1

    def __str__(self) -> str:
        return self.grade if self.code is None else f"{self.grade} {self.code}"


def certain(code: str, attempts: int | None = None, nth: int = -1) -> Expected:
    return Expected("certain", code, attempts, nth)


def likely(code: str, attempts: int | None = None, nth: int = -1) -> Expected:
    return Expected("likely", code, attempts, nth)


def related(code: str) -> Expected:
    return Expected("related", code)


NONE = Expected("none")

Reports: TypeAlias = "Expected | Mapping[str, Expected]"
"""One for every report, or by a piece of the report's text; the first that is found in it counts."""


@dataclass(frozen=True)
class Shape:
    """One piece of service code.

    Attributes:
        run: The code; gets a ``Service``.
        theme: The module in ``shapes/``.
        log: What the log lines are about.
        sentry: What the Sentry events are about.
        only: ``"logging"`` or ``"structlog"`` where the code uses one of them; ``"arguments"`` where a logger
            that formats them itself keeps them from us; ``"positional"`` where the logger has to take arguments;
            a set-up's name where the shape is slow; None for all.
        around: What is in force before anything is installed, a mock mostly.
        options: More arguments of ``install()``.
    """

    run: Callable[[Any], object]
    theme: str
    log: Reports
    sentry: Reports
    only: str | None = None
    around: Callable[[], AbstractContextManager[object]] | None = None
    options: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        return self.run.__name__

    def __str__(self) -> str:
        return f"{self.theme}.{self.name}"

    def runs_with(self, setup: Any) -> bool:
        """Tell whether this code can be written with that set-up."""
        kinds = (None, setup.name, "structlog" if setup.is_structlog else "logging")
        if self.only in ("arguments", "positional") and setup.keeps_arguments:
            return True
        return self.only in kinds or (self.only == "positional" and setups.FILTERING_TAKES_ARGUMENTS)


_shapes: list[Shape] = []


def shape(
    reports: Reports,
    *,
    log: Reports | None = None,
    sentry: Reports | None = None,
    only: str | None = None,
    around: Callable[[], AbstractContextManager[object]] | None = None,
    **options: Any,
) -> Callable[[Callable[[Any], object]], Callable[[Any], object]]:
    """Enter a function into the catalogue; ``log`` and ``sentry`` where the two differ."""

    def enter(run: Callable[[Any], object]) -> Callable[[Any], object]:
        theme = run.__module__.rpartition(".")[2]
        _shapes.append(Shape(run, theme, log or reports, sentry or reports, only, around, options))
        return run

    return enter


def shapes() -> list[Shape]:
    """Return the whole catalogue, in the order in which it is written."""
    for theme in THEMES:
        importlib.import_module(f"{__package__}.shapes.{theme}")
    return list(_shapes)


def named(name: str) -> Shape:
    """Return one shape by its function's name."""
    (found,) = [each for each in shapes() if each.name == name]
    return found
