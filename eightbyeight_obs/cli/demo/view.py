"""The demo's pages in a terminal: the Sentry issues, the log lines, a ticket."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from rich.console import Console, Group
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..console import plain
from .result import CHECKS
from .scenarios import UNRELATED

__all__ = ["show"]

_WIDE: Final = 150
_WITHOUT: Final = "red"
_WITH: Final = "green"
_PREFIX: Final = "8x8."
# The keys of a line that say what it is about, besides the service's own.
_FRAME: Final = frozenset({"timestamp", "level", "event", "exception", "logger"})
_SHOWN: Final = ("code", "description", "error_id", "umid", "request_id", "attempts", "retryable")
_HEADLINE: Final = 120
_URL: Final = re.compile(r"(http://127\.0\.0\.1:\d+)/[^\s)]*")


def show(console: Console, result: dict[str, Any], *, full: bool, dsn: str) -> None:
    """Print the comparison.

    Args:
        console: Where to.
        result: What ``compare`` returned.
        full: Print the log lines whole.
        dsn: Where the events were sent; empty for nowhere.
    """
    failures = [case for case in result["cases"] if case["name"] != UNRELATED]
    console.print()
    console.print(
        f"A small shop calls 8x8, and {len(failures)} of its calls fail in a way of their own. One job more has a bug "
        "that has nothing to do with 8x8. The same code ran twice: as it is, and with "
    )
    console.print(Text("    import eightbyeight_obs\n    eightbyeight_obs.install()\n", style="bold"))
    _sentry(console, result["issues"])
    _logs(console, result["cases"], full=full)
    _ticket(console, failures)
    console.print(Rule("What held", style="dim", align="left"))
    for name, holds in result["checks"].items():
        console.print(Text("yes  " if holds else "NO   ", style=_WITH if holds else "bold red") + plain(CHECKS[name]))
    console.print()
    if dsn and not result["lost"] and "web" not in result:
        console.print("The events were sent to your Sentry project, environments demo-without and demo-with.")
    elif not dsn:
        console.print("To see the same in a browser:  eightbyeight-obs demo --web")
        console.print("In your own Sentry project:    eightbyeight-obs demo --dsn <DSN>")
    console.print("Every log line as it was written: --full.  For machines: --json.")


def _sentry(console: Console, issues: dict[str, list[dict[str, Any]]]) -> None:
    console.print(Rule("What Sentry shows", style="dim", align="left"))
    wide = console.width >= _WIDE
    left = _issue_table(issues["without"], "WITHOUT", _WITHOUT, decoded=False)
    right = _issue_table(issues["with"], "WITH", _WITH, decoded=True)
    if wide:
        grid = Table.grid(padding=(0, 2), expand=True)
        grid.add_column(ratio=1)
        grid.add_column(ratio=1)
        grid.add_row(left, right)
        console.print(grid)
    else:
        console.print(left)
        console.print()
        console.print(right)
    console.print()


def _issue_table(issues: list[dict[str, Any]], side: str, style: str, *, decoded: bool) -> Table:
    table = Table(
        title=f"{side}: {len(issues)} issues", title_style=f"bold {style}", title_justify="left", expand=True, box=None,
        header_style="dim", padding=(0, 1, 0, 0),
    )  # fmt: skip
    table.add_column("", justify="right", width=2)
    table.add_column("issue", ratio=3, overflow="fold")
    table.add_column("8x8.code, description, errorId" if decoded else "what is in it", ratio=2, overflow="fold")
    for issue in issues:
        if not decoded:
            about = plain("; ".join(issue["cases"]), "yellow" if len(issue["cases"]) > 1 else "")
        elif issue["code"]:
            about = plain(f"{issue['code']} ", f"bold {style}") + plain(issue["description"], limit=60)
            if issue["error_ids"]:
                about += Text("\n") + plain(issue["error_ids"][0], "dim")
        else:
            about = plain("untouched", "dim")
        table.add_row(plain(f"{issue['events']}x"), plain(_headline(issue["title"])), about)
    return table


def _logs(console: Console, cases: list[dict[str, Any]], *, full: bool) -> None:
    console.print(Rule("What the log says", style="dim", align="left"))
    for case in cases:
        console.print(plain(case["name"], "bold") + plain(f"   {case['habit']}", "dim"))
        for side, style in (("without", _WITHOUT), ("with", _WITH)):
            lines = case[side]["logs"]
            shown = [_whole(line) for line in lines] if full else _short_lines(lines)
            if not shown:
                shown = [plain("(not a word)", "dim")]
            for number, text in enumerate(shown):
                console.print(_row("" if number else side, text, style))
        console.print()


def _row(label: str, text: Text, style: str) -> Table:
    row = Table.grid(padding=(0, 1), expand=False)
    row.add_column(width=9)
    row.add_column(overflow="fold")
    row.add_row(Text(f"  {label}", style=style), text)
    return row


def _whole(line: dict[str, Any]) -> Text:
    return plain(json.dumps(line), limit=20_000)


def _short_lines(lines: list[dict[str, Any]]) -> list[Text]:
    """Shorten the lines of one case; the middleware's own, which has the keys of the service's line, to its name."""
    services = [line for line in lines if not str(line.get("event")).startswith(_PREFIX)]
    own = [line for line in lines if line not in services]
    shown = [_short(line) for line in services or own]
    if services:
        shown += [plain(f"{line['event']} with the same keys: the middleware's own line", "dim") for line in own]
    return shown


def _short(line: dict[str, Any]) -> Text:
    """Return the event, the service's own keys, the exception's last line, and what the middleware added."""
    own = [f"{key}={value}" for key, value in line.items() if key not in _FRAME and not key.startswith(_PREFIX)]
    text = plain(" ".join([str(line.get("event")), *own]))
    exception = str(line.get("exception") or "").strip().splitlines()
    if exception:
        text += plain("  " + _headline(exception[-1].rpartition("exceptions.")[2].rpartition("service.")[2]), "dim")
    for name in _SHOWN:
        value = line.get(_PREFIX + name)
        if value is not None:
            shown = value if isinstance(value, str) and " " not in value else json.dumps(value, ensure_ascii=False)
            text += Text(" ") + plain(f"{_PREFIX}{name}=", "dim") + plain(shown, _WITH)
    return text


def _headline(text: str) -> str:
    """Return a title as a list of issues has room for it."""
    text = _URL.sub(r"\1/...", " ".join(text.split()))
    return text if len(text) <= _HEADLINE else text[: _HEADLINE - 3] + "..."


def _ticket(console: Console, failures: list[dict[str, Any]]) -> None:
    ticket = next((case["ticket"] for case in failures if case["ticket"]), None)
    if ticket is None:
        return
    console.print(Rule("What to send to 8x8's support", style="dim", align="left"))
    # No box around it: it is there to be copied.
    console.print(Group(*(plain(line) for line in ticket.splitlines())))
    console.print("\nFrom your own logs:  eightbyeight-obs ticket --error-id <errorId> <log files>\n", style="dim")
