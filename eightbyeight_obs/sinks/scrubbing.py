"""What is taken out of a Sentry event about 8x8: tokens, query strings, numbers in URLs, clients' locals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from eightbyeight_obs.core.hosts import extra_hosts, locate

__all__ = ["scrub_event", "scrub_text"]

_FILTERED: Final = "[Filtered]"
_CLIENT_MODULES: Final = ("requests", "urllib3", "http.client")
_URL: Final = re.compile(r"\bhttps?://[^\s'\"<>\\]{1,2000}")
# urllib3's words for a request that failed: the host and the path stand apart.
_POOL: Final = re.compile(r"host='([^'\s]{1,255})', port=(\d{1,5})\)(.{0,300}?with url: )(/[^\s'\"]{0,2000})")
_TOKEN: Final = re.compile(r"(?i)\b(bearer|basic)([ \t]+)[A-Za-z0-9._~+/=\-]{6,}")
_AUTHORIZATION: Final = re.compile(r"(?i)(authorization['\"]?[ \t]*[:=][ \t]*)(b?)(['\"])(?:(?!\3).){1,500}\3")
_SECRET_KEYS: Final = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "apikey", "api_key"})

# Bounds for one event: an event with 200 frames is scrubbed within 2 ms, a larger one loses the rest of its values.
_DEPTH: Final = 6
_VALUES: Final = 5000
_LONG: Final = 20_000


def scrub_text(text: str) -> str:
    """Return the text with URLs of 8x8 reduced to their template and bearer tokens replaced.

    ``https://verify.8x8.com/api/v2/subaccounts/Acme/sessions/1?code=1234`` becomes
    ``https://verify.8x8.com/api/v2/subaccounts/{subAccountId}/sessions/{sessionId}``.
    """
    if len(text) > _LONG:
        text = text[:_LONG]
    if "://" in text and _may_name_8x8(text):
        text = _URL.sub(_reduce_url, text)
    if "with url: " in text and _may_name_8x8(text):
        text = _POOL.sub(_reduce_pool, text)
    return _without_tokens(text)


def _may_name_8x8(text: str) -> bool:
    return "8x8" in text or "8X8" in text or "wavecell" in text or bool(extra_hosts())


def _reduce_url(match: re.Match[str]) -> str:
    url = match.group()
    trimmed = url.rstrip(").,;:]}")
    place = locate(trimmed)
    if place is None:
        return url
    port = urlsplit(trimmed).port
    host = f"{place.host}:{port}" if port else place.host
    return f"{trimmed.partition('://')[0]}://{host}{place.endpoint}{url[len(trimmed) :]}"


def _reduce_pool(match: re.Match[str]) -> str:
    host, port, between, path = match.groups()
    place = locate(f"https://{host}:{port}{path}")
    if place is None:
        return match.group()
    return f"host='{host}', port={port}){between}{place.endpoint}"


def _without_tokens(text: str) -> str:
    lower = text.lower()
    if "bearer" in lower or "basic" in lower:
        text = _TOKEN.sub(rf"\1\2{_FILTERED}", text)
    if "authorization" in lower:
        text = _AUTHORIZATION.sub(rf"\1\2\3{_FILTERED}\3", text)
    return text


def scrub_event(event: dict[str, Any]) -> None:
    """Scrub an event that was attributed to a failure of 8x8's, in place; other events never come here."""
    budget = [_VALUES]
    for exception in _values(event.get("exception")):
        if isinstance(exception.get("value"), str):
            exception["value"] = scrub_text(exception["value"])
        _scrub_frames(exception.get("stacktrace"), budget)
    for thread in _values(event.get("threads")):
        _scrub_frames(thread.get("stacktrace"), budget)
    _scrub_frames(event.get("stacktrace"), budget)
    if isinstance(event.get("message"), str):
        event["message"] = scrub_text(event["message"])
    if isinstance(event.get("logentry"), Mapping):
        event["logentry"] = {key: _scrub_message(value) for key, value in event["logentry"].items()}
    if isinstance(event.get("extra"), Mapping):
        event["extra"] = {key: _scrub_message(value) for key, value in event["extra"].items()}
    _scrub_breadcrumbs(event)


def _values(section: object) -> list[dict[str, Any]]:
    values = section.get("values") if isinstance(section, Mapping) else section
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _scrub_message(value: Any) -> Any:
    """Scrub a log message or its parameters, which are texts or a list or mapping of texts."""
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, (list, tuple)):
        return [_scrub_message(item) for item in value[:100]]
    if isinstance(value, dict):
        return {
            key: _FILTERED if _is_secret(key) else scrub_text(item) if isinstance(item, str) else item
            for key, item in value.items()
        }
    return value


def _scrub_frames(stacktrace: object, budget: list[int]) -> None:
    frames = stacktrace.get("frames") if isinstance(stacktrace, Mapping) else None
    if not isinstance(frames, list):
        return
    for frame in frames:
        if not isinstance(frame, dict) or not isinstance(frame.get("vars"), Mapping):
            continue
        module = frame.get("module")
        if isinstance(module, str) and module.startswith(_CLIENT_MODULES):
            frame["vars"] = {}
        else:
            frame["vars"] = _scrub_variables(frame["vars"], budget, _DEPTH)


def _scrub_variables(value: Any, budget: list[int], depth: int) -> Any:
    """Replace secrets in the serialised local variables of one frame; bounded in depth and number."""
    budget[0] -= 1
    if depth == 0 or budget[0] <= 0:
        return _FILTERED
    if isinstance(value, str):
        return _without_tokens(value[:_LONG])
    if isinstance(value, Mapping):
        return {
            key: _FILTERED if _is_secret(key) else _scrub_variables(item, budget, depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_scrub_variables(item, budget, depth - 1) for item in value]
    return value


def _is_secret(key: object) -> bool:
    return isinstance(key, str) and key.strip("'\"").lower() in _SECRET_KEYS


def _scrub_breadcrumbs(event: dict[str, Any]) -> None:
    """Scrub the breadcrumbs of 8x8 calls. They are copied first: the originals belong to the scope."""
    section = event.get("breadcrumbs")
    crumbs = section.get("values") if isinstance(section, Mapping) else section
    if not isinstance(crumbs, list):
        return
    scrubbed = [_scrub_breadcrumb(crumb) if isinstance(crumb, dict) else crumb for crumb in crumbs]
    event["breadcrumbs"] = {**section, "values": scrubbed} if isinstance(section, Mapping) else scrubbed


def _scrub_breadcrumb(crumb: dict[str, Any]) -> dict[str, Any]:
    data = crumb.get("data")
    scrubbed = dict(crumb)
    if isinstance(crumb.get("message"), str):
        scrubbed["message"] = scrub_text(crumb["message"])
    if isinstance(data, Mapping):
        called = data.get("url") or data.get("http.url") or data.get("url.full")
        is_ours = isinstance(called, str) and locate(called) is not None
        scrubbed["data"] = {
            key: scrub_text(value) if isinstance(value, str) else value
            for key, value in data.items()
            if not (is_ours and key in ("http.query", "http.fragment", "url.query", "url.fragment"))
        }
    return scrubbed
