"""Calls an operation over HTTP, as a service does, and checks what became of its documented failure."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import documented
import pytest
import requests
import sentry_sdk
from sentry_sdk.transport import Transport

import eightbyeight_obs


class Wire(Transport):
    """Keeps the events."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.events += [item.payload.json for item in envelope.items if item.type == "event"]


def call(host: str, answer: documented.Answer, session: requests.Session) -> requests.Response:
    """Call the operation and ask for this answer."""
    headers = {"Prefer": answer.prefer, "Accept": "application/json", "Authorization": "Bearer of-the-test"}
    url = f"http://{host}/{documented.path_of(answer.operation)}"
    return session.request(answer.operation.method, url, headers=headers, timeout=120)


@contextmanager
def sentry() -> Iterator[Wire]:
    """Start Sentry's client, once for many calls, with the integration for those without ``install()``."""
    wire = Wire()
    sentry_sdk.init(
        dsn="http://key@127.0.0.1:9/1", transport=wire, integrations=[eightbyeight_obs.EightByEightIntegration()]
    )
    yield wire
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.get_global_scope().set_client(None)


@contextmanager
def own_lines() -> Iterator[list[logging.LogRecord]]:
    """Keep what the middleware logs itself."""
    lines: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = lines.append  # type: ignore[method-assign]
    own = logging.getLogger("eightbyeight_obs")
    own.addHandler(handler)
    yield lines
    own.removeHandler(handler)


def check_error(host: str, answer: documented.Answer, session: requests.Session, wire: Wire) -> None:
    """Call, let ``raise_for_status`` raise, report it; the event and the own log line must tell what 8x8 said."""
    wire.events.clear()
    with own_lines() as lines, sentry_sdk.isolation_scope():
        response = call(host, answer, session)
        assert answer.status == response.status_code
        with pytest.raises(requests.HTTPError) as raised:
            response.raise_for_status()
        sentry_sdk.capture_exception(raised.value)
    expected = documented.expected_tags(answer, response.content)
    (event,) = wire.events
    assert expected == {key: event["tags"].get(key) for key in expected}
    assert ["8x8", expected["8x8.registry"], expected["8x8.code"]] == event["fingerprint"]
    assert event["exception"]["values"][-1]["value"].startswith(f"8x8 {expected['8x8.code']} ")
    (line,) = lines
    assert "8x8.error_response" == line.getMessage()
    told = {key: str(value) for key, value in vars(line).items() if key in expected}
    assert {key: value for key, value in expected.items() if value is not None} == told
