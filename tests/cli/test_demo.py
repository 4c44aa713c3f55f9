"""The demo: what it shows is what happened, without and with the middleware."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eightbyeight_obs.cli.demo import command as demo_command
from eightbyeight_obs.cli.demo.result import CHECKS, compare
from eightbyeight_obs.cli.demo.scenarios import SCENARIOS, UNRELATED

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    """What the demo found, from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "eightbyeight_obs", "demo", "--json"],
        capture_output=True, check=False, cwd=ROOT, timeout=120,
    )  # fmt: skip
    assert (0, b"") == (done.returncode, done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_promise_holds(result: dict[str, Any]) -> None:
    """The demo checks what the middleware promises, and it holds."""
    assert dict.fromkeys(CHECKS, True) == result["checks"]


def test_codes_in_the_log(result: dict[str, Any]) -> None:
    """With the middleware, each case's log lines have the code that 8x8 meant; the unrelated one has none."""
    expected = [{case.code} for case in SCENARIOS]
    assert expected == [{line.get("8x8.code") for line in case["with"]["logs"]} for case in result["cases"]]


def test_without_knows_nothing(result: dict[str, Any]) -> None:
    """Without the middleware, no line and no event has a key of ours."""
    lines = [line for case in result["cases"] for line in case["without"]["logs"]]
    tags = [event["tags"] for case in result["cases"] for event in case["without"]["events"]]
    assert [] == [key for seen in lines + tags for key in seen if key.startswith("8x8")]


def test_one_issue_per_code(result: dict[str, Any]) -> None:
    """With the middleware each code that reached Sentry is one issue, however often and wherever it happened."""
    issues = {issue["code"]: issue["events"] for issue in result["issues"]["with"]}
    expected = {
        "1002": 2, "1001": 1, "1200": 2, "1300": 1, "429": 2, "2000": 1, "http-502": 1, None: 1, "3038": 1, "-1007": 1,
        "ReadTimeout": 1, "1404": 1,
    }  # fmt: skip
    assert expected == issues


def test_without_causes_share_an_issue(result: dict[str, Any]) -> None:
    """Without the middleware the wrong number, the unknown sub-account and the bad key are one issue."""
    assert ["wrong number", "unknown sub-account", "bad API key"] == result["issues"]["without"][0]["cases"]


def test_titles(result: dict[str, Any]) -> None:
    """A certain event's title says what 8x8 meant."""
    titles = {issue["code"]: issue["title"] for issue in result["issues"]["with"]}
    assert (
        "HTTPError: 8x8 1002 Invalid MSISDN (HTTP 400, POST 127.0.0.1/api/v1/subaccounts/{subAccountId}/messages)"
        == titles["1002"]
    )


def test_silent_rejection(result: dict[str, Any]) -> None:
    """The rejection that nobody looked at is not in the log without the middleware, and is one line with it."""
    case = next(case for case in result["cases"] if case["code"] == "rejected")
    assert ([], ["8x8.rejected"]) == (case["without"]["logs"], [line["event"] for line in case["with"]["logs"]])


def test_ticket(result: dict[str, Any]) -> None:
    """The ticket has the errorId of the log line, and no digit of the phone number."""
    case = result["cases"][0]
    ticket = case["ticket"]
    assert f"errorId:       {case['with']['logs'][0]['8x8.error_id']}" in ticket
    assert "2025550" not in ticket


def test_nothing_private(result: dict[str, Any]) -> None:
    """What the middleware added holds no number that was called, no password and no key."""
    added = [
        value
        for case in result["cases"]
        for line in case["with"]["logs"]
        for key, value in line.items()
        if key.startswith("8x8")
    ]
    private = ("2025550", "482913", "demo-key", "Bearer")
    assert [] == [value for value in added if any(secret in str(value) for secret in private)]


@pytest.mark.parametrize("moment", ["first", "middle", "last"])
def test_any_start_up_order(moment: str, result: dict[str, Any]) -> None:
    """Issues and log keys are the same wherever install() stands in the start-up."""
    done = subprocess.run(
        [sys.executable, "-c", f"from eightbyeight_obs.cli.demo.one_pass import main; main([{moment!r}])"],
        capture_output=True, check=False, cwd=ROOT, timeout=120,
    )  # fmt: skip
    assert (0, b"") == (done.returncode, done.stderr)
    cases = json.loads(done.stdout)["cases"]
    expected = [
        ([line.get("8x8.code") for line in case["with"]["logs"]], [e["fingerprint"] for e in case["with"]["events"]])
        for case in result["cases"]
    ]
    assert expected == [
        ([line.get("8x8.code") for line in case["logs"]], [e["fingerprint"] for e in case["events"]]) for case in cases
    ]


def test_switch_and_proxy_of_the_machine_do_not_count(command: Callable[..., Any]) -> None:
    """The demo shows the middleware even where the machine's environment turns it off or has a proxy."""
    ran = command(
        "demo", "--json", EIGHTBYEIGHT_OBS="off", HTTP_PROXY="http://127.0.0.1:9", SENTRY_DSN="http://k@127.0.0.1:9/1"
    )
    assert (0, True) == (ran.code, json.loads(ran.out)["checks"]["every_failure_logged_with_its_code"])


@pytest.fixture
def canned(result: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The demo's result, without running it again."""
    copy: dict[str, Any] = json.loads(json.dumps(result))
    monkeypatch.setattr(demo_command, "_run", lambda dsns: copy)
    return copy


def test_pages(cli: Callable[..., Any], canned: dict[str, Any]) -> None:
    """The terminal shows both sides, the ticket and the checks, without a colour in a pipe."""
    ran = cli("demo")
    assert (0, "") == (ran.code, ran.err)
    for piece in ("WITHOUT: 12 issues", "WITH: 12 issues", "(not a word)", "Subject: 8x8 1002", "8x8.code=6000"):
        assert piece in ran.out
    assert "\x1b" not in ran.out
    assert len(CHECKS) == ran.out.count("\nyes ")


def test_full(cli: Callable[..., Any], canned: dict[str, Any]) -> None:
    """--full shows the lines as they were written."""
    assert '"8x8.endpoint": "POST /api/v1/subaccounts/{subAccountId}/messages"' in " ".join(
        cli("demo", "--full").out.split()
    )


def test_a_broken_promise(cli: Callable[..., Any], canned: dict[str, Any]) -> None:
    """A check that fails is named, and the exit code says so."""
    canned["checks"]["unrelated_untouched"] = False
    ran = cli("demo")
    assert 1 == ran.code
    assert "it does not hold that " + CHECKS["unrelated_untouched"] in ran.err
    assert "\nNO " in ran.out


def test_events_that_did_not_arrive(cli: Callable[..., Any], canned: dict[str, Any]) -> None:
    """Events that --dsn could not deliver are counted, and the exit code is that of something missing."""
    canned["lost"] = 3
    ran = cli("demo", "--dsn", "https://key@127.0.0.1/1")
    assert (3, True) == (ran.code, "3 events could not be delivered" in ran.err)


def test_no_dsn(cli: Callable[..., Any]) -> None:
    """A DSN that is none is refused before anything runs."""
    ran = cli("demo", "--dsn", "sentry.example/1")
    assert (2, "") == (ran.code, ran.out)
    assert "'sentry.example/1' is no Sentry DSN" in ran.err


def _run_of(code: str | None, unrelated: str = "same") -> dict[str, Any]:
    """Make up a run in which every event has this code, or the right one for None."""
    cases = []
    for case in SCENARIOS:
        right = case.code if code is None else code
        tags = {"8x8.code": right} if case.name != UNRELATED else {}
        event = {"issue": f"issue {right}", "title": "t", "tags": tags, "whole": {"title": unrelated}}
        cases.append({"logs": [{"event": "e", **tags}], "events": [event], "tickets": []})
    return {"cases": cases, "lost": 0}


def test_checks_hold_for_a_good_run() -> None:
    """A run in which each event has its own code passes every check."""
    assert set(compare(_run_of(None), _run_of(None))["checks"].values()) == {True}


def test_checks_see_wrong_codes() -> None:
    """Events with another code than 8x8 sent, or one code for all, fail the checks."""
    checks = compare(_run_of(None), _run_of("1300"))["checks"]
    assert [False, False, True, True] == [
        checks["every_failure_logged_with_its_code"],
        checks["every_event_has_its_code"],
        checks["every_event_has_its_error_id"],
        checks["unrelated_untouched"],
    ]


def test_checks_see_a_touched_stranger() -> None:
    """An unrelated event that looks different with the middleware fails the check."""
    assert not compare(_run_of(None), _run_of(None, "changed"))["checks"]["unrelated_untouched"]
