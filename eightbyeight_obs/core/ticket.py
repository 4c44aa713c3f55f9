"""The text to paste into an inquiry to 8x8's support."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Final

from .details import ErrorDetails, WebhookFailure
from .privacy import clean

__all__ = ["support_ticket"]

# facts of 8x8's support pages and OpenAPI contacts, 2026-07-23.
_WHERE: Final = "cpaas-support@8x8.com, or https://connect.8x8.com/support/tickets/create"
_LINE_LIMIT: Final = 2000
_FRACTION: Final = re.compile(r"\.(\d{1,6})\d*")


def support_ticket(details: ErrorDetails | WebhookFailure | None) -> str:
    """Return the text that 8x8's support needs: errorId (or the other references), code, time, place.

    Nothing private is in it: the server's message is masked and escaped, no number, body or header is known
    here. One fact per line; no value can add a line.

    Returns:
        The text, with a line break at its end; empty for anything that is no failure, so that what
        ``from_response`` returned can be passed on as it is.
    """
    if not isinstance(details, (ErrorDetails, WebhookFailure)):
        return ""
    try:
        return _text(details)
    except Exception:  # noqa: BLE001 - total by contract
        return ""


def _text(details: ErrorDetails | WebhookFailure) -> str:
    reference = next(
        (
            f"{name} {value}"
            for name, value in (
                ("errorId", getattr(details, "error_id", None)),
                ("UMID", details.umid),
                ("batchId", details.batch_id),
                ("request id", details.request_id),
                ("session id", details.session_id),
            )
            if value
        ),
        None,
    )
    subject = f"8x8 {details.code} {details.description}" + (f", {reference}" if reference else "")
    entry = details.entry
    status = getattr(details, "http_status", None)
    counts = [
        f"{count} {word}"
        for word, count in (
            ("rejected", getattr(details, "rejected_count", None)),
            ("accepted", getattr(details, "accepted_count", None)),
        )
        if count is not None
    ]
    lines = [
        ("errorId", getattr(details, "error_id", None)),
        ("UMID", details.umid),
        ("Batch id", details.batch_id),
        ("Request id", details.request_id),
        ("Session id", details.session_id),
        ("Code", f"{details.code} (registry {details.registry})"),
        ("Meaning", details.description),
        ("State", details.state),
        ("Channel", details.channel),
        ("Provider code", details.provider_code),
        ("HTTP status", None if status is None else str(status)),
        ("Time (UTC)", _utc(details.timestamp)),
        ("Product", details.product),
        ("Region", getattr(details, "region", None)),
        ("Endpoint", getattr(details, "endpoint", None)),
        ("Sub-account", details.sub_account),
        ("Messages", ", ".join(counts) or None),
        ("Reasons", getattr(details, "rejected_reasons", None)),
        ("First UMIDs", getattr(details, "rejected_umids", None)),
        ("Message", details.message),
        ("Documentation", entry.url if entry else None),
    ]
    known = [f"{label + ':':<15}{_line(value)}" for label, value in lines if value]
    return "\n".join([f"To: {_WHERE}", f"Subject: {_line(subject)}", "", *known]) + "\n"


def _line(value: str) -> str:
    """Escape what a help desk's page would take for markup, and the controls of a failure that was made by hand."""
    return clean(value, _LINE_LIMIT).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _utc(timestamp: str | None) -> str | None:
    """Return 8x8's timestamp in UTC, or as sent where it cannot be read."""
    if timestamp is None:
        return None
    # Python 3.10 reads 3 or 6 fraction digits only, and no "Z"; 8x8 sends 2 to 7 digits.
    text = _FRACTION.sub(lambda found: "." + found.group(1).ljust(6, "0"), timestamp.replace("Z", "+00:00"))
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return f"{timestamp} (no time zone sent)"
        moment = moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):  # no time, or one that UTC moves before year 1 or past 9999
        return timestamp
    return moment.strftime("%Y-%m-%d %H:%M:%S") + (f".{moment.microsecond // 1000:03}" if moment.microsecond else "")
