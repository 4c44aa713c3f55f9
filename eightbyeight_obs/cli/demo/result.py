"""What the two runs show when they are laid side by side, and whether the middleware kept its promises."""

from __future__ import annotations

from typing import Any, Final

from .scenarios import SCENARIOS, UNRELATED

__all__ = ["CHECKS", "compare"]

CHECKS: Final = {
    "every_failure_logged_with_its_code": "every failure of 8x8's has a log line with its 8x8.code",
    "every_event_has_its_code": "every Sentry event about 8x8 has its 8x8.code",
    "one_issue_per_code": "every code is one Sentry issue, and no issue holds two codes",
    "every_event_has_its_error_id": "every Sentry event whose answer had an errorId has it as 8x8.error_id",
    "unrelated_untouched": "the shop's own bug is logged and reported as if the middleware were not there",
}

_CODE: Final = "8x8.code"
_DESCRIPTION: Final = "8x8.description"
_ERROR_ID: Final = "8x8.error_id"


def compare(without: dict[str, Any], with_it: dict[str, Any]) -> dict[str, Any]:
    """Lay the results of ``one_pass.run_all`` side by side.

    Returns:
        ``cases`` (of each: ``without`` and ``with``, their ``logs`` and Sentry ``events``, and the
        ``ticket``), ``issues`` of both runs, ``checks`` by name, and ``lost``: events that ``--dsn`` could
        not deliver.
    """
    cases = []
    for case, left, right in zip(SCENARIOS, without["cases"], with_it["cases"], strict=True):
        cases.append(
            {
                "name": case.name,
                "code": case.code,
                "habit": case.habit,
                "without": _side(left),
                "with": _side(right),
                "ticket": right["tickets"][0] if right["tickets"] else None,
            }
        )
    return {
        "cases": cases,
        "issues": {"without": _issues(without), "with": _issues(with_it)},
        "checks": _checks(without, with_it),
        "lost": without["lost"] + with_it["lost"],
    }


def _side(case: dict[str, Any]) -> dict[str, Any]:
    events = [{key: value for key, value in event.items() if key != "whole"} for event in case["events"]]
    return {"logs": case["logs"], "events": events}


def _issues(run: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the issues in the order of their first event."""
    issues: dict[str, dict[str, Any]] = {}
    for case, result in zip(SCENARIOS, run["cases"], strict=True):
        for event in result["events"]:
            issue = issues.setdefault(
                event["issue"],
                {
                    "title": event["title"],
                    "events": 0,
                    "code": event["tags"].get(_CODE),
                    "description": event["tags"].get(_DESCRIPTION),
                    "error_ids": [],
                    "cases": [],
                },
            )
            issue["events"] += 1
            if event["tags"].get(_ERROR_ID):
                issue["error_ids"].append(event["tags"][_ERROR_ID])
            if case.name not in issue["cases"]:
                issue["cases"].append(case.name)
    return list(issues.values())


def _checks(without: dict[str, Any], with_it: dict[str, Any]) -> dict[str, bool]:
    logged = coded = quotable = True
    issue_of: dict[str, str] = {}
    code_of: dict[str, str] = {}
    apart = True
    untouched = False
    for case, left, right in zip(SCENARIOS, without["cases"], with_it["cases"], strict=True):
        if case.name == UNRELATED:
            untouched = _same(left, right)
            continue
        code = str(case.code)
        lines = [line for line in right["logs"] if line.get(_CODE) == code]
        logged = logged and bool(lines)
        error_id = lines[0].get(_ERROR_ID) if lines else None
        for event in right["events"]:
            coded = coded and event["tags"].get(_CODE) == code
            quotable = quotable and event["tags"].get(_ERROR_ID) == error_id
            apart = apart and issue_of.setdefault(code, event["issue"]) == event["issue"]
            apart = apart and code_of.setdefault(event["issue"], code) == code
    return dict(zip(CHECKS, (logged, coded, apart, quotable, untouched), strict=True))


def _same(left: dict[str, Any], right: dict[str, Any]) -> bool:
    def lines(case: dict[str, Any]) -> list[dict[str, Any]]:
        return [{key: value for key, value in line.items() if key != "timestamp"} for line in case["logs"]]

    return (
        bool(left["events"])
        and [event["whole"] for event in left["events"]] == [event["whole"] for event in right["events"]]
        and lines(left) == lines(right)
    )
