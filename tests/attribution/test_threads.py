"""Eight threads, a thousand failures each, with different codes: each event has its own code and errorId."""

from __future__ import annotations

import io
import json
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import sentry_sdk
import structlog
from requests.adapters import BaseAdapter

import eightbyeight_obs

from .service import Kept

THREADS, FAILURES = 8, 1000
CODES = sorted(int(code) for registry, code in eightbyeight_obs.CATALOGUE if registry == "api")


class InMemory(BaseAdapter):
    """Answers each order with a code and an errorId of its own."""

    def send(self, request: Any, **kwargs: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.url, response.request = 400, request.url, request
        response._content = json.dumps(expected(int(request.headers["Order"]))).encode()
        return response

    def close(self) -> None:
        """Nothing is open."""


def expected(order: int) -> dict[str, Any]:
    return {"code": CODES[order % len(CODES)], "errorId": f"{order:08d}-8888-4888-8888-888888888888"}


@pytest.fixture
def transport() -> Iterator[Kept]:
    kept = Kept()
    sentry_sdk.init(
        dsn="https://public@sentry.invalid/1",
        transport=kept,
        auto_enabling_integrations=False,
        release="1",
        max_breadcrumbs=0,
        include_local_variables=False,
        include_source_context=False,
    )
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield kept
    sys.setswitchinterval(before)
    sentry_sdk.get_global_scope().set_client(None)
    structlog.reset_defaults()


@pytest.mark.slow
def test_threads_do_not_mix_their_failures(transport: Kept):
    """Lines by rule (c), events by their exception: 8,000 of each, every one about its own order."""
    printed = io.StringIO()
    structlog.configure(
        processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.PrintLoggerFactory(printed)
    )
    eightbyeight_obs.install(log=False)
    log = structlog.get_logger()
    session = requests.Session()
    session.mount("https://", InMemory())

    def send(order: int) -> None:
        response = session.post(
            "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages", headers={"Order": str(order)}
        )
        log.error("could not send", order=order)
        response.raise_for_status()

    def work(first: int) -> None:
        with sentry_sdk.isolation_scope():  # as a worker has it; the SDK's breadcrumbs are not safe to share
            for order in range(first, first + FAILURES):
                with sentry_sdk.new_scope() as scope:
                    scope.set_tag("order", str(order))
                    try:
                        send(order)
                    except requests.HTTPError:
                        sentry_sdk.capture_exception()

    threads = [threading.Thread(target=work, args=(FAILURES * number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lines = [json.loads(line) for line in printed.getvalue().splitlines()]
    assert list(range(THREADS * FAILURES)) == sorted(line["order"] for line in lines)
    assert [] == [line for line in lines if not is_right(line["order"], "likely", line)]
    events = [event["tags"] for event in transport.of_type("event")]
    assert list(range(THREADS * FAILURES)) == sorted(int(tags["order"]) for tags in events)
    assert [] == [tags for tags in events if not is_right(int(tags["order"]), "certain", tags)]


def is_right(order: int, grade: str, facts: dict[str, Any]) -> bool:
    answer = expected(order)
    wanted = (grade, str(answer["code"]), answer["errorId"])
    return wanted == (facts.get("8x8.match"), facts.get("8x8.code"), facts.get("8x8.error_id"))
