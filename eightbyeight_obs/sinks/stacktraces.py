"""The stack traces of a Sentry event: none of our frames in them, and none added after scrubbing."""

from __future__ import annotations

from typing import Any, Final

import sentry_sdk
from sentry_sdk.utils import current_stacktrace

__all__ = ["add_stacktrace", "drop_our_frames"]

_OUR_PREFIX: Final = __name__.partition(".")[0] + "."


def add_stacktrace(event: dict[str, Any]) -> None:
    """Add the stack of the log call now, where ``attach_stacktrace`` would have the SDK add it after scrubbing."""
    options = sentry_sdk.get_client().options
    if options.get("attach_stacktrace") and not any(key in event for key in ("exception", "stacktrace", "threads")):
        stacktrace = current_stacktrace(
            include_local_variables=options.get("include_local_variables", True),
            max_value_length=options.get("max_value_length"),
        )
        event["threads"] = {"values": [{"stacktrace": stacktrace, "crashed": False, "current": True}]}


def drop_our_frames(event: dict[str, Any]) -> None:
    """Take out frames of the wrappers (the SDK leaves most of them out already, by ``__tracebackhide__``)."""
    for name in ("exception", "threads"):
        section = event.get(name)
        for value in section.get("values") or () if isinstance(section, dict) else section or ():
            stacktrace = value.get("stacktrace") if isinstance(value, dict) else None
            frames = stacktrace.get("frames") if isinstance(stacktrace, dict) else None
            if isinstance(stacktrace, dict) and isinstance(frames, list):
                kept = [frame for frame in frames if not _is_ours(frame)]
                if kept and len(kept) < len(frames):
                    stacktrace["frames"] = kept


def _is_ours(frame: Any) -> bool:
    module = frame.get("module") if isinstance(frame, dict) else None
    return isinstance(module, str) and module.startswith(_OUR_PREFIX) and not module.startswith(_OUR_PREFIX + "cli")
