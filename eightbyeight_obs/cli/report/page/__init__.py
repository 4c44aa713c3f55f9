"""The report as one page: data, style and script in one file, which asks for nothing from any network."""

from __future__ import annotations

import base64
import hashlib
import json
import pkgutil
from html import escape
from typing import Any, Final

from ....core.privacy import clean
from ..summary import Report

__all__ = ["MARK", "render"]

MARK: Final = "<!-- eightbyeight-obs report -->"
"""What the first line of every page has: a file with it may be written over."""

_TEXT: Final = 2_000


def render(report: Report, cube: dict[str, Any]) -> str:
    """Return the page.

    Everything from the logs goes in as JSON, in which no character can end the element around it; the
    script puts it on the page as text, never as HTML. A policy in the page's head allows this script and
    this style, by their hashes, and nothing else: no request, no other script, no form.
    """
    style, script = _file("page.css"), _file("page.js")
    values = {
        "MARK": MARK,
        "POLICY": f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        "STYLE": style,
        "SCRIPT": script,
        "DATA": _data({"report": report, "cube": cube}),
        "ROWS": "\n".join(_static_row(code) for code in report["codes"]),
        "COUNT": f"{report['failures']:,}",
    }
    page = _file("page.html")
    head, *parts = page.split("{{")
    # One pass over the template: nothing in a value is taken for a placeholder.
    return head + "".join(values[name] + rest for name, _, rest in (part.partition("}}") for part in parts))


def _file(name: str) -> str:
    data = pkgutil.get_data(__name__, name)
    if data is None:  # pragma: no cover - only a loader without get_data answers None
        raise FileNotFoundError(name)
    return data.decode("utf-8").replace("\r\n", "\n")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data(value: Any) -> str:
    """Return JSON that may stand in a script element: no ``<``, ``>`` or ``&`` is left in it."""
    text = json.dumps(_cleaned(value), ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("\x7f", "\\u007f")


def _cleaned(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _cleaned(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    # A ticket has lines of its own, and was cleaned line by line when it was made.
    return clean(value, _TEXT) if isinstance(value, str) and name != "ticket" else value


def _static_row(code: dict[str, Any]) -> str:
    cells = (f"{code['count']:,}", code["code"], code["registry"], code["description"], code["category"])
    return "<tr>" + "".join(f"<td>{escape(clean(str(cell)))}</td>" for cell in cells) + "</tr>"
