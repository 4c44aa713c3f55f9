"""The ways in which services log: each configures logging from nothing and keeps the lines that come out."""

from __future__ import annotations

import inspect
import io
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from sentry_sdk.integrations.logging import LoggingIntegration
from structlog.tracebacks import ExceptionDictTransformer
from structlog_sentry import SentryProcessor

Line = dict[str, Any]

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Lines(logging.Handler):
    """Keeps what was logged, as dictionaries: ``event`` and every key of the line."""

    def __init__(self, read: Callable[[Any, logging.LogRecord], Line]) -> None:
        super().__init__()
        self.read = read
        self.lines: list[Line] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "asyncio" and record.levelno < logging.ERROR:
            return  # in Python's development mode asyncio tells of slow steps
        self.lines.append({"logger": record.name, **self.read(self, record)})


def attributes(handler: logging.Handler, record: logging.LogRecord) -> Line:
    """Read a line of the standard library: its text and its attributes."""
    extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    return {"event": record.getMessage(), "has_exception": bool(record.exc_info), **extra}


def text(handler: logging.Handler, record: logging.LogRecord) -> Line:
    """Read a line that is JSON when it gets to the handler, or one of the standard library."""
    message = record.getMessage()
    return json.loads(message) if message.startswith("{") else attributes(handler, record)


def formatted(handler: logging.Handler, record: logging.LogRecord) -> Line:
    """Read a line that the handler's formatter turns into JSON."""
    line: Line = json.loads(handler.format(record))
    return line


@dataclass
class Running:
    """Logging as a set-up has configured it.

    Attributes:
        log: The service's logger.
        integrations: What ``sentry_sdk.init()`` is given.
        lines: Returns the lines so far.
    """

    log: Any
    lines: Callable[[], list[Line]]
    integrations: list[Any] = field(default_factory=list)


def _standard_library(read: Callable[[Any, logging.LogRecord], Line], formatter: Any = None) -> Lines:
    handler = Lines(read)
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)
    return handler


def _json_formatter(*before: Any) -> structlog.stdlib.ProcessorFormatter:
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.ExtraAdder(), *before],
    )


def _structlog(*processors: Any, level: bool = True) -> Any:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            *processors,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return structlog.get_logger("shop")


def plain_logging() -> Running:
    handler = _standard_library(attributes)
    return Running(logging.getLogger("shop"), lambda: handler.lines)


def logging_formatted_by_structlog() -> Running:
    handler = _standard_library(formatted, _json_formatter())
    return Running(logging.getLogger("shop"), lambda: handler.lines)


def structlog_to_stdout() -> Running:
    printed = io.StringIO()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(printed),
        cache_logger_on_first_use=True,
    )
    return Running(structlog.get_logger(), lambda: [json.loads(line) for line in printed.getvalue().splitlines()])


def structlog_json_renderer() -> Running:
    handler = _standard_library(text)
    log = _structlog(structlog.processors.format_exc_info, structlog.processors.JSONRenderer())
    return Running(log, lambda: handler.lines)


def structlog_processor_formatter() -> Running:
    handler = _standard_library(formatted, _json_formatter())
    return Running(_structlog(structlog.stdlib.ProcessorFormatter.wrap_for_formatter), lambda: handler.lines)


def structlog_render_to_log_kwargs() -> Running:
    handler = _standard_library(attributes)
    return Running(_structlog(structlog.stdlib.render_to_log_kwargs), lambda: handler.lines)


def structlog_sentry() -> Running:
    """As its README says: SentryProcessor before format_exc_info, Sentry's own logging integration off."""
    handler = _standard_library(text)
    log = _structlog(
        SentryProcessor(event_level=logging.ERROR),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    )
    return Running(log, lambda: handler.lines, [LoggingIntegration(event_level=None, level=None)])


def django_structlog() -> Running:
    """As its documentation says (getting_started, 2024): its middleware only binds contextvars and logs."""
    handler = _standard_library(formatted, _json_formatter())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            structlog.processors.UnicodeDecoder(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(request_id="5f7e", user_id=17)
    return Running(structlog.get_logger("shop"), lambda: handler.lines)


@dataclass(frozen=True)
class SetUp:
    """One way to log.

    Attributes:
        name: For the table.
        start: Configures it.
        is_structlog: Whether the logger is structlog's.
        keeps_arguments: Whether positional arguments get to the processors (structlog's filtering logger
            formats them first).
    """

    name: str
    start: Callable[[], Running]
    is_structlog: bool = True
    keeps_arguments: bool = True

    def __str__(self) -> str:
        return self.name


FILTERING_TAKES_ARGUMENTS = any(
    parameter.kind is inspect.Parameter.VAR_POSITIONAL
    for parameter in inspect.signature(structlog.make_filtering_bound_logger(logging.INFO).error).parameters.values()
)
"""structlog's filtering loggers take positional arguments since 22.2."""

SETUPS = (
    SetUp("logging", plain_logging, is_structlog=False),
    SetUp("logging+ProcessorFormatter", logging_formatted_by_structlog, is_structlog=False),
    SetUp("structlog>stdout", structlog_to_stdout, keeps_arguments=False),
    SetUp("structlog>JSONRenderer", structlog_json_renderer),
    SetUp("structlog>ProcessorFormatter", structlog_processor_formatter),
    SetUp("structlog>render_to_log_kwargs", structlog_render_to_log_kwargs),
    SetUp("structlog-sentry", structlog_sentry),
    SetUp("django-structlog", django_structlog, keeps_arguments=False),
)


def stop() -> None:
    """Take back what a set-up has configured."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, Lines)]:
        root.removeHandler(handler)
    root.setLevel(logging.WARNING)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
