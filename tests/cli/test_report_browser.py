"""``report --html`` in a real browser: the numbers, the filters, the copy buttons, the modes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.browser import Page, find
from tests.cli.logs import EVIL, THIRD, three_days

Cli = Callable[..., Any]
BROWSER = find()
CHECKS = (Path(__file__).parent / "page_checks.js").read_text()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome; CHROMIUM names it"),
]


@pytest.fixture
def page(cli: Cli, tmp_path: Path) -> Path:
    """The page of three days."""
    path = tmp_path / "report.html"
    assert 0 == cli("report", "-", "--html", str(path), piped="\n".join(three_days())).code
    return path


@pytest.fixture
def opened(page: Path, tmp_path: Path) -> Iterator[Page]:
    """The page in a browser."""
    assert BROWSER is not None
    with Page(BROWSER, tmp_path / "profile") as browser:
        browser.open(page)
        browser.run(CHECKS)
        yield browser


def total(browser: Page) -> str:
    return str(browser.run("document.querySelector('.tile b').textContent"))


def test_page_in_a_browser(opened: Page, tmp_path: Path) -> None:
    """The page shows its numbers without a request, an error or a broken policy, and nothing hostile ran."""
    assert "42" == total(opened)
    assert "8x8 failures" == opened.run("document.title")
    assert 0 == opened.run("document.images.length")
    assert EVIL == opened.run(
        "Array.from(document.querySelectorAll('#codes td')).map(e => e.textContent).find(t => t.includes('</script>'))"
    )
    assert ["2026-11-01 10:00", "2026-11-03 10:00"] == opened.run(
        "Array.from(document.querySelector('#codes tbody tr').querySelectorAll('.small.wide')).map(e => e.textContent)"
    )
    assert 1 == len(opened.requests())
    assert [] == opened.complaints()


def test_filters(opened: Page) -> None:
    """The select, a row's button, a bar and the reset filter everything on the page."""
    opened.run("select = document.querySelector('[data-filter=category]'); select.value = '=rate_limit'")
    opened.run("select.dispatchEvent(new Event('change'))")
    assert ("1", "1 of 42 failures with these filters.") == (
        total(opened), opened.run("document.getElementById('status').textContent"),
    )  # fmt: skip
    assert [THIRD] == opened.run("Array.from(document.querySelectorAll('#recent code')).map(e => e.textContent)")
    opened.run("document.getElementById('reset').click()")
    assert "42" == total(opened)
    opened.run("checks.button('#codes', '1002').click()")
    assert "40" == total(opened)
    assert "true" == opened.run("document.querySelector('#codes button').getAttribute('aria-pressed')")
    opened.run("document.querySelector('#codes button').click()")
    opened.run("document.querySelector('.hit').dispatchEvent(new MouseEvent('click'))")
    assert ("14", "0") == (total(opened), opened.run("document.querySelector('[data-filter=to]').value"))
    opened.run("document.querySelector('.hit').dispatchEvent(new MouseEvent('click'))")
    assert "42" == total(opened)
    opened.run("checks.button('#accounts', '__proto__').click()")
    assert "1" == total(opened)
    assert [] == opened.complaints()


def test_copy_buttons(opened: Page) -> None:
    """The buttons put the id and the whole ticket on the clipboard, and say so."""
    opened.run("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }; 0")
    opened.run("document.querySelector('#recent button').click()")
    assert (THIRD, f"errorId {THIRD} copied.") == (
        opened.run("window.copied"), opened.run("document.getElementById('status').textContent"),
    )  # fmt: skip
    opened.run("document.querySelectorAll('#recent button')[1].click()")
    ticket = opened.run("window.copied")
    assert ("To: ", True) == (ticket[:4], f"errorId:       {THIRD}\n" in ticket)


def test_copy_without_the_clipboard_api(opened: Page) -> None:
    """A browser that has no clipboard API, or refuses it, copies the old way."""
    opened.run("navigator.clipboard.writeText = () => Promise.reject(); 0")
    opened.run("document.addEventListener('copy', () => { window.copied = String(document.getSelection()); }); 0")
    opened.run("document.querySelector('#recent button').click()")
    assert f"errorId {THIRD} copied." == opened.run(
        "new Promise(r => setTimeout(() => r(document.getElementById('status').textContent), 50))"
    )


def test_dark_mode_phone_and_print(opened: Page) -> None:
    """Dark mode follows the system and the button, a phone needs no sideways scrolling, print has no controls."""
    ground = "getComputedStyle(document.body).backgroundColor"
    light = opened.run(ground)
    opened.run("document.getElementById('theme').click()")
    dark = opened.run(ground)
    assert light != dark
    opened.run("document.getElementById('theme').click()")
    assert light == opened.run(ground)
    opened.run("document.documentElement.removeAttribute('data-theme')")
    opened.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert dark == opened.run(ground)
    opened.resize(360, 740)
    assert opened.run("document.documentElement.scrollWidth <= innerWidth")
    opened.send("Emulation.setEmulatedMedia", media="print")
    assert ["none", "none"] == opened.run(
        "['filters', 'more'].map(id => getComputedStyle(document.getElementById(id)).display)"
    )


def test_for_keyboard_and_screen_reader(opened: Page) -> None:
    """Every control has a name, the chart a text and a table, and contrast is enough in both modes."""
    assert 0 == opened.run("checks.nameless()")
    label = opened.run("document.querySelector('#chart svg').getAttribute('aria-label')")
    assert label.startswith("42 failures from 2026-11-01")
    assert 4 == opened.run("document.querySelectorAll('#time-table tbody tr').length")
    assert "en" == opened.run("document.documentElement.lang")
    for _ in range(2):
        assert opened.run("checks.contrast()") >= 4.5
        opened.run("document.getElementById('theme').click()")


def test_without_javascript(page: Path, tmp_path: Path) -> None:
    """Where scripts do not run, the codes are there as a plain table."""
    assert BROWSER is not None
    with Page(BROWSER, tmp_path / "profile") as browser:
        browser.send("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(page)
        root = browser.send("DOM.getDocument", depth=-1)["root"]["nodeId"]
        node = browser.send("DOM.querySelector", nodeId=root, selector="noscript table")["nodeId"]
        assert "<td>1002</td>" in browser.send("DOM.getOuterHTML", nodeId=node)["outerHTML"]
