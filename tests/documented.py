"""Every answer that 8x8's OpenAPI files document, a loopback server that gives them, and what a failure must tell."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from specs import Operation, deref, operations, spec, url_of

PRODUCTS = {
    "business-messaging-api.json": "chatapps",
    "configuration-api.json": "sms",
    "number-lookup-api.json": "lookup",
    "sms-api.json": "sms",
    "verification-api.json": "verify",
    "voice-v1-api.json": "voice",
}
_NO_BODY = object()


class Answer(NamedTuple):
    """One documented answer: a status of an operation, and one of its examples where there are any.

    Attributes:
        operation: Where.
        status: The HTTP status.
        example: The name of the example; None for the only one, or for none at all.
        body: The example as a value; None where the file shows no body.
    """

    operation: Operation
    status: int
    example: str | None
    body: Any

    def __str__(self) -> str:
        where = self.operation
        return f"{where.file}:{where.method} {where.path} {self.status} {self.example or ''}".strip()

    @property
    def prefer(self) -> str:
        """The Prefer header that asks for it, as Prism understands it."""
        return f"code={self.status}" + (f", example={self.example}" if self.example else "")


def errors() -> list[Answer]:
    """Every documented answer of 400 and above, those without a body too."""
    return [answer for operation in operations() for answer in _answers(operation) if answer.status >= 400]


def successes() -> list[Answer]:
    """Every documented answer of 2xx with an example; rejections are among them."""
    return [
        answer
        for operation in operations()
        for answer in _answers(operation)
        if answer.status < 300 and answer.body is not None
    ]


def _answers(operation: Operation) -> Iterator[Answer]:
    file = operation.file
    responses = spec(file)["paths"][operation.path][operation.method.lower()]["responses"]
    for status, response in responses.items():
        found = False
        for media in deref(file, response).get("content", {}).values():
            if "example" in media:
                found = True
                yield Answer(operation, int(status), None, media["example"])
            for name, example in media.get("examples", {}).items():
                found = True
                yield Answer(operation, int(status), name, deref(file, example)["value"])
        if not found:
            yield Answer(operation, int(status), None, None)


def path_of(operation: Operation) -> str:
    """The path of a call of the operation."""
    return url_of(operation).split("/", 3)[3]


def expected_tags(answer: Answer, body: bytes) -> dict[str, str | None]:
    """What an event about an answer must say of it, from the bytes that came and from 8x8's documentation alone."""
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    envelope = value if isinstance(value, dict) else {}
    number = envelope.get("code")
    registry, code = "api", str(number)
    if not number:
        number = envelope.get("statusCode") if PRODUCTS[answer.operation.file] == "voice" else None
        registry, code = "voice_status", str(number)
    if not number:
        registry, code = "http", f"http-{answer.status}"
    return {
        "8x8.registry": registry,
        "8x8.code": code,
        "8x8.error_id": envelope.get("errorId"),
        "8x8.http_status": str(answer.status),
        "8x8.product": PRODUCTS[answer.operation.file],
        "8x8.endpoint": f"{answer.operation.method} {answer.operation.path}",
        "8x8.match": "certain",
    }


@cache
def _by_call(file: str) -> dict[tuple[str, str, str], Any]:
    return {
        (answer.operation.method, "/" + path_of(answer.operation), answer.prefer): answer.body
        for operation in operations()
        if operation.file == file
        for answer in _answers(operation)
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        wanted = self.headers["Prefer"]
        bodies = _by_call(self.server.file)  # type: ignore[attr-defined]
        body = bodies.get((self.command, self.path, wanted), _NO_BODY)
        status = 599 if body is _NO_BODY else int(wanted.removeprefix("code=").partition(",")[0])
        sent = b"" if body is _NO_BODY or body is None else json.dumps(body).encode()
        self.send_response(status)
        if status != 204:  # which has no body, whatever the file shows
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        if status != 204:
            self.wfile.write(sent)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(file: str) -> Iterator[str]:
    """Serve one OpenAPI file on loopback and give its ``host:port``; what is answered is chosen by ``Prefer``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.file = file  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
