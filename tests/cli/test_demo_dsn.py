"""``demo --dsn`` against a server that speaks as much of Sentry's protocol as the SDK needs."""

from __future__ import annotations

import gzip
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

pytestmark = pytest.mark.slow


class Ingestion(ThreadingHTTPServer):
    """Keeps the events that were sent to it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Ingestion

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        lines = body.split(b"\n")
        for head, payload in zip(lines[1::2], lines[2::2], strict=False):
            if head and json.loads(head).get("type") == "event":
                self.server.events.append(json.loads(payload))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def ingestion() -> Iterator[Ingestion]:
    server = Ingestion()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_events_arrive(ingestion: Ingestion, command: Callable[..., Any]) -> None:
    """--dsn sends the events of both runs, told apart by their environment."""
    ran = command("demo", "--json", "--dsn", f"http://key@127.0.0.1:{ingestion.server_port}/1")
    assert 0 == ran.code, ran.err
    issues = json.loads(ran.out)["issues"]
    expected = {f"demo-{side}": sum(issue["events"] for issue in issues[side]) for side in ("without", "with")}
    assert expected == Counter(event["environment"] for event in ingestion.events)


def test_nobody_listens(command: Callable[..., Any]) -> None:
    """A server that is not there is reported, and what to look at."""
    ran = command("demo", "--json", "--dsn", "http://key@127.0.0.1:9/1")
    assert 3 == ran.code
    assert f"{sum(i['events'] for side in json.loads(ran.out)['issues'].values() for i in side)} events" in ran.err
