"""The XML twin of a receipt -> nested dictionaries, read as carefully as anything from the network."""

from __future__ import annotations

from typing import Any, Final, NoReturn
from xml.parsers import expat

__all__ = ["parse_xml"]

_LIMIT: Final = 256 * 1024  # bytes; 8x8's receipts have one or two thousand, and 1 MiB of attributes takes 70 ms
_DEEPEST: Final = 16  # 8x8's receipts have 4 levels
_MOST_ELEMENTS: Final = 1000  # and some 20 elements


class _Refused(Exception):  # noqa: N818 - never leaves this module
    pass


def parse_xml(body: bytes | str) -> dict[str, Any] | None:
    """Return the elements under the root as a dictionary of texts and dictionaries.

    A document type, and with it every entity of its own, is refused: nothing expands and nothing is fetched.

    Args:
        body: The document; bytes in the encoding that it declares.

    Returns:
        The dictionary (of elements of the same name the first), or None for what is no XML, too long, too deep
        or refused.
    """
    if not body or len(body) > _LIMIT:
        return None
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    try:
        parser.Parse(body.removeprefix("\ufeff") if isinstance(body, str) else body, True)  # noqa: FBT003 - isfinal
    except (expat.ExpatError, _Refused, ValueError, LookupError):
        return None  # not well-formed; too much; an encoding that Python does not know, or lone surrogates
    root = reader.root
    return root if isinstance(root, dict) else None


def _refuse(*_: object) -> NoReturn:
    raise _Refused


class _Reader:
    """Builds the dictionaries; an element with elements in it has no text of its own."""

    def __init__(self) -> None:
        self.root: dict[str, Any] | str = ""
        self._elements = 0
        self._open: list[dict[str, Any]] = []
        self._texts: list[str] = []

    def start(self, _name: str, _attributes: object) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS or len(self._open) >= _DEEPEST:
            raise _Refused
        self._open.append({})
        self._texts.clear()

    def text(self, text: str) -> None:
        self._texts.append(text)

    def end(self, name: str) -> None:
        children = self._open.pop()
        value: dict[str, Any] | str = children or "".join(self._texts).strip()
        self._texts.clear()
        if self._open:
            self._open[-1].setdefault(name, value)
        else:
            self.root = value
