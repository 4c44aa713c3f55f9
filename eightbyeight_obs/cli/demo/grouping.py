"""How Sentry puts events into issues, as far as the demo needs it.

Sentry's default: an explicit fingerprint; else the stack trace of the application with the exception's
type; else type and value; else the message. Numbers, dates and ids in a message do not count. (Sentry's
documentation, "Issue Grouping", and ``src/sentry/grouping`` of getsentry/sentry.)
"""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["group_key", "title"]

_DEFAULT: Final = "{{ default }}"
_PARAMETERS: Final = (
    (re.compile(r"https?://[^\s'\"]+"), "<url>"),
    (re.compile(r"(?i)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"\b\d{4}-\d{2}-\d{2}[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?"), "<date>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "<hex>"),
    (re.compile(r"\b\d+\.\d+\b"), "<float>"),
    (re.compile(r"\b\d+\b"), "<int>"),
)


def group_key(event: dict[str, Any]) -> tuple[str, ...]:
    """Return what makes two events one issue: equal keys."""
    fingerprint = event.get("fingerprint") or [_DEFAULT]
    key: list[str] = []
    for part in fingerprint:
        key.extend(_default(event) if str(part).strip() == _DEFAULT else [str(part)])
    return tuple(key)


def title(event: dict[str, Any]) -> str:
    """Return the headline of the event, as the list of issues shows it."""
    exceptions = _exceptions(event)
    if exceptions:
        last = exceptions[-1]
        value = str(last.get("value") or "")
        return f"{last.get('type')}: {value}" if value else str(last.get("type"))
    return _message(event)


def _exceptions(event: dict[str, Any]) -> list[dict[str, Any]]:
    values = (event.get("exception") or {}).get("values")
    return values if isinstance(values, list) else []


def _message(event: dict[str, Any]) -> str:
    entry = event.get("logentry") or {}
    return str(entry.get("formatted") or entry.get("message") or event.get("message") or "")


def _default(event: dict[str, Any]) -> list[str]:
    key: list[str] = []
    for exception in _exceptions(event):
        frames = [f for f in (exception.get("stacktrace") or {}).get("frames") or [] if f.get("in_app")]
        key.append(str(exception.get("type")))
        if frames:
            key += [f"{f.get('module')}:{f.get('function')}:{str(f.get('context_line')).strip()}" for f in frames]
        else:
            key.append(_parametrize(str(exception.get("value"))))
    return key or [_parametrize(str((event.get("logentry") or {}).get("message") or _message(event)))]


def _parametrize(text: str) -> str:
    for pattern, name in _PARAMETERS:
        text = pattern.sub(name, text)
    return text
