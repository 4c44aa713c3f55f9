# ruff: noqa: INP001 - no package: these files run where the package may be another version, or not there
"""Runs synthetic failures through the real path of the process, and keeps what would be logged and sent.

Nothing leaves: the answer comes from an adapter in memory, the log handlers are asked for their text and do not
write it, and Sentry's client is a copy with the service's options whose transport keeps the events. Loggers that
print go to the doctor's pipe, between two marks.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import logging
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

# Code of no installed package, so that it counts as the application's.
FILE = "<eightbyeight-doctor>"
CODE = """
def send(session):
    return session.post("https://sms.8x8.com/api/v1/subaccounts/doctor/messages", json={"text": "doctor"})

def raised(session, log):
    try:
        send(session).raise_for_status()
    except Exception:
        log.exception("doctor: could not send")

def noted(session, log):
    response = send(session)
    if not response.ok:
        log.error("doctor: could not send")

def unrelated(session, log):
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("doctor: another error")
"""
# The example of 8x8's OpenAPI files; the errorId is one that nobody looks up by mistake.
BODY = (
    b'{"code":1002,"message":"Invalid MSISDN format (not E.164 international number)",'
    b'"errorId":"d0c70400-0000-4000-8000-000000000000","timestamp":"2026-07-25T00:00:00.00Z"}'
)


def tries(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Return, for each logger and each case, the log lines and the Sentry events, with and without before_send."""
    if "requests" not in sys.modules:
        return []
    namespace: dict[str, Any] = {"__name__": "eightbyeight_doctor_sample", "__file__": FILE}
    linecache.cache[FILE] = (len(CODE), None, CODE.splitlines(keepends=True), FILE)
    exec(compile(CODE, FILE, "exec"), namespace)  # noqa: S102 - the text above
    return [
        _try(kind, case, namespace[case], log, job["mark"])
        for kind, log in _loggers()
        for case in ("raised", "noted", "unrelated")
    ]


def _loggers() -> Iterator[tuple[str, Any]]:
    structlog = sys.modules.get("structlog")
    if structlog is not None and structlog.is_configured():
        yield "structlog", structlog.get_logger("doctor")
    yield "logging", logging.getLogger("doctor")


def _try(kind: str, case: str, function: Callable[..., Any], log: Any, mark: str) -> dict[str, Any]:
    name = f"{kind} {case}"
    lines: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    unfiltered: list[dict[str, Any]] = []
    error = None
    try:
        with _quiet_hooks(), _handlers(lines):
            with _sentry(events, filtered=True), _marked(f"{mark} {name}"):
                function(_session(), log)
            kept = len(lines)
            if not events:  # once more without before_send, to see whose doing it is; its output is nobody's business
                with _sentry(unfiltered, filtered=False), _marked(f"{mark} again"):
                    function(_session(), log)
            del lines[kept:]
    except Exception as exc:  # noqa: BLE001 - the watched process goes on, whatever is wrong here
        error = f"{type(exc).__name__}: {exc}"
    return {
        "logger": kind,
        "case": case,
        "lines": lines,
        "events": [_summary(event) for event in events],
        "events_without_before_send": len(unfiltered),
        "error": error,
    }


def _session() -> Any:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.response import HTTPResponse

    class InMemory(HTTPAdapter):
        def send(self, request: Any, *arguments: Any, **keywords: Any) -> Any:
            raw = HTTPResponse(
                body=io.BytesIO(BODY), status=400, headers={"Content-Type": "application/json"}, preload_content=False
            )
            return self.build_response(request, raw)

    session = requests.Session()
    session.trust_env = False
    session.mount("https://sms.8x8.com/", InMemory())
    return session


@contextlib.contextmanager
def _quiet_hooks() -> Iterator[None]:
    """Keep the service's own on_error hooks out of this: they may call somebody out of bed."""
    settings = sys.modules.get("eightbyeight_obs.settings")
    before = settings.current() if settings is not None else None
    if settings is None or before is None:
        yield
        return
    settings.use(before._replace(on_error=(), capture_unreported=False))
    try:
        yield
    finally:
        settings.use(before)


@contextlib.contextmanager
def _handlers(lines: list[dict[str, Any]]) -> Iterator[None]:
    """Let every handler say what it would write, and write nothing."""
    handlers = [*logging.getLogger().handlers]
    for logger in list(logging.getLogger().manager.loggerDict.values()):
        handlers += getattr(logger, "handlers", [])
    changed = []
    for handler in dict.fromkeys(handlers):

        def emit(record: logging.LogRecord, handler: logging.Handler = handler) -> None:
            keys = {name: value for name, value in vars(record).items() if name.startswith("8x8.")}
            lines.append({"handler": type(handler).__name__, "text": handler.format(record), "keys": keys})

        handler.emit = emit  # type: ignore[method-assign]
        changed.append(handler)
    try:
        yield
    finally:
        for handler in changed:
            with contextlib.suppress(AttributeError):
                del handler.emit


@contextlib.contextmanager
def _sentry(events: list[dict[str, Any]], *, filtered: bool) -> Iterator[None]:
    """Give this thread a copy of the service's client for a moment, which keeps what it would send."""
    sdk: Any = sys.modules.get("sentry_sdk")
    if sdk is None or not sdk.get_client().is_active():
        yield
        return
    from sentry_sdk.transport import Transport

    class Keeping(Transport):
        def capture_envelope(self, envelope: Any) -> None:
            event = envelope.get_event()
            if event is not None:
                events.append(event)

    options = dict(sdk.get_client().options)
    options.update(
        transport=Keeping, traces_sample_rate=None, traces_sampler=None, profiles_sample_rate=None, spotlight=None
    )
    options.update(sample_rate=1.0, shutdown_timeout=0)
    # What the SDK resolved itself would count as the user's own choice, and change what is scrubbed.
    if not (options.get("data_collection") or {}).get("provided_by_user"):
        options.pop("data_collection", None)
    if "error_sampler" in options:
        options["error_sampler"] = None
    if not filtered:
        options["before_send"] = None
    with sdk.isolation_scope(), sdk.new_scope() as scope:
        scope.set_client(sdk.Client(**{name: value for name, value in options.items() if value is not None}))
        yield


@contextlib.contextmanager
def _marked(mark: str) -> Iterator[None]:
    """Set marks into what is printed meanwhile."""
    _mark(f"\n[{mark} begin]\n")
    try:
        yield
    finally:
        _mark(f"\n[{mark} end]\n")


def _mark(text: str) -> None:
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
            os.write(number, text.encode())


def _summary(event: dict[str, Any]) -> dict[str, Any]:
    values = (event.get("exception") or {}).get("values") or []
    last = values[-1] if values else {}
    entry = event.get("logentry") or {}
    title = f"{last.get('type')}: {last.get('value')}" if last else str(entry.get("formatted") or entry.get("message"))
    tags = event.get("tags") or {}
    return {
        "title": title,
        "fingerprint": event.get("fingerprint"),
        "tags": {str(name): value for name, value in dict(tags).items() if str(name).startswith("8x8")},
        "logger": event.get("logger"),
    }
