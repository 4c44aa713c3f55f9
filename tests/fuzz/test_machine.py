"""The switch under any sequence of what programs do: install, configure, call, log, capture, uninstall."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import requests
import sentry_sdk
import structlog
import urllib3
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sentry_sdk.integrations.logging import _IGNORED_LOGGERS
from structlog._base import BoundLoggerBase

import eightbyeight_obs
from eightbyeight_obs import failures
from eightbyeight_obs.core.hosts import extra_hosts
from tests.fuzz.conftest import FULL

URL = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
ANSWERS = {
    "sent": (200, b'{"umid": "u-1", "status": {"code": "QUEUED"}}', False),
    "refused": (400, b'{"code": 1002, "message": "Invalid MSISDN", "errorId": "e-1"}', True),
    "rejected": (200, b'{"umid": "u-1", "status": {"code": "REJECTED", "description": "no"}}', True),
    "broken": (502, b"<html>Bad Gateway</html>", True),
}
EVENTS = {"8x8.error_response", "8x8.rejected", "8x8.no_response"}


class Answering(requests.adapters.BaseAdapter):
    """Answers without a network, and keeps the last answer to compare with."""

    def __init__(self) -> None:
        super().__init__()
        self.kind = "sent"
        self.last: requests.Response | None = None

    def send(self, request, **kwargs) -> requests.Response:
        if self.kind == "timeout":
            raise requests.ConnectTimeout("timed out", request=request)
        status, body, _ = ANSWERS[self.kind]
        response = self.last = requests.Response()
        response.status_code, response.url, response.request = status, request.url, request
        response._content, response.headers["X-Sent"] = body, "yes"
        response._content_consumed = True
        response.raw = urllib3.HTTPResponse(body=b"", preload_content=False)
        return response

    def close(self) -> None:
        pass


class Lines(logging.Handler):
    """Keeps the names of the middleware's own events that reach the standard library."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg in EVENTS:
            self.events.append(record.msg)


def world() -> dict[str, Any]:
    """What install() touches, as it is."""
    return {
        "dispatch_hook": requests.sessions.dispatch_hook,
        "RequestException": requests.RequestException.__init__,
        "drain_conn": urllib3.HTTPResponse.drain_conn,
        "handle": logging.Logger.handle,
        "filter": vars(logging.Logger).get("filter"),
        "BoundLoggerBase": BoundLoggerBase.__init__,
        "ProcessorFormatter": structlog.stdlib.ProcessorFormatter.__init__,
        "ignored": "eightbyeight_obs" in _IGNORED_LOGGERS,
        "processors": [
            p for p in structlog.get_config()["processors"] if type(p).__module__.startswith("eightbyeight")
        ],
        "hosts": dict(extra_hosts()),
        "alive": dict(failures.alive),
    }


class Machine(RuleBasedStateMachine):
    """The model: whether it is installed, with which hook list, and how often failures were seen."""

    def __init__(self) -> None:
        super().__init__()
        eightbyeight_obs.uninstall()
        structlog.reset_defaults()
        self.start = world()
        self.adapter, self.session = Answering(), requests.Session()
        self.session.trust_env = False
        self.session.mount("https://", self.adapter)
        self.lines, self.hooked, self.sent = Lines(), [], []
        logging.getLogger("eightbyeight_obs").addHandler(self.lines)
        self.hook = lambda details: self.hooked.append(details.code)
        self.handle: eightbyeight_obs.Installation | None = None
        self.options: dict[str, Any] = {}
        self.structured: list[str] = []

    def teardown(self) -> None:
        eightbyeight_obs.uninstall()
        logging.getLogger("eightbyeight_obs").removeHandler(self.lines)
        self.session.close()
        structlog.reset_defaults()
        sentry_sdk.get_global_scope().set_client(None)

    @rule(log=st.booleans(), with_structlog=st.booleans(), with_sentry=st.booleans(), group=st.booleans())
    def install(self, log: bool, with_structlog: bool, with_sentry: bool, group: bool) -> None:
        options = {"log": log, "structlog": with_structlog, "sentry": with_sentry, "group": group}
        if self.handle is None:
            self.handle = eightbyeight_obs.install(on_error=[self.hook], **options)
            self.options = options
        elif options == self.options:
            assert self.handle is eightbyeight_obs.install(on_error=[self.hook], **options)
        else:
            with pytest.raises(RuntimeError):
                eightbyeight_obs.install(on_error=[self.hook], **options)

    @rule()
    def uninstall(self) -> None:
        eightbyeight_obs.uninstall()
        self.handle = None
        assert self.start == world()

    @rule()
    def configure(self) -> None:
        def keep(logger: Any, name: str, event: Any) -> str:
            if event["event"] in EVENTS:
                self.structured.append(event["event"])
            return json.dumps(event, default=str)

        structlog.configure(processors=[structlog.processors.add_log_level, keep], logger_factory=lambda *_: Quiet())

    @rule()
    def reset(self) -> None:
        structlog.reset_defaults()

    @rule()
    def start_sentry(self) -> None:
        def keep(event: Any, hint: Any) -> None:
            self.sent.append(event)

        sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", before_send=keep, default_integrations=False)

    @rule(kind=st.sampled_from([*ANSWERS, "timeout"]), host=st.sampled_from(["sms.8x8.com", "other.example"]))
    def call(self, kind: str, host: str) -> None:
        self.adapter.kind = kind
        before = len(self.hooked), len(self.lines.events) + len(self.structured), len(self.sent)
        expected = kind == "timeout" or ANSWERS[kind][2]
        if kind == "timeout":
            with pytest.raises(requests.ConnectTimeout, match=r"^timed out$"):
                self.session.post(URL.replace("sms.8x8.com", host))
        else:
            response = self.session.post(URL.replace("sms.8x8.com", host))
            assert response is self.adapter.last
            assert ANSWERS[kind][:2] == (response.status_code, response.content)
            assert {"X-Sent": "yes"} == dict(response.headers)
        after = len(self.hooked), len(self.lines.events) + len(self.structured), len(self.sent)
        seen = int(expected and host == "sms.8x8.com" and self.handle is not None)
        logged = seen if self.options.get("log") else 0
        assert (before[0] + seen, before[1] + logged, before[2]) == after

    @rule(kind=st.sampled_from(["refused", "rejected", "broken"]))
    def capture(self, kind: str) -> None:
        if sentry_sdk.get_client().dsn is None:
            return
        self.adapter.kind = kind
        response = self.session.post(URL)
        count = len(self.sent)
        sentry_sdk.capture_exception(requests.HTTPError("could not send", response=response))
        (event,) = self.sent[count:]
        is_tagged = self.handle is not None and self.options["sentry"]
        assert is_tagged == ("8x8.code" in event.get("tags", {}))
        assert (is_tagged and self.options["group"]) == ("fingerprint" in event)

    @rule(structured=st.booleans())
    def log_of_something_else(self, structured: bool) -> None:
        before = len(self.lines.events), len(self.structured), len(self.hooked)
        if structured and structlog.is_configured():
            structlog.get_logger("shop").error("order failed", order=17)
        else:
            logging.getLogger("shop.silent").error("order failed")
        assert before == (len(self.lines.events), len(self.structured), len(self.hooked))

    @invariant()
    def told_rightly(self) -> None:
        assert (self.handle is not None) == eightbyeight_obs.is_installed()

    @invariant()
    @precondition(lambda self: self.handle is None)
    def as_it_began(self) -> None:
        assert self.start == world()


class Quiet:
    """A logger of structlog's that writes nothing."""

    def msg(self, text: str) -> None:
        assert text

    debug = info = warning = error = critical = msg


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    settings.get_profile("full" if FULL else "suite"), max_examples=1000 if FULL else 40, stateful_step_count=25
)
