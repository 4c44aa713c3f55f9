"""The sink for the standard library's logging: the keys as attributes of the service's records.

``Logger.filter`` is wrapped. A record factory would not do: it runs before ``extra`` is applied, and an
attribute that it sets makes ``makeRecord`` raise KeyError when the service passes the same key in ``extra``.
A filter would have to be on every handler there will ever be. ``Logger.filter`` runs once per record that
is really logged, with everything in it, before every handler and Sentry's integration; and it has returned
when they run, so that no frame of ours is between the service's log call and a handler or formatter that
looks outward for it, as structlog's ``CallsiteParameterAdder`` does. A wrapped ``Logger.handle`` would be.
"""

from __future__ import annotations

import logging
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Final

from eightbyeight_obs import failures
from eightbyeight_obs.attribution import attribute
from eightbyeight_obs.core.details import PREFIX
from eightbyeight_obs.frames import PLAIN
from eightbyeight_obs.guard import LOGGER_NAME, contained

__all__ = ["values_of", "wire"]

_MARK: Final = "8x8.code"
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_STANDARD_COUNT: Final = len(vars(logging.makeLogRecord({})))
_PLAIN_VALUES: Final = PLAIN | {tuple}  # args is one


def _enrich(record: logging.LogRecord) -> None:
    is_warning = record.levelno >= logging.WARNING
    may_be_about = is_warning and (failures.alive or sys.exc_info()[1] is not None)
    if not may_be_about and not record.exc_info and _is_plain(record):
        return  # nearly every record
    if record.name == LOGGER_NAME or _MARK in record.__dict__:
        return
    exc_info = record.exc_info
    attribution = attribute(
        exception=exc_info[1] if isinstance(exc_info, tuple) and len(exc_info) == 3 else None,
        given=values_of(record),
        is_warning=is_warning,
        is_report=is_warning,
    )
    if attribution is not None:
        for key, value in attribution.fields().items():
            record.__dict__.setdefault(key, value)


def _is_plain(record: logging.LogRecord) -> bool:
    """Tell that the log call was given nothing but texts and numbers."""
    namespace, args = record.__dict__, record.args
    if args and not (type(args) is tuple and PLAIN.issuperset(map(type, args))):
        return False
    if len(namespace) > _STANDARD_COUNT:
        return _PLAIN_VALUES.issuperset(map(type, namespace.values()))
    return type(record.msg) is str


def values_of(record: logging.LogRecord) -> Iterator[object]:
    """Yield what the log call was given: the message object, arguments, extra, structlog's keys."""
    message: Any = record.msg
    if issubclass(type(message), dict):  # not isinstance(): it wakes lazy objects
        yield from message.values()
    else:
        yield message
    args = record.args
    if isinstance(args, tuple):
        yield from args
    elif isinstance(args, dict):
        yield from args.values()
    for key, value in list(record.__dict__.items()):
        if key not in _STANDARD:
            yield value


def _wire_records() -> Callable[[], None]:
    original = vars(logging.Logger).get("filter")  # inherited, unless somebody has patched it
    active = True

    def filter(self: logging.Logger, record: logging.LogRecord) -> Any:  # noqa: A001 - its name in a traceback
        __tracebackhide__ = True
        if active:
            try:
                _enrich(record)
            except Exception:  # noqa: BLE001
                contained("logging sink")
        return logging.Filterer.filter(self, record) if original is None else original(self, record)

    logging.Logger.filter = filter  # type: ignore[method-assign, assignment]

    def undo() -> None:
        nonlocal active
        active = False
        if logging.Logger.filter is not filter:
            return
        if original is None:
            del logging.Logger.filter
        else:
            logging.Logger.filter = original  # type: ignore[method-assign]

    return undo


class _FromRecord:
    """The first processor of a ``ProcessorFormatter``: takes the keys from the record into the event."""

    active = True

    def __call__(self, logger: Any, name: str, event_dict: Any) -> Any:
        record = event_dict.get("_record") if self.active else None
        if record is not None and _MARK in record.__dict__:
            for key, value in record.__dict__.items():
                if key.startswith(PREFIX):
                    event_dict.setdefault(key, value)
        return event_dict


def wire() -> Callable[[], None]:
    """Add the keys to every record of the service's loggers."""
    return _wire_records()


def wire_formatters() -> Callable[[], None]:
    """Show the keys in records of the standard library that structlog's ``ProcessorFormatter`` renders.

    Formatters that exist are found through logging's own list of handlers; later ones through
    ``ProcessorFormatter.__init__``.
    """
    from structlog.stdlib import ProcessorFormatter

    processor = _FromRecord()
    before: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
    original = ProcessorFormatter.__init__

    def add_to(formatter: Any) -> None:
        try:
            if processor.active and not any(other is processor for other in formatter.processors):
                # A new sequence, never the user's list changed: it may serve several formatters.
                before[formatter] = formatter.processors
                formatter.processors = (processor, *formatter.processors)
        except Exception:  # noqa: BLE001
            contained("ProcessorFormatter")

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, *args, **kwargs)
        add_to(self)

    for reference in list(logging._handlerList):  # type: ignore[attr-defined]
        handler = reference() if isinstance(reference, weakref.ref) else reference
        formatter = getattr(handler, "formatter", None)
        if isinstance(formatter, ProcessorFormatter):
            add_to(formatter)
    ProcessorFormatter.__init__ = __init__  # type: ignore[method-assign]

    def undo() -> None:
        processor.active = False
        if ProcessorFormatter.__init__ is __init__:
            ProcessorFormatter.__init__ = original  # type: ignore[method-assign]
        for formatter, processors in list(before.items()):
            if formatter.processors == (processor, *processors):  # else somebody has replaced them since
                formatter.processors = processors

    return undo
