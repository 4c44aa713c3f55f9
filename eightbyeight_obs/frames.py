"""Which function reports, and which failing response it holds in a local variable."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import FrameType, TracebackType
from typing import Any, Final

from . import failures, settings

__all__ = [
    "PLAIN",
    "given_to_structlog",
    "is_nothing_held",
    "outward_from_report",
    "outward_from_traceback",
    "structlog_call",
    "visible",
]

_FRAME_LIMIT: Final = 20
_PACKAGE: Final = __name__.partition(".")[0]
# Between the function that reports and us there are frames of these; none of them is "the function that
# logged or captured".
_MACHINERY: Final = frozenset({"logging", "structlog", "sentry_sdk", "structlog_sentry"})
_OURS: Final = tuple(
    f"{_PACKAGE}.{room}"
    for room in ("attribution", "clients", "core", "exchange", "failures", "frames", "installation", "sinks", "report")
)
PLAIN: Final = frozenset({str, int, float, bool, type(None)})
"""Types whose values are never about 8x8."""
_CO_OPTIMIZED: Final = 0x1
_SNAPSHOTS: Final = sys.version_info < (3, 13)
_SNAPSHOT_NAMES: Final = frozenset({"locals", "vars", "f_locals", "eval", "exec", "dir"})

_INSTALLED: Final = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_is_application_file: dict[str, bool] = {}


def outward_from_report() -> Iterator[FrameType]:
    """Yield the frames from the function that logs or captures right now outward."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _machinery(frame.f_globals.get("__name__")):
        frame = frame.f_back
    while frame is not None:
        yield frame
        frame = frame.f_back


def outward_from_traceback(traceback: TracebackType | None) -> Iterator[FrameType]:
    """Yield the frames from the function that raised outward, first those of the traceback."""
    chain: list[FrameType] = []
    while traceback is not None and len(chain) < 1000:
        chain.append(traceback.tb_frame)
        traceback = traceback.tb_next
    yield from reversed(chain)
    frame = chain[0].f_back if chain else None
    while frame is not None:
        yield frame
        frame = frame.f_back


def visible(frames: Iterable[FrameType]) -> list[FrameType]:
    """Return the frames up to and including the first one of the application; none if 20 hold no such frame."""
    looked_at: list[FrameType] = []
    for frame in frames:
        looked_at.append(frame)
        if _is_application(frame):
            return looked_at
        if len(looked_at) == _FRAME_LIMIT:
            break
    return []


def held(frames: Iterable[FrameType]) -> Iterator[failures.Failure]:
    """Yield the failures whose response, or whose exception that carries it, is a local variable of a frame.

    An attribute, an element of a container or a variable of a closure is not "held".
    """
    for frame in frames:
        for value in local_values(frame):
            # Asked of the type: a lazy object of Django's answers isinstance() with a query of the database.
            is_exception = issubclass(type(value), BaseException)
            if not is_exception and id(value) not in failures.alive:
                continue  # nearly every value
            failure = failures.find_by_exception(value) if is_exception else failures.find(value)
            if failure is not None:
                yield failure


def local_values(frame: FrameType) -> list[Any]:
    """Return the values of a frame's local variables and arguments; of a module its globals.

    Before Python 3.13 a function's ``f_locals`` is a dictionary that stays with the frame and would keep
    every value alive until the function returns. It is emptied again, unless the function itself may have
    got hold of it (by ``locals()``, say), or a debugger is at work: it writes the dictionary back.
    """
    code = frame.f_code
    namespace = frame.f_locals
    values = list(namespace.values())
    if code.co_flags & _CO_OPTIMIZED:
        if code.co_freevars:  # f_locals has the variables of the enclosing function too: not this function's
            values = [value for name, value in namespace.items() if name not in code.co_freevars]
        if _SNAPSHOTS and _SNAPSHOT_NAMES.isdisjoint(code.co_names) and sys.gettrace() is None:
            namespace.clear()
    return values


def is_nothing_held(caller: FrameType) -> bool:
    """Tell that neither structlog's call nor the function that made it holds anything of 8x8's; False: look closer.

    For warnings about something else while a failure is alive, which are many: a quick answer, never a wrong one.

    Args:
        caller: The frame of structlog that runs the processor.
    """
    call: FrameType | None = None
    frame: FrameType | None = caller
    while frame is not None and _machinery(frame.f_globals.get("__name__")):
        call, frame = frame, frame.f_back
    if call is None or frame is None or not _is_application(frame):
        return False
    arguments = call.f_locals
    positional = arguments.get("args") or arguments.get("event_args") or ()
    keys = arguments.get("kw") or arguments.get("event_kw") or {}
    if not PLAIN.issuperset(map(type, positional)) or not PLAIN.issuperset(map(type, keys.values())):
        return False
    values = local_values(frame)
    if not failures.alive.keys().isdisjoint(map(id, values)):
        return False
    return not any(issubclass(type(value), BaseException) for value in values)


def structlog_call() -> FrameType | None:
    """Return the frame of the structlog call that is running: the outermost, which was given all that the others were.

    Its filtering loggers format positional arguments before any processor, and its chain turns the keys
    and ``exc_info`` into one line of text before the standard library's logger sees them. The frames between
    the service and us still have them, in the arguments of structlog's own functions.
    """
    call: FrameType | None = None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and (library := _machinery(frame.f_globals.get("__name__"))):
        if library == "structlog":
            call = frame
        frame = frame.f_back
    return call


def given_to_structlog(call: FrameType) -> tuple[BaseException | None, list[Any]]:
    """Return the exception and the values that a call of structlog's (``structlog_call()``) was given."""
    exception: BaseException | None = None
    values: list[Any] = []
    arguments = call.f_locals
    for name in ("event_dict", "event_kw", "kw"):
        keys = arguments.get(name)
        if isinstance(keys, dict):
            values += keys.values()
            exception = exception or _exception_of(keys.get("exc_info"))
    for name in ("args", "event_args"):
        positional = arguments.get(name)
        if isinstance(positional, tuple):
            values += positional
    logger = arguments.get("self")
    if hasattr(type(logger), "_proxy_to_logger"):
        values += _bound_to(logger)
    return exception, values


def _exception_of(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if len(exc_info) == 3 and isinstance(exc_info[1], BaseException) else None
    return sys.exc_info()[1] if exc_info else None


def _bound_to(logger: Any) -> list[Any]:
    """Return the values that a bound logger adds to every event, those of contextvars if its chain merges them."""
    values = list(dict(logger._context).values())
    contextvars = sys.modules.get("structlog.contextvars")
    if contextvars is not None and contextvars.merge_contextvars in logger._processors:
        values += contextvars.get_contextvars().values()
    return values


@lru_cache(maxsize=1024)
def _machinery(module: str | None) -> str:
    """Return the library of a module that stands between the function that reports and us; "" for any other."""
    root = str(module).partition(".")[0]
    return root if root in _MACHINERY or (root == _PACKAGE and str(module).startswith(_OURS)) else ""


@lru_cache(maxsize=1)
def _not_application() -> tuple[str, ...]:
    """Return how the paths of the standard library and of installed packages begin, and of frozen modules."""
    import sysconfig  # 2 ms, at the first report only

    paths = sysconfig.get_paths()
    folders = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return ("<frozen ", *[os.path.join(folder, "") for path in folders for folder in (path, os.path.realpath(path))])


def _is_application(frame: FrameType) -> bool:
    prefixes = settings.current().application
    if prefixes:
        module = frame.f_globals.get("__name__")
        if isinstance(module, str) and any(module == p or module.startswith(p + ".") for p in prefixes):
            return True
    path = frame.f_code.co_filename
    known = _is_application_file.get(path)
    if known is None:
        known = _is_application_file[path] = not (
            path.startswith(_not_application()) or any(part in path for part in _INSTALLED)
        )
    return known
