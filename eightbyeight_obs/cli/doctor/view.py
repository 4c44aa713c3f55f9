"""The doctor's report in a terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..console import plain
from .tried import PROBLEM, Finding

__all__ = ["show"]

_CASES: Final = {
    "raised": "raise_for_status(), then log.exception(...)",
    "noted": "if not response.ok: log.error(...)",
    "unrelated": "an error that has nothing to do with 8x8",
}
_LINE: Final = 1_200


def show(
    console: Console, found: dict[str, Any], concluded: Sequence[Finding], *, bare: bool, last: Sequence[str] = ()
) -> None:
    """Print the report.

    Args:
        console: Where to.
        found: What the doctor saw inside.
        concluded: What follows from it.
        bare: Whether it was an empty Python, no service.
        last: The last lines of a service that failed. They are shown here only: nobody knows what is in them.
    """
    look = found["look"]
    if look:
        _process(console, look, bare=bare)
    _tries(console, found["tries"])
    if last:
        console.print(Rule("The last lines of the service", style="dim", align="left"))
        for line in last:
            console.print(plain(f"  {line}", limit=_LINE), soft_wrap=True)
        console.print()
    console.print(Rule("What follows", style="dim", align="left"))
    for finding in concluded:
        mark = Text("problem  ", style="bold red") if finding.level == PROBLEM else Text("hint     ", style="yellow")
        console.print(mark + plain(finding.what))
        if finding.advice:
            console.print(plain(f"         {finding.advice}", "dim"))
    if not concluded:
        console.print(Text("Everything would arrive.", style="green"))
    if bare:
        console.print(plain("This was an empty Python. Your service:  eightbyeight-obs doctor -- python app.py", "dim"))
    console.print()
    console.print(plain("For a bug report: --json. It holds no DSN, no key and no environment.", "dim"))


def _process(console: Console, look: dict[str, Any], *, bare: bool) -> None:
    console.print(Rule("An empty Python" if bare else "The process", style="dim", align="left"))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    structlog, sentry = look["structlog"], look["sentry"]
    installation = look["installation"]
    rows = {
        "Python": f"{look['python']}  {look['executable']}",
        "packages": ", ".join(f"{name} {version}" for name, version in look["packages"].items()),
        "middleware": installation["state"],
        "options": ", ".join(f"{name}={value}" for name, value in installation["options"].items()),
        "structlog": _structlog(structlog),
        "logging": f"{look['logging']['level']}, {', '.join(look['logging']['handlers']) or 'no handler'}",
        "Sentry": _sentry(sentry),
    }
    for label, value in rows.items():
        if value:
            table.add_row(f"  {label}", plain(value))
    for hook in look["hooks"]:
        # The outermost first, as a call meets them.
        table.add_row(f"  {hook['place']}", plain(" > ".join(hook["chain"])))
    console.print(table)
    console.print()


def _structlog(structlog: dict[str, Any] | None) -> str:
    if structlog is None:
        return "not imported"
    if not structlog["configured"]:
        return "not configured"
    return f"{structlog['factory']}: {' > '.join(name.rpartition('.')[2] for name in structlog['processors'])}"


def _sentry(sentry: dict[str, Any] | None) -> str:
    if sentry is None:
        return "not imported"
    if not sentry["active"]:
        return "not initialised"
    parts = [f"to {sentry['host']}", f"log events from {sentry['log_events_from'] or 'no level'}"]
    parts += [name for name in ("before_send", "error_sampler", "data_collection") if sentry[name]]
    return ", ".join(parts)


def _pairs(values: dict[str, Any]) -> str:
    return " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in values.items())


def _tries(console: Console, tries: Sequence[dict[str, Any]]) -> None:
    for tried in tries:
        console.print(Rule(f"{tried['logger']}: {_CASES[tried['case']]}", style="dim", align="left"))
        for line in tried["lines"]:
            console.print(plain(f"  log     {line['text']}", limit=_LINE), soft_wrap=True)
            if line["keys"] and "8x8.code" not in line["text"]:
                console.print(plain(f"          keys of the record: {_pairs(line['keys'])}", "green"), soft_wrap=True)
        if not tried["lines"]:
            console.print(plain("  log     (nothing is written)", "dim"))
        for event in tried["events"]:
            console.print(plain(f"  Sentry  {event['title']}", limit=_LINE), soft_wrap=True)
            if event["tags"]:
                console.print(plain(f"          {_pairs(event['tags'])}", "green", limit=_LINE), soft_wrap=True)
                console.print(plain(f"          fingerprint {event['fingerprint']}", "dim"), soft_wrap=True)
        if not tried["events"]:
            console.print(plain("  Sentry  (no event)", "dim"))
        console.print()
