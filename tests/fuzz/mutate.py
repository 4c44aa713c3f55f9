"""One input from a number: a documented answer with a few things wrong. The same number gives the same input."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from strategies import NASTY

from tests.fuzz.corpus import TOKENS, seeds, urls

__all__ = ["Input", "make"]

_VALUES: tuple[Any, ...] = (
    *NASTY,
    *(None, True, False, 0, -1, 1.5, float("nan"), float("inf"), 10**18, 6591234567, 10**400, 1002, "1002", -1007, 15),
    *("", " ", "9" * 30, "1" * 3000, "+65 (91) 23-45.67", "６５９１２３４５６７", "a" * 5000, "e 6591234567", "\ud83d"),
    *({}, [], [[]], {"a": {"a": {}}}, ["6591234567"] * 3, {"code": 1002}, "{{ default }}", "\u2066x\u2069", "\x9b31m"),
    *("2018-08-04T09:25:40.9235752+00:00", "2018-08-04T6591234567", "Bearer abcdef0123456789", "&lt;b&gt;", "\x85"),
)
_STATUSES = (200, 201, 207, 400, 401, 403, 404, 409, 429, 499, 500, 502, 503, 599, 600, 999, 100, 304)
_TYPES = (None, None, "application/json", "text/xml", "application/xml; charset=utf-16", "\x00")
_RETRY = (None, None, "1", "9" * 400, "Fri, 31 Dec 1999 23:59:59 GMT", "6591234567", "-1", "\r\n1", "１２")
_LARGE = 400  # one input in so many is repeated until it is large


@dataclass(frozen=True, slots=True)
class Input:
    """What one round of fuzzing puts in, at every entrance."""

    status: int
    body: bytes
    url: str
    method: str
    content_type: str | None
    retry_after: str | None

    def data(self) -> dict[str, Any]:
        """The input as it is kept in a file of JSON; the body character by character."""
        return asdict(self) | {"body": self.body.decode("latin-1")}


def make(number: int) -> Input:
    """The input of this number."""
    random = Random(number)
    status, seed = random.choice(seeds())
    if random.random() < 0.3:
        status = random.choice(_STATUSES)
    if isinstance(seed, str):
        body = seed.encode()
    else:
        value = _altered(random, deepcopy(seed)) if random.random() < 0.9 else seed
        body = _written(random, value)
    if random.random() < 0.3:
        body = _spoiled(random, body)
    if random.randrange(_LARGE) == 0 and body:
        body *= random.choice((20, 200, 300_000 // len(body) + 1))
    url = random.choice(urls())
    if random.random() < 0.2:
        at = random.randrange(len(url))
        url = url[:at] + str(random.choice(_VALUES)) + url[at + random.randrange(3) :]
    method = random.choice(("POST", "GET", "post", "P\nT", ""))
    return Input(status, body, url, method, random.choice(_TYPES), random.choice(_RETRY))


def _altered(random: Random, value: Any) -> Any:
    """Change one to four places of a JSON value."""
    for _ in range(random.randint(1, 4)):
        places = list(_places(value))
        if not places:
            return random.choice(_VALUES)
        parent, key = random.choice(places)
        what = random.random()
        if what < 0.1 and isinstance(parent, dict):
            del parent[key]
        elif what < 0.2 and isinstance(parent, dict):
            parent[random.choice(TOKENS)] = parent[key]
        elif what < 0.35:
            parent[key] = f"{parent[key]}{random.choice(_VALUES)}"[:10_000]
        elif what < 0.45:
            parent[key] = random.choice(TOKENS)
        else:
            parent[key] = deepcopy(random.choice(_VALUES))
    return value


def _places(value: Any, depth: int = 6) -> Any:
    if depth and isinstance(value, (dict, list)):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key], depth - 1)


def _written(random: Random, value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=random.random() < 0.5, indent=random.choice((None, None, 1)))
    encoding = random.choice(("utf-8", "utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"))
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")


def _spoiled(random: Random, body: bytes) -> bytes:
    """Cut, double, flip or insert, without a thought for the format."""
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(body) + 1)
        end = min(len(body), at + random.randint(0, 40))
        piece = random.choice(
            (
                b"",
                body[at:end] * 2,
                bytes(random.randrange(256) for _ in range(random.randrange(4))),
                str(random.choice(_VALUES)).encode("utf-8", "surrogatepass"),
                random.choice(TOKENS).encode(),
                random.choice((b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b"\r\n\r\n", b"<", b"&")),
            )
        )
        body = body[:at] + piece + body[end if random.random() < 0.7 else at :]
    return body
