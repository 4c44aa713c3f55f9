"""What must not leave, planted wherever a call to 8x8 carries it, and a loopback 8x8 that repeats it."""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote


def _built(between: str, *parts: str) -> str:
    """Put a value together at run time: a literal would be in the lines of source code that Sentry sends too."""
    return between.join(parts)


KEY = _built("-", "k3yQ9z", "planted", "8x8secret", "77f1")
OTP = _built("", "90", "41", "77")
PATH_PHONE = _built("", "65", "91", "10", "00", "11")
QUERY_PHONE = _built("", "65", "92", "20", "00", "22")
BODY_PHONE = _built("", "65", "93", "30", "00", "33")
MESSAGE_PHONE = _built("", "65", "94", "40", "00", "44")
TEXT = _built(" ", "planted", "text", "of", "a", "message")
NAME = _built(" ", "Planted", "Contact")
MAIL = _built("@", "planted.contact", "mail.example")

PLANTED = {
    "API key": KEY,
    "one-time code": OTP,
    "phone number in the path": PATH_PHONE,
    "phone number in the query": QUERY_PHONE,
    "phone number in the body": BODY_PHONE,
    "phone number in the answer": MESSAGE_PHONE,
    "message text": TEXT,
    "name of a contact": NAME,
    "e-mail of a contact": MAIL,
}

ERROR_ID = "b4478860-b76c-e811-814e-022a35cc1c71"
QUERY = f"code={OTP}&to=%2B{QUERY_PHONE}"
BODY = {"destination": "+" + BODY_PHONE, "text": TEXT, "contact": {"name": NAME, "email": MAIL}}


def url(host: str, kind: str = "refused-1002") -> str:
    """Return the URL of a call that fails in this way: ``refused-1002``, ``unavailable``, ``reset``, ``slow``."""
    return f"http://{host}/api/v1/subaccounts/{kind}/phones/%2B{PATH_PHONE}?{QUERY}"


def leaks(sent: bytes) -> list[str]:
    """Return what of the planted things is in bytes that went out, in any spelling that a reader would know."""
    found = []
    for name, value in PLANTED.items():
        spellings = {value, quote(value), json.dumps(value)[1:-1], value.replace(" ", "+")}
        spellings.add(base64.b64encode(value.encode()).decode().rstrip("="))
        found += [f"{name} as {spelling!r}" for spelling in sorted(spellings) if spelling.encode() in sent]
    return found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.path.split("/")[4]
        if kind == "reset":
            linger = struct.pack("ii", 1, 0)  # closes with RST
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.close()
            return
        if kind == "slow":
            self.server.gone.wait(5)  # type: ignore[attr-defined]
            self.close_connection = True
            return
        status = 503 if kind == "unavailable" else 400
        answer = {
            "code": 1002,
            "message": f"Invalid MSISDN +{MESSAGE_PHONE}",
            "errorId": ERROR_ID,
            "timestamp": "2026-11-21T10:00:00.1234567+00:00",
        }
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def loopback() -> Iterator[str]:
    """Run the server and give its ``host:port``; the sub-account in a path says how it fails."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    server.gone = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.gone.set()  # type: ignore[attr-defined]
        server.shutdown()
        server.server_close()
        thread.join(5)
