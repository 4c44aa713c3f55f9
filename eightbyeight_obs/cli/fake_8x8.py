"""A fake 8x8 on loopback: one small HTTP server per product, which answers what it was told to answer."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final

__all__ = ["Answer", "Fake8x8"]

_LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the fake answers to a request.

    Attributes:
        status: The HTTP status.
        body: A dictionary goes out as JSON, a string as HTML.
        headers: More headers.
        delay: Seconds to wait before answering.
    """

    status: int
    body: dict[str, Any] | str
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        self.answer = Answer(200, {})
        self.closing = threading.Event()
        super().__init__((_LOOPBACK, 0), _Handler)

    def server_bind(self) -> None:
        # HTTPServer asks the resolver for its own name here, which takes seconds on some machines.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = _LOOPBACK, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that hang up: the timeout is one of the cases."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes: 40 ms each otherwise
    server: _Server

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.server.answer
        if answer.delay:
            self.server.closing.wait(answer.delay)
        if isinstance(answer.body, str):
            kind, body = "text/html", answer.body.encode()
        else:
            kind, body = "application/json", json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Write nothing: the terminal belongs to the demo."""


class Fake8x8:
    """The servers of some products, running from ``__enter__`` to ``__exit__``.

    Args:
        products: ``"sms"``, ``"voice"``, ...; each gets a port of its own.
    """

    def __init__(self, products: Iterable[str]) -> None:
        self._servers = {product: _Server() for product in products}

    def __enter__(self) -> Fake8x8:  # noqa: PYI034 - Self is in typing from 3.11 on
        """Start the servers, on ports that the system chooses."""
        for product, server in self._servers.items():
            threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"fake-8x8-{product}", daemon=True
            ).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop the servers, and whoever waits for a late answer."""
        for server in self._servers.values():
            server.closing.set()
            server.shutdown()
            server.server_close()

    @property
    def urls(self) -> dict[str, str]:
        """Product -> base URL."""
        return {product: f"http://{_LOOPBACK}:{server.server_port}" for product, server in self._servers.items()}

    @property
    def hosts(self) -> dict[str, str]:
        """``host:port`` -> product, as ``install(hosts=...)`` takes it."""
        return {f"{_LOOPBACK}:{server.server_port}": product for product, server in self._servers.items()}

    def will_answer(self, product: str, answer: Answer) -> None:
        """Set what every request to the product is answered from now on."""
        self._servers[product].answer = answer
