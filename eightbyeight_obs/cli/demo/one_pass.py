"""One run of the sample service, in a process of its own: every case, its log lines and its Sentry events.

A fresh process for each run makes the two independent: nothing that one of them patched, configured or
cached is there for the other.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any, Final

import sentry_sdk
import structlog
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import HttpTransport, Transport

from .. import sample_service as shop
from ..fake_8x8 import Fake8x8
from .grouping import group_key, title
from .scenarios import PRODUCTS, SCENARIOS, Scenario

__all__ = ["main", "run_all"]

_NOWHERE: Final = "https://demo@localhost/1"  # never contacted: the transport keeps the events
_APPLICATION: Final = "eightbyeight_obs.cli.sample_service"
_FLUSH_SECONDS: Final = 10.0


class _Keeping(Transport):
    """Keeps the events instead of sending them."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        if event is not None:
            # What the server would get: plain JSON.
            self.events.append(json.loads(json.dumps(event, default=str)))


class _Sending(HttpTransport):
    """Keeps the events and sends them; counts those that did not arrive."""

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.events: list[dict[str, Any]] = []
        self.lost = 0

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        if event is not None:
            self.events.append(json.loads(json.dumps(event, default=str)))
        super().capture_envelope(envelope)

    def record_lost_event(self, reason: str, data_category: Any = None, item: Any = None, **quantity: Any) -> None:
        if (item.data_category if item is not None else data_category) == "error":
            self.lost += 1
        super().record_lost_event(reason, data_category, item, **quantity)


class _Lines(logging.Handler):
    """Keeps what a log file would hold, line by line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def _configure_logging() -> _Lines:
    """Set structlog up on top of the standard library, whose formatter writes JSON lines (structlog's documentation).

    The way in which Sentry sees most of structlog: text, keys and exception of an event arrive apart.
    """
    lines = _Lines()
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.stdlib.ExtraAdder(),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [lines]
    root.setLevel(logging.INFO)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return lines


def _configure_sentry(dsn: str, environment: str) -> _Keeping | _Sending:
    options: dict[str, Any] = {
        "dsn": dsn or _NOWHERE,
        "environment": environment,
        "release": "sample-shop@1.0",
        "auto_enabling_integrations": False,
        "in_app_include": [_APPLICATION],
        "in_app_exclude": ["eightbyeight_obs"],
        "max_request_body_size": "never",
    }
    sentry_sdk.init(transport=_Sending if dsn else _Keeping, **options)
    transport = sentry_sdk.get_client().transport
    assert isinstance(transport, (_Keeping, _Sending))
    return transport


def _install(fake: Fake8x8, tickets: list[str]) -> None:
    import eightbyeight_obs

    eightbyeight_obs.install(
        hosts=fake.hosts,
        application=(_APPLICATION,),
        on_error=(lambda details: tickets.append(eightbyeight_obs.support_ticket(details)),),
    )


def run_all(middleware: str, dsn: str = "") -> dict[str, Any]:
    """Run every case once and return what was logged and what reached Sentry.

    Args:
        middleware: ``"off"``, or when to install it: ``"first"``, ``"middle"`` or ``"last"`` of the
            start-up (before structlog and Sentry are configured, between them, after both).
        dsn: Where to send the events; empty for nowhere.
    """
    with Fake8x8(PRODUCTS) as fake:
        tickets: list[str] = []
        if middleware == "first":
            _install(fake, tickets)
        lines = _configure_logging()
        if middleware == "middle":
            _install(fake, tickets)
        transport = _configure_sentry(dsn, "demo-without" if middleware == "off" else "demo-with")
        if middleware == "last":
            _install(fake, tickets)
        shop.connect(fake.urls, "demo-key-not-a-real-one")
        cases = [_run(case, fake, lines, transport, tickets) for case in SCENARIOS]
        sentry_sdk.flush(_FLUSH_SECONDS)
    return {"cases": cases, "lost": getattr(transport, "lost", 0)}


def _run(
    case: Scenario, fake: Fake8x8, lines: _Lines, transport: _Keeping | _Sending, tickets: list[str]
) -> dict[str, Any]:
    fake.will_answer(case.product, case.answer())
    logged, sent, written = len(lines.lines), len(transport.events), len(tickets)
    # As Sentry's integrations of job queues do: each job has a scope and breadcrumbs of its own.
    with sentry_sdk.isolation_scope() as scope:
        scope.clear_breadcrumbs()
        scope.set_tag("job", case.job.__name__)
        shop.run(case.job, *case.arguments)
    return {
        "name": case.name,
        "logs": [json.loads(line) for line in lines.lines[logged:]],
        "events": [_summary(event) for event in transport.events[sent:]],
        "tickets": tickets[written:],
    }


def _summary(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "issue": " | ".join(group_key(event)),
        "title": title(event),
        "level": event.get("level"),
        "tags": event.get("tags") or {},
        "context": (event.get("contexts") or {}).get("8x8"),
        "fingerprint": event.get("fingerprint"),
        "whole": _lasting(event),
    }


_PASSING: Final = frozenset(
    {
        "event_id",
        "timestamp",
        "trace_id",
        "span_id",
        "parent_span_id",
        "thread.id",
        "environment",
        "modules",
        "sys.argv",
    }
)
_ADDRESS: Final = re.compile(r"0x[0-9a-f]{6,}|\b\d{4}-\d{2}-\d{2}T[\d:.]+Z")


def _lasting(value: Any) -> Any:
    """Return an event without what differs between any two runs: ids, times, addresses, the run's own name."""
    if isinstance(value, dict):
        return {key: _lasting(inner) for key, inner in value.items() if key not in _PASSING}
    if isinstance(value, list):
        return [_lasting(inner) for inner in value if not _is_of_the_sdk(inner)]
    return _ADDRESS.sub("...", value) if isinstance(value, str) else value


def _is_of_the_sdk(crumb: Any) -> bool:
    """Tell whether this is a breadcrumb about the delivery of another event, which sentry-sdk 2.0 leaves (--dsn)."""
    data = crumb.get("data") if isinstance(crumb, dict) else None
    return isinstance(data, dict) and str(data.get("thread.name")).startswith("sentry-sdk")


def main(arguments: list[str]) -> None:
    """Run one pass and write its result to stdout as JSON: ``main(["off"])``, ``main(["last", "<dsn>"])``."""
    result = run_all(*arguments)
    sys.stdout.write(json.dumps(result))
    sys.stdout.flush()
