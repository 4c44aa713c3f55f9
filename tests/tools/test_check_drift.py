"""tools.check_drift prints the known differences on the seed documents, and nothing on a page of today."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from strategies import texts

from eightbyeight_obs.core.catalogue import CATALOGUE, REGISTRIES, CodeEntry
from tools.check_drift import differences, main
from tools.tables import Row, plain, read_tables

ROOT = Path(__file__).parent.parent.parent
SEEDS = ROOT / "tests" / "data" / "seeds"

KNOWN = """\
api 1003 reworded: "Invalid Encoding" is now "Invalid Endoding"
api 1012 gone: "Invalid Ip Address"
api 1014 gone: "Insecure Protocol — unsupported TLS version"
api 3053 reworded: "Invalid index" is now "Invalid Button index"
api 3060 gone: "Template is being deleted"
http 426 gone: "Upgrade Required"
"""


def documented(registry: str) -> list[CodeEntry]:
    """The rows that the registry's page has."""
    return [entry for (name, _), entry in CATALOGUE.items() if name == registry and entry.documented]


def cells(entry: CodeEntry) -> list[str]:
    """A row as 8x8's pages write it: HTTP's two texts share a cell, Messaging Apps have a third column."""
    if entry.registry in {"http", "reason_code"}:
        return [str(entry.code), f"{entry.description}, {entry.detail}"]
    if entry.registry != "chatapps_receipt":
        return [str(entry.code), entry.description]
    meta = f" (WhatsApp: {entry.provider_code})" if entry.provider_code else ""
    return [str(entry.code), entry.description, f"{entry.detail}{meta}"]


def markdown(rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(["# Error codes", "", "| Code | Description |", "|:-----|-----|", *lines, "", "The end."])


def html(rows: list[list[str]]) -> str:
    body = "".join(f"<tr>{''.join(f'<td><p>{escape(cell)}</p></td>' for cell in row)}</tr>" for row in rows)
    return (
        f"<!DOCTYPE html><html><body><h1>7 errors</h1><table><tr><th>Code<th>Description</tr>{body}</table>1 2</html>"
    )


def text(rows: list[list[str]]) -> str:
    return "\n".join(
        ["Error codes", "", "Code\tDescription", *("\t".join(row) for row in rows), "", "The end.", "0 of 1"]
    )


def glued(rows: list[list[str]]) -> str:
    return "\n".join(["CodeDescription", *("".join(row[:2]) for row in rows), "", "The end."])


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "tools.check_drift", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_on_the_seed_documents_it_prints_exactly_the_known_differences() -> None:
    """Two texts that 8x8 has changed and four codes that it has added since; the reason codes are the same."""
    done = run(SEEDS / "api-error-codes.txt", SEEDS / "reason-codes.txt")
    assert (1, KNOWN) == (done.returncode, done.stdout)
    assert (0, "") == (run(SEEDS / "reason-codes.txt").returncode, run(SEEDS / "reason-codes.txt").stdout)


@pytest.mark.parametrize("write", [markdown, html, text])
@pytest.mark.parametrize("registry", [name for name in REGISTRIES if name != "reason_code"])
def test_a_page_of_today_has_no_difference(registry: str, write: Callable[[list[list[str]]], str]) -> None:
    """In each of the three forms, whatever the registry; which one it is, is found."""
    page = write([cells(entry) for entry in documented(registry)])
    assert {registry: []} == differences(page)


def test_codes_and_texts_that_stand_side_by_side_are_told_apart() -> None:
    """As a browser copies them, the doubled number of 422 included."""
    rows = [cells(entry) for entry in documented("api")]
    assert {"api": []} == differences(glued(rows))
    assert [[Row(422, ("422 Unprocessable Entity, Yes",))]] == read_tables(
        "CodeDescription\n422422 Unprocessable Entity, Yes\n"
    )
    assert [[Row(1111, ("Other",))]] == read_tables("CodeDescription\n1111Other\n")


@pytest.mark.parametrize("write", [markdown, html, text])
def test_new_gone_and_reworded_codes_are_told(write: Callable[[list[list[str]]], str]) -> None:
    """One line each, in the order of the codes; where the longer text alone has changed, both are shown."""
    rows = {entry.code: cells(entry) for entry in documented("chatapps_receipt")}
    del rows[3]
    rows[15][1] = "Wrong destination"
    rows[1017][2] = "Recipient is the sender (WhatsApp: 131021)"
    rows[1018][2] = "Message undeliverable (WhatsApp: 131999)"
    rows[1060] = ["1060", "Something of tomorrow", "As it says (WhatsApp: 139000)"]
    detail = CATALOGUE["chatapps_receipt", 15].detail
    expected = f"""\
chatapps_receipt 3 gone: "DataMissing"
chatapps_receipt 15 reworded: "InvalidDestination | {detail}" is now "Wrong destination | {detail}"
chatapps_receipt 1017 reworded: "Sender = Receiver | Recipient cannot be sender" is now \
"Sender = Receiver | Recipient is the sender (WhatsApp: 131021)"
chatapps_receipt 1018 reworded: "Message rejected | Message undeliverable" is now \
"Message rejected | Message undeliverable (WhatsApp: 131999)"
chatapps_receipt 1060 new: "Something of tomorrow"
"""
    assert {"chatapps_receipt": expected.splitlines()} == differences(write(list(rows.values())))


def test_two_tables_of_a_page_are_two_registries_or_one() -> None:
    """Statuses and codes are compared each with its own; the parts of one table together."""
    page = markdown([cells(e) for e in documented("http")]) + "\n\n" + markdown([cells(e) for e in documented("api")])
    assert {"api": [], "http": []} == differences(page)
    rows = [cells(entry) for entry in documented("chatapps_receipt")]
    assert {"chatapps_receipt": []} == differences(markdown(rows[:18]) + "\n\n" + markdown(rows[18:]))


def test_the_details_of_1009_may_stand_in_its_cell() -> None:
    """The page of Voice's status codes, as it was on 2026-07-23."""
    rows = {entry.code: cells(entry) for entry in documented("voice_status")}
    rows[-1009][1] = (
        "Invalid call flow entry provided. [Additional error details here].<br>Eg: Invalid call flow entry provided. "
        "$.callflow[0].params.text: is missing but it is required"
    )
    assert {"voice_status": []} == differences(markdown(list(rows.values())))


def test_the_registry_may_be_said() -> None:
    """The table of statuses is also the one of reason codes."""
    page = markdown([cells(entry) for entry in documented("reason_code")])
    assert {"reason_code": []} == differences(page, "reason_code")
    assert {"http": ['http 426 gone: "Upgrade Required"']} == differences(page)


@pytest.mark.parametrize(
    "page", ["", "no table", "| a | b |\n|---|---|\n| 1 | x |", "Code Description\n", "<table><tr>"]
)
def test_a_page_without_a_table_of_codes_is_told(page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not "no differences": exit status 2."""
    path = tmp_path / "page.md"
    path.write_text(page, encoding="utf-8")
    assert {} == differences(page)
    assert 2 == main([str(path)])
    assert 2 == main([str(tmp_path / "missing.md")])
    shown = capsys.readouterr()
    assert "" == shown.out
    assert "no table of codes found" in shown.err


def test_nothing_in_a_page_reaches_the_terminal_raw() -> None:
    """Control characters of a new text are escaped."""
    rows = [*map(cells, documented("lookup")), ["6006", "\x1b[31mred\u202e <img src=x onerror=alert(4)>"]]
    assert {"lookup": ['lookup 6006 new: "\\x1b[31mred\\u202e"']} == differences(markdown(rows))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("**OK**, The `x` header", "OK, The x header"),
        ("Template is being deleted. [Learn more](https://example.com)", "Template is being deleted"),
        ("Sender \\= Receiver", "Sender = Receiver"),
        ("one<br/>two&amp;three\u00a0four", "one two&three four"),
        ("[text](https://example.com/a_b)", "text"),
    ],
)
def test_a_cell_is_read_as_a_reader_sees_it(cell: str, expected: str) -> None:
    """Without emphasis, links, escapes and entities."""
    assert expected == plain(cell)


@given(texts(400))
def test_any_text_is_a_page(page: str) -> None:
    """No page makes it fail."""
    for body in (page, f"<table><tr><td>{page}", f"CodeDescription\n{page}", f"| 1 | {page} |"):
        assert isinstance(differences(body), dict)
