"""The tables of codes in a saved page: HTML, Markdown, or the text that a browser copies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import NamedTuple

__all__ = ["Row", "plain", "read_tables"]


class Row(NamedTuple):
    """One row: the number in its first cell, and the texts of the others."""

    code: int
    cells: tuple[str, ...]


_HTML = re.compile(r"<(?:!doctype html|html|table)\b", re.IGNORECASE)
_NUMBER = re.compile(r"[-\u2212]?\d{1,9}")
# "CodeDescription" is how a browser copies a head whose cells stand side by side.
_TEXT_HEAD = re.compile(
    r"(?:HTTP |Error |Status )*Code(\s*)(?:Description|(?:Status )?Message|(?:Possible )?Reasons?)\b.*",
    re.IGNORECASE,
)
_TEXT_ROW = re.compile(r"([-\u2212]?\d{1,9})(\s*)(\S.*)")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r"\*\*|__|`|<[^>]{1,200}>|\\(?=[!-/:-@\[-`{-~])")
_MORE = re.compile(r"\.?\s*Learn more\.?$", re.IGNORECASE)


def read_tables(page: str) -> list[list[Row]]:
    """Return the tables of a page whose first column is a number; what else the page holds is left out."""
    tables = _from_html(page) if _HTML.search(page) else [*_from_markdown(page), *_from_text(page)]
    return [table for table in tables if table]


def plain(text: str) -> str:
    """Return a cell's text without markup, entities and links to more, its blanks single."""
    text = _MARKUP.sub("", _LINK.sub(r"\1", _BREAK.sub(" ", text)))
    return _MORE.sub("", " ".join(unescape(text).split()))


def _row(cells: list[str]) -> Row | None:
    texts = [plain(cell) for cell in cells]
    if len(texts) < 2 or not _NUMBER.fullmatch(texts[0]):
        return None
    return Row(int(texts[0].replace("\u2212", "-")), tuple(texts[1:]))


class _Tables(HTMLParser):
    """Collects the cells of every table; a cell in a cell belongs to the outer one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in {"td", "th"} and self.tables and self.tables[-1]:
            self.tables[-1][-1].append("")
            self._in_cell = True
        elif tag in {"br", "p", "div"}:
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "tr", "table"}:
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.tables[-1][-1][-1] += data


def _from_html(page: str) -> list[list[Row]]:
    parser = _Tables()
    parser.feed(page)
    parser.close()
    return [[row for cells in table if (row := _row(cells))] for table in parser.tables]


def _from_markdown(page: str) -> Iterator[list[Row]]:
    table: list[Row] = []
    for line in page.splitlines():
        text = line.strip()
        if text.startswith("|"):
            row = _row(re.split(r"(?<!\\)\|", text.strip("|")))
            table += [row] if row else []
        elif table:
            yield table
            table = []
    yield table


def _from_text(page: str) -> Iterator[list[Row]]:
    """Read the lines under a head, up to the first that is no row: ``1002Invalid MSISDN``, ``1002 Invalid MSISDN``."""
    table: list[Row] | None = None
    glued = False
    for line in page.splitlines():
        text = line.replace("\xa0", " ").strip()
        head = _TEXT_HEAD.fullmatch(text)
        if head:
            yield table or []
            table, glued = [], not head[1]
        elif table is not None and text:
            row = _TEXT_ROW.fullmatch(text)
            if row is None:
                yield table
                table = None
            else:
                table.append(_text_row(row, glued=glued))
    yield table or []


def _text_row(row: re.Match[str], *, glued: bool) -> Row:
    number, blank, text = row.groups()
    half = number[: len(number) // 2]
    if glued and blank and number == half * 2:
        # "422422 Unprocessable Entity": the text has its own number, copied right behind the code.
        number, text = half, f"{half} {text}"
    cells = [number, *text.split("\t")]
    return _row(cells) or Row(int(number.replace("\u2212", "-")), (plain(text),))
