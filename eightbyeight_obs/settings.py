"""What ``install()`` was told: one frozen value that is replaced whole, so that readers need no lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

from .core.details import ErrorDetails, WebhookFailure

__all__ = ["ErrorHook", "Group", "Settings", "current", "use"]


class ErrorHook(Protocol):
    """What ``install(on_error=...)`` takes: called with the details, in the thread of the failing call."""

    def __call__(self, details: ErrorDetails, /) -> object:
        """Receive one failure; what is returned is not looked at, what is raised is contained."""


Group = bool | Callable[[ErrorDetails], Sequence[str]]


class Settings(NamedTuple):
    """The options of ``install()``, checked and normalised; the defaults hold where nothing is installed.

    Attributes:
        hosts: More hosts and their product.
        structlog: Whether structlog is wired.
        sentry: Whether Sentry is wired.
        log: Whether failed exchanges are logged as events of the middleware's own.
        group: Whether, or how, Sentry's fingerprint is set.
        title: Whether the title of a Sentry issue is set.
        capture_unreported: Whether an error that nobody reported becomes a Sentry event.
        sub_account: Whether the sub-account id is shown.
        ignore: (registry, code) pairs that are expected.
        application: Module prefixes that are the application.
        on_error: Hooks.
    """

    hosts: Mapping[str, str] = MappingProxyType({})
    structlog: bool = True
    sentry: bool = True
    log: bool = True
    group: Group = True
    title: bool = True
    capture_unreported: bool = False
    sub_account: bool = True
    ignore: frozenset[tuple[str, str]] = frozenset()
    application: tuple[str, ...] = ()
    on_error: tuple[ErrorHook, ...] = ()

    def ignores(self, details: ErrorDetails | WebhookFailure) -> bool:
        """Tell whether the failure is one that the service expects."""
        return (details.registry, details.code) in self.ignore


_DEFAULTS = Settings()
_current = _DEFAULTS


def current() -> Settings:
    """Return the options in force."""
    return _current


def use(settings: Settings | None) -> None:
    """Put other options in force; None for the defaults."""
    global _current  # noqa: PLW0603 - the one mutable name of this room
    _current = settings or _DEFAULTS
