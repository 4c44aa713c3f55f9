"""Events that are not about 8x8 go out byte for byte as they would without the middleware."""

from __future__ import annotations

import contextvars
import json
import logging
import re
import threading
from typing import Any

import pytest
import sentry_sdk

import eightbyeight_obs
from tests.privacy import planted
from tests.privacy.habits import HEADERS, post, target

log = logging.getLogger("shop")
_IDS = re.compile(rb"[0-9a-f]{32}|[0-9a-f]{16}|0x[0-9a-f]+|\d{12,}|0\.\d{6}|20\d\d-[\d-]+T[\d:.]+Z?")


def error_of_the_service() -> None:
    """Has in its variables what a scrubber would be tempted by."""
    headers = dict(HEADERS)
    url = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages?code=123456"
    kwargs = {"headers": headers, "url": url, "phone": "+6591234567"}
    raise ValueError(f"no order for {url} with {kwargs}")


def captured() -> None:
    try:
        error_of_the_service()
    except ValueError as exc:
        sentry_sdk.capture_exception(exc)


def logged() -> None:
    try:
        error_of_the_service()
    except ValueError:
        log.exception("failed for %s", "+6591234567", extra={"headers": dict(HEADERS)})


def message() -> None:
    log.error("https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages?code=123456 Bearer abcdef0123456789")


def captured_message() -> None:
    sentry_sdk.capture_message("Authorization: Bearer abcdef0123456789")


def transaction() -> None:
    with sentry_sdk.start_transaction(name="send"), sentry_sdk.start_span(op="http") as span:
        span.set_data("url", "GET https://sms.8x8.com/a?code=1")


def of_another_host(host: str) -> None:
    """A failed call to a host that is none of 8x8's, with 8x8's own body."""
    target.url = planted.url(host.replace("127.0.0.1", "localhost"))
    try:
        post().raise_for_status()
    except Exception as exc:
        sentry_sdk.capture_exception(exc)


CASES = [captured, logged, message, captured_message, transaction]


def run(sentry: Any, case: Any, *arguments: Any, **options: Any) -> bytes:
    """What one case sends, without what differs from one run to the next: ids, addresses, times."""
    wire = sentry(traces_sample_rate=1.0, **options)
    with sentry_sdk.isolation_scope(), sentry_sdk.new_scope():
        sentry_sdk.get_isolation_scope().set_tag("of", "the service")
        sentry_sdk.get_isolation_scope().clear_breadcrumbs()
        context = contextvars.copy_context()
        # In a thread: the stack of a test is pytest's, with other variables in every run.
        thread = threading.Thread(target=context.run, name="case", args=(case, *arguments))
        thread.start()
        thread.join()
    assert wire.items
    return b"\n".join(_IDS.sub(b"?", data) for _, data in wire.items)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("attach", [False, True], ids=["", "attach_stacktrace"])
def test_an_event_about_something_else_is_the_same_byte_for_byte(attach, case, host, sentry):
    """With and without install(), errors, messages and transactions of the service's own do not differ."""
    without = run(sentry, case, attach_stacktrace=attach)
    eightbyeight_obs.install(hosts={host: "lookup"})
    assert without == run(sentry, case, attach_stacktrace=attach)


def test_a_failure_of_another_host_is_the_same_byte_for_byte(host, sentry):
    """A call that fails with 8x8's own body, at a host that is not 8x8's, is left alone."""
    without = run(sentry, of_another_host, host)
    eightbyeight_obs.install(hosts={host: "lookup"})
    assert without == run(sentry, of_another_host, host)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_after_a_failure_of_8x8s_the_next_event_differs_in_breadcrumbs_only(case, host, sentry):
    """Nothing of a failure stays on the scope but its breadcrumb."""

    def both() -> None:
        target.url = planted.url(host)
        post()
        case()

    def events(sent: bytes) -> list[Any]:
        found = [json.loads(line) for line in sent.split(b"\n")]
        for event in found:
            event.pop("breadcrumbs", None)
            event.get("_meta", {}).pop("breadcrumbs", None)
        return found

    without = events(run(sentry, both))
    eightbyeight_obs.install(hosts={host: "lookup"})
    assert without == events(run(sentry, both))
