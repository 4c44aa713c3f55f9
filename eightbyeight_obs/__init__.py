"""8x8's CPaaS errors, readable in logs and in Sentry: one line, ``eightbyeight_obs.install()``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .clients.requests import EightByEightAdapter
from .core.carriers import from_exception, from_response
from .core.catalogue import CATALOGUE, CodeEntry, explain
from .core.decode import decode
from .core.details import ErrorDetails, WebhookFailure
from .core.ticket import support_ticket
from .core.webhooks import decode_webhook
from .exchange import report
from .installation import Installation, install, is_installed, uninstall
from .settings import ErrorHook
from .sinks.structlog import EightByEightProcessor

if TYPE_CHECKING:
    from .sinks.sentry import EightByEightIntegration

__all__ = [
    "CATALOGUE",
    "CodeEntry",
    "EightByEightAdapter",
    "EightByEightIntegration",
    "EightByEightProcessor",
    "ErrorDetails",
    "ErrorHook",
    "Installation",
    "WebhookFailure",
    "__version__",
    "decode",
    "decode_webhook",
    "explain",
    "from_exception",
    "from_response",
    "install",
    "is_installed",
    "report",
    "support_ticket",
    "uninstall",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # The integration's base class is sentry_sdk's, whose import costs 27 ms: only who asks for it pays.
    if name == "EightByEightIntegration":
        from .sinks.sentry import EightByEightIntegration

        globals()[name] = EightByEightIntegration
        return EightByEightIntegration
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
