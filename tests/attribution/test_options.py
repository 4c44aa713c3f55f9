"""The options of install(), one by one, and what the service set itself, which wins."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest
import requests
import sentry_sdk
import structlog

import eightbyeight_obs

from . import loopback
from .service import Kept

log = logging.getLogger("shop")
OURS = ["8x8", "api", "1002"]


def install(**options: Any) -> None:
    eightbyeight_obs.install(hosts=loopback.hosts(), **options)


def send(answer: str = "1002") -> requests.Response:
    return requests.post(loopback.url(answer), timeout=30)


def certain() -> None:
    """One certain event: an exception that is captured."""
    try:
        send().raise_for_status()
    except requests.HTTPError:
        sentry_sdk.capture_exception()


def likely() -> None:
    """One likely event: a line of the function that holds the response."""
    response = send()
    log.error("could not send %d", response.status_code)


def own(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["logger"] == "eightbyeight_obs"]


# --- group, title, sentry, structlog, log ----------------------------------------------------------------------------


def test_group_is_by_code_as_it_comes(sentry: Kept):
    """Certain events are grouped by code; likely ones stay in their own group, split by code."""
    install()
    certain()
    likely()
    assert [OURS, ["{{ default }}", *OURS]] == [event["fingerprint"] for event in sentry.of_type("event")]


def test_group_false_leaves_grouping_alone(sentry: Kept):
    """Tags and title are there, no fingerprint."""
    install(group=False)
    certain()
    likely()
    events = sentry.of_type("event")
    assert [None, None] == [event.get("fingerprint") for event in events]
    assert ["1002", "1002"] == [event["tags"]["8x8.code"] for event in events]
    assert events[0]["exception"]["values"][-1]["value"].startswith("8x8 1002 Invalid MSISDN (HTTP 400")


def test_group_as_a_callable_is_the_fingerprint(sentry: Kept):
    """Its list is the fingerprint of certain events and follows the default one of likely events."""
    seen: list[Any] = []

    def by_category(details: eightbyeight_obs.ErrorDetails) -> list[str]:
        seen.append(details)
        return ["8x8", details.category]

    install(group=by_category)
    certain()
    likely()
    assert [["8x8", "validation"], ["{{ default }}", "8x8", "validation"]] == [
        event["fingerprint"] for event in sentry.of_type("event")
    ]
    assert ["1002", "1002"] == [details.code for details in seen]


@pytest.mark.internal_failure
def test_group_as_a_callable_that_raises_is_as_if_it_were_not_there(sentry: Kept, internal_failures: list[Any]):
    """The event keeps the usual group, and the failure is told once."""

    def broken(details: eightbyeight_obs.ErrorDetails) -> list[str]:
        raise LookupError("no such team")

    install(group=broken)
    certain()
    certain()
    assert [OURS, OURS] == [event["fingerprint"] for event in sentry.of_type("event")]
    assert 1 == len(internal_failures)


def test_title_false_keeps_the_text_of_the_exception(sentry: Kept):
    """Everything else is there."""
    install(title=False)
    certain()
    (event,) = sentry.of_type("event")
    assert event["exception"]["values"][-1]["value"].startswith("400 Client Error: Bad Request for url: http://127")
    assert (OURS, "1002") == (event["fingerprint"], event["tags"]["8x8.code"])


def test_sentry_false_leaves_sentry_alone(sentry: Kept, lines: list[dict[str, Any]]):
    """No tag and no breadcrumb; the log lines have their keys."""
    install(sentry=False)
    likely()
    (event,) = sentry.of_type("event")
    assert ([], None) == ([key for key in event.get("tags", {}) if key.startswith("8x8")], event.get("fingerprint"))
    assert [] == [crumb for crumb in event["breadcrumbs"]["values"] if crumb["category"] == "8x8"]
    assert "1002" == lines[-1]["8x8.code"]


def test_structlog_false_leaves_structlog_alone():
    """structlog's lines have no keys of ours."""
    install(structlog=False, log=False)
    with structlog.testing.capture_logs() as captured:
        response = send()
        structlog.get_logger().error("could not send", status=response.status_code)
    assert [{"event": "could not send", "status": 400, "log_level": "error"}] == captured


def test_log_false_keeps_the_own_events_away(lines: list[dict[str, Any]]):
    """The service's own lines have their keys all the same."""
    install(log=False)
    likely()
    assert (["could not send 400"], "1002") == ([line["event"] for line in lines], lines[-1]["8x8.code"])


def test_sub_account_false_shows_it_nowhere(sentry: Kept, lines: list[dict[str, Any]]):
    """No line, no event, no breadcrumb, no hook has it; the pure functions still know it."""
    heard: list[Any] = []
    install(sub_account=False, on_error=[heard.append])
    certain()
    likely()
    assert [None, None] == [details.sub_account for details in heard]
    assert [] == [line for line in lines if "8x8.sub_account" in line]
    assert [] == [event for event in sentry.of_type("event") if "sub_account" in event["contexts"]["8x8"]]
    details = eightbyeight_obs.from_response(send())
    assert details is not None
    assert "1002" == details.sub_account  # of the loopback server: the path's segment


# --- ignore, application, the switch -------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [1300, "1300"])
def test_ignore_keeps_the_own_event_of_an_expected_failure_away(code: int | str, lines: list[dict[str, Any]]):
    """The service's own line about it still tells the code; other failures are logged."""
    install(ignore={("api", code)})
    response = send("1300")
    log.warning("no such session: %d", response.status_code)
    send("1002")
    assert ["1002"] == [line["8x8.code"] for line in own(lines)]
    assert "1300" == lines[0]["8x8.code"]


def test_ignore_of_a_status_without_a_code(lines: list[dict[str, Any]]):
    """A number of the registry http is the status."""
    install(ignore=[("http", 502)])
    send("html-502")
    send("empty-500")
    assert ["http-500"] == [line["8x8.code"] for line in own(lines)]


def test_application_makes_an_installed_package_the_application(lines: list[dict[str, Any]]):
    """Rule (c) of a service in site-packages whose threads run no other code: nothing without its prefix."""
    source = "def send():\n    response = post()\n    log.error('could not send %d', response.status_code)\n"
    packaged: dict[str, Any] = {"__name__": "acme_sms.client", "post": send, "log": log}
    exec(compile(source, "/srv/venv/lib/python3/site-packages/acme_sms/client.py", "exec"), packaged)

    for prefix in ("acme", "acme_sms"):
        install(application=[prefix], log=False)
        thread = threading.Thread(target=packaged["send"])
        thread.start()
        thread.join()
        eightbyeight_obs.uninstall()
    assert [None, "1002"] == [line.get("8x8.code") for line in lines]


@pytest.mark.parametrize("value", ["off", "OFF", " off "])
def test_the_environment_switches_it_off(value: str, monkeypatch: pytest.MonkeyPatch, sentry: Kept, lines: list[Any]):
    """install() hooks nothing, says so, and the service runs as without it."""
    before = (requests.sessions.dispatch_hook, logging.Logger.filter, structlog.BoundLogger.__init__)
    monkeypatch.setenv("EIGHTBYEIGHT_OBS", value)
    installation = eightbyeight_obs.install(hosts=loopback.hosts())
    certain()
    likely()
    assert before == (requests.sessions.dispatch_hook, logging.Logger.filter, structlog.BoundLogger.__init__)
    assert ((), False) == (installation.wired, eightbyeight_obs.is_installed())
    assert "off by EIGHTBYEIGHT_OBS in the environment" in repr(installation)
    assert [] == [event for event in sentry.of_type("event") if event.get("tags")]
    assert [["event", "has_exception", "logger"]] == [sorted(line) for line in lines]
    installation.uninstall()


def test_another_value_of_the_switch_does_nothing(monkeypatch: pytest.MonkeyPatch):
    """On is on."""
    monkeypatch.setenv("EIGHTBYEIGHT_OBS", "on")
    install()
    assert eightbyeight_obs.is_installed()


# --- on_error and report() -----------------------------------------------------------------------------------------


def test_hooks_hear_every_failed_call_once_in_its_thread():
    """An error, a rejection and no answer; not a call that was answered well."""
    heard: list[tuple[str, str, str, int]] = []

    def hook(details: Any) -> None:
        heard.append((details.registry, details.code, details.match, threading.get_ident()))

    install(on_error=[hook])
    here = threading.get_ident()
    send("1002")
    send("rejected")
    send("queued")
    with pytest.raises(requests.ConnectionError):
        send("hang-up")
    thread = threading.Thread(target=send)
    thread.start()
    thread.join()
    there = heard[-1][3]
    assert there != here
    assert [
        ("api", "1002", "certain", here),
        ("api", "rejected", "certain", here),
        ("transport", "ConnectionError", "certain", here),
        ("api", "1002", "certain", there),
    ] == heard


@pytest.mark.internal_failure
def test_hooks_fail_each_alone(internal_failures: list[Any], lines: list[dict[str, Any]]):
    """A hook that raises keeps neither the others nor the service from their work, and is told of once."""
    heard: list[str] = []

    def first(details: Any) -> None:
        raise LookupError("no such counter")

    def second(details: Any) -> None:
        heard.append(details.code)
        raise RuntimeError("full")

    install(on_error=[first, second, lambda details: heard.append(details.code)])
    assert 400 == send("1002").status_code
    assert 404 == send("1300").status_code
    assert ["1002", "1002", "1300", "1300"] == heard
    assert 2 == len(internal_failures)
    assert ["1002", "1300"] == [line["8x8.code"] for line in own(lines) if "8x8.code" in line]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_hook_can_end_the_program(stop: type[BaseException]):
    """What is no Exception passes."""

    def hook(details: Any) -> None:
        raise stop

    install(on_error=[hook])
    with pytest.raises(stop):
        send("1002")


def test_a_hook_that_fails_to_send_an_sms_itself_is_not_told_again(lines: list[dict[str, Any]]):
    """A failure inside a hook has no hook: there is no end to that otherwise."""
    heard: list[str] = []

    def alarm(details: Any) -> None:
        heard.append(details.code)
        send("1300")

    install(on_error=[alarm])
    send("1002")
    assert (["1002"], ["1002"]) == (heard, [line["8x8.code"] for line in own(lines)])


def test_a_response_hook_that_replaces_the_answer_decides_what_is_told(lines: list[dict[str, Any]]):
    """One own event, about the answer that the service gets; what the hook logs is about the one that it saw."""

    def again(response: requests.Response, **kwargs: Any) -> requests.Response:
        log.warning("answered %d, asking once more", response.status_code)
        other = requests.Response()
        other.status_code, other.url, other.request = 404, response.url, response.request
        other._content = b'{"code": 1300, "message": "Not Found"}'
        return other

    install()
    response = requests.post(loopback.url("1002"), timeout=30, hooks={"response": again})
    assert 404 == response.status_code
    assert ["1300"] == [line["8x8.code"] for line in own(lines)]
    assert ["1002"] == [line["8x8.code"] for line in lines if line["logger"] == "shop"]


def receipt() -> eightbyeight_obs.WebhookFailure:
    failure = eightbyeight_obs.decode_webhook(
        {
            "namespace": "SMS",
            "eventType": "outbound_message_status_changed",
            "payload": {
                "umid": "bda3d56e-1424-e711-813c-06ed3428fe67",
                "subAccountId": "Acme_hq",
                "status": {"state": "undelivered", "timestamp": "2026-11-21T10:00:00Z", "errorCode": 15},
            },
        }
    )
    assert isinstance(failure, eightbyeight_obs.WebhookFailure)
    return failure


def test_report_logs_and_calls_the_hooks_and_captures_nothing(sentry: Kept, lines: list[dict[str, Any]]):
    """A receipt is one own line and one call of each hook; Sentry's quota does not move."""
    heard: list[Any] = []
    install(on_error=[heard.append])
    assert None is eightbyeight_obs.report(receipt())
    assert ["15"] == [details.code for details in heard]
    assert [("8x8.delivery_failed", "15", "certain")] == [
        (line["event"], line["8x8.code"], line["8x8.match"]) for line in lines
    ]
    assert [] == sentry.of_type("event")


def test_report_with_capture_sends_one_event(sentry: Kept):
    """Its id is returned; it is grouped by registry and code, at warning."""
    install()
    event_id = eightbyeight_obs.report(receipt(), capture=True)
    (event,) = sentry.of_type("event")
    assert event_id == event["event_id"]
    assert (["8x8", "sms_receipt", "15"], "warning") == (event["fingerprint"], event["level"])
    assert ("certain", "15") == (event["tags"]["8x8.match"], event["tags"]["8x8.code"])


def test_report_of_an_answer_that_the_service_has_decoded_itself(sentry: Kept, lines: list[dict[str, Any]]):
    """decode() and report() together are what a client of another kind needs."""
    install()
    details = eightbyeight_obs.decode(400, b'{"code": 1002, "message": "Invalid MSISDN"}')
    assert details is not None
    eightbyeight_obs.report(details, capture=True)
    assert ["8x8.error_response"] == [line["event"] for line in own(lines)]
    assert [OURS] == [event["fingerprint"] for event in sentry.of_type("event")]


# --- what the service set itself -----------------------------------------------------------------------------------


def test_the_services_own_fingerprint_wins(sentry: Kept):
    """A fingerprint on the scope stays; the tags are there."""
    install()
    with sentry_sdk.new_scope() as scope:
        scope.fingerprint = ["sms", "all"]
        certain()
        likely()
    assert [["sms", "all"]] * 2 == [event["fingerprint"] for event in sentry.of_type("event")]
    assert ["1002"] * 2 == [event["tags"]["8x8.code"] for event in sentry.of_type("event")]


def test_the_services_own_tag_and_context_win(sentry: Kept):
    """What it has set under one of our names stays; the rest is ours."""
    install()
    with sentry_sdk.new_scope() as scope:
        scope.set_tag("8x8.product", "our sms")
        scope.set_context("8x8", {"team": "messaging"})
        certain()
    (event,) = sentry.of_type("event")
    assert ("our sms", "1002") == (event["tags"]["8x8.product"], event["tags"]["8x8.code"])
    assert {"team": "messaging"}.items() <= event["contexts"]["8x8"].items()


def test_the_services_own_log_key_wins(lines: list[dict[str, Any]]):
    """In extra of the standard library, and as a key of structlog."""
    install(log=False)
    response = send()
    log.error("could not send", extra={"8x8.description": "no such number"})
    with structlog.testing.capture_logs() as captured:
        structlog.get_logger().error("could not send", **{"8x8.description": "no such number", "response": response})
    assert ("no such number", "1002") == (lines[0]["8x8.description"], lines[0]["8x8.code"])
    assert ["no such number"] == [line["8x8.description"] for line in captured]
