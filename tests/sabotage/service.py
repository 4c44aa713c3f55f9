"""A run of a service: what is around its steps, and what each of them has left in the sinks."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import requests
import sentry_sdk
import structlog
from rawserver import RawServer
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.transport import Transport

import eightbyeight_obs

from . import answers
from .steps import STEPS, told_of


class Kept(Transport):
    """Keeps the events that Sentry would send."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.events += [item.payload.json for item in envelope.items if item.type == "event"]


class Records(logging.Handler):
    def __init__(self, kept: list[logging.LogRecord]) -> None:
        super().__init__()
        self.kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(record)


class Service:
    """One run, which ends up in `views`: for each step what the service's own code got, and what each sink shows.

    Attributes:
        views: By step, then by name: `answer` and the rest of `OF_THE_SERVICE`, and one per sink, `OF_THE_SINKS`.
        events: Events of structlog's, after the whole chain.
        records: Records of the standard library's logging.
        rendered: The lines that structlog's formatter has made of these.
        transport: Has the events of Sentry's.
        hooked: What the hook on_error was called with.
    """

    def __init__(self, server: RawServer, others: dict[str, RawServer]) -> None:
        self.server, self.others = server, others
        self.views: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.records: list[logging.LogRecord] = []
        self.rendered: list[str] = []
        self.transport = Kept()
        self.hooked: list[Any] = []

    # --- What every run needs around it ------------------------------------------------------------------------------

    @contextmanager
    def running(self) -> Iterator[None]:
        with ExitStack() as stack:
            self._logging(stack)
            structlog.configure(
                processors=[
                    structlog.contextvars.merge_contextvars,
                    structlog.processors.add_log_level,
                    structlog.processors.format_exc_info,
                    self.keep_event,
                ],
                wrapper_class=structlog.BoundLogger,
                cache_logger_on_first_use=False,
            )
            stack.callback(structlog.reset_defaults)
            scope = stack.enter_context(sentry_sdk.isolation_scope())
            scope.set_client(
                sentry_sdk.Client(
                    "http://key@127.0.0.1:1/1",
                    transport=self.transport,
                    default_integrations=False,
                    max_breadcrumbs=5,
                    integrations=[LoggingIntegration(), eightbyeight_obs.EightByEightIntegration()],
                )
            )
            self.session = stack.enter_context(requests.Session())
            self.session.trust_env = False
            yield

    def _logging(self, stack: ExitStack) -> None:
        root = logging.getLogger()
        plain, pretty = Records(self.records), logging.StreamHandler(self)
        pretty.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _as_json]
            )
        )
        for handler in (plain, pretty):
            root.addHandler(handler)
            stack.callback(root.removeHandler, handler)
        stack.callback(root.setLevel, root.level)
        root.setLevel(logging.INFO)

    def write(self, line: str) -> None:
        self.rendered.append(line)

    def keep_event(self, _logger: Any, _name: str, event_dict: Any) -> Any:
        self.events.append(dict(event_dict))
        raise structlog.DropEvent

    @property
    def hosts(self) -> dict[str, str]:
        """What install() is told: the server is 8x8's SMS, the others are other products of it."""
        return {self.server.host: "sms", **{server.host: product for product, server in self.others.items()}}

    def hook(self, details: Any) -> None:
        self.hooked.append(details)

    # --- What it does ------------------------------------------------------------------------------------------------

    def work(self, steps: Iterable[str]) -> None:
        """Do these steps. Whatever is raised to the service is written down, nothing is let out."""
        for server in (self.server, *self.others.values()):
            server.rewind(answers.answers())
        for name in steps:
            logs = (self.events, self.records, self.rendered, self.transport.events, self.hooked)
            at = [len(log) for log in logs]
            try:
                answer = STEPS[name](self)
            except Exception as error:
                answer = told_of(error)
            self.views[name] = _view(answer, *(log[start:] for log, start in zip(logs, at, strict=True)))

    def call(self, path: str, **options: Any) -> requests.Response:
        return self.session.post(self.server.url(path), json={"text": "secret"}, timeout=5, **options)


OF_THE_SERVICE = ("answer", "lines", "texts", "rendered", "captured")
OF_THE_SINKS = ("structlog", "own events", "logging", "sentry", "hooks")


def _view(answer: Any, events: Any, records: Any, rendered: Any, sent: Any, hooked: Any) -> dict[str, Any]:
    """What one step has left: first what is the service's own, then what the middleware has added to it."""
    lines = [event for event in events if event.get("logger") != "eightbyeight_obs"]
    service = [record for record in records if record.name == "service"]
    return {
        "answer": answer,
        "lines": [event["event"] for event in lines],
        "texts": [str(record.msg) for record in service],
        "rendered": len(rendered) - len(records) + len(service),
        "captured": len(sent),
        "structlog": [_keys(event) for event in lines],
        "own events": [(event.get("event"), _keys(event)) for event in events if event not in lines],
        "logging": [_keys(vars(record)) for record in service],
        "sentry": [(_kind_of(event), event.get("tags")) for event in sent],
        "hooks": hooked,
    }


def _kind_of(event: dict[str, Any]) -> Any:
    """What an event is, whatever its texts are, which are the sink's to write."""
    values = event.get("exception", {}).get("values", [])
    return [value["type"] for value in values] or event.get("logger")


def _keys(values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key.startswith("8x8.")}


def _as_json(_logger: Any, _name: str, event_dict: Any) -> str:
    return json.dumps(event_dict, default=repr, sort_keys=True)
