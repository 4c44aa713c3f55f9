"""Finds JSON objects in any text: whole documents, lines, and what stands between other words."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["key_values", "objects_in", "parse_json", "plain_text"]

_DECODER: Final = json.JSONDecoder()
_DOCUMENT_LIMIT: Final = 16 * 1024 * 1024
_LITERAL_LIMIT: Final = 16 * 1024
_FAILURES: Final = 20  # of starts of objects that turn out to be none; then the text is taken for prose
_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PAIR: Final = re.compile(r"""(8x8\.[a-z_]+)=("(?:[^"\\]|\\.){0,2000}"|'(?:[^'\\]|\\.){0,2000}'|[^\s"']{1,400})""")


def parse_json(text: str) -> Any:
    """Return the value of a text that is one JSON document, or None."""
    if len(text) > _DOCUMENT_LIMIT:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def objects_in(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a text from left to right, and Python's ``{'code': 1002}`` where there are such."""
    at, failed = text.find("{"), 0
    while at >= 0 and failed < _FAILURES:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            failed += 1
            value, end = _literal(text, at), at + 1
            if value is not None:
                end = text.find("}", at) + 1
        if isinstance(value, dict):
            yield value
        at = text.find("{", end)


def _literal(text: str, at: int) -> dict[str, Any] | None:
    """Read ``{'code': 1002, ...}``, which is what ``log.error("%s", response.json())`` writes."""
    if not text.startswith("{'", at):
        return None
    line = text[at : at + _LITERAL_LIMIT].partition("\n")[0]
    end = line.rfind("}")
    try:
        value = ast.literal_eval(line[: end + 1])
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):  # TypeError: {{}} is a set of dicts
        return None
    return value if isinstance(value, dict) else None


def plain_text(text: str) -> str:
    """Return a line without the colours of a console renderer."""
    return _ANSI.sub("", text) if "\x1b" in text else text


def key_values(text: str) -> dict[str, str]:
    """Return the ``8x8.*`` keys of a line of the form ``event='x' 8x8.code=1002`` (structlog's other renderers)."""
    pairs = {}
    for key, value in _PAIR.findall(text):
        quote = value[0]
        pairs[key] = value[1:-1].replace("\\" + quote, quote) if quote in "\"'" else value
    return pairs
