"""A transport without a network: requests, urllib3 and http.client work as always, on sockets that are canned.

So every peer sees what it hooks, whether that is `Session.send`, urllib3's pool or http.client.
"""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit

import bodies
import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool


def answer(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


ANSWERS = {
    urlsplit(bodies.OTHER).path: answer(200, b'{"ok":true}'),
    urlsplit(bodies.SEND).path: answer(200, bodies.ACCEPTED),
    "/failing" + urlsplit(bodies.SEND).path: answer(400, bodies.ERROR),
}
FAILING = bodies.SEND.replace("/api/", "/failing/api/")


class CannedSocket:
    """Takes a request and gives the answer that belongs to its path."""

    def __init__(self) -> None:
        self.path = ""

    def sendall(self, data: bytes) -> None:
        words = data.split(b" ", 2)
        if len(words) == 3 and words[0].isupper():
            self.path = words[1].decode()

    def makefile(self, *_: Any, **__: Any) -> io.BytesIO:
        return io.BytesIO(ANSWERS[self.path])

    def settimeout(self, *_: Any) -> None: ...

    def setsockopt(self, *_: Any) -> None: ...

    def getpeername(self) -> tuple[str, int]:
        return ("127.0.0.1", 80)

    def close(self) -> None: ...


class CannedConnection(HTTPConnection):
    def _new_conn(self) -> Any:
        return CannedSocket()

    @property
    def is_connected(self) -> bool:
        return self.sock is not None


class CannedPool(HTTPConnectionPool):
    ConnectionCls = CannedConnection


class CannedAdapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": CannedPool}


def session() -> requests.Session:
    """A session whose every request is answered without a network."""
    session = requests.Session()
    session.trust_env = False  # no look at the environment's proxies and the .netrc: less to measure against
    session.mount("http://", CannedAdapter())
    return session
