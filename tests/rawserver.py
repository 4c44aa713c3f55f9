"""A server that answers each path with the very bytes, or the very behaviour, that a test asks for."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

Behaviour = Callable[[socket.socket], None]
Answer = bytes | Behaviour | list[Any]


def reply(
    status: int,
    body: bytes | str | dict[str, Any] = b"",
    *,
    headers: Iterable[str] = (),
    length: int | None = None,
    version: str = "HTTP/1.1",
) -> bytes:
    """One whole answer as it goes over the wire; `length` is for those that lie about it, -1 for none."""
    if isinstance(body, dict):
        body = json.dumps(body, separators=(",", ":"))
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"{version} {status} Said", "Content-Type: application/json", "Connection: close", *headers]
    if length != -1:
        lines.append(f"Content-Length: {len(raw) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def reset(connection: socket.socket) -> None:
    """End a connection as a crash does, with a reset instead of a goodbye."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


class RawServer:
    """Listens on loopback; `answers` maps a path to bytes, to a function of the connection, or to a list of both.

    Of a list each request takes the next one; the last one stays.
    """

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        self.answers: dict[str, Answer] = answers or {}
        self.seen: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with socket.create_connection(self._listener.getsockname()):
            pass  # wakes accept()
        self._thread.join(10)
        self._listener.close()

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def rewind(self, answers: dict[str, Answer]) -> None:
        """Start over with these answers: lists are taken from their beginning again."""
        self.answers = {path: list(each) if isinstance(each, list) else each for path, each in answers.items()}
        self.seen.clear()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopped.is_set():
                connection.close()
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                head = self._head(connection)
                if not head:
                    return
                path = head.split(b" ", 2)[1].decode().partition("?")[0]
                self.seen.append(path)
                answer = self.answers.get(path, reply(404, {"code": 1300, "message": f"no {path}"}))
                if isinstance(answer, list):
                    answer = answer.pop(0) if len(answer) > 1 else answer[0]
                if callable(answer):
                    answer(connection)
                else:
                    connection.sendall(answer)
            except OSError:
                pass  # the client has gone: that is what some tests are about

    @staticmethod
    def _head(connection: socket.socket) -> bytes:
        """Read a request: its head, and its body away, so that closing does not reset the connection."""
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(65536)
            if not part:
                return b""
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length:
            body += connection.recv(65536)
        return head
