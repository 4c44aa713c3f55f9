"""The service around a shape: its logger, its Sentry, its main function; and the run of one cell of the table."""

from __future__ import annotations

import contextlib
import contextvars
import io
import itertools
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import requests
import sentry_sdk
from sentry_sdk import scope as sentry_scope
from sentry_sdk.transport import Transport

import eightbyeight_obs
from eightbyeight_obs import attribution, failures

from . import loopback, setups
from .catalogue import Shape

WITHOUT, BEFORE, AFTER = "without", "before", "after"
"""The middleware: not installed; installed before, or after, logging and Sentry are configured."""

MESSAGE = {"source": "Acme", "destination": "+6591234567", "text": "Your code is 123456"}


class Kept(Transport):
    """A transport that keeps what Sentry's SDK would send."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[tuple[str, Any]] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.items += [(item.type, item.payload.json) for item in envelope.items]

    def capture_event(self, event: Any) -> None:
        self.items.append(("event", event))

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [payload for found, payload in self.items if found == kind]


class Service:
    """What a shape gets.

    Attributes:
        log: The service's logger, made before the middleware is installed in the order ``after``.
        session: A session made before anything was installed.
        post: Its bound method.
    """

    def __init__(self, session: requests.Session) -> None:
        self.log: Any = None
        self.session = session
        self.post = session.post
        self._clock = itertools.count()
        self._later = 0.0
        self.answers: list[Any] = []

    def url(self, answer: str, product: str = "sms") -> str:
        """Return where to post to get this answer."""
        return loopback.url(answer, product)

    def send(self, answer: str, **kwargs: Any) -> requests.Response:
        """Post a message as any service does, and keep nothing."""
        return requests.post(self.url(answer), json=MESSAGE, timeout=30, **kwargs)

    def main(self, function: Callable[[], object]) -> None:
        """Run a function as a program does: what it does not catch goes to ``sys.excepthook``."""
        try:
            function()
        except Exception as error:
            uncaught = error
        else:
            return
        sys.excepthook(type(uncaught), uncaught, uncaught.__traceback__)

    def thread(self, function: Callable[[], object]) -> None:
        """Run a function in a thread of its own and wait for its end."""
        thread = threading.Thread(target=function)
        thread.start()
        thread.join()

    def close_later(self, response: requests.Response) -> None:
        """Close the connection of an answer when all is over: requests leaves it open when a hook raises."""
        self.answers.append(response.raw)  # of urllib3; the response itself lives as long as without us

    def close(self) -> None:
        """Close what requests has left open."""
        for answer in self.answers:
            answer.close()

    def wait(self, seconds: float) -> None:
        """Let time pass for the middleware."""
        self._later += seconds

    def monotonic(self) -> float:
        """Return a time at which a busy machine changes nothing: a microsecond more than before."""
        return next(self._clock) * 1e-6 + self._later


@dataclass(frozen=True)
class Outcome:
    """What one run left behind.

    Attributes:
        lines: The service's log lines.
        own: The log lines of the middleware.
        events: Sentry's error events.
        others: Transactions and check-ins.
        answers: The failures that the servers sent.
    """

    lines: list[dict[str, Any]]
    own: list[dict[str, Any]]
    events: list[dict[str, Any]]
    others: list[tuple[str, Any]]
    answers: list[loopback.Answer]


def run(shape: Shape, setup: setups.SetUp, order: str, finish: Callable[[], object] = lambda: None) -> Outcome:
    """Run one shape once, from a clean start; ``finish`` is called when the code is done, before the uninstall."""
    loopback.forget()
    transport = Kept()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        stack.enter_context(_quiet_threads())
        if shape.around is not None:
            stack.enter_context(shape.around())
        service = Service(stack.enter_context(requests.Session()))
        stack.callback(service.close)
        stack.enter_context(_clock(service))
        stack.callback(_stop)
        if order == BEFORE:
            _install(shape)
        running = setup.start()
        service.log = running.log
        if order == AFTER:
            running.log.info("ready")
        sentry_sdk.init(
            dsn="https://public@sentry.invalid/1",
            transport=transport,
            integrations=running.integrations,
            auto_enabling_integrations=False,
            release="1",
            traces_sample_rate=1.0,
        )
        if order == AFTER:
            _install(shape)
        with sentry_sdk.isolation_scope():
            # In a context of its own: Sentry keeps the last exception there, and with it the responses in its frames.
            contextvars.copy_context().run(shape.run, service)
        finish()
        eightbyeight_obs.uninstall()
        lines = [line for line in running.lines() if line["event"] != "ready"]
    own = [line for line in lines if line.get("logger") == "eightbyeight_obs"]
    return Outcome(
        lines=[line for line in lines if line not in own],
        own=own,
        events=transport.of_type("event"),
        others=[item for item in transport.items if item[0] != "event"],
        answers=loopback.answers(),
    )


def _install(shape: Shape) -> None:
    eightbyeight_obs.install(**{"hosts": loopback.hosts(), **(shape.options or {})})


def _stop() -> None:
    eightbyeight_obs.uninstall()
    # What uninstall() leaves registered is a pass-through; without this the second run would not be a first one.
    sentry_scope.global_event_processors[:] = [
        each for each in sentry_scope.global_event_processors if not each.__module__.startswith("eightbyeight_obs")
    ]
    sentry_scope.Scope.get_global_scope().set_client(None)
    setups.stop()


@contextlib.contextmanager
def _quiet_threads() -> Iterator[None]:
    """What a thread of a shape does not catch is for Sentry, not for pytest."""
    before, threading.excepthook = threading.excepthook, lambda args: None
    try:
        yield
    finally:
        threading.excepthook = before


@contextlib.contextmanager
def _clock(service: Service) -> Iterator[None]:
    modules: tuple[Any, ...] = (attribution, failures)
    for module in modules:
        module.time = service
    try:
        yield
    finally:
        for module in modules:
            module.time = time
