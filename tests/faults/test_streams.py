"""Large bodies: a stream is not read, a packed one is not unpacked beyond what requests and urllib3 do themselves."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from rawserver import RawServer, reply
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

import eightbyeight_obs

LARGE = 200 * 1024 * 1024
ERROR = b'{"code":1400,"message":"Too many requests","errorId":"6f6f0d5c-6c8b-4f1c-9d6a-0d2f6a1f9c11"}'


class Endless:
    """An answer of 200 MB; counts what the client has taken of it."""

    def __init__(self, status: int) -> None:
        self.head = reply(status, length=LARGE)
        self.sent = 0

    def __call__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        connection.sendall(self.head)
        piece = b" " * 65536
        while self.sent < LARGE:
            connection.sendall(piece)
            self.sent += len(piece)


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer() as server:
        yield server


@pytest.mark.parametrize("status", [200, 400, 503])
def test_a_stream_is_not_read(server: RawServer, status: int) -> None:
    """Of a streamed failure of 200 MB nothing is read; its status is told all the same."""
    endless = Endless(status)
    server.answers["/"] = endless
    hooked: list[Any] = []
    with (
        eightbyeight_obs.install(hosts={server.host: "sms"}, on_error=[hooked.append]),
        requests.post(server.url("/"), stream=True, timeout=5) as response,
    ):
        assert response._content is False
        assert not response._content_consumed
        assert response.raw.tell() == 0
        assert b" " * 100 == response.raw.read(100)
    assert endless.sent < LARGE / 10
    assert [f"http-{status}"] * (status >= 400) == [details.code for details in hooked]


def bomb(size: int) -> bytes:
    """A gzip body that unpacks to that many bytes: 1,000 times its own length."""
    packer = zlib.compressobj(9, wbits=31)
    piece = b" " * 1_000_000
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of what zlib has unpacked, whoever asked for it."""
    lengths: list[int] = []
    original = zlib.decompressobj

    class Counting:
        def __init__(self, *arguments: Any, **options: Any) -> None:
            self._inner = original(*arguments, **options)

        def decompress(self, *arguments: Any, **options: Any) -> bytes:
            found = self._inner.decompress(*arguments, **options)
            lengths.append(len(found))
            return found

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inner, name)

    monkeypatch.setattr(zlib, "decompressobj", Counting)
    return lengths


@pytest.mark.parametrize("stream", [False, True])
def test_a_bomb_is_unpacked_once(server: RawServer, unpacked: list[int], stream: bool) -> None:
    """Of a packed body of 20 MB as much is unpacked as requests does itself, and not twice."""
    server.answers["/"] = reply(429, bomb(20_000_000), headers=["Content-Encoding: gzip"])

    def run() -> int:
        unpacked.clear()
        with requests.post(server.url("/"), stream=stream, timeout=20) as response:
            assert 429 == response.status_code
        return sum(unpacked)

    expected = run()
    with eightbyeight_obs.install(hosts={server.host: "sms"}):
        assert expected == run()


def test_a_bomb_that_is_tried_again(server: RawServer, unpacked: list[int]) -> None:
    """Of an answer that urllib3 throws away packed no more than 256 KiB is unpacked, each time."""
    server.answers["/"] = reply(429, bomb(20_000_000), headers=["Content-Encoding: gzip"])
    with requests.Session() as session, eightbyeight_obs.install(hosts={server.host: "sms"}):
        session.mount(server.url("/"), HTTPAdapter(max_retries=Retry(2, backoff_factor=0, status_forcelist=[429])))
        with pytest.raises(requests.exceptions.RetryError):
            session.get(server.url("/"), timeout=20)
    assert 3 == len(unpacked)
    assert max(unpacked) <= 256 * 1024 + 1


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes), ("x-gzip", gzip.compress)],
)
def test_a_packed_answer_that_is_tried_again(server: RawServer, encoding: str, pack: Any) -> None:
    """The code of an answer that urllib3 has thrown away is known, packed or not."""
    server.answers["/"] = reply(429, pack(ERROR), headers=[f"Content-Encoding: {encoding}"])
    hooked: list[Any] = []
    with requests.Session() as session:
        session.mount(server.url("/"), HTTPAdapter(max_retries=Retry(1, backoff_factor=0, status_forcelist=[429])))
        installed = eightbyeight_obs.install(hosts={server.host: "sms"}, on_error=[hooked.append])
        with installed, pytest.raises(requests.exceptions.RetryError):
            session.get(server.url("/"), timeout=5)
    assert [("1400", 1)] == [(details.code, details.attempts) for details in hooked]


@pytest.mark.parametrize("body", [b"{" + b'"a":' * 50_000, b"[" * 250_000, b'{"code":' + b"9" * 200_000 + b"}"])
def test_json_bombs(server: RawServer, body: bytes) -> None:
    """Deep or endless JSON is a body like any other: the status is told."""
    server.answers["/"] = reply(400, body)
    hooked: list[Any] = []
    with eightbyeight_obs.install(hosts={server.host: "sms"}, on_error=[hooked.append]):
        assert body == requests.post(server.url("/"), timeout=5).content
    assert ["http-400"] == [details.code for details in hooked]
