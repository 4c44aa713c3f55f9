"""``eightbyeight-obs decode``: says what a piece of text is, and what went wrong."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from ..core.details import ErrorDetails, WebhookFailure
from .advice import REGISTRY_TITLES, advise, retry_text
from .console import ExitCode, fail, plain, printer, write_json
from .options import JSON
from .progress import reading
from .reading.files import STDIN, expand
from .reading.recognise import Finding, Hints, findings_in

__all__ = ["decode"]

_SHOWN_LIMIT: Final = 20
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


def decode(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="Files with what 8x8 sent; - or nothing: what is piped in."),
    ] = None,
    status: Annotated[
        int | None, typer.Option("--status", min=100, max=599, help="The HTTP status that the body came with.")
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="The URL of the request, for product and endpoint.")] = None,
    method: Annotated[str | None, typer.Option("--method", help="The method of the request.")] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Say what a piece of text is, and what went wrong: paste whatever you have.

    An error body, an answer with a failure in it, an HTTP dump (curl -i, curl -v), a webhook (JSON or XML).
    A log line with 8x8.* keys or with an answer of 8x8's in it, a Sentry event, or several of these.

    Examples:
      eightbyeight-obs decode body.json
      pbpaste | eightbyeight-obs decode
      curl -si https://sms.8x8.com/... | eightbyeight-obs decode
      eightbyeight-obs decode body.json --status 400 --url https://sms.8x8.com/api/v1/... --method POST

    Exit code 1: there is no failure of 8x8's in it.
    """
    names = _inputs(files)
    hints = Hints(status, url, method.upper() if method else None)
    if hints.method and hints.method not in _METHODS:
        fail(f"--method {method!r} is not known.", f"Accepted: {', '.join(_METHODS)}.")
    with reading(names) as bar:
        found = [finding for name in names for finding in findings_in(name, hints, bar.move)]
    if as_json:
        write_json([_facts(finding) for finding in found])
    else:
        console = printer()
        for finding in found[:_SHOWN_LIMIT]:
            _show(console, finding)
        if len(found) > _SHOWN_LIMIT:
            console.print(
                f"... and {len(found) - _SHOWN_LIMIT} more. All of them: --json. "
                "By code and time: eightbyeight-obs report."
            )
    if not found:
        fail(
            "there is no failure of 8x8's in this.",
            "A body alone is read by its shape. If it has none, say with which status it came: --status 502"
            if status is None
            else "",
            ExitCode.NOTHING,
        )


def _inputs(files: Sequence[str] | None) -> list[str]:
    if files:
        return expand(files)
    if sys.stdin.isatty():
        printer(stderr=True).print("Paste it here, then press Ctrl-D (Windows: Ctrl-Z, Enter):", style="dim")
    return [STDIN]


def _facts(finding: Finding) -> dict[str, Any]:
    details = finding.details
    who, what = advise(details.category)
    return {
        "kind": finding.kind,
        "time": finding.time.isoformat() if finding.time else None,
        "title": details.title(),
        **details.fields(),
        "who_acts": who,
        "what_to_do": what,
        "retry": retry_text(details.retryable, details.registry),
        "url": details.entry.url if details.entry else None,
    }


def _show(console: Console, finding: Finding) -> None:
    details: ErrorDetails | WebhookFailure = finding.details
    facts = details.context()
    code, registry = facts.pop("code"), str(facts.pop("registry"))
    console.print(plain(f"This is {finding.kind}:", "dim"))
    console.print(plain(details.title(), "bold"))
    who, what = advise(details.category)
    entry = details.entry
    rows: dict[str, Any] = {
        "code": f"{code} of {registry}: {REGISTRY_TITLES.get(registry, 'no registry of 8x8')}",
        "more": entry.detail if entry and entry.detail != details.description else None,
        "who acts": who,
        "what to do": what,
        "send again": retry_text(details.retryable, details.registry),
        "written": finding.time.isoformat(sep=" ", timespec="milliseconds") if finding.time else None,
    }
    for shown in ("description", "retryable", "match"):
        facts.pop(shown, None)
    rows.update({name.replace("_", " ").replace("error id", "errorId"): value for name, value in facts.items()})
    rows["page"] = entry.url if entry else None
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows.items():
        if value is not None and value != "":
            table.add_row("  " + label, plain(value))
    console.print(table)
    console.print()
