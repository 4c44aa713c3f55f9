"""A usual structlog chain, whose lines go nowhere."""

from __future__ import annotations

from typing import Any

import structlog


class Nowhere:
    """A logger that drops the line; its own factory."""

    def __call__(self, *_: Any) -> Nowhere:
        return self

    def msg(self, message: str) -> None: ...

    debug = info = warning = error = exception = critical = msg


def chain(*before_rendering: Any) -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.TimeStamper(fmt="iso"),
        *before_rendering,
        structlog.processors.dict_tracebacks,
        structlog.processors.JSONRenderer(),
    ]


def configure() -> None:
    structlog.configure(processors=chain(), logger_factory=Nowhere())


def logger(*before_rendering: Any) -> Any:
    """A bound logger with a chain of its own."""
    wrapper = structlog.make_filtering_bound_logger(0)
    return structlog.wrap_logger(Nowhere(), processors=chain(*before_rendering), wrapper_class=wrapper).bind()
