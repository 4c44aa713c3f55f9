"""Interrupts pass everywhere; at the limit of recursion there is a RecursionError or no change."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import sentry_sdk
import structlog
from rawserver import RawServer, reply
from requests.adapters import HTTPAdapter
from sabotage.service import Kept
from sabotage.targets import Target, replaced
from urllib3.util import Retry

import eightbyeight_obs

ERROR = {"code": 1002, "message": "Invalid MSISDN", "errorId": "6f6f0d5c-6c8b-4f1c-9d6a-0d2f6a1f9c11"}
CUT = reply(400, b"ff\r\n" + b"{", headers=["Transfer-Encoding: chunked"], length=-1)
BODY = b'{"code":1002,"message":"Invalid MSISDN","errorId":"6f6f0d5c-6c8b-4f1c-9d6a-0d2f6a1f9c11"}'


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer({"/": reply(400, ERROR), "/cut": CUT, "/slow": slow}) as server:
        yield server


def slow(connection: socket.socket) -> None:
    """Begin an answer, send this process a signal when the client waits for the rest of it, and go on waiting."""
    connection.sendall(reply(400, b"{", length=80))
    time.sleep(0.5)
    signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)  # type: ignore[arg-type]
    time.sleep(1)


def do_it_all(server: RawServer) -> None:
    """A call that fails, logged and captured in each way, one that is cut short, one that is tried again."""
    response = requests.post(server.url("/"), timeout=5)
    structlog.get_logger().error("failed", response=response)
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(sentry_sdk.Client("http://key@127.0.0.1:1/1", transport=Kept(), default_integrations=False))
        sentry_sdk.capture_message("failed", level="error")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.post(server.url("/cut"), timeout=5)
    with requests.Session() as session:
        session.mount(server.url("/"), HTTPAdapter(max_retries=Retry(1, backoff_factor=0, status_forcelist=[400])))
        with pytest.raises(requests.exceptions.RetryError):
            session.get(server.url("/"), timeout=5)


# Not in Sentry's event processor: the SDK's own guard around it swallows interrupts too.
PLACES = [
    Target("eightbyeight_obs.core.hosts", "", "host_of"),
    Target("eightbyeight_obs.clients.answers", "", "read_body"),
    Target("eightbyeight_obs.clients.answers", "", "note"),
    Target("eightbyeight_obs.clients.requests", "", "note_error"),
    Target("eightbyeight_obs.clients.retries", "", "_keep"),
    Target("eightbyeight_obs.core.carriers", "", "response_details"),
    Target("eightbyeight_obs.core.envelopes", "", "error_details"),
    Target("eightbyeight_obs.core.privacy", "", "mask"),
    Target("eightbyeight_obs.exchange", "", "failed"),
    Target("eightbyeight_obs.sinks.own_events", "", "log"),
    Target("eightbyeight_obs.sinks.sentry_entry", "", "add_breadcrumb"),
    Target("eightbyeight_obs.sinks.structlog", "", "_enrich"),
    Target("eightbyeight_obs.sinks.logging", "", "_enrich"),
    Target("eightbyeight_obs.attribution", "", "attribute"),
    Target("eightbyeight_obs.installation", "", "_wiring"),
    Target("eightbyeight_obs.sinks.structlog", "", "wire"),
    Target("eightbyeight_obs.options", "", "check"),
]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_interrupts_pass(server: RawServer, place: Target, kind: type[BaseException]) -> None:
    """An interrupt that arrives anywhere inside the middleware reaches the service, and leaves nothing behind."""

    def interrupt(*_: object, **__: object) -> Any:
        raise kind("stop")

    seam = requests.sessions.dispatch_hook
    with replaced(place, interrupt), pytest.raises(kind, match="stop"):
        eightbyeight_obs.install(hosts={server.host: "sms"})
        do_it_all(server)
    eightbyeight_obs.uninstall()
    assert seam is requests.sessions.dispatch_hook
    with eightbyeight_obs.install(hosts={server.host: "sms"}):
        do_it_all(server)  # nothing is stuck: no lock, no flag


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to threads on this system")
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, TimeoutError])
def test_a_signal_handler_that_raises(server: RawServer, kind: type[BaseException]) -> None:
    """What a signal handler raises while the body is being read ends the call, as without us."""
    raised = kind("signal")

    def handler(_signal: int, _frame: Any) -> None:
        raise raised

    def run() -> tuple[type[BaseException], str]:
        before = signal.signal(signal.SIGALRM, handler)
        try:
            requests.post(server.url("/slow"), timeout=20)
        except BaseException as error:
            return type(error), str(error)
        finally:
            signal.signal(signal.SIGALRM, before)
        raise AssertionError("not interrupted")

    expected = run()
    with eightbyeight_obs.install(hosts={server.host: "sms"}):
        assert expected == run()


def test_a_signal_handler_that_installs_logs_and_calls(server: RawServer) -> None:
    """A signal handler may do anything, at any point: install(), log, call 8x8."""
    done: list[int] = []

    def handler(_signal: int, _frame: Any) -> None:
        eightbyeight_obs.install(hosts={server.host: "sms"})
        structlog.wrap_logger(None, processors=[lambda *_: done.append(1) or "x"]).bind()
        done.append(requests.post(server.url("/"), timeout=5).status_code)

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with eightbyeight_obs.install(hosts={server.host: "sms"}):
            for _ in range(3):
                signal.raise_signal(signal.SIGUSR1)
                do_it_all(server)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert [400] * 3 == done


@pytest.mark.internal_failure
def test_at_the_limit_of_recursion(server: RawServer) -> None:
    """With less and less stack left a call ends in the answer or in a RecursionError, and the next one is well."""

    def at_depth(left: int) -> Any:
        if left:
            return at_depth(left - 1)
        try:
            return requests.post(server.url("/"), timeout=5).content
        except RecursionError:
            return RecursionError

    limit = sys.getrecursionlimit()
    depth = 0
    frame = sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back  # type: ignore[assignment]
    with eightbyeight_obs.install(hosts={server.host: "sms"}):
        found = [at_depth(left) for left in range(limit - depth - 140, limit - depth - 8)]
        assert BODY == requests.post(server.url("/"), timeout=5).content
    assert {BODY, RecursionError} == set(found)
    assert BODY == found[0]
    assert RecursionError is found[-1]


def test_a_deep_body(server: RawServer) -> None:
    """A body of 100,000 brackets is an answer like any other."""
    server.answers["/deep"] = reply(400, "[" * 100_000)
    hooked: list[Any] = []
    with eightbyeight_obs.install(hosts={server.host: "sms"}, on_error=[hooked.append]):
        assert 100_000 == len(requests.post(server.url("/deep"), timeout=5).content)
    assert ["http-400"] == [details.code for details in hooked]
