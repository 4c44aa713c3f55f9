"""What can reach a webhook: 8x8's shapes with anything in any place, and noise. Hypothesis strategies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import webhook_bodies as bodies
from hypothesis import strategies as st
from strategies import codes, json_values, numbers, texts

SHAPES: list[dict[str, Any]] = [
    bodies.sms(),
    bodies.chatapps(),
    bodies.chatapps(version=None),
    bodies.legacy("TRASHED", error=401),
    bodies.session(),
    bodies.recording("UPLOAD_FAILED"),
    bodies.template(status="REJECTED", reason="SCAM"),
    bodies.account("ACCOUNT_VIOLATION", violationInfo={"violationType": "USER_INITIATED_CALLS_LOW_PICKUP_RATE"}),
]

STATES = st.sampled_from(
    ["undelivered", "rejected", "failed", "error", "queued", "delivered", "TRASHED", "REJECTED BY CARRIER", "ERROR"]
)


GONE = object()
"""Marks a field that is taken away."""


def webhooks() -> st.SearchStrategy[dict[str, Any]]:
    """One of 8x8's webhooks in which up to four fields are missing or hold anything."""
    value = st.one_of(STATES, st.just(GONE), codes(), texts(60), numbers(), json_values())
    return st.builds(altered, st.sampled_from(SHAPES), st.lists(st.tuples(st.integers(0, 40), value), max_size=4))


def altered(shape: dict[str, Any], changes: list[tuple[int, Any]]) -> dict[str, Any]:
    """A copy of a webhook with the given fields changed; a field is named by its place in reading order."""
    copy = deepcopy(shape)
    for place, value in changes:
        fields = list(_fields(copy))
        if not fields:
            return copy
        parent, name = fields[place % len(fields)]
        if value is GONE:
            del parent[name]
        else:
            parent[name] = deepcopy(value)
    return copy


def _fields(value: Any) -> Iterator[tuple[dict[str, Any], str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield value, name
            yield from _fields(inner)


def written() -> st.SearchStrategy[bytes | str]:
    """A webhook as text or bytes: whole, cut short, in several encodings; or no webhook at all."""
    text = st.builds(json.dumps, st.one_of(webhooks(), json_values()), ensure_ascii=st.booleans())
    cut = st.builds(lambda body, end: body[:end], text, st.integers(0, 400))
    encoded = st.builds(
        lambda body, name: body.encode(name, "replace"), text, st.sampled_from(["utf-8", "utf-16", "utf-32", "latin-1"])
    )
    return st.one_of(text, cut, encoded, texts(), st.binary(max_size=200))


def content_types() -> st.SearchStrategy[Any]:
    """A Content-Type, or what some framework gives instead."""
    return st.one_of(
        st.none(),
        st.sampled_from(["application/json", "text/xml; charset=utf-8", "application/xml", "application/x+xml", ""]),
        texts(40),
        st.integers(),
    )


def xml_documents() -> st.SearchStrategy[str]:
    """XML of 8x8's elements in any order and depth, with text, entities and markup in between."""
    name = st.sampled_from(["root", "namespace", "payload", "status", "state", "errorCode", "umid", "a"])
    text = st.one_of(
        st.sampled_from(
            ["SMS", "outbound_message_status_changed", "undelivered", "15", "&amp;", "&#0;", "&evil;", "<"]
        ),
        texts(20),
    )
    element = st.recursive(
        text,
        lambda inner: st.builds(
            lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", name, st.lists(inner, max_size=4)
        ),
    )
    heads = ["", '<?xml version="1.0"?>', '<!DOCTYPE a [<!ENTITY evil "x">]>', "\ufeff", '<?xml encoding="utf-16"?>']
    return st.builds("{}{}".format, st.sampled_from(heads), element)
