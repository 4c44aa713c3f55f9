"""8x8 on this machine: real HTTP over loopback; the path says what is answered, every answer has its own errorId."""

from __future__ import annotations

import json
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

STATUS = {"1200": 401, "1201": 403, "1300": 404, "1400": 429, "2000": 500}
"""JSON code -> HTTP status; 400 for every other."""

MESSAGES = {
    "1002": "Invalid MSISDN",
    "1200": "Unauthorized Access",
    "1300": "Not Found",
    "1400": "Request rate limit exceeded",
    "2000": "Internal Server Error",
}
QUEUED = {"umid": "a1f4", "destination": "+6591234567", "status": {"code": "QUEUED", "description": "SMS is accepted"}}
REJECTED = {"umid": "b2e5", "status": {"code": "REJECTED", "description": "Text value is missing"}}


class Answer(NamedTuple):
    """One failure that was sent: what an event about it has to tell."""

    code: str
    error_id: str | None
    port: int


class Loopback(ThreadingHTTPServer):
    """One host of 8x8's. ``/api/v1/subaccounts/<answer>/messages`` is answered by ``<answer>``:

    ``1002`` (any code), ``queued``, ``rejected``, ``html-502``, ``empty-500``, ``redirect-1002``,
    ``flaky-<code>-<times>-<name>`` (that often the code, then queued), ``cut-1002`` (half of the body), ``hang-up``,
    ``silence`` (no answer until the client gives up).
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port: int = self.server_address[1]
        self.answers: list[Answer] = []
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}
        threading.Thread(target=self.serve_forever, name=f"8x8-{self.port}", daemon=True).start()

    def handle_error(self, *args: Any) -> None:
        """Say nothing: a client that hangs up in the middle is part of the tests."""

    def forget(self) -> None:
        """Start over: the same errorIds again, so that two runs can be compared."""
        with self._lock:
            self.answers.clear()
            self._seen.clear()

    def failure(self, code: str, *, has_id: bool = True) -> Answer:
        """Note one more failure."""
        with self._lock:
            before = sum(answer.code == code for answer in self.answers)
            error_id = f"{before:08d}-8888-4888-8888-{code:0>12}" if has_id else None
            answer = Answer(code, error_id, self.port)
            self.answers.append(answer)
        return answer

    def times(self, name: str) -> int:
        """Return how often this was asked, this time included."""
        with self._lock:
            self._seen[name] = self._seen.get(name, 0) + 1
            return self._seen[name]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Loopback

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = self.path.partition("?")[0].split("/")
        self._answer(parts[parts.index("subaccounts") + 1] if "subaccounts" in parts else parts[-1])

    do_GET = do_POST

    def _answer(self, name: str) -> None:
        kind, _, rest = name.partition("-")
        if kind == "flaky":
            code, times, _ = rest.split("-", 2)
            self._answer(code if self.server.times(name) <= int(times) else "queued")
        elif kind == "silence":
            self.rfile.read(1)  # nothing comes but the end of the connection
            self.close_connection = True
        elif kind == "queued":
            self._send(200, QUEUED)
        elif kind == "rejected":
            self.server.failure("rejected", has_id=False)
            self._send(200, REJECTED)
        elif kind == "html":
            self.server.failure(f"http-{rest}", has_id=False)
            self._send(int(rest), "<html><body><h1>502 Bad Gateway</h1></body></html>")
        elif kind == "empty":
            self.server.failure(f"http-{rest}", has_id=False)
            self._send(int(rest), "")
        elif kind == "redirect":
            self._send(307, "", Location=f"/api/v1/subaccounts/{rest}/messages")
        elif kind == "cut":
            self.server.failure(f"http-{STATUS.get(rest, 400)}", has_id=False)
            self.close_connection = True
            self.send_response(STATUS.get(rest, 400))
            self.send_header("Content-Length", "200")
            self.end_headers()
            self.wfile.write(b'{"code": ' + rest.encode())
        elif kind == "hang":
            self.close_connection = True
        else:
            error_id = self.server.failure(name).error_id
            message = MESSAGES.get(name, "Told by the test")
            self._send(
                STATUS.get(name, 400),
                {"code": int(name), "message": message, "errorId": error_id, "timestamp": "2026-11-21T10:00:00Z"},
            )

    def _send(self, status: int, body: Any, **headers: str) -> None:
        is_text = isinstance(body, str)
        sent = (body if is_text else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if is_text else "application/json")
        self.send_header("Content-Length", str(len(sent)))
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@cache
def server(product: str) -> Loopback:
    """Return the one server of a product; ``"other"`` is a service that is none of 8x8's."""
    return Loopback()


def hosts() -> dict[str, str]:
    """Return what ``install(hosts=...)`` takes for the servers of 8x8's."""
    return {f"127.0.0.1:{server(product).port}": product for product in ("sms", "chatapps")}


def url(answer: str, product: str = "sms") -> str:
    """Return where a service posts to get this answer."""
    return f"http://127.0.0.1:{server(product).port}/api/v1/subaccounts/{answer}/messages"


def answers() -> list[Answer]:
    """Return the failures that were sent, oldest first."""
    return [answer for product in ("sms", "chatapps") for answer in server(product).answers]


def forget() -> None:
    """Start over on every server."""
    for product in ("sms", "chatapps", "other"):
        server(product).forget()
