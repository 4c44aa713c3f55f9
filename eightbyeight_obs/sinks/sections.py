"""The sections of a Sentry event, which are dictionaries or lists, there or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.redaction import FILTERED

__all__ = ["drop_values", "values"]


def values(section: object) -> list[dict[str, Any]]:
    """Return what is under ``values`` of a section, or the section itself where it is a list."""
    found = section.get("values") if isinstance(section, Mapping) else section
    return [value for value in found if isinstance(value, dict)] if isinstance(found, list) else []


def drop_values(event: dict[str, Any]) -> None:
    """Take out every value that scrubbing looks at; what is left names classes and places."""
    for exception in values(event.get("exception")):
        exception["value"] = FILTERED
    for holder in (*values(event.get("exception")), *values(event.get("threads")), event):
        stacktrace = holder.get("stacktrace")
        for frame in (stacktrace.get("frames") or ()) if isinstance(stacktrace, Mapping) else ():
            if isinstance(frame, dict):
                frame.pop("vars", None)
    for section in ("breadcrumbs", "contexts", "extra", "logentry", "message"):
        event.pop(section, None)
