"""Whole programs: real uncaught exceptions, forked workers, greenlets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from . import loopback

PROGRAMS = Path(__file__).parent / "programs"
TITLE = "8x8 1002 Invalid MSISDN (HTTP 400, POST 127.0.0.1/api/v1/subaccounts/{subAccountId}/messages)"


def told(program: str, *arguments: str) -> list[dict[str, Any]]:
    """Run a program to its end, whatever that is, and return what it told."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, str(PROGRAMS / program), *arguments, json.dumps(loopback.hosts())]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines, done.stderr
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("shape", "grade", "value"),
    [
        ("chained", "certain", f"{TITLE}: order 17 was not sent"),
        ("thread", "certain", f"{TITLE}: order 17 was not sent"),
        ("held", "likely", "order 17 was not sent"),
        ("task", "likely", "'umid'"),
        ("module", "likely", "'umid'"),
    ],
)
def test_an_uncaught_exception_has_its_code(shape: str, grade: str, value: str):
    """What Sentry's excepthook sends is attributed like anything else."""
    loopback.forget()
    (report,) = told("uncaught.py", shape, loopback.url("1002"))
    (event,) = report["events"]
    (answer,) = loopback.answers()
    assert (grade, "1002", answer.error_id) == tuple(
        event["tags"][f"8x8.{key}"] for key in ("match", "code", "error_id")
    )
    assert value == event["values"][-1]["value"]
    assert not [
        name for name in event["functions"] if name in ("dispatch_hook", "drain_conn", "filter", "process_event")
    ]


def test_an_uncaught_exception_about_something_else_is_untouched():
    """A failure that was handled earlier leaves no trace in it."""
    (report,) = told("uncaught.py", "unrelated", loopback.url("1002"))
    (event,) = report["events"]
    assert [{"type": "ZeroDivisionError", "value": "something else"}] == event["values"]
    assert ({}, None) == (event["tags"], event["fingerprint"])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_workers_forked_after_install_report_their_own_failures():
    """Children and parent each attribute what they sent, and nothing of the others."""
    reports = told("forked.py", loopback.url("ANSWER"))
    assert ["1002", "1300", "2000"] == [report["answer"] for report in reports]
    assert 3 == len({report["pid"] for report in reports})
    for report in reports:
        assert [report["answer"]] == [line["8x8.code"] for line in report["lines"]]
        assert [report["answer"]] == [line["8x8.code"] for line in report["own"]]
        assert [("likely", report["answer"]), ("certain", report["answer"])] == [
            (event["tags"]["8x8.match"], event["tags"]["8x8.code"]) for event in report["events"]
        ]


def test_greenlets_do_not_mix_their_failures():
    """Ten greenlets in one thread: every line and every event has the code and errorId of its own response."""
    (report,) = told("greenlets.py", loopback.url("ANSWER"))
    assert 40 == len(report["lines"])
    assert [line["text"] for line in report["lines"]] == [
        f"held {line['8x8.code']} {line['8x8.error_id']}" for line in report["lines"]
    ]
    captured = [event for event in report["events"] if "expected" in event["tags"]]
    assert 40 == len(captured)
    assert [event["tags"]["expected"] for event in captured] == [
        f"{event['tags']['8x8.code']} {event['tags']['8x8.error_id']}" for event in captured
    ]


def test_greenlets_that_drop_their_failures_are_captured():
    """The thread that sends them is a greenlet there: it keeps no other one waiting, and ends with ``uninstall()``."""
    (report,) = told("dropped.py", loopback.url("ANSWER"))
    assert [] == report["lines"]
    assert ["1002", "1300", "1400", "2000"] == sorted(event["tags"]["8x8.code"] for event in report["events"])
    assert ["certain"] * 4 == [event["tags"]["8x8.match"] for event in report["events"]]
