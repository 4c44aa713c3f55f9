"""The pages of the project: their Python blocks, their links and their headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
_FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>```+|~~~+)(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)(?P=fence) *$",
    re.DOTALL | re.MULTILINE,
)
_MARK = re.compile(r"<!--\s*(?P<word>not run|raises|continues)(?::\s*(?P<rest>.*?))?\s*-->\s*\Z", re.DOTALL)
_LINK = re.compile(r"(?<!!)!?\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target>[^()\s]+(?:\([^()\s]*\))?)(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6}\s+(?P<text>.+?)\s*#*\s*$", re.MULTILINE)


class Block(NamedTuple):
    """One fenced block of Python, with the comment of HTML that stands before it.

    `<!-- not run: reason -->` leaves it out, `<!-- raises: KeyError -->` says how it ends, and
    `<!-- continues -->` runs it after the block before it, in the same program.
    """

    page: str
    line: int
    code: str
    mark: str | None
    rest: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """Every page of the project, by its path from the root."""
    found = [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("examples/**/*.md"),
        *ROOT.glob("benchmarks/**/*.md"),
    ]
    return sorted(page.relative_to(ROOT).as_posix() for page in found)


def text(page: str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    """The Python blocks of a page; those that continue another one hold its code too."""
    found: list[Block] = []
    source = text(page)
    for fence in _FENCE.finditer(source):
        if fence["info"].strip().split(" ")[0] not in {"python", "py"}:
            continue
        mark = _MARK.search(source[: fence.start()])
        indent = len(fence["indent"])
        code = "".join(line[indent:] for line in fence["body"].splitlines(keepends=True))
        line = source.count("\n", 0, fence.start()) + 2
        if mark and mark["word"] == "continues":
            before = found[-1]
            pad = "\n" * (line - before.line - before.code.count("\n"))
            found.append(before._replace(code=before.code + pad + code))
        else:
            found.append(Block(page, line, code, mark and mark["word"], (mark and mark["rest"]) or ""))
    return found


def links(page: str) -> Iterator[str]:
    """The targets of the links and images of a page, outside of code."""
    prose = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text(page)))
    return (link["target"] for link in _LINK.finditer(prose))


def anchors(page: str) -> set[str]:
    """The names of a page's headings, as a forge makes them."""
    names: set[str] = set()
    for heading in _HEADING.finditer(_FENCE.sub("", text(page))):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading["text"].replace("`", ""))
        name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        number = 0
        while name + (f"-{number}" if number else "") in names:
            number += 1
        names.add(name + (f"-{number}" if number else ""))
    return names
