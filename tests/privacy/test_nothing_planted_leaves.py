"""In events about a failure of 8x8's nothing that the call carried is on the wire."""

from __future__ import annotations

import gc
import logging
import socket
import threading
from typing import Any

import pytest
import sentry_sdk

import eightbyeight_obs
from tests.privacy import planted
from tests.privacy.habits import HABITS, HEADERS, SmsError, log, post, target

WAYS_TO_FAIL = ("refused-1002", "unavailable", "reset", "slow", "refused connection")
SETTINGS: dict[str, dict[str, Any]] = {
    "default options": {},
    "tracing": {"traces_sample_rate": 1.0},
    "stack traces on messages": {"attach_stacktrace": True},
    "personal data wanted": {"send_default_pii": True},
}


def aim(host: str, way: str = "refused-1002") -> None:
    """Make the next call fail in this way; on a port where nobody listens for "refused connection"."""
    if way != "refused connection":
        target.url = planted.url(host, way)
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    eightbyeight_obs.uninstall()
    eightbyeight_obs.install(hosts={f"127.0.0.1:{port}": "lookup"})
    target.url = planted.url(f"127.0.0.1:{port}")


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.__name__)
@pytest.mark.parametrize("way", ["refused-1002", "reset"])
def test_nothing_planted_is_in_the_event_of_any_habit(way, habit, host, sentry, installed):
    """Whatever the call carried, however it failed and however the service reports it: not one byte of it is sent."""
    wire = sentry()
    aim(host, way)
    habit()
    assert [True] == ["8x8.code" in event["tags"] for event in wire.events]
    assert [] == planted.leaks(wire.sent())


@pytest.mark.filterwarnings("ignore:The send_default_pii option:DeprecationWarning")
@pytest.mark.parametrize("options", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("way", WAYS_TO_FAIL)
def test_the_options_of_the_sdk_make_no_difference(way, options, host, sentry, installed):
    """Local variables, breadcrumbs, tracing, stacks on messages, send_default_pii: the event holds nothing planted."""
    wire = sentry(**options)
    aim(host, way)
    with sentry_sdk.start_transaction(name="send"):
        try:
            post().raise_for_status()
        except Exception as exc:
            log.error("could not send: %s", exc)
            sentry_sdk.capture_exception(exc)
    assert 2 == len(wire.events)
    assert [] == planted.leaks(wire.sent())


def test_a_log_call_inside_a_response_hook_shows_no_variable_of_the_client(host, sentry, installed):
    """With attach_stacktrace the stack of a message event has the frames of requests: without their variables."""
    wire = sentry(attach_stacktrace=True)

    def tell(response: Any, **_: Any) -> None:
        log.error("8x8 said %s", response)

    aim(host)
    thread = threading.Thread(target=post, kwargs={"hooks": {"response": tell}})  # the stack of a test is pytest's
    thread.start()
    thread.join()
    (event,) = wire.events
    frames = event["threads"]["values"][0]["stacktrace"]["frames"]
    assert "requests.sessions" in {frame["module"] for frame in frames}
    assert [] == planted.leaks(wire.sent())


def test_the_key_is_taken_out_of_the_variables_of_the_service(host, sentry, installed):
    """In its own frames the service keeps its variables, but for the key: nested, bare, as bytes, in text."""
    wire = sentry()

    aim(host)

    def send() -> None:
        key = planted.KEY
        headers = dict(HEADERS)
        kwargs = {"headers": headers, "timeout": 2, "raw": [f"Authorization: Bearer {key}".encode()]}
        client = {"settings": {"EIGHTBYEIGHT_API_KEY": key, "retries": 3}}
        order = 17
        curl = f"curl -H 'Authorization: Bearer {key}' {order}"
        post().raise_for_status()
        print(kwargs, client, curl)

    try:
        send()
    except Exception as exc:
        sentry_sdk.capture_exception(exc)
    frame = next(
        frame
        for frame in wire.events[0]["exception"]["values"][-1]["stacktrace"]["frames"]
        if frame["function"] == "send"
    )
    assert planted.KEY.encode() not in wire.sent()
    assert "17" == frame["vars"]["order"]
    assert "2" == frame["vars"]["kwargs"]["timeout"]
    assert "3" == frame["vars"]["client"]["settings"]["retries"]
    assert "'curl -H 'Authorization: Bearer [Filtered]' 17'" == frame["vars"]["curl"].replace('"', "'")


def test_an_exception_group_tells_nothing_of_its_members_calls(host, sentry, installed):
    """Every member's value is scrubbed, whichever of them is shown."""
    group = pytest.importorskip("builtins").__dict__.get("ExceptionGroup")
    if group is None:
        group = pytest.importorskip("exceptiongroup").ExceptionGroup
    wire = sentry()
    members: list[Exception] = []
    for way in ("refused-1002", "unavailable"):
        try:
            aim(host, way)
            post().raise_for_status()
        except Exception as exc:
            members.append(exc)
    sentry_sdk.capture_exception(group("could not send", [*members, SmsError("another")]))
    assert ["related"] == [event["tags"]["8x8.match"] for event in wire.events]
    assert [] == planted.leaks(wire.sent())


def test_what_the_middleware_logs_itself_holds_nothing_planted(host, installed, caplog):
    """The own log event and the keys on the service's records tell of the call what the vocabulary has, and no more."""
    aim(host)
    with caplog.at_level(logging.DEBUG, logger="eightbyeight_obs"):
        try:
            post().raise_for_status()
        except Exception:
            log.exception("could not send")
    keys = [{key: value for key, value in vars(record).items() if key.startswith("8x8.")} for record in caplog.records]
    told = [facts for facts in keys if facts]
    assert ["certain", "certain"] == [facts["8x8.match"] for facts in told]
    assert [] == planted.leaks(repr(told).encode())
    assert "Invalid MSISDN +********44" == told[0]["8x8.message"]


def test_an_event_of_the_middlewares_own_holds_nothing_planted(host, sentry, installed):
    """report(capture=True) sends what was decoded, and nothing of the call."""
    wire = sentry()
    aim(host)
    response = post()
    assert eightbyeight_obs.report(eightbyeight_obs.from_response(response), capture=True)
    assert 1 == len(wire.events)
    assert [] == planted.leaks(wire.sent())


def test_the_integration_alone_scrubs_as_well(host, sentry):
    """EightByEightIntegration, without install(), takes the same things out."""
    eightbyeight_obs.install(hosts={host: "lookup"}, sentry=False)
    wire = sentry(integrations=[eightbyeight_obs.EightByEightIntegration()])
    aim(host)
    for habit in HABITS[:3]:
        habit()
    assert ["1002", "1002", "1002"] == [event["tags"]["8x8.code"] for event in wire.events]
    assert [] == planted.leaks(wire.sent())


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # a hook that raises leaves requests' connection open
def test_without_the_middleware_these_things_do_leave(host, sentry):
    """The same habits send the key, the code and the numbers: the tests above can fail."""
    wire = sentry()
    for habit in HABITS:
        for way in ("refused-1002", "reset"):
            aim(host, way)
            habit()
    gc.collect()
    found = {leak.partition(" as ")[0] for leak in planted.leaks(wire.sent())}
    assert set(planted.PLANTED) == found
