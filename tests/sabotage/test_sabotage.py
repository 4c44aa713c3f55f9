"""Whatever breaks inside the middleware, the service gets the answers and exceptions that it gets without it."""

from __future__ import annotations

import logging
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import requests
import structlog
from rawserver import RawServer
from sabotage.service import OF_THE_SERVICE, OF_THE_SINKS, Service
from sabotage.steps import STEPS
from sabotage.targets import WAYS, Target, forget_caches, replaced, targets
from urllib3.response import HTTPResponse

import eightbyeight_obs

pytestmark = pytest.mark.internal_failure

Views = dict[str, dict[str, Any]]

OWN_CALL = "the service's own call, or its whole body"
SEAMS = {
    "clients.answers._raise_once": "raises the read error itself, in the place of the read",
    "clients.requests.EightByEightAdapter.__init__": OWN_CALL,
    "clients.requests.EightByEightAdapter.send": OWN_CALL,
    "clients.requests.EightByEightAdapter.__getattr__": OWN_CALL,
    "clients.requests._Watch.__call__": "a response hook: what it answers is the service's response",
    "failures._gone": "called by the garbage collector, which prints what it raises",
    "guard.contained": "the one place that everything else is held by",
    "installation.install": OWN_CALL,
    "installation.is_installed": OWN_CALL,
    "installation.uninstall": OWN_CALL,
    "installation._uninstall": OWN_CALL,
    "installation._contain": OWN_CALL,
    "installation.Installation.__enter__": OWN_CALL,
    "installation.Installation.__exit__": OWN_CALL,
    "installation.Installation.__init__": "the handle that the service is given",
    "installation.Installation.uninstall": OWN_CALL,
    "sinks.structlog.EightByEightProcessor.__call__": "its answer is the log line",
    "sinks.structlog._Wiring.__call__": "its answer is the log line",
    "sinks.logging._FromRecord.__call__": "its answer is the log line",
    "sinks.sentry.process_event": "its answer is the event",
    "sinks.sentry._without_request": "its answer is the event",
    "unreported._Reporter._run": "the body of a thread",
}
"""What stands on the service's own path and cannot be replaced. Whatever these call is."""

LOUD = "options."
"""What refuses bad arguments of install(), which the service is to hear of."""

PUBLIC = {f"core.{name}" for name in ("carriers.from_exception", "carriers.from_response", "catalogue.explain")}
PUBLIC |= {f"core.{name}" for name in ("decode.decode", "ticket.support_ticket", "webhooks.decode_webhook")}
PUBLIC |= {"exchange.report"}
"""What the service calls itself in the step `receipts`, which is left out when one of these is replaced."""

LEAVES_A_PASS_THROUGH = ("sinks.structlog._Wiring.remove_from", "sinks.structlog._Wiring._stands_in")
"""What takes our processor out of a chain again; without it one stays that does nothing."""

DROPS = hasattr(logging.Logger, "_tls")
"""CPython 3.13.5 drops what is logged while another line is handled, by Sentry's handler that calls us, say.
3.13.0 and 3.14.8 do not."""

QUIET = (
    "core.carriers._carried",  # a property of the service's exception may raise
    "core.catalogue._number",  # a code may be anything
    "core.catalogue._Catalogue.table",
    "core.redaction.",  # an object of the service's may raise when it is asked for its numbers
    "sinks.scrubbing._Scrubber._said",  # an object of the service's may raise when it is asked for its text
    "unreported._Reporter.dropped",  # called by the garbage collector, where nothing may be logged
)
"""What answers for objects of the service's: a failure in it is the same as "knows nothing", and is not told."""


STEPS_OF: dict[str, set[str]] = {}
"""By step the functions of the package that it runs: a function is sabotaged in the steps that it has a part in."""


@pytest.fixture(scope="module")
def servers() -> Iterator[list[RawServer]]:
    with RawServer() as sms, RawServer() as lookup, RawServer() as voice:
        yield [sms, lookup, voice]


def new_service(servers: list[RawServer]) -> Service:
    sms, lookup, voice = servers
    return Service(sms, {"lookup": lookup, "voice": voice})


@pytest.fixture
def service(servers: list[RawServer]) -> Iterator[Service]:
    service = new_service(servers)
    with service.running():
        yield service
    forget_caches()


def live(service: Service, steps: Iterable[str], *, unreported: bool = False) -> None:
    """The service's whole life with the middleware: install, work, uninstall."""
    eightbyeight_obs.install(hosts=service.hosts, on_error=[service.hook], capture_unreported=unreported)
    service.work(steps)
    eightbyeight_obs.uninstall()


def world() -> dict[str, Any]:
    """What the middleware patches, as it is now."""
    return {
        "dispatch_hook": requests.sessions.dispatch_hook,
        "RequestException.__init__": requests.RequestException.__init__,
        "drain_conn": HTTPResponse.drain_conn,
        "Logger.filter": logging.Logger.filter,
        "BoundLoggerBase.__init__": structlog.BoundLoggerBase.__init__,
        "ProcessorFormatter.__init__": structlog.stdlib.ProcessorFormatter.__init__,
        "processors": list(structlog.get_config()["processors"]),
        "is_installed": eightbyeight_obs.is_installed(),
    }


def told(service: Service) -> list[str]:
    """The places in which the middleware said that it failed."""
    records = [record for record in service.records if record.name == "eightbyeight_obs" and record.args]
    return [str(record.args[0]) for record in records if "internal failure" in str(record.msg)]  # type: ignore[index]


def differences(expected: Views, actual: Views, names: Iterable[str]) -> dict[str, Any]:
    """What is not as expected, by step and name."""
    return {
        f"{step}: {name}": (expected[step][name], view[name])
        for step, view in actual.items()
        for name in names
        if expected[step][name] != view[name]
    }


@pytest.fixture(scope="module")
def bare(servers: list[RawServer]) -> Views:
    """What there is to see without the middleware."""
    service = new_service(servers)
    with service.running():
        service.work(STEPS)
    return service.views


@pytest.fixture(scope="module")
def whole(servers: list[RawServer]) -> Views:
    """What there is to see with the middleware while nothing is broken; notes who has a part in which step."""
    service = new_service(servers)
    ran: dict[str, set[str]] = {}
    with service.running():
        live(service, STEPS)  # the first time more runs, for the caches
        forget_caches()
        for step in STEPS:
            seen: set[str] = set()

            def profile(frame: Any, _event: str, _arg: Any, seen: set[str] = seen) -> None:
                if (module := frame.f_globals.get("__name__", "")).startswith("eightbyeight_obs"):
                    seen.add(f"{module}.{frame.f_code.co_name}")

            sys.setprofile(profile)
            try:
                live(service, [step])
            finally:
                sys.setprofile(None)
            ran[step] = seen
        assert [] == told(service)
    STEPS_OF.update(ran)
    return service.views


def test_whole(service: Service, bare: Views, whole: Views) -> None:
    """With nothing broken the service sees what it sees without us, and every sink shows something."""
    before = world()
    live(service, STEPS)
    assert before == world()
    assert {} == differences(bare, service.views, OF_THE_SERVICE)
    assert {} == differences(whole, service.views, OF_THE_SINKS)
    assert [] == [name for name in OF_THE_SINKS if not any(view[name] for view in whole.values())]


def is_sample(target: Target, way: str) -> bool:
    """Choose one way for each function, the same on every run and whatever other functions there are."""
    return list(WAYS)[zlib.crc32(str(target).encode()) % len(WAYS)] == way


CASES = [
    pytest.param(target, way, id=f"{target} {way}", marks=() if is_sample(target, way) else pytest.mark.full)
    for target in targets()
    if str(target) not in SEAMS
    and not str(target).startswith(LOUD)
    and not (target.module.endswith("_obs") and target.name == "__getattr__")
    for way in WAYS
]


@pytest.mark.parametrize(("target", "way"), CASES)
def test_sabotage(target: Target, way: str, service: Service, bare: Views, whole: Views) -> None:
    """A function that raises or returns rubbish changes nothing for the service, and is told of once."""
    before = world()
    name = f"{target.module}.{target.name}"
    steps = [step for step in STEPS if name in STEPS_OF[step] and not (str(target) in PUBLIC and step == "receipts")]
    unreported = target.module.endswith(("unreported", "failures"))
    with replaced(target, WAYS[way]) as callers:
        try:
            live(service, [*steps, "dropped", "log_and_go_on"], unreported=unreported)
        finally:
            eightbyeight_obs.uninstall()
    events = {"captured"} if unreported else set()  # the middleware was asked to send events of its own
    assert {} == differences(bare, service.views, [name for name in OF_THE_SERVICE if name not in events])
    if not str(target).startswith(LEAVES_A_PASS_THROUGH):
        assert before == world()
    places = told(service)
    assert [] == [place for place, times in Counter(places).items() if times > 1]
    if way == "raises" and not (str(target).startswith(QUIET) or PURE.issuperset(callers) or DROPS):
        assert places
    room = target.module.removeprefix("eightbyeight_obs.")
    if room.startswith("sinks."):
        affected = AFFECTED.get(room, ("sentry",))
        assert {} == differences(whole, service.views, [sink for sink in OF_THE_SINKS if sink not in affected])


PURE = {
    f"eightbyeight_obs.core.{function}"
    for function in (
        "carriers.from_exception",
        "carriers.from_response",
        "catalogue.explain",
        "decode.decode",
        "details.entry",
        "ticket.support_ticket",
        "webhooks.decode_webhook",
    )
}
"""What the service calls itself and what does no I/O: it answers None and tells nobody."""

AFFECTED = {
    "sinks.structlog": ("structlog",),
    "sinks.logging": ("logging", "sentry"),
    "sinks.own_events": ("own events",),
}
"""Which views a sink's own failure may change, where it is not Sentry's alone. Sentry asks the one for logging."""
