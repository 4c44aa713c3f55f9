"""Looking at a function's variables leaves no trace: nothing lives longer, and locals() stays what it is."""

from __future__ import annotations

import gc
import logging
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import sentry_sdk
import structlog
from django.utils.functional import SimpleLazyObject
from werkzeug.local import LocalProxy

import eightbyeight_obs
from eightbyeight_obs import failures
from eightbyeight_obs.attribution import Attribution
from eightbyeight_obs.sinks.calls import carriers_of

from . import loopback, setups
from .service import Kept
from .test_threads import InMemory

log = logging.getLogger("shop")
apart = logging.Logger("shop.apart")  # noqa: LOG001 - pytest keeps the records of all that it knows, with their exceptions
traced = pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger keeps variables alive itself")


class Order:
    """A value of the service's, whose life can be watched."""


@pytest.fixture(autouse=True)
def installed(sentry: Kept, lines: list[Any]) -> Iterator[None]:
    eightbyeight_obs.install(hosts=loopback.hosts(), log=False)
    gc.disable()  # what only the collector would free counts as kept alive
    yield
    gc.enable()


def post() -> requests.Response:
    return requests.post(loopback.url("1002"), timeout=30)


def by_logging() -> None:
    log.error("could not send")


def by_structlog() -> None:
    structlog.get_logger().error("could not send")


def by_capture() -> None:
    sentry_sdk.capture_message("could not send", level="error")


def by_exception_without_sentry() -> None:
    sentry_sdk.get_global_scope().set_client(None)  # Sentry keeps the last exception itself, to send it once
    try:
        raise LookupError("order 17")
    except LookupError:
        apart.exception("could not send")


REPORTS = [by_logging, by_structlog, by_capture, by_exception_without_sentry]


@traced
@pytest.mark.parametrize("level", ["error", "warning"])
def test_a_variable_deleted_after_the_line_is_freed_at_once(level: str, lines: list[dict[str, Any]]):
    """The response that made the line attributed is gone as soon as the function drops it, and so is the rest."""

    def send() -> list[Any]:  # without assert: pytest rewrites a function that has one to call locals()
        response, order = post(), Order()
        watched = [weakref.ref(response), weakref.ref(order)]
        getattr(log, level)("could not send")
        del response, order
        return [reference() for reference in watched]

    assert [None, None] == send()
    assert "1002" == lines[-1]["8x8.code"]
    assert {} == failures.alive


@traced
def test_a_variable_of_the_function_that_raised_is_freed_with_the_exception():
    """An attributed exception keeps its frames as any exception does, and not a moment longer."""
    handler = setups.Lines(setups.attributes)
    apart.handlers = [handler]
    sentry_sdk.get_global_scope().set_client(None)  # Sentry keeps the last exception itself, to send it once
    watched = []

    def send() -> None:
        response, order = post(), Order()
        watched.extend([weakref.ref(response), weakref.ref(order)])
        raise LookupError("not sent")

    try:
        send()
    except LookupError:
        apart.exception("could not send")
    assert "1002" == handler.lines[-1]["8x8.code"]
    assert [None, None] == [reference() for reference in watched]


@traced
def test_a_good_variable_deleted_after_a_line_about_something_else_is_freed_too():
    """The same where the function holds no failing response: while another one is alive its frame is looked at."""
    elsewhere = [post()]

    def tidy() -> Any:
        order = Order()
        watched = weakref.ref(order)
        log.error("disk full")
        del order
        return watched()

    assert (None, 1) == (tidy(), len(failures.alive))
    assert 400 == elsewhere[0].status_code


@pytest.mark.parametrize("report", REPORTS)
def test_nothing_is_left_when_the_function_has_returned(report: Callable[[], None]):
    """No reference cycle, no registry: the response dies by reference counting alone."""

    def send() -> Any:
        response = post()
        report()
        return weakref.ref(response)

    assert None is send()()
    assert {} == failures.alive


def test_locals_are_what_they_are():
    """A dictionary that the function got from locals() before the line stays complete after it."""

    def send() -> tuple[dict[str, Any], dict[str, Any]]:
        response, order = post(), 17
        before = locals()
        names = set(before)
        log.error("could not send")
        assert names <= set(before)
        return before, locals()

    before, after = send()
    assert (17, 400) == (before["order"], before["response"].status_code)
    assert (17, 400) == (after["order"], after["response"].status_code)


def test_vars_and_a_value_written_to_them_survive():
    """What the service writes into vars() is there after the line (up to Python 3.12; later each call is a copy)."""

    def send() -> tuple[dict[str, Any], Any]:
        response = post()
        names = vars()
        names["note"] = "order 17"
        log.error("could not send")
        return names, response

    names, response = send()
    assert ("order 17", response) == (names["note"], names["response"])


def test_eval_and_exec_in_the_function_see_its_variables():
    """Code that is run in the function, before and after the line."""

    def send() -> list[Any]:
        response = post()  # noqa: F841 - read by the code below
        found = [eval("response.status_code")]
        exec("log.error('could not send: %s', response.status_code)")
        log.error("could not send")
        return [*found, eval("response.status_code")]

    assert [400, 400] == send()


def test_a_frame_that_somebody_else_reads_is_complete(lines: list[dict[str, Any]]):
    """A helper that reads its caller's variables gets all of them, before and after a line."""

    def names_of_caller() -> dict[str, Any]:
        return dict(sys._getframe(1).f_locals)

    def send() -> list[dict[str, Any]]:
        response, order = post(), 17
        found = [names_of_caller()]
        log.error("could not send")
        return [*found, names_of_caller(), {"order": order, "response": response}]

    before, after, real = send()
    assert real == {key: before[key] for key in real} == {key: after[key] for key in real}
    assert "1002" == lines[-1]["8x8.code"]


def test_generators_and_classes_keep_their_variables():
    """The same for a generator that waits, and for the body of a class, whose variables are its attributes."""

    def numbers() -> Iterator[int]:
        response, order = post(), 17
        log.error("could not send")
        yield order
        yield response.status_code

    class Client:
        response = post()
        timeout = 5
        log.error("could not send")
        retries = timeout + 1

    assert [17, 400] == list(numbers())
    assert (400, 5, 6) == (Client.response.status_code, Client.timeout, Client.retries)


def test_a_debugger_sees_and_writes_what_it_always_did():
    """While a trace function is set, the dictionary of variables belongs to it."""
    seen: list[Any] = []

    def trace(frame: Any, event: str, argument: Any) -> Any:
        if frame.f_code.co_name == "send":
            seen.append(dict(frame.f_locals).get("order"))
            return trace
        return None

    def send() -> int:
        response, order = post(), 17
        log.error("could not send")
        assert 400 == response.status_code
        return order + 1

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        found = send()
    finally:
        sys.settrace(before)
    assert (18, 17) == (found, seen[-1])


class Asked(Exception):
    """What a lazy value raises where there is no request or database to answer from."""


def strange(ask: Callable[[], Any]) -> Any:
    """Return a value that answers nothing without being asked, not even which class it is of."""

    class Lazy:
        __class__ = property(lambda self: ask())  # type: ignore[assignment]
        __dict__ = property(lambda self: ask())  # type: ignore[assignment]

        def __getattr__(self, name: str) -> Any:
            return ask()

    return Lazy()


@pytest.mark.parametrize("lazy", [strange, LocalProxy, SimpleLazyObject])
def test_a_lazy_value_is_not_woken(lazy: Callable[[Callable[[], Any]], Any], sentry: Kept, lines: list[dict[str, Any]]):
    """Neither a local variable nor a given value is asked for more than its type: Django's would query a database."""
    sentry_sdk.get_global_scope().set_client(None)  # Sentry's own serialising asks
    asked = []

    def ask() -> Any:
        asked.append("asked")
        raise Asked("no database here")

    response, user = post(), lazy(ask)
    log.error("could not send")
    log.warning("could not send", extra={"user": user})
    log.error("could not send: %s", response, extra={"user": user})
    with structlog.testing.capture_logs() as captured:
        structlog.get_logger().error("could not send", user=user)
        structlog.get_logger().error("could not send", user=user, response=response)
    attribution = Attribution("likely", [failures.alive[id(response)].details])
    assert [response] == carriers_of(attribution, None, [user])
    assert ["1002"] * 5 == [line["8x8.code"] for line in [*lines, *captured]]
    assert [] == asked
    assert 400 == response.status_code


@pytest.mark.parametrize("lazy", [strange, LocalProxy, SimpleLazyObject])
def test_a_lazy_value_that_raises_keeps_no_event_from_its_code(
    lazy: Callable[[Callable[[], Any]], Any], sentry: Kept, lines: list[dict[str, Any]]
):
    """Sentry's SDK asks every value that it sends; what raises there is one value less, and nothing else."""

    def ask() -> Any:
        raise Asked("no database here")

    response, user = post(), lazy(ask)
    log.error("could not send to %d", 17, extra={"user": user, "order": 17})
    (event,) = sentry.of_type("event")
    assert ("1002", 17) == (event["tags"]["8x8.code"], event["extra"]["order"])
    assert "could not send to %d" == event["logentry"]["message"]
    assert ("1002", 400) == (lines[-1]["8x8.code"], response.status_code)


def test_an_exception_whose_response_cannot_be_read_is_no_obstacle(lines: list[dict[str, Any]]):
    """A property of the service's that raises is as good as no response."""

    class Strange(Exception):
        @property
        def response(self) -> Any:
            raise RuntimeError("not here")

    response, strange = post(), Strange("strange")
    log.error("could not send")
    log.error("could not send: %s", strange)
    assert ["1002", "1002"] == [line["8x8.code"] for line in lines]
    assert 400 == response.status_code


def test_no_frame_is_looked_at_while_no_failure_is_alive(monkeypatch: pytest.MonkeyPatch):
    """A service that has no trouble with 8x8 pays nothing for rule (c)."""
    looked: list[Any] = []
    monkeypatch.setattr("eightbyeight_obs.frames.visible", lambda frames: looked.append(frames) or [])
    session = requests.Session()
    session.mount("https://shop.example/", InMemory())
    other = session.post("https://shop.example/", headers={"Order": "1"})
    log.error("the shop said no")
    structlog.get_logger().error("the shop said no")
    assert (400, []) == (other.status_code, looked)
    response = post()
    log.error("could not send")
    assert (400, 2) == (response.status_code, len(looked))  # for the line, and for Sentry's event
