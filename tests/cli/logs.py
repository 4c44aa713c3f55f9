"""Log lines as services and what runs them write them."""

from __future__ import annotations

import json
from typing import Any

FIRST = "1cc1eda1-f5dd-ea11-8288-0263195dd35a"
SECOND = "b4478860-b76c-e811-814e-022a35cc1c71"
THIRD = "c8a41b47-57bf-ea11-8273-00155d466a31"
EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
OTHER = '{"event": "request.finished", "level": "info", "url": "https://sms.8x8.com/api/v1/subaccounts/a/messages"}'


def facts(code: str = "1002", error_id: str | None = FIRST, **more: Any) -> dict[str, Any]:
    """The keys of one failure."""
    keys = {
        "8x8.code": code,
        "8x8.registry": "api",
        "8x8.description": "Invalid MSISDN",
        "8x8.category": "validation",
        "8x8.retryable": False,
        "8x8.error_id": error_id,
        "8x8.http_status": 400,
        "8x8.product": "sms",
        "8x8.region": "apac",
        "8x8.endpoint": "POST /api/v1/subaccounts/{subAccountId}/messages",
        "8x8.sub_account": "Acme_hq",
        **{name.replace("__", "."): value for name, value in more.items() if name.startswith("8x8")},
    }
    return {key: value for key, value in keys.items() if value is not None}


def line(
    code: str = "1002",
    error_id: str | None = FIRST,
    event: str = "8x8.error_response",
    at: str = "2026-11-21T22:33:41.123456Z",
    **more: Any,
) -> str:
    """One line of structlog's JSONRenderer."""
    return json.dumps({"event": event, "level": "warning", "timestamp": at, **facts(code, error_id), **more})


def three_days() -> list[str]:
    """42 failures of three days: 40 of the code 1002, a 429, and a hostile one."""
    days = [
        line(error_id=f"{FIRST[:-2]}{number:02}", at=f"2026-11-{1 + number % 3:02}T10:00:00Z") for number in range(40)
    ]
    more = {"8x8.category": "rate_limit", "8x8.description": "Quota exceeded", "8x8.retryable": True}
    days.append(line("429", THIRD, at="2026-11-03T12:00:00Z", **more))
    evil = {"8x8.endpoint": f"GET /{EVIL}", "8x8.sub_account": "__proto__", "8x8.product": EVIL}
    days.append(line("2000", SECOND, at="2026-11-02T10:00:00Z", **evil, **{"8x8.description": EVIL}))
    return days
