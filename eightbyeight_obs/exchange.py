"""One failed exchange with 8x8: noted once, then breadcrumb, own log event and hooks, each on its own."""

from __future__ import annotations

import threading
from typing import Any, Final

from . import failures, settings
from .attribution import CERTAIN, Attribution
from .core.details import ErrorDetails, WebhookFailure
from .core.values import replace
from .guard import contained
from .sinks import own_events, sentry_entry

__all__ = [
    "DELIVERY_FAILED",
    "ERROR_RESPONSE",
    "NO_RESPONSE",
    "REJECTED",
    "RETRIED",
    "failed",
    "remember",
    "report",
    "retried",
]

ERROR_RESPONSE: Final = "8x8.error_response"
REJECTED: Final = "8x8.rejected"
DELIVERY_FAILED: Final = "8x8.delivery_failed"
NO_RESPONSE: Final = "8x8.no_response"
RETRIED: Final = "8x8.retried"

_thread = threading.local()


def failed(carrier: Any, details: ErrorDetails, *, partial: bool = False) -> None:
    """Note a failure that a client has seen and tell of it, unless that was done for the same carrier before.

    Args:
        carrier: The response, or the exception of a call without one.
        details: The failure.
        partial: Whether the body was not in memory, so that decoding later may tell more.
    """
    known = failures.find(carrier)
    if known is not None and known.told:
        return
    remember(carrier, details, partial=partial)
    if known is not None and known.reported and (failure := failures.find(carrier)) is not None:
        failure.reported = True  # by a response hook
    _tell(_event_of(details), details)


def expect(carrier: Any, details: ErrorDetails, *, partial: bool = False) -> None:
    """Note a failure that the service's response hooks are about to see: what they log of it is attributed."""
    failure = failures.remember(carrier, details, partial=partial)
    if failure is not None:
        failure.told = False


def remember(carrier: Any, details: ErrorDetails, *, partial: bool = False) -> None:
    """Note a failure without telling of it: one of several attempts of the same call."""
    failure = failures.remember(carrier, details, partial=partial)
    if failure is not None and (isinstance(carrier, BaseException) or settings.current().ignores(details)):
        # No event for the unreported: an expected failure, or an exception that an adapter which tries again
        # by itself may have swallowed on the way to a good answer. Only a dropped response is surely dropped.
        failure.reported = True


def retried(details: ErrorDetails) -> None:
    """Tell at info of the last failure that urllib3's Retry hid before the call was answered well."""
    _tell(RETRIED, details, hooks=False)


def report(failure: ErrorDetails | WebhookFailure, *, capture: bool = False) -> str | None:
    """Tell of a failure that the service has decoded itself, mostly of a webhook.

    Logs ``8x8.delivery_failed`` (or the event of the failed exchange) and calls the hooks of
    ``install(on_error=...)``. Never raises.

    Args:
        failure: What ``decode_webhook`` or ``decode`` returned.
        capture: Whether to send one Sentry event too, grouped by (registry, code).

    Returns:
        The id of the Sentry event, or None where none was sent.
    """
    __tracebackhide__ = True  # with attach_stacktrace the SDK adds the frames of this thread
    try:
        event = DELIVERY_FAILED if isinstance(failure, WebhookFailure) else _event_of(failure)
        _tell(event, failure)
        return sentry_entry.capture(Attribution(CERTAIN, [failure])) if capture else None
    except Exception:  # noqa: BLE001 - a receiver must answer 200 whatever happens
        contained("report()")
        return None


def _event_of(details: ErrorDetails) -> str:
    if details.registry == "transport":
        return NO_RESPONSE
    return REJECTED if details.http_status is not None and details.http_status < 400 else ERROR_RESPONSE


def _tell(event: str, failure: ErrorDetails | WebhookFailure, *, hooks: bool = True) -> None:
    """Serve every sink on its own. A failure inside a sink (a handler that sends an SMS) is not told again."""
    if getattr(_thread, "telling", False):
        return
    _thread.telling = True
    try:
        options = settings.current()
        attribution = Attribution(CERTAIN, [failure])
        if options.sentry:
            try:
                sentry_entry.add_breadcrumb(attribution, is_warning=event != RETRIED)
            except Exception:  # noqa: BLE001
                contained("Sentry breadcrumb")
        if options.log and not options.ignores(failure):
            try:
                own_events.log(event, attribution.fields(), is_warning=event != RETRIED)
            except Exception:  # noqa: BLE001
                contained("own log event")
        if hooks and options.on_error:
            shown = replace(failure, match=CERTAIN, sub_account=failure.sub_account if options.sub_account else None)
            for hook in options.on_error:
                try:
                    hook(shown)  # type: ignore[arg-type]
                except Exception:  # noqa: BLE001
                    contained(f"on_error hook {_name_of(hook)}")
    finally:
        _thread.telling = False


def _name_of(hook: object) -> str:
    """Name a hook without asking for its ``repr``, which may raise or hold anything."""
    try:
        return str(hook.__qualname__)  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - no function, or one that answers nothing
        return type(hook).__qualname__
