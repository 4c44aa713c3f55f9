"""What goes wrong between 8x8 and the service goes wrong with us exactly as it does without."""

from __future__ import annotations

import gzip
import itertools
import socket
import time
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from faults.outcomes import WAYS, bare, outcome
from rawserver import RawServer, reply, reset
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

ERROR = {"code": 1002, "message": "Invalid MSISDN", "errorId": "6f6f0d5c-6c8b-4f1c-9d6a-0d2f6a1f9c11"}
BODY = b'{"code":1002,"message":"Invalid MSISDN","errorId":"6f6f0d5c-6c8b-4f1c-9d6a-0d2f6a1f9c11"}'
GZIP = "Content-Encoding: gzip"
CHUNKED = "Transfer-Encoding: chunked"


def chunks(*parts: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


def then(*steps: Any) -> Any:
    """An answer in steps: bytes are sent, numbers are slept, functions are called with the connection."""

    def behave(connection: socket.socket) -> None:
        for step in steps:
            if isinstance(step, bytes):
                connection.sendall(step)
            elif callable(step):
                step(connection)
            else:
                time.sleep(step)

    return behave


def faults(status: int) -> dict[str, Any]:
    head = reply(status, length=len(BODY)).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    return {
        "well": reply(status, BODY),
        "empty": reply(status),
        "cut short": reply(status, BODY[:20], length=len(BODY)),
        "cut short without a byte": reply(status, length=20),
        "slow": then(head, BODY[:10], 0.02, BODY[10:]),
        "too slow": then(head, BODY[:10], 1.5, BODY[10:]),
        "too slow to begin": then(1.5, reply(status, BODY)),
        "reset in the body": then(head, BODY[:10], 0.02, reset),
        "reset before the head": reset,
        "closed before the head": then(),
        "gzip": reply(status, gzip.compress(BODY), headers=[GZIP]),
        "gzip that is none": reply(status, BODY, headers=[GZIP]),
        "gzip cut short": reply(status, gzip.compress(BODY)[:-12], headers=[GZIP]),
        "gzip with a wrong sum": reply(status, gzip.compress(BODY)[:-8] + b"\0" * 8, headers=[GZIP]),
        "gzip twice": reply(status, gzip.compress(gzip.compress(BODY)), headers=["Content-Encoding: gzip, gzip"]),
        "deflate": reply(status, zlib.compress(BODY), headers=["Content-Encoding: deflate"]),
        "unknown encoding": reply(status, BODY, headers=["Content-Encoding: x-unknown"]),
        "length too small": reply(status, BODY, length=10),
        "length too large": reply(status, BODY, length=10_000),
        "length that is no number": reply(status, BODY, headers=["Content-Length: many"], length=-1),
        "two lengths": reply(status, BODY, headers=["Content-Length: 10"]),
        "no length": reply(status, BODY, length=-1),
        "HTTP/1.0": reply(status, BODY, version="HTTP/1.0", length=-1),
        "HTTP/9.9": reply(status, BODY, version="HTTP/9.9"),
        "continue first": b"HTTP/1.1 100 Continue\r\n\r\n" + reply(status, BODY),
        "early hints first": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + reply(status, BODY),
        "chunked": reply(status, chunks(BODY[:10], BODY[10:]), headers=[CHUNKED], length=-1),
        "chunked without an end": reply(status, chunks(BODY[:10], end=b""), headers=[CHUNKED], length=-1),
        "chunk with a wrong size": reply(status, b"zz\r\n" + BODY, headers=[CHUNKED], length=-1),
        "chunk cut short": reply(status, b"ff\r\n" + BODY, headers=[CHUNKED], length=-1),
        "chunked gzip cut short": reply(
            status, chunks(gzip.compress(BODY)[:30], end=b""), headers=[CHUNKED, GZIP], length=-1
        ),
        "not HTTP": b"SSH-2.0-OpenSSH_9.9\r\n",
        "status that is no number": b"HTTP/1.1 many Said\r\n\r\n",
        "headers without an end": b"HTTP/1.1 400 Said\r\nX: y",
        "a header line without a colon": reply(status, BODY, headers=["nonsense"]),
        "a header of 70 kB": reply(status, BODY, headers=["X: " + "y" * 70_000]),
        "300 headers": reply(status, BODY, headers=[f"X-{at}: y" for at in range(300)]),
        "latin-1 in a header": reply(status, BODY, headers=["X-Y: z"]).replace(b"z", b"\xe4\xff", 1),
        "redirect to itself": reply(302, headers=["Location: /redirect to itself"]),
        "redirect to a failure": reply(307, headers=["Location: /well"]),
        "redirect that is cut short": reply(302, BODY[:9], headers=["Location: /well"], length=80),
        "redirect to nowhere": reply(302, headers=["Location: http://[bad"]),
        "not modified": reply(304),
        "no content": reply(204),
    }


NAMES = sorted(faults(400))


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer() as server:
        yield server


def call(server: RawServer, name: str, way: Any, status: int, **options: Any) -> dict[str, Any]:
    """One call to a server with this fault, in this way; what it came to."""
    server.rewind({f"/{path.replace(' ', '%20')}": answer for path, answer in faults(status).items()})
    with requests.Session() as session:
        session.trust_env = False
        session.max_redirects = 3
        seconds = 0.5 if "too slow" in name else 20  # a busy machine is none of the faults
        with way(server.host, session):
            found = outcome(lambda: session.get(server.url(f"/{name}"), timeout=seconds, **options))
    found["calls"] = len(server.seen)
    return found


CASES = [
    pytest.param(name, status, stream, id=f"{name}-{status}-{'stream' if stream else 'read'}")
    for name in NAMES
    for status, stream in itertools.product((200, 400, 502), (False, True))
    if not (stream and ("slow" in name or status == 200))
]


@pytest.mark.parametrize(("name", "status", "stream"), CASES)
def test_the_same_answer_and_the_same_exception(server: RawServer, name: str, status: int, stream: bool) -> None:
    """Each fault gives the service the same answer, body, exception and chain of exceptions."""
    expected = call(server, name, bare, status, stream=stream)
    for way in WAYS.values():
        assert expected == call(server, name, way, status, stream=stream)


@pytest.mark.parametrize("name", NAMES)
def test_with_a_hook_that_raises(server: RawServer, name: str) -> None:
    """raise_for_status as a response hook raises the service's HTTPError, whatever state the body is in."""

    def hook(response: requests.Response, **_: Any) -> None:
        response.raise_for_status()

    expected = call(server, name, bare, 400, hooks={"response": hook})
    for way in WAYS.values():
        assert expected == call(server, name, way, 400, hooks={"response": hook})


@pytest.mark.parametrize("name", NAMES)
def test_with_a_hook_that_reads(server: RawServer, name: str) -> None:
    """A hook that reads the body, and swallows what that raises, sees what it sees without us."""

    def run(way: Any) -> Any:
        read: list[Any] = []

        def hook(response: requests.Response, **_: Any) -> None:
            for _again in range(2):
                try:
                    read.append(response.content)
                except Exception as error:
                    read.append(type(error))

        return call(server, name, way, 400, hooks={"response": [hook]}), read

    expected = run(bare)
    for way in WAYS.values():
        assert expected == run(way)


@pytest.mark.parametrize("name", [name for name in NAMES if "too slow" not in name])  # three times a second is enough
@pytest.mark.parametrize("raising", [True, False], ids=["raise", "return"])
def test_with_retries(server: RawServer, name: str, raising: bool) -> None:
    """urllib3's Retry tries as often, waits as long, and ends in the same answer or exception."""

    def run(way: Any) -> Any:
        def mounted(host: str, session: requests.Session) -> Any:
            retry = Retry(total=2, backoff_factor=0, status_forcelist=[502], raise_on_status=raising)
            session.mount(f"http://{host}/", HTTPAdapter(max_retries=retry))
            return way(host, session)

        return call(server, name, mounted, 502)

    expected = run(bare)
    for way in WAYS.values():
        assert expected == run(way)
