"""The Sentry sink: one event processor, the integration around it, breadcrumbs, and the capture of reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import sentry_sdk
from sentry_sdk import scope as sentry_scope
from sentry_sdk.integrations import Integration
from sentry_sdk.integrations.logging import _IGNORED_LOGGERS, ignore_logger

from eightbyeight_obs import settings
from eightbyeight_obs.attribution import CERTAIN, LIKELY, RELATED, Attribution, attribute
from eightbyeight_obs.core.details import ErrorDetails, WebhookFailure
from eightbyeight_obs.guard import LOGGER_NAME, contained

from .calls import carriers_of
from .logging import values_of
from .scrubbing import scrub_event
from .stacktraces import add_stacktrace, drop_our_frames

__all__ = ["EightByEightIntegration", "add_breadcrumb", "capture", "process_event", "wire"]

_CONTEXT: Final = "8x8"
_DEFAULT_GROUP: Final = "{{ default }}"
_BELOW_WARNING: Final = frozenset({"debug", "info"})
# sentry_sdk keeps ten keys of a breadcrumb's data.
_BREADCRUMB_KEYS: Final = tuple(
    "8x8." + name
    for name in (
        "code",
        "registry",
        "description",
        "error_id",
        "http_status",
        "endpoint",
        "region",
        "retryable",
        "umid",
        "attempts",
    )
)

_wired = False


class EightByEightIntegration(Integration):
    """The sink as an integration, for ``sentry_sdk.init(integrations=[EightByEightIntegration()])``.

    Does what ``install()`` does for Sentry, on clients that have it, without patching anything. An event is
    then attributed by what it carries (grades ``certain``, ``likely`` by rules (a) and (b), ``related``);
    a response that a function merely holds is known to ``install()`` only.
    """

    identifier = "eightbyeight_obs"

    @staticmethod
    def setup_once() -> None:
        """Register the event processor; called by the SDK once per process."""
        _register()


def wire() -> Callable[[], None]:
    """Register the event processor for every client, before or after ``sentry_sdk.init()``.

    Returns:
        What turns it into a pass-through; the SDK has no way to take a global processor away.
    """
    global _wired  # noqa: PLW0603 - whether install() is in force
    was_ignored = LOGGER_NAME in _IGNORED_LOGGERS
    _register()
    _wired = True

    def undo() -> None:
        global _wired  # noqa: PLW0603
        _wired = False
        if not was_ignored:
            _IGNORED_LOGGERS.discard(LOGGER_NAME)

    return undo


def _register() -> None:
    # Nothing that we log becomes a Sentry event or breadcrumb; structlog-sentry heeds the same list.
    ignore_logger(LOGGER_NAME)
    if process_event not in sentry_scope.global_event_processors:
        sentry_scope.add_global_event_processor(process_event)


def process_event(event: Any, hint: Any) -> Any:
    """Add tags, context, fingerprint and title to an event about a failure of 8x8's; return every event.

    The service's own tag, context or fingerprint wins. Transactions and check-ins are not looked at.
    """
    try:
        if not event.get("type") and (_wired or _has_integration()):
            _enrich(event, hint or {})
    except Exception:  # noqa: BLE001
        contained("Sentry event processor")
    return event


def _has_integration() -> bool:
    return sentry_sdk.get_client().get_integration(EightByEightIntegration) is not None


def _enrich(event: dict[str, Any], hint: dict[str, Any]) -> None:
    if _CONTEXT in hint and isinstance(hint[_CONTEXT], Attribution):  # our own capture() says what it is about
        _write(event, hint[_CONTEXT], carriers_of(hint[_CONTEXT], None, ()))
        return
    exc_info = hint.get("exc_info")
    exception = exc_info[1] if exc_info else None
    record = hint.get("log_record")
    attribution = attribute(
        exception=exception,
        given=() if record is None else _given(record),
        is_warning=event.get("level") not in _BELOW_WARNING,
        is_rendered=True,
    )
    if attribution is not None:
        _write(event, attribution, carriers_of(attribution, exception, _given(record)))


def _given(record: Any) -> Iterator[object]:
    # Sentry's own handlers put the LogRecord into the hint, structlog-sentry its event dictionary.
    if record is None:
        return iter(())
    return iter(list(record.values())) if isinstance(record, dict) else values_of(record)


def _write(event: dict[str, Any], attribution: Attribution, carriers: Sequence[Any] = ()) -> None:
    options = settings.current()
    add_stacktrace(event)
    _drop_our_extra(event, attribution)
    scrub_event(event, carriers)
    drop_our_frames(event)
    # New dictionaries, ours below the service's: what it set wins, and its own objects stay as they are.
    event["tags"] = {**attribution.tags(), **dict(event.get("tags") or {})}
    # Dictionaries only: the SDK takes the one named "trace" apart after us, outside of its own guard.
    contexts = {name: context for name, context in (event.get("contexts") or {}).items() if isinstance(context, dict)}
    contexts.setdefault(_CONTEXT, attribution.context())
    event["contexts"] = contexts
    if not event.get("fingerprint"):
        fingerprint = _fingerprint(attribution, options)
        if fingerprint:
            event["fingerprint"] = fingerprint
    if options.title and attribution.grade == CERTAIN:
        _write_title(event, attribution.details.title())


def _fingerprint(attribution: Attribution, options: settings.Settings) -> list[str] | None:
    if options.group is False or attribution.grade == RELATED:
        return None
    details = attribution.details
    parts: Sequence[str] = details.fingerprint()
    if callable(options.group) and isinstance(details, ErrorDetails):
        try:
            parts = [str(part) for part in options.group(details)]
        except Exception:  # noqa: BLE001 - the service's own callable: its event still gets the usual group
            contained("group callable of install()")
    return [_DEFAULT_GROUP, *parts] if attribution.grade == LIKELY else list(parts)


def _write_title(event: dict[str, Any], title: str) -> None:
    """Put the decoded failure into the value of the last exception, which Sentry shows as the issue's title."""
    section = event.get("exception")
    values = section.get("values") if isinstance(section, dict) else section
    if not isinstance(values, list) or not values or not isinstance(values[-1], dict):
        return
    last = values[-1]
    module, text = str(last.get("module") or ""), last.get("value")
    of_requests = module == "requests" or module.startswith("requests.")
    last["value"] = title if of_requests or not text else f"{title}: {text}"


def _drop_our_extra(event: dict[str, Any], attribution: Attribution) -> None:
    """Take our keys out of ``extra``: they are in the context, and the SDK keeps ten keys of ``extra``."""
    extra = event.get("extra")
    if isinstance(extra, Mapping):
        ours = attribution.fields()
        event["extra"] = {key: value for key, value in extra.items() if key not in ours or value != ours[key]}


def add_breadcrumb(attribution: Attribution, *, is_warning: bool) -> None:
    """Leave one breadcrumb about a failed exchange on the current scope."""
    if not (_wired or _has_integration()):
        return
    fields = attribution.fields()
    sentry_sdk.add_breadcrumb(
        type="error" if is_warning else "default",
        category=_CONTEXT,
        level="warning" if is_warning else "info",
        message=attribution.details.title(),
        data={key: fields[key] for key in _BREADCRUMB_KEYS if key in fields},
    )


def capture(attribution: Attribution) -> str | None:
    """Send one message event about a failure, level warning, grouped by (registry, code); return its id."""
    __tracebackhide__ = True
    return _capture(attribution, attribution.details.title())


def capture_apart(attribution: Attribution, left_out: int) -> str | None:
    """Send the event of a failure that nobody reported: with nothing of the scope of any request.

    Args:
        attribution: The failure.
        left_out: How many of the same code were not sent since the last one that was.
    """
    __tracebackhide__ = True
    message = attribution.details.title() + ", not reported by the service"
    if left_out:
        message += f" ({left_out} more of this code were left out before)"
    with sentry_sdk.isolation_scope() as scope:
        scope.clear()
        return _capture(attribution, message)


def _capture(attribution: Attribution, message: str) -> str | None:
    __tracebackhide__ = True
    _register()
    event: Any = {"message": message, "level": "warning"}
    if not (_wired or _has_integration()):
        _write(event, attribution, carriers_of(attribution, None, ()))
    with sentry_sdk.new_scope() as scope:
        if isinstance(attribution.details, WebhookFailure):
            scope.add_event_processor(_without_request)
        return sentry_sdk.capture_event(event, hint={_CONTEXT: attribution})


def _without_request(event: Any, _hint: Any) -> Any:
    """Take the request out of our own event about a webhook: that request is the webhook, texts and numbers in clear.

    The integrations of Flask, Django and Starlette put its body there from the isolation scope, after the global
    processors; those of the current scope run last.
    """
    event.pop("request", None)
    return event
