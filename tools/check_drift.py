"""Prints which codes of a saved page of 8x8's documentation are new, gone or reworded against the catalogue.

    python -m tools.check_drift api-error-codes.html delivery-error-codes.md

One line for each difference on standard output, what was compared on standard error. The registry is found by the
texts themselves; ``--registry`` says it. Exit status: 0 without a difference, 1 with one, 2 where no table of codes
is found. The page is data: nothing in it is followed or executed.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from eightbyeight_obs.core.catalogue import CATALOGUE, REGISTRIES, CodeEntry
from eightbyeight_obs.core.privacy import clean
from tools.tables import Row, plain, read_tables

__all__ = ["differences", "main"]

_PROVIDER = re.compile(r"\s*\((?:WhatsApp|Viber): (\d+)\)\s*$")
_LONGEST = 300
_ON_THE_PAGE = {
    ("voice_status", -1009): "Invalid call flow entry provided. [Additional error details here]. Eg: Invalid call flow "
    "entry provided. $.callflow[0].params.text: is missing but it is required",
}
"""What a page writes into one cell where the catalogue keeps the short text and a detail of its own words."""


def differences(page: str, registry: str | None = None) -> dict[str, list[str]]:
    """Compare the tables of a page with the catalogue.

    Args:
        page: The page's HTML, Markdown or text.
        registry: The registry of its tables; None to find it table by table.

    Returns:
        The lines to print, by the registry that was compared; empty where the page has no table of codes.
    """
    found: dict[str, dict[int, Row]] = {}
    for table in read_tables(page):
        name = registry or _registry_of(table, page)
        if name is not None:
            found.setdefault(name, {}).update({row.code: row for row in table})
    return {name: list(_compare(name, found[name])) for name in REGISTRIES if name in found}


def _entries(registry: str) -> dict[int, CodeEntry]:
    return {code: entry for (name, code), entry in CATALOGUE.items() if name == registry}


def _registry_of(table: list[Row], page: str) -> str | None:
    """Return the registry that has the most of the table's rows word by word; None where hardly any has."""
    # The document of reason codes has the table of HTTP statuses, and says what it is for.
    first = "reason_code" if "REJECTED BY CARRIER" in page else "http"

    def equal(registry: str) -> int:
        entries = _entries(registry)
        return sum(row.code in entries and _same(entries[row.code], row) for row in table)

    best = max(REGISTRIES, key=lambda registry: (equal(registry), registry == first))
    return best if equal(best) >= min(3, len(table)) else None


def _compare(registry: str, rows: dict[int, Row]) -> Iterator[str]:
    entries = _entries(registry)
    for code in sorted(rows.keys() | entries.keys(), key=lambda code: (abs(code), code)):
        entry, row = entries.get(code), rows.get(code)
        if entry is None and row is not None:
            yield _line(registry, code, "new", _quoted(row.cells[0]))
        elif row is None and entry is not None:
            if entry.documented:  # what only an example of an OpenAPI file has, or HTTP itself, is on no page
                yield _line(registry, code, "gone", _quoted(entry.description))
        elif entry is not None and row is not None and not _same(entry, row):
            yield _line(
                registry, code, "reworded", f"{_quoted(_shown(entry, row))} is now {_quoted(' | '.join(row.cells))}"
            )


def _same(entry: CodeEntry, row: Row) -> bool:
    """Tell whether a row says what the catalogue says: the short text, and the longer one where both have it."""
    short, *more = (_text(cell) for cell in row.cells)
    if short not in map(_text, _spellings(entry)):
        return False
    if not more or not entry.detail:
        return True
    provider = _PROVIDER.search(row.cells[1])
    if provider and provider[1] != entry.provider_code:
        return False
    return _text(_PROVIDER.sub("", row.cells[1])) == _text(entry.detail)


def _spellings(entry: CodeEntry) -> Iterator[str]:
    """Yield the ways in which a page writes a short text and its longer one into one cell."""
    yield entry.description
    if (entry.registry, entry.code) in _ON_THE_PAGE:
        yield _ON_THE_PAGE[entry.registry, entry.code]
    if entry.detail:
        yield f"{entry.description}, {entry.detail}"
        yield f"{entry.code} {entry.description}, {entry.detail}"


def _shown(entry: CodeEntry, row: Row) -> str:
    return " | ".join(filter(None, [entry.description, entry.detail if len(row.cells) > 1 else None]))


def _text(text: str) -> str:
    return plain(text).strip('." ')


def _quoted(text: str) -> str:
    return f'"{clean(text, _LONGEST)}"'


def _line(registry: str, code: int, change: str, text: str) -> str:
    return f"{registry} {code} {change}: {text}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the pages named on the command line, and return the exit status."""
    parser = argparse.ArgumentParser(prog="check_drift", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pages", nargs="+", type=Path, metavar="PAGE", help="a saved page: HTML, Markdown or text")
    parser.add_argument("--registry", choices=REGISTRIES, help="the registry of the page's tables")
    options = parser.parse_args(arguments)
    status = 0
    for path in options.pages:
        try:
            page = path.read_bytes().decode("utf-8-sig", "replace")
        except OSError as error:
            print(f"{path}: {error.strerror}", file=sys.stderr)
            status = 2
            continue
        found = differences(page, options.registry)
        if not found:
            print(f"{path}: no table of codes found", file=sys.stderr)
            status = 2
        for registry, lines in found.items():
            print(f"{path}: {registry}: {len(lines) or 'no'} differences", file=sys.stderr)
            for line in lines:
                print(line)
            status = max(status, 1 if lines else 0)
    return status


if __name__ == "__main__":
    sys.exit(main())
