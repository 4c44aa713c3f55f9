"""Takes out of a text what a call to 8x8 must not leave behind: keys, tokens, query strings, phone numbers."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from .hosts import locate
from .privacy import mask
from .urls import may_name_8x8, with_templates

__all__ = ["FILTERED", "Redactor"]

FILTERED: Final = "[Filtered]"

# "Bearer token is missing" is a sentence, "Bearer 3kq..." is not.
_WORDS: Final = r"(?:auth[a-z]*|credentials?|headers?|key|realm=?|schemes?|tokens?)(?![\w.~+/=\-])"
_BEARER: Final = re.compile(rf"(?i)\b(bearer[ \t]+)(?!{_WORDS})[A-Za-z0-9._~+/=\-]{{6,}}")
_BASIC: Final = re.compile(r"(?i)\b(basic[ \t]+)(?=\S*[0-9=])[A-Za-z0-9+/=]{8,}")
_QUOTED_HEADER: Final = re.compile(
    r"(?i)((?:authorization|api[_-]?key)\\*['\"]?[ \t]*[:=][ \t]*)(b?)(\\*['\"])(?:(?!\3).){1,500}\3"
)
# Looking for the digit is bounded: "authorization:" again and again would be read to its end at each of them.
_BARE_HEADER: Final = re.compile(
    r"(?i)(authorization:[ \t]*)(?!bearer\b|basic\b)(?=\S{0,300}\d)[A-Za-z0-9._~+/=\-]{8,}"
)

_UUID_OR_TIME: Final = (
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.+Z-]{4,28}"
)
_NUMBER: Final = re.compile(rf"({_UUID_OR_TIME})|[0-9](?:[ .\-()\[\]]{{0,2}}[0-9]){{6,}}")
_NOT_DIGIT: Final = re.compile(r"[^0-9]")
_DIGIT: Final = re.compile(r"[0-9]")
# Where bodies of 8x8's APIs have a phone number, and the texts in which its answers repeat one.
_NAMED: Final = re.compile(
    r"\"(?:destination|from|msisdn|number|phone|phoneNumber|phoneNumberNational|recipient|source|to)\""
    r"\s*:\s*\"?\+?([0-9][0-9 .()\-]{5,30})"
)
_SAID: Final = re.compile(r"\"(?:message|statusMessage|errorMessage|description)\"\s*:\s*\"((?:[^\"\\]|\\.){0,2000})")

# Of a request: the message's text and the addresses of contacts, and the code that somebody typed (Verification API).
_WORDS_SENT: Final = re.compile(r"(?:\"text\"\s{0,8}:\s{0,8}|(?=\"[^\"\\\s@]{1,64}@))\"((?:[^\"\\]|\\.){8,2000})\"")
_CODE_SENT: Final = re.compile(r"(?:^|[&;])(?:code|otp|passcode|pin)=([A-Za-z0-9]{4,12})(?=$|[&;])")
# A text that something has cut may end in the first digits of a number.
_CUT_NUMBER: Final = re.compile(r"[0-9](?:[ .\-()]{0,2}[0-9]){4,20}(?=\.\.\.(?:\n|$))")

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

    __slots__ = ("_codes", "_keys", "_parts", "_places", "_starts", "_tails", "_words")

    def __init__(self, carriers: Iterable[Any] = ()) -> None:
        self._keys: list[str] = []
        self._places: list[tuple[str, str]] = []
        self._words: list[str] = []
        self._codes: list[str] = []
        self._tails: set[bytes] = set()  # the last digits of each number, with which a local spelling ends too
        for carrier in carriers:
            try:
                self._learn(carrier)
            except Exception:  # noqa: BLE001, S110 - a double that only looks like a response teaches nothing
                pass
        self._starts = [key[:_MIN_KEY] for key in self._keys]
        self._parts = [*self._starts, *(target for target, _ in self._places), *self._words, *self._codes]

    def _learn(self, carrier: Any) -> None:
        request = getattr(carrier, "request", None)
        place = locate(str(getattr(request, "url", None) or ""))
        if request is None or place is None:
            return
        self._learn_url(request, place.endpoint)
        self._learn_key(request)
        for holder, name in ((request, "body"), (request, "_content"), (carrier, "_content")):
            body = getattr(holder, name, None)
            if isinstance(body, bytes):
                body = body[:_BODY].decode("utf-8", "replace")
            if isinstance(body, str) and body:
                self._learn_numbers(body[:_BODY])
                if holder is request:
                    self._learn_words(body[:_BODY])

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
        if len(split.query) >= _MIN_KEY:
            self._places.append((split.query, FILTERED))
            self._codes += [code for code in _CODE_SENT.findall(split.query) if code not in self._codes]
        parts = split.path.split("/") + re.split("[=&;]", split.query)
        for part in parts[:_NUMBERS]:
            number = unquote(part).strip().removeprefix("+")
            if _NUMBER.fullmatch(number):
                self._add_number(number)

    def _learn_numbers(self, body: str) -> None:
        for named in _NAMED.finditer(body):
            self._add_number(named.group(1))
        for said in _SAID.finditer(body):
            for number in _NUMBER.finditer(said.group(1)):
                if number.group(1) is None:
                    self._add_number(number.group())

    def _learn_words(self, body: str) -> None:
        words = [body] if len(body) > _TAIL else []
        for quoted in _WORDS_SENT.findall(body)[:_NUMBERS]:
            words.append(quoted)
            if "\\" in quoted:
                try:
                    words.append(json.loads(f'"{quoted}"'))
                except ValueError:
                    pass
        self._words += [word for word in words if word not in self._words]

    def _add_number(self, number: str) -> None:
        digits = _NOT_DIGIT.sub("", number)
        if len(digits) >= _TAIL and len(self._tails) < _NUMBERS:
            self._tails.add(digits[-_TAIL:].encode())

    def has_key(self, text: str) -> bool:
        """Tell whether there may be a key of the call in a text."""
        for start in self._starts:  # noqa: SIM110 - any() costs three times as much
            if start in text:
                return True
        return False

    def concerns(self, text: str) -> bool:
        """Tell, at a tenth of the price, whether there may be anything in a text to take out."""
        if ("://" in text or "with url: " in text) and may_name_8x8(text):
            return True
        lower = text.lower()
        for word in _TELLING:
            if word in lower:
                return True
        for part in self._parts:
            if part in text:
                return True
        if self._tails:
            if "..." in text and _CUT_NUMBER.search(text):
                return True
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
        for word in self._words:
            if word in text:
                text = text.replace(word, FILTERED)
        for target, endpoint in self._places:
            if target in text:
                text = text.replace(target, endpoint)
        text = with_templates(text)
        for code in self._codes:
            if code in text:  # not a part of a longer number; %20 may stand before it
                text = re.sub(rf"(?:(?<![0-9])|(?<=%[0-9A-Fa-f][0-9])){code}(?![0-9])", FILTERED, text)
        if self._tails:
            text = _NUMBER.sub(self._hide_number, text)
            if text.endswith("..."):
                text = _CUT_NUMBER.sub(lambda match: _DIGIT.sub("*", match.group()), text)
        return text

    def secrets(self, text: str) -> str:
        """Return a text without API keys and tokens, and with nothing else changed."""
        for key in self._keys:
            if key in text:
                text = text.replace(key, FILTERED)
            elif text.endswith("...") and key[:_MIN_KEY] in text:
                text = _without_start_of(key, text)
        lower = text.lower()
        if "bearer" in lower:
            text = _BEARER.sub(rf"\1{FILTERED}", text)
        if "basic" in lower:
            text = _BASIC.sub(rf"\1{FILTERED}", text)
        if "authorization" in lower or "api" in lower:
            text = _QUOTED_HEADER.sub(rf"\1\2\3{FILTERED}\3", text)
            text = _BARE_HEADER.sub(rf"\1{FILTERED}", text)
        return text

    def _hide_number(self, match: re.Match[str]) -> str:
        text = match.group()
        if match.group(1) is not None:
            return text
        digits = _NOT_DIGIT.sub("", text).encode()  # those of a neighbour too: "17 6591234567"
        return mask(text) if any(tail in digits for tail in self._tails) else text


def _without_start_of(key: str, text: str) -> str:
    """Take the start of a key from the end of a text that was cut there."""
    start = text.rindex(key[:_MIN_KEY])
    return f"{text[:start]}{FILTERED}..." if key.startswith(text[start:-3]) else text
