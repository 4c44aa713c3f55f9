"""The structlog sink: a processor that adds the keys, and its place in every chain."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any, Final

from eightbyeight_obs import failures
from eightbyeight_obs.attribution import attribute
from eightbyeight_obs.frames import PLAIN, is_nothing_held
from eightbyeight_obs.guard import LOGGER_NAME, contained

__all__ = ["EightByEightProcessor", "wire"]

_WARNINGS: Final = frozenset({"warning", "warn", "error", "exception", "critical", "fatal", "err"})
# Processors that take exc_info, positional arguments or the event apart, or render it: ours stands before the first.
_CONSUMERS: Final = frozenset(
    {
        "ConsoleRenderer",
        "EventRenamer",
        "ExceptionPrettyPrinter",
        "ExceptionRenderer",
        "JSONRenderer",
        "KeyValueRenderer",
        "LogfmtRenderer",
        "LogfireProcessor",
        "PositionalArgumentsFormatter",
        "SentryProcessor",
        "dict_tracebacks",
        "format_exc_info",
        "render_to_log_args_and_kwargs",
        "render_to_log_kwargs",
        "wrap_for_formatter",
    }
)
_MARK: Final = "8x8.code"

EventDict = MutableMapping[str, Any]


class EightByEightProcessor:
    """A structlog processor that adds the ``8x8.*`` keys to an event about a failure of 8x8's.

    Put it before ``format_exc_info``, ``dict_tracebacks`` and the renderer: they take ``exc_info`` away.
    ``install()`` does that by itself. Keys that the event already has are kept. It has no state, returns
    the event dictionary on every path and never raises.
    """

    __slots__ = ()
    active: bool = True

    def __call__(self, logger: Any, method_name: str, event_dict: EventDict) -> EventDict:
        """Add the keys, where the event is about a failure; else return it untouched."""
        if not self.active:
            return event_dict
        try:
            is_plain = PLAIN.issuperset(map(type, event_dict.values())) and "exc_info" not in event_dict
            may_hold = failures.alive and method_name in _WARNINGS and event_dict.get("logger") != LOGGER_NAME
            if is_plain and sys.exc_info()[1] is None and not (may_hold and not is_nothing_held(sys._getframe(1))):
                return event_dict  # nearly every event
            _enrich(method_name, event_dict)
        except Exception:  # noqa: BLE001
            if isinstance(event_dict, MutableMapping):  # else a renderer of the service's own has made text of it
                contained("structlog processor")
        return event_dict


def _enrich(method_name: str, event_dict: EventDict) -> None:
    if _MARK in event_dict or event_dict.get("logger") == LOGGER_NAME:
        return
    is_warning = method_name in _WARNINGS
    attribution = attribute(
        exception=_exception(method_name, event_dict.get("exc_info")),
        given=_values(event_dict),
        is_warning=is_warning,
        is_report=is_warning,
    )
    if attribution is not None:
        for key, value in attribution.fields().items():
            event_dict.setdefault(key, value)


def _exception(method_name: str, exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        value = exc_info[1] if len(exc_info) == 3 else None
        return value if isinstance(value, BaseException) else None
    if exc_info or (method_name == "exception" and exc_info is None):
        return sys.exc_info()[1]
    return None


def _values(event_dict: EventDict) -> Iterator[object]:
    for key, value in event_dict.items():
        if key == "positional_args" and isinstance(value, tuple):
            yield from value
        elif key != "exc_info":
            yield value


class _Wiring(EightByEightProcessor):
    """The one processor that ``install()`` puts into chains. It stays one, so that no chain gets a second."""

    def __init__(self) -> None:
        self.active = False
        self.lock = threading.RLock()  # reentrant: a signal handler may log while a chain is being changed

    def __reduce__(self) -> str:
        return "_wiring"  # loggers are pickled and copied with their chain

    def placed_in(self, processors: Iterable[Any]) -> Iterable[Any]:
        """Return the chain with this processor in the right place; a list is changed in place, once."""
        if isinstance(processors, list):
            if not self._stands_in(processors):
                with self.lock:  # the chain must not change twice, nor while it runs: it has not run yet
                    if not self._stands_in(processors) and processors:
                        processors.insert(_index(processors), self)
            return processors
        if isinstance(processors, tuple) and processors and not self._stands_in(processors):
            at = _index(processors)
            return (*processors[:at], self, *processors[at:])
        return processors

    def _stands_in(self, processors: Iterable[Any]) -> bool:
        """Tell whether this processor, or one that the service put there itself, is in the chain."""
        return not {_Wiring, EightByEightProcessor}.isdisjoint(map(type, processors))  # asked at every bind

    def remove_from(self, processors: object) -> None:
        if isinstance(processors, list):
            with self.lock:
                for at in reversed(range(len(processors))):
                    if processors[at] is self:
                        del processors[at]


_wiring: Final = _Wiring()


def _renew_lock() -> None:
    """Give a forked child its own lock: another thread of the parent may have held this one."""
    _wiring.lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def _index(processors: Any) -> int:
    last = len(processors) - 1
    for at, processor in enumerate(processors):
        if getattr(processor, "__name__", type(processor).__name__) in _CONSUMERS:
            return min(at, last)
    return last


def wire() -> Callable[[], None]:
    """Put the processor into the configured chain and into those of loggers bound later.

    The live list of the configuration is changed in place, so that cached and already bound loggers have
    it too; ``BoundLoggerBase.__init__`` is wrapped, so that chains configured later get it before their
    first event. No frame is added at logging time (call-site data stays right).

    Returns:
        What undoes it: the configured list is as before; anything else passes events through untouched.
    """
    import structlog
    from structlog._base import BoundLoggerBase

    wiring = _wiring
    configured = structlog.get_config()["processors"]
    original = BoundLoggerBase.__init__

    def __init__(self: Any, logger: Any, processors: Any, context: Any) -> None:  # noqa: N807
        if wiring.active:
            try:
                placed = wiring.placed_in(processors)
                if isinstance(placed, (list, tuple)):
                    processors = placed
            except Exception:  # noqa: BLE001
                contained("structlog chain")
        original(self, logger, processors, context)

    wiring.placed_in(configured)
    wiring.active = True
    BoundLoggerBase.__init__ = __init__  # type: ignore[method-assign]

    def undo() -> None:
        wiring.active = False
        if BoundLoggerBase.__init__ is __init__:
            BoundLoggerBase.__init__ = original  # type: ignore[method-assign]
        for processors in (configured, structlog.get_config()["processors"]):
            wiring.remove_from(processors)

    return undo
