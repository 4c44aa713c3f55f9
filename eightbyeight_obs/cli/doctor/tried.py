"""What follows from the synthetic failures: what left no trace, or two, where there should be one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

__all__ = ["HINT", "PRINTING", "PROBLEM", "Finding", "from_tries"]

_MESSAGE: Final = "doctor: could not send"  # what the sample in inside/ logs
PROBLEM: Final = "problem"
HINT: Final = "hint"
PRINTING: Final = ("PrintLoggerFactory", "WriteLoggerFactory", "BytesLoggerFactory", "PrintLogger")


class Finding(NamedTuple):
    """One conclusion.

    Attributes:
        level: ``"problem"``: something does not arrive. ``"hint"``: worth knowing.
        what: What is so.
        advice: What to do.
    """

    level: str
    what: str
    advice: str


def from_tries(look: dict[str, Any], tries: list[dict[str, Any]]) -> Iterator[Finding]:
    """Yield what follows from the tries in one process."""
    installed = look["installation"]["installed"]
    active = bool(look["sentry"] and look["sentry"]["active"])
    for tried in tries:
        if tried["error"]:
            yield Finding(
                PROBLEM,
                f"a synthetic failure through {tried['logger']} ended in {tried['error']}",
                "Report it as a bug.",
            )
            continue
        about_8x8 = tried["case"] != "unrelated"
        if active and not tried["events"] and tried["events_without_before_send"]:
            yield Finding(
                PROBLEM,
                f"before_send drops the event ({tried['logger']}, {tried['case']})",
                'Let events with the tag 8x8.code pass: if "8x8.code" in (event.get("tags") or {}): return event',
            )
        if installed and about_8x8:
            yield from _arrives(look, tried)
        tagged = [event for event in tried["events"] if event["tags"].get("8x8.code")]
        if installed and about_8x8 and tried["events"] and not tagged:
            yield Finding(
                PROBLEM,
                f"the Sentry event has no 8x8.code ({tried['logger']}, {tried['case']})",
                "Report it as a bug, with --json.",
            )
        if tagged and not about_8x8:
            yield Finding(PROBLEM, "an unrelated error was tagged as 8x8's", "Report it as a bug, with --json.")
        if len(tried["events"]) > 1:
            yield Finding(
                PROBLEM,
                f"one failure makes {len(tried['events'])} Sentry events ({tried['logger']}, {tried['case']})",
                "Two things report it: LoggingIntegration beside structlog-sentry or capture_exception().",
            )


def _arrives(look: dict[str, Any], tried: dict[str, Any]) -> Iterator[Finding]:
    """Conclude from a failure that left no trace where there should be one."""
    which = f"({tried['logger']}, {tried['case']})"
    heard = tried["logger"] == "structlog" or look["logging"]["handlers"]
    wired = tried["logger"] in look["installation"]["wired"]
    written = any(_MESSAGE in line["text"] for line in tried["lines"])
    coded = any("8x8.code" in line["keys"] or "8x8.code" in line["text"] for line in tried["lines"])
    if heard and wired and not (written and coded):
        what = "has no 8x8.code" if written else "is not written"
        advice = "Report it as a bug, with --json." if written else "Look at the levels and filters of its logger."
        yield Finding(PROBLEM, f"the log line about a failure {what} {which}", advice)
    sentry = look["sentry"] or {}
    silent = not tried["events"] and not tried["events_without_before_send"]
    if silent and sentry.get("active") and sentry["log_events_from"] == "ERROR" and not sentry["ignore_errors"]:
        printing = tried["logger"] == "structlog" and look["structlog"]["factory"].rpartition(".")[2] in PRINTING
        if not printing:
            yield Finding(
                HINT,
                f"a logged failure makes no Sentry event {which}",
                "An event processor, error_sampler or ignore_logger() drops it, or the log line is not written.",
            )
