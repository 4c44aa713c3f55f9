"""Takes the dump of an HTTP exchange apart: ``curl -i``, ``curl -v``, a browser's or a proxy's raw copy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["HttpAnswer", "answers_in"]

_STATUS: Final = re.compile(r"^(?:< ?)?HTTP/[0-9.]{1,3} ([1-5][0-9]{2})\b", re.MULTILINE)
_REQUEST: Final = re.compile(
    r"^(?:> ?)?(GET|POST|PUT|PATCH|DELETE) (\S{1,2000})(?: HTTP/[0-9.]{1,3})?\s*$", re.MULTILINE
)
_HOST: Final = re.compile(r"^(?:> ?)?host: *(\S{1,300})\s*$", re.MULTILINE | re.IGNORECASE)
_RETRY_AFTER: Final = re.compile(r"^(?:< ?)?retry-after: *([0-9]{1,9})\s*$", re.MULTILINE | re.IGNORECASE)
_NOISE: Final = re.compile(r"^(?:\* |[{}] \[).*\n?", re.MULTILINE)  # curl -v's own remarks


class HttpAnswer(NamedTuple):
    """One answer of the dump.

    Attributes:
        status: The HTTP status.
        body: What stood after the headers.
        url: Built from the request's path and its Host header, where the dump has them.
        method: The request's method, where the dump has it.
        retry_after: Seconds.
    """

    status: int
    body: str
    url: str | None
    method: str | None
    retry_after: int | None


def answers_in(text: str) -> Iterator[HttpAnswer]:
    """Yield the answers of a dump in their order; none for a text without a status line."""
    text = text.replace("\r\n", "\n")
    starts = list(_STATUS.finditer(text))
    before = 0
    for number, start in enumerate(starts):
        following = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        head, blank, rest = text[start.start() : following].partition("\n<\n" if text[start.start()] == "<" else "\n\n")
        if not blank:  # "< " alone, with its blank
            head, _, rest = text[start.start() : following].partition("\n< \n")
        method = url = None
        for request in _REQUEST.finditer(text, before, start.start()):  # the last request before the answer
            method, target = request.group(1), request.group(2)
            host = _HOST.search(text, request.end(), start.start())
            if target.startswith(("http://", "https://")):
                url = target
            else:
                url = f"https://{host.group(1)}{target}" if host else None
        after = _RETRY_AFTER.search(head)
        # What belongs to the next request is no part of this body.
        upcoming = _REQUEST.search(rest) if number + 1 < len(starts) else None
        body = _NOISE.sub("", rest[: upcoming.start()] if upcoming else rest).strip()
        before = start.end()
        yield HttpAnswer(int(start.group(1)), body, url, method, int(after.group(1)) if after else None)
