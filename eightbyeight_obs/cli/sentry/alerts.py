"""The alerts, as Sentry's workflows: a new code, a bad key, a rate limit, errors at 8x8.

Workflows, because the older endpoint of alert rules answers 410 since May 2026 and is gone from the published API.
Conditions and intervals are those of ``STANDARD_INTERVALS`` and of the schema's own examples (0.272.0, 2026-08-16).
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["alerts"]

_PREFIX: Final = "8x8: "
_MINUTES: Final = 60  # between two notifications about the same issue
_NEW: Final = ("first_seen_event", "regression_event", "reappeared_event")
# What Sentry suggests: the owners of the issue, and where it has none, the active members.
_NOTIFY: Final[dict[str, Any]] = {
    "type": "email",
    "integrationId": None,
    "data": {"fallthroughType": "ActiveMembers"},
    "config": {"targetType": "issue_owners", "targetDisplay": None, "targetIdentifier": ""},
    "status": "active",
}


def alerts(detectors: tuple[int, ...] = (), environment: str | None = None) -> list[dict[str, Any]]:
    """Return the bodies that Sentry's workflow endpoint accepts, one per alert.

    Args:
        detectors: Numbers of the project's monitors that find errors; without any an alert sees no issue.
        environment: Only this one; None for all.
    """
    known = _tag("8x8.code", "is")
    return [
        _alert("a failure that was not there before", _NEW, "all", [known], detectors, environment),
        _alert(
            "API key or permission refused",
            _NEW,
            "any-short",
            [_tag("8x8.category", "eq", "authentication"), _tag("8x8.category", "eq", "authorization")],
            detectors,
            environment,
        ),
        _alert(
            "rate limit, 50 times an hour",
            (),
            "all",
            [_tag("8x8.category", "eq", "rate_limit"), _more_than(50)],
            detectors,
            environment,
        ),
        _alert(
            "errors at 8x8, 20 times an hour",
            (),
            "all",
            [_tag("8x8.category", "eq", "server"), _more_than(20)],
            detectors,
            environment,
        ),
    ]


def _alert(
    name: str,
    triggers: tuple[str, ...],
    logic: str,
    conditions: list[dict[str, Any]],
    detectors: tuple[int, ...],
    environment: str | None,
) -> dict[str, Any]:
    """Return one workflow. Without triggers it looks at every event, as a count needs."""
    return {
        "name": _PREFIX + name,
        "enabled": True,
        "environment": environment,
        "detector_ids": list(detectors),
        "config": {"frequency": _MINUTES},
        "triggers": {
            "logic_type": "any-short",
            "conditions": [{"type": kind, "comparison": True, "conditionResult": True} for kind in triggers],
        },
        "action_filters": [{"logicType": logic, "conditions": conditions, "actions": [dict(_NOTIFY)]}],
    }


def _tag(key: str, match: str, value: str | None = None) -> dict[str, Any]:
    comparison = {"key": key, "match": match, **({} if value is None else {"value": value})}
    return {"type": "tagged_event", "comparison": comparison, "conditionResult": True}


def _more_than(count: int) -> dict[str, Any]:
    return {
        "type": "event_frequency_count",
        "comparison": {"value": count, "interval": "1h"},
        "conditionResult": True,
    }
