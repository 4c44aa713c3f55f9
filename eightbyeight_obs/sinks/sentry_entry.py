"""The way to the Sentry sink for code that must not import sentry_sdk: a no-op while the sink is not in use."""

from __future__ import annotations

import sys
from typing import Any

from eightbyeight_obs.attribution import Attribution

__all__ = ["add_breadcrumb", "capture"]

_SINK = f"{__package__}.sentry"


def _sink() -> Any:
    """Return the sink's module if ``install()`` or the integration has loaded it."""
    return sys.modules.get(_SINK)


def add_breadcrumb(attribution: Attribution, *, is_warning: bool) -> None:
    """Leave a breadcrumb on the current scope, if Sentry is wired."""
    sink = _sink()
    if sink is not None:
        sink.add_breadcrumb(attribution, is_warning=is_warning)


def capture(attribution: Attribution) -> str | None:
    """Send one Sentry event about the failure, if the service has Sentry; return its id."""
    __tracebackhide__ = True
    if "sentry_sdk" not in sys.modules:
        return None
    from . import sentry

    return sentry.capture(attribution)
