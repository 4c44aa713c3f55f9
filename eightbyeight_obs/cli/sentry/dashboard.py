"""The dashboard: which codes, how many, where, and what is new.

Keys and limits are those of Sentry's published API schema (0.272.0, 2026-08-16): a grid of six columns, rows of ten
at most, ``fields`` and ``conditions`` in every query.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["TITLE", "dashboard"]

TITLE: Final = "8x8 errors"
_ALL: Final = "has:8x8.code"
_AUTHENTICATION: Final = "8x8.category:[authentication, authorization]"
_COUNT: Final = "count()"


def dashboard(title: str = TITLE, projects: tuple[int, ...] = ()) -> dict[str, Any]:
    """Return the body that Sentry's dashboard endpoint accepts.

    Args:
        title: Of the dashboard.
        projects: Numbers of projects to look at; none for all of the organisation's.
    """
    widgets = [
        _number("Failures", _ALL, x=0, y=0),
        _number("Authentication failures", _AUTHENTICATION, x=1, y=0),
        _number("Rate limits", "8x8.category:rate_limit", x=0, y=1),
        _number("Errors at 8x8", "8x8.category:server", x=1, y=1),
        _chart("Failures by code", "8x8.code", _ALL, x=2, y=0, w=4),
        _table(
            "Codes",
            {"8x8.code": "Code", "8x8.registry": "Registry", "8x8.description": "Meaning", "8x8.category": "Category"},
            {_COUNT: "Failures", "count_unique(user)": "Users", "last_seen()": "Last seen"},
            _ALL, x=0, y=2, w=6,
        ),
        _issues("New this week", "is:unresolved has:8x8.code firstSeen:-7d", x=0, y=5, w=3),
        _chart("Authentication failures by product", "8x8.product", _AUTHENTICATION, x=3, y=5, w=3),
        _chart("Errors at 8x8 by region", "8x8.region", "8x8.category:server", x=0, y=8, w=3),
        _table(
            "Rate limits by endpoint",
            {"8x8.endpoint": "Endpoint"},
            {_COUNT: "Failures", "last_seen()": "Last seen"},
            "8x8.category:rate_limit", x=3, y=8, w=3,
        ),
        _table(
            "To quote to 8x8's support",
            {"8x8.error_id": "errorId", "8x8.code": "Code", "8x8.endpoint": "Endpoint"},
            {"last_seen()": "Seen"},
            "has:8x8.error_id", x=0, y=11, w=6, order="-last_seen()",
        ),
    ]  # fmt: skip
    return {
        "title": title,
        "projects": list(projects),
        "environment": [],
        "period": "14d",
        "filters": {},
        "widgets": widgets,
    }


def _number(title: str, conditions: str, *, x: int, y: int) -> dict[str, Any]:
    query = _query([], [_COUNT], [], conditions, "")
    return _widget(title, "big_number", "error-events", query, {"x": x, "y": y, "w": 1, "h": 1, "min_h": 1}, None)


def _chart(title: str, column: str, conditions: str, *, x: int, y: int, w: int) -> dict[str, Any]:
    query = _query([column], [_COUNT], ["", ""], conditions, f"-{_COUNT}")
    return _widget(title, "bar", "error-events", query, _place(x, y, w), 10)


def _table(
    title: str,
    columns: dict[str, str],
    aggregates: dict[str, str],
    conditions: str,
    *,
    x: int,
    y: int,
    w: int,
    order: str = f"-{_COUNT}",
) -> dict[str, Any]:
    names = [*columns.values(), *aggregates.values()]
    query = _query(list(columns), list(aggregates), names, conditions, order)
    return _widget(title, "table", "error-events", query, _place(x, y, w), 10)


def _issues(title: str, conditions: str, *, x: int, y: int, w: int) -> dict[str, Any]:
    query = _query(["issue", "title", "assignee", "events", "firstSeen"], [], [], conditions, "new")
    return _widget(title, "table", "issue", query, _place(x, y, w), 10)


def _place(x: int, y: int, w: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": w, "h": 3 if y else 2, "min_h": 2}


def _query(columns: list[str], aggregates: list[str], names: list[str], conditions: str, order: str) -> dict[str, Any]:
    return {
        "name": "",
        "fields": [*columns, *aggregates],
        "columns": columns,
        "aggregates": aggregates,
        "field_aliases": names,
        "conditions": conditions,
        "orderby": order,
    }


def _widget(
    title: str, display: str, kind: str, query: dict[str, Any], layout: dict[str, int], limit: int | None
) -> dict[str, Any]:
    return {
        "title": title,
        "display_type": display,
        "widget_type": kind,
        "interval": "1h",
        "queries": [query],
        "layout": layout,
        **({} if limit is None else {"limit": limit}),
    }
