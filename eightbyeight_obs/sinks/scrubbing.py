"""What is taken out of a Sentry event about 8x8: keys, query strings, phone numbers, the clients' local variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from ..core.details import PREFIX
from ..core.redaction import FILTERED, Redactor
from ..core.urls import template_url
from ..guard import contained
from .http_clients import CLIENTS
from .sections import drop_values, values

__all__ = ["scrub_event"]

_SECRET_ENDINGS: Final = ("authorization", "apikey")
_UNCHANGED: Final = (bool, int, float, datetime, type(None))
_PLAIN: Final = frozenset(_UNCHANGED)
_QUOTED: Final = ("'", '"', "b'", 'b"')
_LINES: Final = ("pre_context", "context_line", "post_context")
_OWN_CONTEXT: Final = "8x8"
_OWN_CODE: Final = "8x8.code"

# The bound on the work for one event. A value costs 1, and 1 more per 64 characters. What is left over when
# it is used up is not looked at and hence not sent; the frames nearest to the failure come first.
_BUDGET: Final = 6000
_DEPTH: Final = 6
_TEXT: Final = 20_000
_WIDE: Final = 1000


def scrub_event(event: dict[str, Any], carriers: Iterable[Any] = ()) -> None:
    """Scrub an event that was attributed to a failure of 8x8's, in place; other events never come here.

    Args:
        event: The event before the SDK serialises it.
        carriers: The responses and exceptions that it is about; what their requests carried is looked for.
    """
    try:
        _Scrubber(Redactor(carriers)).scrub(event)
    except Exception:  # noqa: BLE001 - what could not be looked at is not sent
        contained("scrubbing")
        drop_values(event)


class _Scrubber:
    """The walk through one event."""

    __slots__ = ("_left", "_redactor")

    def __init__(self, redactor: Redactor, budget: int = _BUDGET) -> None:
        self._redactor = redactor
        self._left = budget

    def scrub(self, event: dict[str, Any]) -> None:
        """Scrub what names a call first, the service's local variables last."""
        exceptions = values(event.get("exception"))
        for exception in exceptions:
            if isinstance(exception.get("value"), str):
                exception["value"] = self._text(exception["value"])
        if isinstance(event.get("message"), str):
            event["message"] = self._text(event["message"])
        for section in ("logentry", "extra"):
            if isinstance(event.get(section), Mapping):
                event[section] = self._section(event[section])
        if isinstance(event.get("contexts"), Mapping):
            event["contexts"] = {
                name: context if name == _OWN_CONTEXT else self._section(context)
                for name, context in event["contexts"].items()
            }
        self._scrub_breadcrumbs(event)
        for holder in (*reversed(exceptions), *values(event.get("threads")), event):
            self._scrub_frames(holder.get("stacktrace"))

    def _spend(self, length: int = 0) -> bool:
        self._left -= 1 + (length >> 6)
        return self._left > 0

    def _text(self, text: str) -> str:
        text = text[:_TEXT]
        return self._redactor.text(text) if self._spend(len(text)) else FILTERED

    def _is_clean(self, value: object) -> bool:
        """Tell of a whole section at once whether nothing in it has to be looked at more closely."""
        texts: list[str] = []
        if self._left <= 0 or not _gather(value, texts, _DEPTH) or sum(map(len, texts)) > _TEXT:
            return False
        whole = "\n".join(texts)
        self._spend(len(texts) // 8 + len(whole))
        return not self._redactor.concerns(whole)

    def _section(self, value: Any) -> Any:
        """Scrub a part that the SDK takes for a dictionary after us: one that is not looked at is left empty."""
        scrubbed = self._data(value)
        return scrubbed if isinstance(scrubbed, dict) or not isinstance(value, Mapping) else {}

    def _data(self, value: Any, depth: int = _DEPTH) -> Any:
        """Scrub what the service logged: texts, containers, and objects by the text that they will be sent as."""
        try:
            return self._said(value, depth)
        except Exception:  # noqa: BLE001 - a lazy object that cannot say what it is: this one value is not sent
            return FILTERED

    def _said(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, _UNCHANGED):
            return value
        if depth == 0 or not self._spend():
            return FILTERED
        if isinstance(value, Mapping):
            return {
                self._text(key) if isinstance(key, str) else key: FILTERED
                if _is_secret(key)
                else self._data(item, depth - 1)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._data(item, depth - 1) for item in value]
        if isinstance(value, (bytes, bytearray)):  # the SDK sends them as text
            return self._text(bytes(value).decode("utf-8", "replace"))
        try:
            said = repr(value)
        except Exception:  # noqa: BLE001 - the SDK meets the same and writes "<broken repr>"
            return value
        scrubbed = self._text(said)
        return value if scrubbed == said else scrubbed

    def _name(self, key: Any) -> Any:
        """Scrub the key of a dictionary among local variables: accounts may be kept by their API key."""
        return self._redactor.secrets(key[:_TEXT]) if isinstance(key, str) and self._redactor.has_key(key) else key

    def _scrub_frames(self, stacktrace: object) -> None:
        frames = stacktrace.get("frames") if isinstance(stacktrace, Mapping) else None
        if not isinstance(frames, list):
            return
        for frame in reversed(frames):
            if not isinstance(frame, dict):
                continue
            if isinstance(frame.get("vars"), Mapping):
                module = frame.get("module")
                is_client = isinstance(module, str) and module.partition(".")[0] in CLIENTS
                if is_client:
                    frame["vars"] = {}
                elif not self._is_clean(frame["vars"]):
                    frame["vars"] = self._variables(frame["vars"], _DEPTH)
            self._scrub_lines(frame)

    def _scrub_lines(self, frame: dict[str, Any]) -> None:
        """Scrub the lines of source code around: a key may be written there."""
        lines = {name: frame[name] for name in _LINES if frame.get(name)}
        if not self._is_clean(lines):
            scrubbed = self._data(lines)
            for name in lines:
                frame[name] = scrubbed[name] if isinstance(scrubbed, dict) else None

    def _variables(self, value: Any, depth: int) -> Any:
        """Replace keys and tokens in the serialised local variables of a frame; the rest is the service's own.

        A variable that is an exception shows its text, which is treated like the exception's value. What is a
        string in the service is in quotes here.
        """
        if isinstance(value, str):
            value = value[:_TEXT]
            if not self._spend(len(value)):
                return FILTERED
            return self._redactor.secrets(value) if value.startswith(_QUOTED) else self._redactor.text(value)
        if isinstance(value, _UNCHANGED):
            return value
        if depth == 0 or not self._spend():
            return FILTERED
        if isinstance(value, Mapping):
            return {
                self._name(key): FILTERED if _is_secret(key) else self._variables(item, depth - 1)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._variables(item, depth - 1) for item in value]
        return value

    def _scrub_breadcrumbs(self, event: dict[str, Any]) -> None:
        """Scrub the breadcrumbs of 8x8 calls. They are copied: the originals belong to the scope."""
        section = event.get("breadcrumbs")
        crumbs = section.get("values") if isinstance(section, Mapping) else section
        if not isinstance(crumbs, list):
            return
        scrubbed = [self._breadcrumb(crumb) if isinstance(crumb, dict) else crumb for crumb in crumbs]
        event["breadcrumbs"] = {**section, "values": scrubbed} if isinstance(section, Mapping) else scrubbed

    def _breadcrumb(self, crumb: dict[str, Any]) -> dict[str, Any]:
        data = crumb.get("data")
        if type(data) is dict and _OWN_CODE in data:
            if crumb.get("category") == _OWN_CONTEXT:
                return crumb  # our own
            # Of a log line that has our keys: they are in our own breadcrumb of the call, and the SDK keeps ten.
            data = {key: value for key, value in data.items() if not str(key).startswith(PREFIX)}
            crumb = {**crumb, "data": data}
        elif type(data) is dict and crumb.get("type") == "http" and isinstance(data.get("url"), str):
            template = template_url(data["url"]) if self._spend(len(data["url"])) else None
            if template is not None:
                kept = {key: value for key, value in data.items() if not str(key).endswith((".query", ".fragment"))}
                return {**crumb, "data": {**kept, "url": template}}
        if self._is_clean(crumb):
            return crumb
        scrubbed = dict(crumb)
        if isinstance(crumb.get("message"), str):
            scrubbed["message"] = self._text(crumb["message"])
        if isinstance(data, Mapping):
            scrubbed["data"] = self._section(data)
        return scrubbed


def _gather(value: Any, texts: list[str], depth: int) -> bool:
    """Collect every text in a value, keys too; tell whether it holds nothing but texts, numbers and containers."""
    if depth == 0 or len(value) > _WIDE:
        return False
    if type(value) is dict:
        texts += value
        value = value.values()
    for item in value:
        kind = type(item)
        if kind is str:
            texts.append(item)
        elif kind is dict or kind is list or kind is tuple:
            if not _gather(item, texts, depth - 1):
                return False
        elif kind not in _PLAIN:
            return False
    return True


def _is_secret(key: object) -> bool:
    """Tell whether a key names an API key: ``Authorization``, ``proxy-authorization``, ``"x-api-key"``, ``API_KEY``."""
    if not isinstance(key, str) or len(key) > 64:
        return False
    return key.strip("'\"").lower().replace("-", "").replace("_", "").endswith(_SECRET_ENDINGS)
