"""Breadcrumbs of an event about 8x8: calls to 8x8 as templates, the service's own with what is theirs."""

from __future__ import annotations

from typing import Any

import pytest

from eightbyeight_obs.sinks.scrubbing import scrub_event

URL = "https://verify.8x8.com/api/v2/subaccounts/Acme/sessions/f2ea5276-a824-e711-8146-022a22cc1c71"
TEMPLATE = "https://verify.8x8.com/api/v2/subaccounts/{subAccountId}/sessions/{sessionId}"
OWN = {"8x8.code": "1002", "8x8.registry": "api", "8x8.error_id": "b4478860-b76c-e811-814e-022a35cc1c71"}


def scrubbed(crumb: dict[str, Any]) -> dict[str, Any]:
    """One breadcrumb after scrubbing."""
    event = {"breadcrumbs": {"values": [crumb]}}
    scrub_event(event)
    found: dict[str, Any] = event["breadcrumbs"]["values"][0]
    return found


@pytest.mark.parametrize(
    ("crumb", "expected"),
    [
        pytest.param(
            {"type": "http", "data": {"url": URL, "http.method": "GET", "http.query": "code=1", "http.fragment": "x"}},
            {"type": "http", "data": {"url": TEMPLATE, "http.method": "GET"}},
            id="a call to 8x8",
        ),
        pytest.param(
            {"type": "http", "data": {"url": "https://example.com/a", "http.query": "code=1"}},
            {"type": "http", "data": {"url": "https://example.com/a", "http.query": "code=1"}},
            id="a call to somebody else",
        ),
        pytest.param(
            {"category": "8x8", "message": "8x8 1002 Invalid MSISDN", "data": OWN},
            {"category": "8x8", "message": "8x8 1002 Invalid MSISDN", "data": OWN},
            id="our own",
        ),
        pytest.param(
            {"category": "8x8", "message": f"calling {URL}?code=1", "data": {}},
            {"category": "8x8", "message": f"calling {TEMPLATE}", "data": {}},
            id="the service's, under the same category",
        ),
        pytest.param(
            {"category": "shop", "message": f"calling {URL}?code=1", "data": {"order": 17, **OWN}},
            {"category": "shop", "message": f"calling {TEMPLATE}", "data": {"order": 17}},
            id="a log line with our keys",
        ),
        pytest.param(
            {"message": "calling", "data": {"url": f"{URL}?code=1", "headers": {"Authorization": "abc"}}},
            {"message": "calling", "data": {"url": TEMPLATE, "headers": {"Authorization": "[Filtered]"}}},
            id="a log line with a URL and headers",
        ),
        pytest.param({"message": "hello", "data": {"a": [1, None]}}, {"message": "hello", "data": {"a": [1, None]}}),
    ],
)
def test_each_kind_of_breadcrumb(crumb, expected):
    """What names the call goes, the rest stays; the scope's own breadcrumb is not changed."""
    before = repr(crumb)
    assert expected == scrubbed(crumb)
    assert before == repr(crumb)
