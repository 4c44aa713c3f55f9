"""The ways to watch `requests` that a team has today, each set up as its documentation says, without a network.

A set-up runs in a process of its own. It returns what opens and closes a unit of work (a transaction) around a
block of calls, where the peer measures nothing outside of one.
"""

from __future__ import annotations

import contextlib
import http.client
import logging
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import requests
import urllib3

Unit = Callable[[], AbstractContextManager[Any]]
no_unit: Unit = contextlib.nullcontext

PLACES = (
    (requests.Session, ("send", "request", "__init__")),
    (requests.adapters.HTTPAdapter, ("send", "build_response")),
    (requests.sessions, ("dispatch_hook", "Session")),
    (requests.RequestException, ("__init__",)),
    (urllib3.connectionpool.HTTPConnectionPool, ("urlopen", "_make_request")),
    (urllib3.response.HTTPResponse, ("drain_conn",)),
    (http.client.HTTPConnection, ("putrequest", "putheader", "endheaders", "getresponse", "request", "connect")),
    (http.client.HTTPResponse, ("read", "close")),
)
"""Where any of them patches."""


def patches() -> dict[tuple[Any, str], Any]:
    """What stands in those places now."""
    return {(owner, name): vars(owner).get(name) for owner, names in PLACES for name in names}


def put(state: dict[tuple[Any, str], Any], other: dict[tuple[Any, str], Any]) -> None:
    """Put `state` in the places in which it differs from `other`."""
    for (owner, name), value in state.items():
        if value is not other[owner, name]:
            if value is None:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


def nothing() -> Unit:
    return no_unit


def ours() -> Unit:
    import eightbyeight_obs

    eightbyeight_obs.install(log=False, sentry=False, structlog=False)
    return no_unit


def ours_with_log() -> Unit:
    import logs

    import eightbyeight_obs

    logs.configure()
    eightbyeight_obs.install(sentry=False)
    return no_unit


def opentelemetry_no_provider() -> Unit:
    from opentelemetry.instrumentation.requests import RequestsInstrumentor

    RequestsInstrumentor().instrument()
    return no_unit


def opentelemetry_sdk() -> Unit:
    from opentelemetry.instrumentation.requests import RequestsInstrumentor
    from opentelemetry.sdk.trace import TracerProvider

    RequestsInstrumentor().instrument(tracer_provider=TracerProvider())
    return no_unit


def _sentry(rate: float | None) -> None:
    import sentry_sdk

    class Nowhere(sentry_sdk.transport.Transport):
        def capture_envelope(self, envelope: Any) -> None: ...

    sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", transport=Nowhere, traces_sample_rate=rate)


def sentry() -> Unit:
    _sentry(None)
    return no_unit


def sentry_transaction() -> Unit:
    import sentry_sdk

    _sentry(1.0)
    return lambda: sentry_sdk.start_transaction(name="benchmark", op="task")


def ddtrace() -> Unit:
    os.environ |= {
        "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
        "DD_REMOTE_CONFIGURATION_ENABLED": "false",
        "DD_TRACE_STARTUP_LOGS": "false",
        "DD_TRACE_AGENT_URL": "http://127.0.0.1:9",
    }
    import ddtrace

    ddtrace.patch(requests=True)
    logging.getLogger("ddtrace").setLevel(logging.CRITICAL)  # there is no agent to send to
    return no_unit


def elastic() -> Unit:
    import elasticapm

    client = elasticapm.Client(
        service_name="benchmark",
        disable_send=True,
        central_config=False,
        metrics_interval="0s",
        cloud_provider=False,
        transaction_max_spans=100_000,
        exit_span_min_duration="0ms",
    )
    elasticapm.instrument()

    @contextlib.contextmanager
    def transaction() -> Any:
        client.begin_transaction("task")
        yield
        client.end_transaction("benchmark", "ok")

    return transaction


def newrelic() -> Unit:
    os.environ |= {
        "NEW_RELIC_DEVELOPER_MODE": "true",
        "NEW_RELIC_LICENSE_KEY": "0" * 40,
        "NEW_RELIC_APP_NAME": "benchmark",
        "NEW_RELIC_LOG_LEVEL": "critical",
    }
    import newrelic.agent

    newrelic.agent.initialize()
    import newrelic.hooks.external_requests as hooks
    import newrelic.hooks.external_urllib3 as below

    hooks.instrument_requests_sessions(requests.sessions)
    below.instrument_urllib3_connectionpool(urllib3.connectionpool)
    application = newrelic.agent.register_application(timeout=10.0)
    return lambda: newrelic.agent.BackgroundTask(application, "benchmark")


def logfire() -> Unit:
    import logfire

    logfire.configure(send_to_logfire=False, console=False, inspect_arguments=False)
    logfire.instrument_requests()
    return no_unit


SETUPS: dict[str, tuple[str, Callable[[], Unit]]] = {
    "nothing (A/A control)": ("", nothing),
    "eightbyeight_obs": ("", ours),
    "eightbyeight_obs, with its structlog line": ("", ours_with_log),
    "OpenTelemetry, no provider": ("opentelemetry-instrumentation-requests", opentelemetry_no_provider),
    "OpenTelemetry SDK, no exporter": ("opentelemetry-instrumentation-requests", opentelemetry_sdk),
    "Sentry, no transaction": ("sentry-sdk", sentry),
    "Sentry, sampled transaction": ("sentry-sdk", sentry_transaction),
    "elastic-apm, in a transaction": ("elastic-apm", elastic),
    "newrelic, in a transaction": ("newrelic", newrelic),
    "ddtrace": ("ddtrace", ddtrace),
    "logfire": ("logfire", logfire),
}
"""Name -> (distribution, set-up)."""
