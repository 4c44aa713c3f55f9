"""A fake 8x8 on loopback: the sub-account in the path says what is answered, every answer has its own errorId."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Status and message by code; the texts are those of the examples in 8x8's OpenAPI files.
ERRORS = {
    "1001": (400, "Provided subAccountId doesn't belong to your account"),
    "1002": (400, "Invalid MSISDN format (not E.164 international number)"),
    "1200": (401, "Request was not authenticated properly"),
    "1201": (403, "Account not in prepaid mode"),
    "1300": (404, "Message not found."),
    "2000": (500, "Internal server error"),
    "3038": (400, "Template not found for provided name and language"),
    "429": (429, "Quota exceeded. Please try again in 1 second(s)."),
}
PRODUCTS = ("sms", "chatapps", "voice")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        code = self.path.split("/")[4].removeprefix("Shop-")
        if code == "ok":
            self._send(200, {"umid": str(uuid.uuid4()), "status": {"code": "QUEUED", "description": "SMS is accepted"}})
        elif code == "html":
            self._send(502, "<html><head><title>502 Bad Gateway</title></head></html>")
        elif code.startswith("voice"):
            number = -int(code.removeprefix("voice"))
            body = {"sessionStatus": "NOT_CREATED", "statusCode": number, "statusMessage": "Invalid parameter"}
            self._send(400, {**body, "callFlowRequestId": str(uuid.uuid4())})
        else:
            status, message = ERRORS[code]
            body = {"code": int(code), "message": message, "errorId": str(uuid.uuid4())}
            self._send(status, {**body, "timestamp": "2026-11-21T10:00:00.1234567+00:00"})

    do_POST = do_GET = _answer

    def _send(self, status: int, body: Any) -> None:
        is_text = isinstance(body, str)
        sent = (body if is_text else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if is_text else "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""


@contextmanager
def fake_8x8() -> Iterator[dict[str, str]]:
    """Run one server per product and give ``host:port`` -> product, as ``install(hosts=...)`` takes it."""
    with ExitStack() as stack:
        hosts = {}
        for product in PRODUCTS:
            server = stack.enter_context(_Server(("127.0.0.1", 0), _Handler))
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            stack.callback(server.shutdown)
            hosts[f"127.0.0.1:{server.server_address[1]}"] = product
        yield hosts
