"""8x8 and Sentry for the storm: one event loop that answers each call with its own failure and keeps envelopes."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from typing import Any

from sentry_sdk.envelope import Envelope

from tests.e2e.fake import ERRORS

CODES = sorted(int(code) for code in ERRORS)


def failure(order: int) -> dict[str, Any]:
    """What 8x8 answers to an order: a code and an errorId of its own."""
    code = CODES[order % len(CODES)]
    return {
        "code": code,
        "message": ERRORS[str(code)][1],
        "errorId": f"{order:08d}-8888-4888-8888-888888888888",
        "timestamp": "2026-11-21T10:00:00.1234567+00:00",
    }


def _answer(order: int) -> bytes:
    body = json.dumps(failure(order)).encode()
    status = ERRORS[str(failure(order)["code"])][0]
    head = f"HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


_TAKEN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class _Connection(asyncio.Protocol):
    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._buffer = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            lines = head.lower().split(b"\r\n")
            headers = dict(line.split(b": ", 1) for line in lines[1:])
            length = int(headers.get(b"content-length", b"0"))
            if len(rest) < length:
                return
            body, self._buffer = rest[:length], rest[length:]
            if b"/envelope/" in lines[0]:
                self._servers.kept.append((headers.get(b"content-encoding") == b"gzip", body))
                if self._servers.waiting is None:
                    self._transport.write(_TAKEN)
                else:
                    self._servers.waiting.append(self._transport)
            elif lines[0].startswith(b"get /hold "):
                self._servers.waiting = []
                self._transport.write(_TAKEN)
            elif lines[0].startswith(b"get /release "):
                for waiting in self._servers.waiting or ():
                    waiting.write(_TAKEN)
                self._servers.waiting = None
                self._transport.write(_TAKEN)
            else:
                self._transport.write(_answer(int(headers[b"order"])))


class Servers:
    """Both, on one port of loopback, in a thread of their own. Between GET /hold and GET /release Sentry is stuck.

    Attributes:
        port: Where they listen.
        kept: The envelopes so far, each with whether it is compressed.
        waiting: The connections that wait for an answer of Sentry's; None while it answers.
    """

    def __init__(self) -> None:
        self.kept: list[tuple[bool, bytes]] = []
        self.waiting: list[Any] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Servers:  # noqa: PYI034
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def _start(self) -> Any:
        return await self._loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=256)

    def __exit__(self, *failure_of_the_block: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def received(self) -> tuple[list[dict[str, Any]], int]:
        """Return the events that arrived, and how many the SDK says in its client reports that it dropped."""
        events, dropped = [], 0
        for is_gzip, body in self.kept:
            for item in Envelope.deserialize(gzip.decompress(body) if is_gzip else body).items:
                content = json.loads(item.get_bytes())
                if item.type == "event":
                    events.append(content)
                elif item.type == "client_report":
                    dropped += sum(
                        each["quantity"] for each in content["discarded_events"] if each["category"] == "error"
                    )
        self.kept.clear()
        return events, dropped
