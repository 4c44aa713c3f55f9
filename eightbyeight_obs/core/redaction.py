"""Takes out of a text what a call to 8x8 must not leave behind: keys, tokens, query strings, phone numbers."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from .hosts import extra_hosts, locate
from .privacy import mask

__all__ = ["FILTERED", "Redactor", "template_url"]

FILTERED: Final = "[Filtered]"

# In a URL as requests sends it a quote may stand unescaped; at the end of one that is quoted it may not.
_URL_CHARS: Final = r"(?:[^\s'\"<>\\]|'(?=[\w%+&=]))"
_URL: Final = re.compile(rf"\bhttps?://{_URL_CHARS}+", re.IGNORECASE)
# urllib3's words for a request that failed: the host and the path stand apart.
_POOL: Final = re.compile(rf"host='([^'\s]{{1,255}})', port=(\d{{1,5}}|None)\)(.{{0,300}}?with url: )(/{_URL_CHARS}*)")
# "Bearer token is missing" is a sentence, "Bearer 3kq..." is not.
_AUTHORITY_END: Final = re.compile(r"[/?#]")
_WORDS: Final = r"(?:auth[a-z]*|credentials?|headers?|key|realm=?|schemes?|tokens?)(?![\w.~+/=\-])"
_BEARER: Final = re.compile(rf"(?i)\b(bearer[ \t]+)(?!{_WORDS})[A-Za-z0-9._~+/=\-]{{6,}}")
_BASIC: Final = re.compile(r"(?i)\b(basic[ \t]+)(?=\S*[0-9=])[A-Za-z0-9+/=]{8,}")
_QUOTED_HEADER: Final = re.compile(r"(?i)(authorization\\*['\"]?[ \t]*[:=][ \t]*)(b?)(\\*['\"])(?:(?!\3).){1,500}\3")
_BARE_HEADER: Final = re.compile(r"(?i)(authorization:[ \t]*)(?!bearer\b|basic\b)(?=\S*\d)[A-Za-z0-9._~+/=\-]{8,}")

_UUID_OR_TIME: Final = (
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.+Z-]{4,28}"
)
_NUMBER: Final = re.compile(rf"({_UUID_OR_TIME})|[0-9](?:[ .\-()\[\]]{{0,2}}[0-9]){{6,}}")
_NOT_DIGIT: Final = re.compile(r"[^0-9]")
# Where bodies of 8x8's APIs have a phone number, and the texts in which its answers repeat one.
_NAMED: Final = re.compile(
    r"\"(?:destination|msisdn|number|phone|phoneNumber|recipient|source|to)\"\s*:\s*\"?\+?([0-9][0-9 .()\-]{5,30})"
)
_SAID: Final = re.compile(r"\"(?:message|statusMessage|errorMessage|description)\"\s*:\s*\"((?:[^\"\\]|\\.){0,2000})")

_MIN_KEY: Final = 6
_BODY: Final = 20_000
_NUMBERS: Final = 100
_TAIL: Final = 7
_TELLING: Final = ("authorization", "bearer", "basic", "apikey", "api_key", "api-key")


class Redactor:
    """Knows what the requests of some failing calls carried, and takes it out of texts.

    It keeps strings only, for the time that one event is looked at.

    Args:
        carriers: Responses, or exceptions that have a request; anything else is passed over.
    """

    __slots__ = ("_keys", "_places", "_tails")

    def __init__(self, carriers: Iterable[Any] = ()) -> None:
        self._keys: list[str] = []
        self._places: list[tuple[str, str]] = []
        self._tails: set[bytes] = set()  # the last digits of each number, with which a local spelling ends too
        for carrier in carriers:
            try:
                self._learn(carrier)
            except Exception:  # noqa: BLE001, S110 - a double that only looks like a response teaches nothing
                pass

    def _learn(self, carrier: Any) -> None:
        request = getattr(carrier, "request", None)
        place = locate(str(getattr(request, "url", None) or ""))
        if request is None or place is None:
            return
        self._learn_url(request, place.endpoint)
        self._learn_key(request)
        for holder, name in ((request, "body"), (request, "_content"), (carrier, "_content")):
            self._learn_numbers(getattr(holder, name, None))

    def _learn_key(self, request: Any) -> None:
        value = request.headers.get("Authorization")
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if not isinstance(value, str):
            return
        scheme, _, key = value.strip().rpartition(" ")
        keys = [key]
        if scheme.lower() == "basic":
            try:
                keys.append(base64.b64decode(key).decode().partition(":")[2])
            except ValueError:  # not base64, or not text
                pass
        self._keys += [key for key in keys if len(key) >= _MIN_KEY and key not in self._keys]

    def _learn_url(self, request: Any, endpoint: str) -> None:
        split = urlsplit(str(request.url))
        target = f"{split.path}?{split.query}" if split.query else split.path
        if target not in ("", "/") and target != endpoint:
            self._places.append((target, endpoint))
        parts = split.path.split("/") + re.split("[=&;]", split.query)
        for part in parts[:_NUMBERS]:
            number = unquote(part).strip().removeprefix("+")
            if _NUMBER.fullmatch(number):
                self._add_number(number)

    def _learn_numbers(self, body: object) -> None:
        if isinstance(body, bytes):
            body = body[:_BODY].decode("utf-8", "replace")
        if not isinstance(body, str):
            return
        for named in _NAMED.finditer(body[:_BODY]):
            self._add_number(named.group(1))
        for said in _SAID.finditer(body[:_BODY]):
            for number in _NUMBER.finditer(said.group(1)):
                if number.group(1) is None:
                    self._add_number(number.group())

    def _add_number(self, number: str) -> None:
        digits = _NOT_DIGIT.sub("", number)
        if len(digits) >= _TAIL and len(self._tails) < _NUMBERS:
            self._tails.add(digits[-_TAIL:].encode())

    def concerns(self, text: str) -> bool:
        """Tell, at a tenth of the price, whether there may be anything in a text to take out."""
        if ("://" in text or "with url: " in text) and _may_name_8x8(text):
            return True
        lower = text.lower()
        for word in _TELLING:
            if word in lower:
                return True
        for key in self._keys:
            if key in text:
                return True
        for target, _ in self._places:
            if target in text:
                return True
        if self._tails:
            digits = text.encode("utf-8", "replace").translate(None, b" .-()[]")  # 20 times as fast as on a str
            return any(tail in digits for tail in self._tails)
        return False

    def text(self, text: str) -> str:
        """Return a text of the service's or a library's without keys, with 8x8 URLs as templates, numbers masked.

        ``https://verify.8x8.com/api/v2/subaccounts/Acme/sessions/1?code=1234`` becomes
        ``https://verify.8x8.com/api/v2/subaccounts/{subAccountId}/sessions/{sessionId}``. Of phone numbers only
        those of the failing call are masked: an order number stays.
        """
        if not self.concerns(text):
            return text
        text = self.secrets(text)
        for target, endpoint in self._places:
            if target in text:
                text = text.replace(target, endpoint)
        if "://" in text and _may_name_8x8(text):
            text = _URL.sub(_reduce_url, text)
        if "with url: " in text and _may_name_8x8(text):
            text = _POOL.sub(_reduce_pool, text)
        return _NUMBER.sub(self._hide_number, text) if self._tails else text

    def secrets(self, text: str) -> str:
        """Return a text without API keys and tokens, and with nothing else changed."""
        for key in self._keys:
            if key in text:
                text = text.replace(key, FILTERED)
        lower = text.lower()
        if "bearer" in lower:
            text = _BEARER.sub(rf"\1{FILTERED}", text)
        if "basic" in lower:
            text = _BASIC.sub(rf"\1{FILTERED}", text)
        if "authorization" in lower:
            text = _QUOTED_HEADER.sub(rf"\1\2\3{FILTERED}\3", text)
            text = _BARE_HEADER.sub(rf"\1{FILTERED}", text)
        return text

    def _hide_number(self, match: re.Match[str]) -> str:
        text = match.group()
        if match.group(1) is not None:
            return text
        digits = _NOT_DIGIT.sub("", text).encode()  # those of a neighbour too: "17 6591234567"
        return mask(text) if any(tail in digits for tail in self._tails) else text


def _may_name_8x8(text: str) -> bool:
    return "8x8" in text or "8X8" in text or "wavecell" in text.lower() or bool(extra_hosts())


def template_url(url: str) -> str | None:
    """Return a URL of 8x8's with its path as a template and without user and query; None for any other."""
    place = locate(url)
    if place is None:
        return None
    scheme, _, rest = url.partition("://")
    authority = _AUTHORITY_END.split(rest, maxsplit=1)[0].rpartition("@")[2]
    return f"{scheme}://{authority}{place.endpoint}"


def _reduce_url(match: re.Match[str]) -> str:
    url = match.group()
    trimmed = url.rstrip(").,;:]}'")
    template = template_url(trimmed)
    return url if template is None else template + url[len(trimmed) :]


def _reduce_pool(match: re.Match[str]) -> str:
    host, port, between, path = match.groups()
    place = locate(f"https://{host}:{port}{path}" if port != "None" else f"https://{host}{path}")
    if place is None:
        return match.group()
    return f"host='{host}', port={port}){between}{place.endpoint}"
