"""What the small programs share: Sentry with a transport that keeps, and the report on standard output at the end."""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any

import sentry_sdk
from sentry_sdk.transport import Transport

EVENTS: list[dict[str, Any]] = []
LINES: list[dict[str, Any]] = []


class Kept(Transport):
    """Keeps Sentry's events, and prints them when the SDK flushes at the end of the program."""

    def capture_envelope(self, envelope: Any) -> None:
        EVENTS.extend(item.payload.json for item in envelope.items if item.type == "event")


class Lines(logging.Handler):
    """Keeps the log lines with their keys."""

    def emit(self, record: logging.LogRecord) -> None:
        keys = {key: value for key, value in vars(record).items() if key.startswith("8x8.")}
        LINES.append({"logger": record.name, "text": record.getMessage(), **keys})


def start_sentry(**options: Any) -> None:
    """Initialise Sentry as a service does."""
    sentry_sdk.init(
        dsn="https://public@sentry.invalid/1", transport=Kept, auto_enabling_integrations=False, release="1", **options
    )


def start_logging() -> None:
    """Configure logging as a service does."""
    logging.getLogger().addHandler(Lines())
    logging.getLogger().setLevel(logging.INFO)


def told() -> dict[str, Any]:
    """Return what was reported so far."""
    return {
        "pid": os.getpid(),
        "lines": [line for line in LINES if line["logger"] != "eightbyeight_obs"],
        "own": [line for line in LINES if line["logger"] == "eightbyeight_obs"],
        "events": [
            {
                "text": event.get("logentry", {}).get("message") or event.get("message"),
                "values": [
                    {"type": value["type"], "value": value["value"]}
                    for value in event.get("exception", {}).get("values", ())
                ],
                "tags": event.get("tags") or {},
                "fingerprint": event.get("fingerprint"),
                "functions": [
                    frame["function"]
                    for value in event.get("exception", {}).get("values", ())
                    for frame in value["stacktrace"]["frames"]
                ],
            }
            for event in EVENTS
        ],
    }


def tell(**more: Any) -> None:
    """Print one line of JSON."""
    sys.stdout.write(json.dumps({**told(), **more}) + "\n")
    sys.stdout.flush()
