"""The figures as a page: tables with the budget, the known limits, and the ratio to each peer."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from timing import Cost

OURS = "eightbyeight_obs"
CONTROL = "nothing (A/A control)"
LOG = "... with its log line through structlog"
PATH_NAMES = {"success": "successful request", "send": "successful send to 8x8", "error": "failed 8x8 request"}
IMPORTS = {
    OURS: "",
    "structlog": "",
    "sentry_sdk": "",
    "opentelemetry.instrumentation.requests": "opentelemetry-instrumentation-requests",
    "elasticapm": "elastic-apm",
    "newrelic.agent": "newrelic",
    "ddtrace": "ddtrace",
    "logfire": "logfire",
}
DISTRIBUTIONS = (
    "requests",
    "urllib3",
    "structlog",
    "sentry-sdk",
    "structlog-sentry",
    "opentelemetry-instrumentation-requests",
    "opentelemetry-sdk",
    "ddtrace",
    "elastic-apm",
    "newrelic",
    "logfire",
)


def number(value: float) -> str:
    """Two significant places or so; nothing that the measurement does not hold."""
    if abs(value) < 10:
        return f"{value:.2f}"
    return f"{value:.1f}" if abs(value) < 100 else f"{value:,.0f}"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(["---"] + ["---:"] * (len(head) - 1)) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def machine() -> str:
    model = platform.processor() or platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        names = [
            line.partition(":")[2].strip() for line in cpus.read_text().splitlines() if line.startswith("model name")
        ]
        model = f"{len(names)} x {names[0]}" if names else model
    found = []
    for name in DISTRIBUTIONS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return f"{platform.python_implementation()} {platform.python_version()} on {model}. " + ", ".join(found) + "."


def own_table(found: dict[str, Any]) -> str:
    rows = []
    for name, (budget, cost) in found["paths"].items():
        rows.append((name, "" if budget is None else number(budget), number(cost.added), quarters(cost), control(cost)))
    memory = found["memory"]
    rows.append(
        (
            f"memory after {memory['failures']:,} failures, in MB",
            "2",
            number(memory["kib"] / 1024),
            f"{memory['alive']} responses kept alive",
            "",
        )
    )
    return table(("path", "budget", "added, µs", "quartiles", "A/A"), rows)


def quarters(cost: Cost) -> str:
    return f"{number(cost.low)} to {number(cost.high)}"


def control(cost: Cost) -> str:
    return f"{cost.control:+.2f}"


def peer_table(found: dict[str, Any]) -> str:
    """What each way to watch `requests` adds, and how many times ours that is (the figure of the table above)."""
    ours = {
        "success": found["paths"]["successful request to any other host"][1].added,
        "send": found["paths"]["successful send, whose answer is searched for a rejection"][1].added,
        "error": found["paths"]["failed 8x8 request: decode and attach"][1].added,
    }
    rows = []
    for name, costs in found["peers"].items():
        cells = []
        for path, cost in costs.items():
            is_peer = not name.startswith(OURS) and name != CONTROL
            ratio = f" ({cost.added / ours[path]:,.0f} x)" if is_peer else ""
            cells.append(f"{cost.added:+.1f}{ratio}")
        rows.append((name, *cells))
    return table(("set-up", *[f"{name}, µs" for name in PATH_NAMES.values()]), rows)


def log_table(found: dict[str, Any]) -> str:
    """What the processor costs (the figure of the first table), and what structlog-sentry adds to the same chain."""
    ours = found["paths"]["unrelated log event through the processor (4 keys)"][1]
    rows = []
    for level, what in (("info", "an info line about something else"), ("error", "an error line about something else")):
        theirs = found["logs"][f"structlog-sentry, {level}"]
        rows.append((what, number(ours.added), number(theirs.added), f"{theirs.added / ours.added:,.0f} x"))
    return table(("event", "eightbyeight_obs, µs", "structlog-sentry, µs", "ratio"), rows)


def import_table(found: dict[str, Any]) -> str:
    ours = found["imports"][OURS][0]
    rows = []
    for name, (milliseconds, loaded) in found["imports"].items():
        ratio = "" if name == OURS else f"{milliseconds / ours:.1f} x"
        rows.append((f"`{name}`", number(milliseconds), ratio, ", ".join(loaded) or "neither"))
    return table(("import, after requests", "CPU ms", "ratio", "of structlog and sentry_sdk loaded"), rows)


def growth_table(found: dict[str, Any]) -> str:
    rows = []
    for _, label, lines, note in found["series"]:
        for name, points in lines.items():
            shown = ", ".join(f"{x:,.0f}: {number(y)}" for x, y in points)
            rows.append((name, label, shown, note))
    return table(("what", "by", "added, µs", "hence"), rows)


def markdown(found: dict[str, Any]) -> str:
    bare = {path: cost.bare for path, cost in found["peers"][CONTROL].items()}
    return f"""# What it costs

Written by `nox -s bench`; do not edit. {machine()}

Every figure is the median of what a call costs beyond the same call without it, in microseconds of the thread's CPU
time. The two take turns in short blocks; the A/A column is what the bare call seems to cost beyond itself.

## On each path

{own_table(found)}

## Beside the other ways to watch requests

Whole calls of `Session.post` through urllib3 and http.client, on sockets that are canned; the bare call takes
{bare["success"]:.0f} µs here. In brackets: how many times the figure of the table above that is.

{peer_table(found)}

## Beside structlog-sentry

{log_table(found)}

## Importing

{import_table(found)}

## How it grows

{growth_table(found)}
"""
