"""`capture_unreported=True`: one event for a failure that nobody logged or captured, and for no other."""

from __future__ import annotations

import copy
import gc
import logging
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import sentry_sdk
from rawserver import RawServer, reply
from sentry_sdk.transport import Transport

import eightbyeight_obs
from eightbyeight_obs import unreported

ERROR_ID = "1cc1eda1-f5dd-ea11-8288-0263195dd35a"
BODY = {"code": 1300, "message": "Message not found.", "errorId": ERROR_ID, "timestamp": "2020-12-22T05:52:01.85Z"}
PATH = "/api/v1/subaccounts/Acme_hq/messages"
TITLE = "8x8 1300 Not found (HTTP 404, POST 127.0.0.1/api/v1/subaccounts/{subAccountId}/messages)"


class Kept(Transport):
    """Keeps the events instead of sending them."""

    def __init__(self, options: dict[str, Any] | None = None) -> None:
        super().__init__(options)
        self.events: list[Any] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.events += [event for item in envelope.items if (event := item.get_event()) is not None]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure waits no second for a report that comes late."""
    monkeypatch.setattr(unreported, "_PATIENCE", 0.0)


@pytest.fixture
def server() -> Iterator[RawServer]:
    """A loopback 8x8 that knows no message, and one sub-account that may send nothing."""
    forbidden = {**BODY, "code": 1201, "errorId": "2dd1eda1-f5dd-ea11-8288-0263195dd35a"}
    with RawServer({PATH: reply(404, BODY), "/api/v1/subaccounts/Other/messages": reply(403, forbidden)}) as server:
        yield server


@pytest.fixture
def events() -> Iterator[list[Any]]:
    """The events of a real client."""
    transport = Kept()
    sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", transport=transport, default_integrations=False)
    yield transport.events
    sentry_sdk.init()


@pytest.fixture
def call(server: RawServer, impatient: None) -> Callable[..., requests.Response]:
    """Make a failing call."""
    eightbyeight_obs.install(hosts={server.host: "sms"}, capture_unreported=True, log=False)
    return lambda path=PATH, **options: requests.post(f"http://{server.host}{path}", timeout=5, **options)


def settled(events: list[Any], count: int) -> list[Any]:
    """Wait until there are `count` events, then a moment for one too many; the contract allows 5 seconds."""
    deadline = time.monotonic() + 5
    pause = threading.Event()
    while len(events) < count and time.monotonic() < deadline:
        pause.wait(0.01)
    pause.wait(0.1)
    return events


def test_a_dropped_failure_becomes_one_event(call: Any, events: list[Any]) -> None:
    """A response that was dropped without a word is told once: level warning, certain, grouped by its code."""
    assert not call().ok
    (event,) = settled(events, 1)
    assert event["message"] == f"{TITLE}, not reported by the service"
    assert event["level"] == "warning"
    assert event["fingerprint"] == ["8x8", "api", "1300"]
    assert event["tags"]["8x8.error_id"] == ERROR_ID
    assert event["tags"]["8x8.match"] == "certain"


def test_what_was_logged_is_not_told_again(call: Any, events: list[Any]) -> None:
    """A log line of warning or above that is attributed to the failure counts as a report."""

    def service() -> None:
        response = call()
        if not response.ok:
            logging.getLogger("shop").warning("no message")

    service()
    assert settled(events, 0) == []


def test_a_line_below_warning_is_no_report(call: Any, events: list[Any]) -> None:
    """Info is not looked at by anybody at night."""

    shown = []
    logger = logging.Logger("shop")  # noqa: LOG001 - of no tree: nothing keeps its records, and with them the response
    logger.addFilter(lambda record: bool(shown.append(vars(record).get("8x8.code"))))
    logger.info("answered %s", call())
    assert shown == ["1300"]
    assert len(settled(events, 1)) == 1


def test_what_was_captured_is_not_told_again(call: Any, events: list[Any]) -> None:
    """The service's own event is the report."""
    try:
        call().raise_for_status()
    except requests.HTTPError as error:
        sentry_sdk.capture_exception(error)
    gc.collect()
    assert [event["exception"]["values"][-1]["value"] for event in settled(events, 1)] == [TITLE]


def test_an_error_that_the_service_has_decoded_and_logged_is_not_told_again(call: Any, events: list[Any]) -> None:
    """The details in `extra` are of the same failure, whatever the function holds."""
    response = call()
    details = eightbyeight_obs.from_response(response)
    logging.getLogger("shop").error("refused", extra={"details": details})
    del response
    assert settled(events, 0) == []


@pytest.fixture
def patient_call(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., requests.Response]:
    """Make a failing call, whose failure waits for a report until `uninstall()`."""
    monkeypatch.setattr(unreported, "_PATIENCE", 1000.0)
    eightbyeight_obs.install(hosts={server.host: "sms"}, capture_unreported=True, log=False)
    return lambda path=PATH: requests.post(f"http://{server.host}{path}", timeout=5)


def test_what_is_decoded_dropped_and_logged_is_not_told_again(patient_call: Any, events: list[Any]) -> None:
    """The response is gone when the line with its details comes; another failure is none of that line's business."""
    details = eightbyeight_obs.from_response(patient_call())
    patient_call("/api/v1/subaccounts/Other/messages")
    logging.getLogger("shop").error("refused", extra={"details": details})
    eightbyeight_obs.uninstall()
    assert [event["tags"]["8x8.code"] for event in events] == ["1201"]


def test_what_is_logged_of_a_copy_is_not_told_again(patient_call: Any, events: list[Any]) -> None:
    """A cache or a process pool hands out copies of a response: the line is about the same failure."""
    copied = copy.copy(patient_call())
    logging.getLogger("shop").error("refused: %s", copied)
    del copied
    eightbyeight_obs.uninstall()
    assert events == []


def test_a_line_below_warning_about_dropped_details_is_no_report(patient_call: Any, events: list[Any]) -> None:
    """The same at info: it is told."""
    logging.getLogger("shop").setLevel(logging.INFO)
    logging.getLogger("shop").info("refused: %s", eightbyeight_obs.from_response(patient_call()))
    eightbyeight_obs.uninstall()
    assert [event["tags"]["8x8.code"] for event in events] == ["1300"]


def test_expected_failures_are_not_told(server: RawServer, impatient: None, events: list[Any]) -> None:
    """`ignore` means no event for the unreported too; other codes are told."""
    eightbyeight_obs.install(hosts={server.host: "sms"}, capture_unreported=True, log=False, ignore=[("api", 1300)])
    for path in (PATH, "/api/v1/subaccounts/Other/messages"):
        assert not requests.post(f"http://{server.host}{path}", timeout=5).ok
    assert [event["tags"]["8x8.code"] for event in settled(events, 1)] == ["1201"]


def test_a_streamed_body_is_told_by_its_status(call: Any, events: list[Any]) -> None:
    """Nothing reads the body of `stream=True`, not even to report it."""
    response = call(stream=True)
    response.close()
    del response
    assert [event["tags"]["8x8.code"] for event in settled(events, 1)] == ["http-404"]


def test_at_most_ten_a_minute_and_code(call: Any, events: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The number left out is stated on the next one; another code has its own ten."""
    for _ in range(14):
        call()
    call("/api/v1/subaccounts/Other/messages")
    codes = [event["tags"]["8x8.code"] for event in settled(events, 11)]
    assert codes == ["1300"] * 10 + ["1201"]
    monkeypatch.setattr(unreported, "_WINDOW", 0.0)
    call()
    assert settled(events, 12)[-1]["message"] == (
        f"{TITLE}, not reported by the service (4 more of this code were left out before)"
    )


def test_the_number_of_counted_codes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes come from the network: a server that makes up a new one each time fills no memory."""
    monkeypatch.setattr(unreported.sentry, "capture_apart", lambda *_: None)
    reporter = unreported._Reporter()
    for code in range(1, 1000):
        details = eightbyeight_obs.decode(400, f'{{"code": {code}}}')
        assert details is not None
        reporter.dropped(details)
    reporter.close()
    assert len(reporter._limits) == unreported._CODES


def test_the_collector_may_run_inside_a_lock_of_sentrys(call: Any, events: list[Any]) -> None:
    """The collector only queues. Sentry is called by a thread of our own: no lock is taken twice."""
    lock = threading.Lock()
    transport = sentry_sdk.get_client().transport
    assert isinstance(transport, Kept)
    keep = transport.capture_envelope

    def capture(envelope: Any) -> None:
        with lock:
            keep(envelope)

    transport.capture_envelope = capture  # type: ignore[method-assign]
    cycle: list[Any] = [call()]
    cycle.append(cycle)
    with lock:
        del cycle
        gc.collect()
    assert len(settled(events, 1)) == 1


def test_each_thread_reports_its_own(call: Any, events: list[Any]) -> None:
    """Failures that die in several threads are all told, once each."""
    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(settled(events, 8)) == 8


@pytest.fixture
def before() -> list[threading.Thread]:
    """The threads that other tests have left behind."""
    return threading.enumerate()


def test_uninstall_ends_it(before: list[threading.Thread], call: Any, events: list[Any]) -> None:
    """What dies after `uninstall()` is nobody's business, and no thread stays behind."""
    response = call()
    ours = [thread for thread in threading.enumerate() if thread not in before]
    assert [thread.name for thread in ours if thread.name.startswith("eightbyeight")] == ["eightbyeight_obs-unreported"]
    eightbyeight_obs.uninstall()
    del response
    assert settled(events, 0) == []
    assert [thread for thread in ours if thread.name.startswith("eightbyeight") and thread.is_alive()] == []


def test_nothing_of_a_request_is_in_the_event(call: Any, events: list[Any]) -> None:
    """The event is sent from another thread: tags of the scope of some request would be wrong there."""
    with sentry_sdk.isolation_scope() as scope:
        scope.set_tag("order", "17")
        call()
        (event,) = settled(events, 1)
    assert "order" not in event["tags"]


def test_it_needs_sentry() -> None:
    """Without Sentry there is nowhere to send an event to."""
    with pytest.raises(ValueError, match="pass sentry=True"):
        eightbyeight_obs.install(capture_unreported=True, sentry=False)


SERVICE = """
    import os, sys, threading
    import requests, sentry_sdk
    from sentry_sdk.transport import Transport

    class Printing(Transport):
        def capture_envelope(self, envelope):
            for item in envelope.items:
                if (event := item.get_event()) is not None:
                    print(os.getpid() == MAIN, event["tags"]["8x8.code"], flush=True)

    MAIN = os.getpid()
    sys.path.insert(0, {tests!r})
    from rawserver import RawServer, reply
    import eightbyeight_obs

    start = lambda: sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", transport=Printing())
    if not {sentry_last}:
        start()
    with RawServer({{"/m": reply(404, {body!r})}}) as server:
        eightbyeight_obs.install(hosts={{server.host: "sms"}}, capture_unreported=True, log=False)
        if {sentry_last}:
            start()
        call = lambda: requests.post(f"http://{{server.host}}/m", timeout=5)
"""


def run(rest: str, *, sentry_last: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the service above with some more lines inside its `with`."""
    head = textwrap.dedent(SERVICE).format(tests=str(Path(__file__).parent), body=BODY, sentry_last=sentry_last)
    script = head + textwrap.indent(textwrap.dedent(rest), "    ")
    return subprocess.run(
        [sys.executable, "-X", "dev", "-c", script], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("sentry_last", [False, True])
def test_at_interpreter_exit_what_waits_is_sent(sentry_last: bool) -> None:
    """A failure that was dropped as the last thing of a program is told; nothing is printed to stderr."""
    done = run("call()\n", sentry_last=sentry_last)
    assert (done.stdout, done.stderr, done.returncode) == ("True 1300\n", "", 0)


def test_a_response_that_outlives_the_program_does_no_harm() -> None:
    """A response in a global dies while the interpreter is taken apart: no report, and no traceback."""
    done = run("import builtins; builtins.kept = call()\n")
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_reports_its_own() -> None:
    """Threads stay behind at a fork; the child has one of its own."""
    done = run(
        """
        pid = os.fork()
        if pid == 0:
            call()
            eightbyeight_obs.uninstall()
            os._exit(0)
        os.waitpid(pid, 0)
        """
    )
    assert (done.stdout, done.returncode) == ("False 1300\n", 0), done.stderr


def test_installing_often_leaves_nothing_with_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook for forks cannot be taken back: it is registered once, not by each installation."""
    registered: list[Any] = []
    monkeypatch.setattr(os, "register_at_fork", lambda **hooks: registered.append(hooks), raising=False)
    for _ in range(3):
        with eightbyeight_obs.install(capture_unreported=True):
            pass
    assert [] == registered
