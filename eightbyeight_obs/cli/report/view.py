"""The report in a terminal: bars, a line over time, what to quote."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..console import plain
from .summary import Report

__all__ = ["show"]

_BAR: Final = 24
_SHORT_BAR: Final = 8
_WIDE: Final = 120  # columns; fewer have room for the last time only
_LINES: Final = 5
_BLOCKS: Final = (" ▁▂▃▄▅▆▇█", "█")
_ASCII: Final = (" .:-=+*#@", "#")


def show(console: Console, report: Report) -> None:
    """Print the report."""
    blocks, bar = _BLOCKS if (console.encoding or "").lower().startswith("utf") else _ASCII
    _head(console, report)
    if not report["failures"]:
        return
    _codes(console, report, bar)
    _over_time(console, report, blocks)
    for title, column in (("Endpoints", "endpoint"), ("Sub-accounts", "sub_account")):
        _top(console, title, column, report, bar)
    _references(console, report)


def _head(console: Console, report: Report) -> None:
    console.print()
    files = report["files"]
    where = f"{files} {'file' if files == 1 else 'files'}" + (f", {_size(report['bytes'])}" if report["bytes"] else "")
    line = Text(f"{report['failures']:,} failures of 8x8's", style="bold") + Text(f" in {where}")
    if report["first_seen"]:
        line += Text(f", {_minute(report['first_seen'])} to {_minute(report['last_seen'])} UTC")
    console.print(line)
    shares = report["retryable"]
    if report["failures"]:
        parts = ", ".join(
            f"{_share(shares[name], report['failures'])} {words}"
            for name, words in (("yes", "can be sent again"), ("no", "fail again"), ("unknown", "not known"))
        )
        console.print(f"{parts}; {report['recovered_by_retry']:,} calls more went well after a retry")
    for name, words in (
        ("without_time", "failures have no time in their lines"),
        ("long_lines", "lines were too long"),
    ):
        if report[name]:
            console.print(f"{report[name]:,} {words}", style="dim")
    console.print()


def _codes(console: Console, report: Report, bar: str) -> None:
    table = _table("By code")
    table.add_column("", justify="right", no_wrap=True)
    wide = console.width >= _WIDE
    length = _BAR if wide else _SHORT_BAR
    table.add_column("", no_wrap=True)
    table.add_column("code", no_wrap=True)
    table.add_column("", overflow="fold")
    for title in ("category", *(("first seen",) if wide else ()), "last seen"):
        table.add_column(title, no_wrap=True)
    most = report["codes"][0]["count"]
    for code in report["codes"]:
        name = plain(code["code"], "bold") + plain(f" {code['registry']}" if code["registry"] != "api" else "", "dim")
        table.add_row(
            f"{code['count']:,}",
            Text(bar * max(1, round(length * code["count"] / most)), style=_style(code["category"])),
            name,
            plain(code["description"]),
            plain(code["category"]),
            *((_minute(code["first_seen"]),) if wide else ()),
            _minute(code["last_seen"]),
        )
    console.print(table)
    console.print()


def _over_time(console: Console, report: Report, blocks: str) -> None:
    over_time = report["over_time"]
    buckets = over_time["buckets"]
    if len(buckets) < 2:
        return
    rows = [("all", [sum(bucket.values()) for bucket in buckets], "")]
    for code in report["codes"][:_LINES]:
        key = f"{code['registry']} {code['code']}"
        rows.append((code["code"], [bucket.get(key, 0) for bucket in buckets], _style(code["category"])))
    table = _table(f"Over time, {_duration(over_time['seconds'])} a step")
    table.add_column("", no_wrap=True)
    table.add_column(_axis(over_time, len(buckets)), no_wrap=True)
    table.add_column("most", justify="right")
    for code_name, counts, style in rows:
        most = max(counts)
        line = "".join(blocks[0 if not n else max(1, round(n / most * (len(blocks) - 1)))] for n in counts)
        table.add_row(plain(code_name), Text(line, style=style), f"{most:,}")
    console.print(table)
    console.print()


def _axis(over_time: dict[str, Any], steps: int) -> Text:
    start = datetime.fromisoformat(over_time["start"].removesuffix("Z"))
    end = start + timedelta(seconds=over_time["seconds"] * steps)
    left, right = f"{start:%m-%d %H:%M}", f"{end:%m-%d %H:%M}"
    return Text(left if steps < len(left) + len(right) + 2 else left + " " * (steps - len(left) - len(right)) + right)


def _top(console: Console, title: str, column: str, report: Report, bar: str) -> None:
    rows = report[f"{column}s"]
    if not rows:
        return
    table = _table(title)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("", overflow="fold")
    table.add_column("mostly")
    for row in rows[:10]:
        length = max(1, round(_BAR * row["count"] / rows[0]["count"]))
        table.add_row(f"{row['count']:,}", Text(bar * length, style="blue"), plain(row[column]), plain(row["top_code"]))
    console.print(table)
    console.print()


def _references(console: Console, report: Report) -> None:
    table = _table("To quote to 8x8's support (the latest of each code)")
    table.add_column("code", no_wrap=True)
    table.add_column("errorId, or umid, batch, request or session id", overflow="fold")
    for code in report["codes"]:
        if code["references"]:
            table.add_row(plain(code["code"]), plain("  ".join(code["references"])))
    if table.row_count:
        console.print(table)
        console.print("The text for a ticket:  eightbyeight-obs ticket --error-id <id> <logs>", style="dim")


def _table(title: str) -> Table:
    return Table(
        title=Rule(title, style="dim", align="left"),  # type: ignore[arg-type]
        box=None,
        header_style="dim",
        padding=(0, 2, 0, 0),
        min_width=len(title) + 4,
    )


def _style(category: str) -> str:
    return {"server": "red", "authentication": "magenta", "authorization": "magenta", "rate_limit": "yellow"}.get(
        category, "cyan"
    )


def _share(part: int, whole: int) -> str:
    share = 100 * part / whole
    return f"{share:.0f} %" if part in (0, whole) or 1 <= share <= 99 else "under 1 %" if share < 1 else "over 99 %"


def _minute(text: str | None) -> str:
    return text[:16].replace("T", " ") if text else ""


def _duration(seconds: int) -> str:
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {name}s" if count > 1 else f"a {name}" if name != "hour" else "an hour"
    return f"{seconds} seconds" if seconds > 1 else "a second"


def _size(count: int) -> str:
    for size, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= size:
            return f"{count / size:.1f} {name}"
    return f"{count} bytes"
