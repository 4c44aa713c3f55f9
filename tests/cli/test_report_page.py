"""``report --html``: one page, everything in it, nothing of it alive that came from a log."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.cli.logs import SECOND, line, three_days

Cli = Callable[..., Any]


@pytest.fixture
def page(cli: Cli, tmp_path: Path) -> Path:
    """The page of these lines."""
    path = tmp_path / "report.html"
    ran = cli("report", "-", "--html", str(path), piped="\n".join(three_days()))
    assert (0, True) == (ran.code, f"The page is {path}" in ran.err)
    return path


class Elements(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "srcset")]


def test_asks_for_nothing(page: Path) -> None:
    """The page has no link to anything, and a policy that forbids every request."""
    found = Elements()
    found.feed(page.read_text())
    assert ["data:,", "#codes-title"] == found.links
    assert "default-src 'none'" in page.read_text()
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg|developer\.8x8\.com|connect\.8x8\.com)", page.read_text())


def test_nothing_hostile_is_markup(page: Path) -> None:
    """What came from a log stands in the page as text or JSON; it adds no element."""
    text = page.read_text()
    found = Elements()
    found.feed(text)
    assert (2, 0, 1) == (found.tags.count("script"), found.tags.count("img"), found.tags.count("style"))
    assert "<script>document" not in text
    assert "&lt;/script&gt;" in text  # the rows for readers without JavaScript


def test_data_is_whole(page: Path) -> None:
    """The data in the page are those of --json and the counts for the filters."""
    text = page.read_text()
    data = json.loads(text.partition('<script type="application/json" id="data">')[2].partition("</script>")[0])
    cube = data["cube"]
    assert (42, True) == (data["report"]["failures"], cube["whole"])
    assert 42 == sum(row[-1] for row in cube["rows"])
    assert {"api 1002", "api 429", "api 2000"} == set(cube["names"]["code"]) == set(cube["codes"])
    assert SECOND in data["report"]["recent"][-1]["ticket"] or any(
        SECOND in e["ticket"] for e in data["report"]["recent"]
    )


def test_written_over_its_own_only(cli: Cli, tmp_path: Path, page: Path) -> None:
    """A page is replaced by a newer one; any other file is left alone."""
    log = tmp_path / "app.log"
    log.write_text(line())
    assert 0 == cli("report", str(log), "--html", str(page)).code
    ran = cli("report", str(log), "--html", str(log))
    assert (2, True, line()) == (ran.code, "is no page of this command" in ran.err, log.read_text())


def test_too_many_values(cli: Cli, tmp_path: Path) -> None:
    """Of very many endpoints and sub-accounts the rarest are one, and no failure is lost."""
    path = tmp_path / "many.html"
    many = [
        line(error_id=f"{number:036}", **{"8x8.sub_account": f"a{number}", "8x8.endpoint": f"GET /{number}"})
        for number in range(300)
    ]
    assert 0 == cli("report", "-", "--html", str(path), piped="\n".join(many)).code
    text = path.read_text()
    cube = json.loads(text.partition('id="data">')[2].partition("</script>")[0])["cube"]
    assert (51, 51, 300) == (
        len(cube["names"]["endpoint"]), len(cube["names"]["sub_account"]), sum(row[-1] for row in cube["rows"]),
    )  # fmt: skip


def test_empty_page(cli: Cli, tmp_path: Path) -> None:
    """A log without failures gives a page that says so."""
    path = tmp_path / "empty.html"
    assert 1 == cli("report", "-", "--html", str(path), piped="nothing\n").code
    assert '"failures":0' in path.read_text()
