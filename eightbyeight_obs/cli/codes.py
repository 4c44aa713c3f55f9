"""``eightbyeight-obs codes``: the tables of codes, searched and filtered."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from ..core.catalogue import CATALOGUE, CodeEntry
from .console import ExitCode, fail, plain, printer, write_json
from .explain import entry_facts
from .options import CATEGORY, JSON, REGISTRY, check_category, check_registry

__all__ = ["codes"]

_RETRY = {True: "yes", False: "no", None: ""}


def codes(
    registry: Annotated[str, REGISTRY] = "",
    category: Annotated[str, CATEGORY] = "",
    search: Annotated[
        str, typer.Option("--search", "-s", metavar="WORDS", help="Only those whose text has all these words.")
    ] = "",
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """List 8x8's codes, all or those that fit.

    Examples:
      eightbyeight-obs codes --registry api
      eightbyeight-obs codes --category authentication
      eightbyeight-obs codes --search "template language"

    Exit code 1: no code fits.
    """
    registries, wanted = check_registry(registry), check_category(category)
    words = search.casefold().split()
    rows = [
        entry
        for (table, _), entry in CATALOGUE.items()
        if table in registries and (not wanted or entry.category == wanted) and _has(entry, words)
    ]
    if as_json:
        write_json([entry_facts(entry) for entry in rows])
    elif rows:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for name in ("code", "registry", "category", "retry", "description"):
            table.add_column(name, no_wrap=name != "description", overflow="fold")
        for entry in rows:
            code = f"http-{entry.code}" if entry.registry == "http" else str(entry.code)
            retry = _RETRY[entry.retryable] if entry.failure else "no failure"
            table.add_row(code, entry.registry, entry.category, retry, plain(entry.description))
        printer().print(table)
    if not rows:
        fail("no code fits.", "Leave out a filter, or use fewer words: eightbyeight-obs codes", ExitCode.NOTHING)


def _has(entry: CodeEntry, words: list[str]) -> bool:
    text = " ".join(
        (str(entry.code), entry.description, entry.detail or "", entry.provider_code or "", entry.section or "")
    ).casefold()
    return all(word in text for word in words)
