"""What a network can send: Hypothesis strategies for bodies, URLs and headers, from 8x8's own shapes to noise."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from eightbyeight_obs.core.endpoints import TEMPLATES
from eightbyeight_obs.core.hosts import HOSTS

NASTY = [
    "\x00",
    "\n",
    "\r\n8x8.code=9999",
    "\x1b[31mred\x1b[0m",
    "\u2028",
    "\u202egnp.exe",
    "\ud800",
    "<script>alert(1)</script>",
    "+65 9123 4567",
    "(65) 9123-4567",
    "Bearer abcdef0123456789",
    "\U0001f4a5",
    "{{ default }}",
    "%s %d {0}",
]
"""Pieces of text that have broken a log, a terminal, a page or a search somewhere."""


def texts(max_size: int = 200) -> st.SearchStrategy[str]:
    """Any text at all, lone surrogates included, often with a nasty piece in it."""
    anything = st.text(st.characters(), max_size=max_size)
    pieces = st.lists(st.one_of(st.sampled_from(NASTY), anything), max_size=6).map("".join)
    return st.one_of(anything, pieces)


def numbers() -> st.SearchStrategy[str]:
    """A number of 7 to 16 digits as people write it: single spaces, dots, dashes and brackets between."""
    digits = st.text("0123456789", min_size=7, max_size=16)
    return st.builds(
        lambda number, marks: "".join(
            digit + (marks[at % len(marks)] if marks and at + 1 < len(number) else "")
            for at, digit in enumerate(number)
        ),
        digits,
        st.lists(st.sampled_from(["", "", " ", ".", "-", "(", ")", "[", "]"]), max_size=7),
    )


def json_values() -> st.SearchStrategy[Any]:
    """Any JSON value, also the ones that Python's json reads though no standard has them (NaN)."""
    leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts(40))
    return st.recursive(
        leaves, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts(12), inner, max_size=4))
    )


def codes() -> st.SearchStrategy[Any]:
    """What stands under `code`: numbers, numbers as text, and everything that is none."""
    return st.one_of(
        st.sampled_from(
            [1002, 1300, 3999, 0, -1007, True, False, "1002", "-1007", "0", "01002", "1e3", " 1002", "", None]
        ),
        st.integers(),
        st.integers(min_value=10**9, max_value=10**400),
        json_values(),
    )


def envelopes() -> st.SearchStrategy[dict[str, Any]]:
    """An error body of 8x8's, the standard one or Voice's, with any field missing or of a wrong type."""
    value = json_values()
    return st.fixed_dictionaries(
        {},
        optional={
            "code": codes(),
            "message": st.one_of(texts(), value),
            "errorId": st.one_of(st.uuids().map(str), texts(), value),
            "timestamp": st.one_of(st.just("2018-08-04T09:25:40.9235752+00:00"), texts(30), value),
            "statusCode": codes(),
            "statusMessage": st.one_of(texts(), value),
            "sessionStatus": st.one_of(st.just("NOT_CREATED"), value),
            "callFlowRequestId": st.one_of(texts(), value),
            "requestId": st.one_of(texts(), value),
            "umid": st.one_of(texts(), value),
        },
    )


def rejections() -> st.SearchStrategy[dict[str, Any]]:
    """An answer of 2xx that may hold a rejection: a message, a batch, Lookup's or Voice's."""
    value = json_values()
    status = st.fixed_dictionaries(
        {},
        optional={
            "code": st.one_of(st.sampled_from(["REJECTED", "QUEUED"]), value),
            "description": st.one_of(texts(), value),
            "state": st.one_of(st.sampled_from(["rejected", "queued", "error", "ok"]), value),
            "errorCode": codes(),
            "errorMessage": st.one_of(texts(), value),
            "timestamp": texts(30),
        },
    )
    message = st.fixed_dictionaries(
        {}, optional={"umid": st.one_of(texts(), value), "status": st.one_of(status, value)}
    )
    batch = st.fixed_dictionaries(
        {},
        optional={
            "batchId": st.one_of(texts(), value),
            "acceptedCount": st.one_of(st.integers(), value),
            "rejectedCount": st.one_of(st.integers(), value),
            "messages": st.one_of(st.lists(st.one_of(message, value), max_size=5), value),
        },
    )
    return st.one_of(message, batch, envelopes(), st.builds(dict, envelopes(), status=status))


def bodies() -> st.SearchStrategy[bytes | str]:
    """A body: an envelope, a rejection, any JSON, HTML, text, bytes; whole, cut short or with a byte order mark."""
    written = st.builds(
        lambda value, ascii_only, indent: json.dumps(value, ensure_ascii=ascii_only, indent=indent),
        st.one_of(envelopes(), rejections(), json_values()),
        st.booleans(),
        st.sampled_from([None, 1]),
    )
    text = st.one_of(
        written,
        st.builds(lambda body, end: body[:end], written, st.integers(0, 200)),
        written.map("\ufeff".__add__),
        st.just("<html><body><h1>502 Bad Gateway</h1></body></html>"),
        texts(),
    )
    encoded = st.builds(
        lambda body, encoding: body.encode(encoding, "replace"), text, st.sampled_from(["utf-8", "utf-16", "latin-1"])
    )
    return st.one_of(text, encoded, st.binary(max_size=200))


def paths() -> st.SearchStrategy[str]:
    """A path of 8x8's with its placeholders filled by anything, or no such path."""
    segment = st.one_of(numbers(), texts(20).map(lambda text: text.replace("/", "")), st.uuids().map(str))

    def fill(template: str, values: list[str]) -> str:
        parts = template.split("/")
        return "/".join(values[at % len(values)] if part.startswith("{") else part for at, part in enumerate(parts))

    ours = st.builds(fill, st.sampled_from(TEMPLATES), st.lists(segment, min_size=1, max_size=4))
    return st.one_of(ours, st.lists(segment, max_size=8).map(lambda parts: "/" + "/".join(parts)))


def urls() -> st.SearchStrategy[str]:
    """A URL, mostly of 8x8's hosts, with user, port, query and fragment; or any text."""
    host = st.one_of(
        st.sampled_from(sorted(HOSTS)), st.sampled_from(["api.8x8.com", "sms.8x8.com.evil.example", "[::1]"]), texts(20)
    )
    built = st.builds(
        "{}://{}{}{}{}{}".format,
        st.sampled_from(["https", "http", "HTTPS"]),
        st.sampled_from(["", "", "user:secret@"]),
        host,
        st.sampled_from(["", "", ":443", ":8443", ":", ":x"]),
        paths(),
        st.sampled_from(["", "?code=123456", "#fragment", "?a=/b?c#d"]),
    )
    return st.one_of(built, texts())


def headers() -> st.SearchStrategy[dict[str, str]]:
    """Headers of an answer: mostly Retry-After, in every form that it has and some that it has not."""
    retry = st.one_of(
        st.sampled_from(["1", "0", "120", " 5 ", "-1", "1.5", "soon", "", "9" * 400, "Fri, 31 Dec 1999 23:59:59 GMT"]),
        texts(60),
    )
    return st.fixed_dictionaries({}, optional={"Retry-After": retry, "Content-Type": texts(30), "Upgrade": texts(10)})
