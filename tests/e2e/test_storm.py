"""Eight threads whose every call to 8x8 fails, with and without the middleware: what it costs, and what holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.e2e.storm_servers import Servers, failure

SECONDS = os.environ.get("STORM_SECONDS")
RATE = 5000
EVERY = (1, 100)
"""Every failure is reported, as most services do; or one of a hundred, so that Sentry's SDK is not what it is about."""
STUCK = 2
"""Places in the queue of Sentry's SDK while Sentry is stuck: then nearly all events are dropped."""
ORDER = ("without", "with", "with", "without")  # paired, so that a slow minute of the machine hits both
if "STORM_REPORT" not in os.environ:
    ORDER = ORDER[:2]

pytestmark = pytest.mark.skipif(SECONDS is None, reason="`nox -s storm` makes the storm")


class Run(NamedTuple):
    """One storm.

    Attributes:
        every: Of how many failures one is reported.
        mode: ``"with"`` or ``"without"`` the middleware.
        figures: What the service measured.
        events: What arrived at Sentry.
        dropped: What the SDK told that it dropped.
        queue: How many events the SDK may keep for sending.
    """

    every: int
    mode: str
    figures: dict[str, Any]
    events: list[dict[str, Any]]
    dropped: int
    queue: int


def storm(mode: str, every: int, queue: int = 100) -> Run:
    """Make one storm."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDEVMODE"}
    with Servers() as servers:
        command = [sys.executable, "-m", "tests.e2e.storm_service", mode, str(servers.port), str(SECONDS), str(RATE)]
        said = subprocess.run(
            [*command, str(every), str(queue)],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, said.stderr[-3000:]
        return Run(every, mode, json.loads(said.stdout), *servers.received(), queue)


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    """The storms, and their figures on the terminal."""
    before = busy()
    done = [storm(mode, every) for every in EVERY for mode in ORDER]
    text = report(done, before)
    print("\n" + text)
    if "STORM_REPORT" in os.environ:
        Path(os.environ["STORM_REPORT"]).write_text(text, encoding="utf-8")
    return [*done, *(storm(mode, 1, STUCK) for mode in ORDER[:2])]


def busy() -> str:
    """How busy the machine is with other work, over three seconds."""

    def read() -> tuple[int, int]:
        numbers = [int(part) for part in Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:]]
        return sum(numbers), numbers[3] + numbers[4]

    if not Path("/proc/stat").exists():
        return "an unknown part"
    total, idle = read()
    time.sleep(3)
    total_after, idle_after = read()
    return f"{100 - round(100 * (idle_after - idle) / (total_after - total))} %"


def table(runs: list[Run]) -> str:
    """The figures side by side, as a table in Markdown."""
    rows = [(name, [run.figures[name] for run in runs]) for name in runs[0].figures]
    rows += [
        ("events arrived", [len(run.events) for run in runs]),
        ("events dropped, as the SDK tells", [run.dropped for run in runs]),
        ("events attributed wrongly", [len(wrong(run)) for run in runs]),
    ]
    head = "| | " + " | ".join(run.mode for run in runs) + " |\n" + "|---" * (len(runs) + 1) + "|"
    return "\n".join([head, *(f"| {name} | " + " | ".join(map(str, values)) + " |" for name, values in rows)])


def report(runs: list[Run], before: str) -> str:
    """The page that the full run writes."""
    every, rarely = ([run for run in runs if run.every == number] for number in EVERY)
    return f"""# In a storm

{RATE:,} calls a second are offered by 8 threads for {SECONDS} seconds, on {os.cpu_count()} cores that the servers
share; all of them fail. One process cannot make so many with requests: "calls per second" is what it made. A service
without the middleware and the same with it, in turn. What the queue of Sentry's SDK (100 events) cannot take is dropped
and counted by the SDK, with and without alike. Made with `nox -s storm -- --full`, on Python
{sys.version.split()[0]}; other work took {before} of the machine just before.

Every failure is logged with a traceback, and becomes a Sentry event:

{table(every)}

One of a hundred is:

{table(rarely)}
"""


def wrong(run: Run) -> list[Any]:
    """The events whose tags are not those of the failure that they are about, which their log call names."""
    found = []
    for event in run.events:
        expected = failure(int(event["logentry"]["params"][0]))
        told = event.get("tags") or {}
        if run.mode == "without":
            is_right = not any(key.startswith("8x8.") for key in told)
        else:
            is_right = (told.get("8x8.error_id"), told.get("8x8.code"), told.get("8x8.match")) == (
                expected["errorId"],
                str(expected["code"]),
                "certain",
            )
        if not is_right:
            found.append(event)
    return found


def test_no_event_is_attributed_wrongly(runs):
    """Each event that arrived has the code and the errorId of its own order; without the middleware none has any."""
    assert [[]] * len(runs) == [wrong(run) for run in runs]
    assert all(run.events for run in runs)


def test_what_sentrys_queue_drops_is_counted_and_told(runs):
    """Every event that was made has arrived, or is in the SDK's report of what it dropped."""
    assert [run.figures["events made"] for run in runs] == [len(run.events) + run.dropped for run in runs]


def test_every_reported_failure_makes_one_event(runs):
    """The number of events is that of the reports, with and without the middleware."""
    for run in runs:
        first, last = run.figures["calls before"], run.figures["calls before"] + run.figures["calls"]
        reports = first + sum(order % run.every == 0 for order in range(first + 1, last + 1))
        assert reports == run.figures["events made"]


def test_events_are_dropped_while_sentry_is_stuck(runs):
    """The control of the count above: with two places in the queue and no answer most events are dropped."""
    stuck = [run for run in runs if run.queue == STUCK]
    assert ["without", "with"] == [run.mode for run in stuck]
    assert all(run.dropped > 0 for run in stuck)


def test_nothing_is_kept_of_a_failure(runs):
    """When its response has gone, nothing is left; memory does not grow more than without."""
    assert [0] * len(runs) == [run.figures["failures kept"] for run in runs]
    for every in EVERY:
        grown = {
            mode: min(
                run.figures["memory after MB"] - run.figures["memory before MB"]
                for run in runs
                if (run.mode, run.every, run.queue) == (mode, every, 100)
            )
            for mode in ORDER
        }
        assert grown["with"] <= grown["without"] + 20
