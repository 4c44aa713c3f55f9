"""Masking and escaping of whatever the network sent, before it reaches a tag, a title, a log line or a ticket."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["clean", "identifier", "mask", "message_text", "timestamp"]

# 7 or more digits, single spaces, dots, dashes and brackets between them allowed; two together, so that a
# bracket may have its space ("(02) 1234-5678"). Every step consumes a digit: the search is linear.
_DIGIT_RUN: Final = re.compile(r"\d(?:[ .\-()\[\]\u00a0\u2010-\u2013]{0,2}\d){6,}")
_ASCII_RUN: Final = re.compile(r"[0-9](?:[ .\-()\[\]]{0,2}[0-9]){6,}")
_DIGIT: Final = re.compile(r"\d")
_RUN: Final = 7
_BEARER: Final = re.compile(r"(?i)\b(bearer|basic)[ \t]+[A-Za-z0-9._~+/=\-]{6,}")

_EMAIL: Final = re.compile(r"[^\s@<>()\"',;:=/]{1,64}@[^\s@<>()\"',;:=/]{1,255}")

# C0 and C1 controls, line and paragraph separators, bidirectional overrides, and lone surrogates (which
# json.loads lets through and which no handler can encode).
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_UUID: Final = re.compile(r"\{?[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}\}?")
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9._:@+={}/&-]{1,200}")
_NOT_IDENTIFIER: Final = re.compile(r"[^A-Za-z0-9._:@+={}/&*-]+")
_TIMESTAMP: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)

_MESSAGE_LIMIT: Final = 1000


def mask(text: str) -> str:
    """Replace the digits of every run of 7 or more by ``*``, but for the last two.

    Single spaces, dots, dashes and brackets between digits belong to the run: ``"+65 9123-4567"``
    becomes ``"+** ****-**67"``.
    """
    if not text.isascii():
        return _DIGIT_RUN.sub(_hide, text)
    raw = text.encode()
    if len(raw) - len(raw.translate(None, b"0123456789")) < _RUN:
        return text  # too few digits for a run: a tenth of the price of searching for one
    return _ASCII_RUN.sub(_hide, text)


def _hide(run: re.Match[str]) -> str:
    text = run.group()
    if text.isdigit():
        return "*" * (len(text) - 2) + text[-2:]
    left = len(_DIGIT.findall(text)) - 2
    return _DIGIT.sub("*", text, count=left)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if short:
        return short
    return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"


def clean(text: str, limit: int = 200) -> str:
    """Write control characters, direction marks and lone surrogates as escapes, and cut to ``limit`` characters."""
    # Twice the limit is enough text to fill it, whatever is escaped: a long hostile text costs no more.
    if text.isprintable() and text.isascii():
        return text[:limit]
    return _UNPRINTABLE.sub(_escape, text[: 2 * limit])[:limit]


def message_text(value: object) -> str | None:
    """Return the free text of an answer as it may be logged: escaped, digit runs masked, tokens and e-mails removed."""
    if not isinstance(value, str) or not value:
        return None
    text = clean(value, 2 * _MESSAGE_LIMIT)
    lower = text.lower()
    if "bearer" in lower or "basic" in lower:
        text = _BEARER.sub(r"\1 [Filtered]", text)
    if "@" in text:
        text = _EMAIL.sub("[Filtered]", text)
    # Masked before it is cut, so that a cut through a number does not leave a run too short to be seen.
    return mask(text)[:_MESSAGE_LIMIT]


def identifier(value: object) -> str | None:
    """Return an id (errorId, umid, sub-account) as sent, if that is safe in a tag.

    A UUID goes through untouched. Of anything else, characters that no id of 8x8's has (blanks, quotes,
    angle brackets, controls) become ``_`` and digit runs are masked; so is a value that is nothing but a number.
    """
    if not isinstance(value, str) or not value:
        return None
    if _UUID.fullmatch(value):
        return value
    if _DIGIT_RUN.fullmatch(value[:400].strip("+-.()[] ")):
        return mask(clean(value))
    # With such characters it is a text in the place of an id, and masked like one.
    return value if _IDENTIFIER.fullmatch(value) else _NOT_IDENTIFIER.sub("_", mask(value[:400]))[:200]


def timestamp(value: object) -> str | None:
    """Return a timestamp as sent (up to 7 fraction digits), or None for anything that is none."""
    return value if isinstance(value, str) and _TIMESTAMP.fullmatch(value) else None
