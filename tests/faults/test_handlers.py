"""Handlers, hooks and processors of the service that fail, or that call 8x8 themselves."""

from __future__ import annotations

import errno
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import sentry_sdk
import structlog
from rawserver import RawServer, reply
from sabotage.service import Kept
from sentry_sdk.integrations.logging import LoggingIntegration

import eightbyeight_obs

ERROR = {"code": 1002, "message": "Invalid MSISDN", "errorId": "6f6f0d5c-6c8b-4f1c-9d6a-0d2f6a1f9c11"}
LOGGER = logging.getLogger("eightbyeight_obs")


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer({"/": reply(400, ERROR), "/alert": reply(500, "")}) as server:
        yield server


def call(server: RawServer, path: str = "/") -> tuple[int, bytes]:
    response = requests.post(server.url(path), timeout=5)
    return response.status_code, response.content


EXPECTED = (400, b'{"code":1002,"message":"Invalid MSISDN","errorId":"6f6f0d5c-6c8b-4f1c-9d6a-0d2f6a1f9c11"}')


class Handler(logging.Handler):
    """A handler that does what it is told to do with each record of warning or above."""

    def __init__(self, act: Any) -> None:
        super().__init__(logging.WARNING)
        self.act, self.calls = act, 0

    def emit(self, record: logging.LogRecord) -> None:
        self.calls += 1
        self.act(record)


@pytest.fixture
def handled() -> Iterator[Any]:
    """Puts a handler on the root logger for the time of a test."""
    handlers: list[logging.Handler] = []

    def add(act: Any) -> Handler:
        handler = Handler(act)
        logging.getLogger().addHandler(handler)
        handlers.append(handler)
        return handler

    yield add
    for handler in handlers:
        logging.getLogger().removeHandler(handler)


def full_disk(_record: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.internal_failure
def test_a_full_disk(server: RawServer, handled: Any) -> None:
    """A handler on a full disk that raises takes the log line with it, and nothing else."""
    handler, hooked = handled(full_disk), []
    with eightbyeight_obs.install(hosts={server.host: "sms"}, on_error=[hooked.append]):
        assert EXPECTED == call(server)
    assert handler.calls == 2  # our own event, and that it could not be logged
    assert [details.code for details in hooked] == ["1002"]


def test_the_services_own_line(server: RawServer, handled: Any) -> None:
    """What a handler raises on a line of the service's own is the service's, as without us."""
    handled(full_disk)
    response = requests.post(server.url("/"), timeout=5)
    with eightbyeight_obs.install(hosts={server.host: "sms"}, log=False), pytest.raises(OSError, match="No space"):
        logging.getLogger("service").error("failed", extra={"response": response})


@pytest.mark.parametrize("log", [logging.getLogger("service"), structlog.wrap_logger(logging.getLogger("service"))])
def test_between_a_log_call_and_its_handler_there_is_none_of_ours(server: RawServer, handled: Any, log: Any) -> None:
    """A handler that looks outward for the log call, as CallsiteParameterAdder does, sees no frame of ours."""
    found: list[list[str]] = []

    def look(_record: Any) -> None:
        frame: Any = sys._getframe(1)
        found.append([])
        while frame is not None and frame.f_code.co_name != "say":
            found[-1].append(f"{frame.f_globals['__name__']}.{frame.f_code.co_name}")
            frame = frame.f_back

    def say() -> None:
        response = requests.post(server.url("/"), timeout=20)
        log.error("failed", extra={"response": response})

    handled(look)
    say()
    with eightbyeight_obs.install(hosts={server.host: "sms"}, log=False):
        say()
    assert 2 == len(found)
    assert found[0] == found[1]


def test_a_stream_that_is_closed(server: RawServer, capsys: pytest.CaptureFixture[str]) -> None:
    """A stream handler whose stream is closed is logging's own business: it says so on stderr and goes on."""

    class Closed:
        def write(self, _text: str) -> None:
            raise ValueError("I/O operation on closed file")

        def flush(self) -> None: ...

    handler = logging.StreamHandler(Closed())
    LOGGER.addHandler(handler)
    try:
        with eightbyeight_obs.install(hosts={server.host: "sms"}):
            assert EXPECTED == call(server)
    finally:
        LOGGER.removeHandler(handler)
    assert "I/O operation on closed file" in capsys.readouterr().err


@pytest.mark.parametrize("logs", ["own event", "line of the service's"])
def test_a_handler_that_calls_8x8(server: RawServer, handled: Any, logs: str) -> None:
    """A handler that sends an SMS about each error, which fails too, ends."""
    handler = handled(lambda _record: call(server, "/alert"))
    server.seen.clear()
    with eightbyeight_obs.install(hosts={server.host: "sms"}, log=logs == "own event"):
        assert EXPECTED == call(server)
        if logs != "own event":
            logging.getLogger("service").error("failed")
    assert ["/", "/alert"] == server.seen
    assert handler.calls == 1


@pytest.mark.parametrize("error", [ValueError("hook"), OSError(errno.ENOSPC, "full"), RecursionError("deep")])
@pytest.mark.internal_failure
def test_hooks_that_raise(server: RawServer, internal_failures: list[logging.LogRecord], error: Exception) -> None:
    """A hook that raises is told of once; the other hooks and the service go on."""

    class Hook:
        def __call__(self, _details: Any) -> None:
            raise error

        def __repr__(self) -> str:
            raise error

    hooked: list[Any] = []
    with eightbyeight_obs.install(hosts={server.host: "sms"}, on_error=[Hook(), hooked.append, Hook()]):
        assert [EXPECTED] * 3 == [call(server) for _ in range(3)]
    assert len(hooked) == 3
    assert len(internal_failures) == 1


def test_a_hook_that_calls_8x8(server: RawServer) -> None:
    """A hook that calls 8x8 is not called about its own call."""
    seen: list[Any] = []

    def hook(details: Any) -> None:
        seen.append(details.code)
        call(server, "/alert")

    with eightbyeight_obs.install(hosts={server.host: "sms"}, on_error=[hook]):
        assert EXPECTED == call(server)
    assert ["1002"] == seen


@pytest.mark.internal_failure
def test_structlog_processors_that_raise(server: RawServer, internal_failures: list[logging.LogRecord]) -> None:
    """A chain that raises loses our own event, which is told of on the standard library's logger."""

    def broken(_logger: Any, _name: str, _event: Any) -> Any:
        raise KeyError("tenant")

    structlog.configure(processors=[broken, structlog.processors.JSONRenderer()])
    try:
        with eightbyeight_obs.install(hosts={server.host: "sms"}):
            assert EXPECTED == call(server)
            with pytest.raises(KeyError, match="tenant"):
                structlog.get_logger().error("the service's own line")
    finally:
        structlog.reset_defaults()
    assert len(internal_failures) == 1


def test_a_chain_that_ends_in_text(server: RawServer) -> None:
    """Where a processor in the middle makes text of the event, what follows it gets that text."""
    written: list[Any] = []

    def render(_logger: Any, _name: str, event: Any) -> str:
        return str(event["event"])

    def write(_logger: Any, _name: str, line: str) -> str:
        written.append(line)
        raise structlog.DropEvent

    structlog.configure(processors=[render, lambda _l, _n, line: line.upper(), write])
    try:
        with eightbyeight_obs.install(hosts={server.host: "sms"}):
            response = requests.post(server.url("/"), timeout=5)
            structlog.get_logger().error("failed", response=response)
    finally:
        structlog.reset_defaults()
    assert ["8X8.ERROR_RESPONSE", "FAILED"] == written


@pytest.mark.internal_failure  # earlier SDKs let out what before_breadcrumb raises, later ones hold it
@pytest.mark.parametrize("what", ["before_send", "before_breadcrumb", "event processor", "transport", "calls 8x8"])
def test_sentry_that_fails(server: RawServer, what: str) -> None:
    """before_send, a processor or a transport that raises costs Sentry's event; the service does not notice."""

    def fail(*_: Any) -> Any:
        raise ValueError(what)

    def call_again(event: Any, _hint: Any) -> Any:
        call(server, "/alert")
        return event

    transport = Kept()
    if what == "transport":
        transport.capture_envelope = fail  # type: ignore[method-assign]
    options: dict[str, Any] = {what: fail} if what.startswith("before") else {}
    if what == "calls 8x8":
        options["before_send"] = call_again
    lines: list[str] = []
    handler = Handler(lambda record: lines.append(record.msg))
    handler.addFilter(lambda record: "internal failure in Sentry breadcrumb" not in record.getMessage())
    LOGGER.addHandler(handler)
    try:
        with sentry_sdk.isolation_scope() as scope:
            scope.set_client(
                sentry_sdk.Client(
                    "http://key@127.0.0.1:1/1",
                    transport=transport,
                    default_integrations=False,
                    integrations=[LoggingIntegration()],
                    **options,
                )
            )
            if what == "event processor":
                scope.add_event_processor(fail)
            with eightbyeight_obs.install(hosts={server.host: "sms"}):
                try:
                    requests.post(server.url("/"), timeout=5).raise_for_status()
                except requests.HTTPError as error:
                    sentry_sdk.capture_exception(error)
                assert EXPECTED == call(server)
    finally:
        LOGGER.removeHandler(handler)
    called_again = ["8x8.error_response"] if what == "calls 8x8" else []
    assert ["8x8.error_response", *called_again, "8x8.error_response"] == lines


def test_a_lock_that_a_handler_holds(server: RawServer, handled: Any) -> None:
    """Two threads whose handlers each call 8x8 do not wait for each other for ever."""
    handled(lambda _record: call(server, "/alert"))
    found: list[Any] = []
    with eightbyeight_obs.install(hosts={server.host: "sms"}):
        threads = [threading.Thread(target=lambda: found.append(call(server))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert [EXPECTED] * 8 == found
