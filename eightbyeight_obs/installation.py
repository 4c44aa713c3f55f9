"""The switch: ``install()``, ``uninstall()`` and the handle. The only room that knows every client and sink."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final

from . import failures, guard, options, settings
from .clients import requests as requests_client
from .clients import retries
from .core import hosts as known_hosts
from .core.details import ErrorDetails
from .guard import contained
from .settings import ErrorHook, Settings
from .sinks import logging as logging_sink

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Installation", "install", "is_installed", "uninstall"]

_SWITCH: Final = "EIGHTBYEIGHT_OBS"
_OFF: Final = frozenset({"off", "0", "false", "no"})

_lock = threading.RLock()
_current: Installation | None = None


class Installation:
    """What ``install()`` returns: tells what is hooked, and takes it off again.

    A context manager: ``with install(): ...`` uninstalls at the end.

    Attributes:
        settings: The options in force.
    """

    __slots__ = ("_state", "_undo", "settings")

    def __init__(self, chosen: Settings) -> None:
        self.settings: Settings = chosen
        self._undo: list[tuple[str, Callable[[], None]]] = []
        self._state = "off"

    @property
    def wired(self) -> tuple[str, ...]:
        """What is hooked, in the order in which it was: ``("requests", "urllib3.Retry", "logging", ...)``."""
        return tuple(name for name, _ in self._undo)

    def uninstall(self) -> None:
        """Put everything back as it was, or turn it into a pass-through where somebody patched on top."""
        with _lock:
            _uninstall(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.uninstall()

    def __repr__(self) -> str:
        if self._state == "installed":
            return f"<eightbyeight_obs installed: {', '.join(self.wired) or 'nothing'}>"
        return f"<eightbyeight_obs {self._state}>"


def install(
    *,
    hosts: Mapping[str, str] | None = None,
    structlog: bool = True,
    sentry: bool = True,
    log: bool = True,
    group: bool | Callable[[ErrorDetails], Sequence[str]] = True,
    title: bool = True,
    capture_unreported: bool = False,
    sub_account: bool = True,
    ignore: Iterable[tuple[str, int | str]] = (),
    application: Iterable[str] = (),
    on_error: Iterable[ErrorHook] = (),
) -> Installation:
    """Make every 8x8 error of this process readable in its logs and in Sentry.

    Call it once, before or after ``structlog.configure()`` and ``sentry_sdk.init()``. Sessions, loggers and
    clients that exist already are covered. With ``EIGHTBYEIGHT_OBS=off`` in the environment it does nothing.

    Args:
        hosts: More hosts and their product: ``{"sms-proxy.internal": "sms"}`` (any port) or
            ``{"127.0.0.1:8080": "sms"}`` (that port).
        structlog: Add the keys to structlog's events. False: leave structlog alone.
        sentry: Add tags, context, fingerprint and title to Sentry's events. False: leave Sentry alone.
        log: Log one event of the middleware's own per failed exchange.
        group: Group Sentry's issues by JSON code. False: leave grouping alone. A callable returns the
            fingerprint for the details.
        title: Show the decoded code as the title of Sentry's issues.
        capture_unreported: Send one Sentry event for an error whose response was dropped without a word.
        sub_account: Show the sub-account id, which is often a customer's name.
        ignore: (registry, code) of expected failures: no own log event, no unreported event.
        application: Module prefixes that are the application, for services that are installed packages.
        on_error: Hooks, each called with the details in the thread of the failing call.

    Returns:
        The handle. A second call with the same options returns the first handle.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument has a value that is not accepted.
        RuntimeError: If it is installed already with other options; nothing is changed then.
    """
    chosen = options.check(
        hosts=hosts,
        structlog=structlog,
        sentry=sentry,
        log=log,
        group=group,
        title=title,
        capture_unreported=capture_unreported,
        sub_account=sub_account,
        ignore=ignore,
        application=application,
        on_error=on_error,
    )
    global _current  # noqa: PLW0603 - the one installation of this process
    with _lock:
        if _current is not None:
            if _current.settings != chosen:
                raise RuntimeError(
                    "eightbyeight_obs is installed already with other options "
                    f"({options.difference(_current.settings, chosen)}); call eightbyeight_obs.uninstall() first"
                )
            return _current
        installation = Installation(chosen)
        if os.environ.get(_SWITCH, "").strip().lower() in _OFF:
            installation._state = f"off by {_SWITCH} in the environment"
            return installation
        # Noted before anything is hooked: a signal handler that calls install() in between gets this handle.
        _current = installation
        try:
            _wire(installation)
        except Exception:  # noqa: BLE001 - the service starts all the same
            contained("install()")
        except BaseException:  # interrupted: nothing stays half done
            _uninstall(installation)
            raise
        installation._state = "installed"
        return installation


def _wire(installation: Installation) -> None:
    """Hook everything that the settings ask for; what fails is left out, the rest works."""
    chosen = installation.settings
    settings.use(chosen)
    known_hosts.use_extra_hosts(chosen.hosts)
    for name, wire in _wiring(chosen):
        try:
            installation._undo.append((name, wire()))
        except Exception:  # noqa: BLE001 - a library that looks different
            contained(f"install() of {name}")


def uninstall() -> None:
    """Undo ``install()``; without one, do nothing."""
    with _lock:
        if _current is not None:
            _uninstall(_current)


def is_installed() -> bool:
    """Tell whether ``install()`` is in force."""
    return _current is not None


def _uninstall(installation: Installation) -> None:
    global _current  # noqa: PLW0603
    if installation is not _current:
        return
    _current = None
    while installation._undo:
        _contain(*installation._undo.pop())
    _contain("settings", lambda: settings.use(None))
    _contain("hosts", lambda: known_hosts.use_extra_hosts({}))
    _contain("failures", failures.forget_all)
    _contain("guard", guard.forget_told)
    installation._state = "uninstalled"


def _contain(name: str, undo: Callable[[], None]) -> None:
    try:
        undo()
    except Exception:  # noqa: BLE001
        contained(f"uninstall() of {name}")


def _wiring(chosen: Settings) -> list[tuple[str, Callable[[], Callable[[], None]]]]:
    """Return what to hook, in order: sinks first, so that no failure is seen before it can be shown."""
    wiring: list[tuple[str, Callable[[], Callable[[], None]]]] = [("logging", logging_sink.wire)]
    if chosen.structlog:
        wiring += [("structlog", _wire_structlog), ("structlog.ProcessorFormatter", logging_sink.wire_formatters)]
    if chosen.sentry:
        wiring.append(("sentry", _wire_sentry))
    if chosen.capture_unreported:
        wiring.append(("unreported", _wire_unreported))
    wiring += [
        ("urllib3.Retry", retries.wire),
        ("requests", requests_client.wire_answers),
        ("requests.exceptions", requests_client.wire_errors),
    ]
    return wiring


def _wire_structlog() -> Callable[[], None]:
    from .sinks import structlog as sink

    return sink.wire()


def _wire_sentry() -> Callable[[], None]:
    from .sinks import sentry as sink

    return sink.wire()


def _wire_unreported() -> Callable[[], None]:
    from . import unreported

    return unreported.wire()


# A fork waits for an install() or uninstall() in another thread, so that no child finds half of one, and the
# child gets a lock of its own.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_lock.acquire, after_in_child=_lock.release, after_in_parent=_lock.release)
