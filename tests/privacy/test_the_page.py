"""What docs/privacy.md says: its command, its options, and what leaves where the middleware has no hand in it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pages
import pytest
import sentry_sdk

from tests.privacy import planted
from tests.privacy.conftest import Wire
from tests.privacy.habits import post, target

IN_URL = {"one-time code", "phone number in the path", "phone number in the query"}


@pytest.fixture
def options(monkeypatch) -> dict[str, Any]:
    """What the block of the page passes to ``sentry_sdk.init()``."""
    (block,) = pages.blocks("docs/privacy.md")
    given: dict[str, Any] = {}
    with monkeypatch.context() as patch:
        patch.setattr(sentry_sdk, "init", lambda **options: given.update(options))
        exec(block.code, {"__name__": "page"})
    return given


def leaked(wire: Wire, kind: str) -> set[str]:
    """Names of the planted things in the items of a kind."""
    return {leak.partition(" as ")[0] for leak in planted.leaks(wire.sent(kind))}


def work(host: str, wire: Wire) -> None:
    """Make a call inside a transaction, and then report a bug that is not about it."""
    target.url = planted.url(host)
    with sentry_sdk.start_transaction(name="send"):
        post()
    sentry_sdk.capture_message("something else")


def test_the_sdk_sends_urls_in_spans_and_in_breadcrumbs_of_other_events(host, sentry, installed):
    """So says the page; if the SDK stops doing so, the page is to change."""
    wire = sentry(traces_sample_rate=1.0)
    work(host, wire)
    assert IN_URL == leaked(wire, "transaction")
    assert IN_URL == leaked(wire, "event")


def test_the_options_of_the_page_stop_it(host, sentry, installed, options):
    """With the block of the page nothing of the URL is in spans and breadcrumbs."""
    wire = sentry(traces_sample_rate=1.0, **options)
    work(host, wire)
    assert [["transaction"], ["event"]] == [[kind] for kind, _ in wire.items]
    assert set() == leaked(wire, "transaction") | leaked(wire, "event")


@pytest.fixture
def heard() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server, its ``host:port``, and the headers of what it is asked."""
    headers: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers.append({name.lower(): value for name, value in self.headers.items()})
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(400)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", headers
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_8x8_gets_baggage_unless_the_targets_are_named(heard, sentry, options):
    """The SDK sends the trace to everybody; with ``trace_propagation_targets`` to one's own services only."""
    place, headers = heard
    target.url = f"http://{place}/api/v1/subaccounts/Acme_hq/messages"
    sentry()
    post()
    sentry(**options)
    post()
    assert [True, False] == ["baggage" in each for each in headers]
    assert [True, False] == ["sentry-trace" in each for each in headers]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "nothing"), (["--without"], "one-time code, number in the query")],
    ids=["with", "without"],
)
def test_the_command_of_the_page_prints_the_event(arguments, said):
    """``python examples/print_event.py`` prints one event as JSON, and what of the call is in it."""
    command = [sys.executable, str(pages.ROOT / "examples" / "print_event.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=pages.ROOT)
    event = json.loads(done.stdout)
    assert f"of the call in the event: {said}" == done.stderr.strip()
    assert ("8x8" in event["contexts"]) is not bool(arguments)
