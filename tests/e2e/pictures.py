"""Pictures of Bugsink's pages with headless Chromium, for the README."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import time
from pathlib import Path

from tests.cli.browser import Page, find
from tests.e2e.bugsink_server import Bugsink

WIDTH, HEIGHT = 1240, 860
_SAYS = "heading => heading.textContent.trim() === '%s'"


def take(server: Bugsink, issue: str, folder: Path) -> list[Path]:
    """Take the pictures of the issue list, of an event and of an issue's tags; return the files.

    Args:
        server: A running Bugsink.
        issue: The issue whose event and tags are shown.
        folder: Where the pictures go.
    """
    program = find()
    if program is None:
        raise RuntimeError("no Chromium on this machine; on Debian: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    # The page, and the text of the heading that is scrolled to.
    pages = {
        "sentry-issues.png": (f"/issues/{server.project['shop']}/", None),
        "sentry-event.png": (f"/issues/issue/{issue}/event/last/details/", "Tags"),
        "sentry-tags.png": (f"/issues/issue/{issue}/tags/", None),
    }
    taken = []
    with server.browser() as session, Page(program, folder.parent / "profile", WIDTH, HEIGHT) as page:
        for cookie in session.cookies:
            page.send("Network.setCookie", name=cookie.name, value=cookie.value or "", url=server.url)
        for name, (path, heading) in pages.items():
            page.send("Page.navigate", url=server.url + path)
            time.sleep(0.5)
            while page.run("document.readyState") != "complete":
                time.sleep(0.2)
            page.run("document.fonts.ready.then(() => true)")
            if heading is not None:
                page.run(f"[...document.querySelectorAll('h1, h2')].find({_SAYS % heading}).scrollIntoView()")
            page.picture(folder / name, whole=False)
            _shrink(folder / name)
            taken.append(folder / name)
    shutil.rmtree(folder.parent / "profile", ignore_errors=True)
    return taken


def _shrink(picture: Path) -> None:
    """Reduce a picture to 64 colours, where Pillow is installed; the session e2e installs it for pictures."""
    if importlib.util.find_spec("PIL") is None:
        return
    pillow = importlib.import_module("PIL.Image")
    with pillow.open(picture) as taken:
        small = taken.convert("RGB").quantize(64, dither=pillow.Dither.NONE)
    small.save(picture, optimize=True)
