"""What the decoders of webhooks share: reading a part of a body, describing it, keeping its private parts out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from eightbyeight_obs.core.catalogue import CATALOGUE, CodeEntry
from eightbyeight_obs.core.privacy import identifier, message_text

__all__ = ["describe_code", "describe_state", "mapping", "reference", "safe_message", "words"]

# What nearly every sub-account looks like, and no phone number: one match instead of the three of ``identifier``.
_USUAL_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9._&-]{2,49}")
_UUID_LENGTH: Final = 36  # twice the digits of the longest phone number

# Keys of a payload whose values are a person's, or what was written to one; in parts of parts too.
_PRIVATE: Final = (
    "source",
    "destination",
    "user",
    "recipient",
    "content",
    "outboundContent",
    "details",
    "phoneNumber",
    "displayPhoneNumber",
    "templateName",
)
_SHORTEST: Final = 3  # characters; what is shorter cannot be told from a part of a word
_MOST_VALUES: Final = 200
_LONGEST: Final = 4000  # characters of an error text; ``message_text`` keeps 1,000
_DEEPEST: Final = 8


def mapping(value: object) -> Mapping[str, Any] | None:
    """Return a mapping as it is, and None for anything else."""
    return value if type(value) is dict or isinstance(value, Mapping) else None


def reference(value: object) -> str | None:
    """Return an id (umid, batch, session, sub-account) as ``identifier`` does, the usual ones quicker."""
    if isinstance(value, str):
        if len(value) == _UUID_LENGTH:
            if value.isascii() and value.replace("-", "").isalnum():
                return value
        elif _USUAL_ID.fullmatch(value):
            return value
    return identifier(value)


def words(state: str) -> str:
    """Write a state as a description: ``"rejected_by_device"`` -> ``"Rejected by device"``."""
    return state.replace("_", " ").capitalize()


def describe_code(code: str, registry: str, unknown: str) -> tuple[str, str, bool]:
    """Return (description, category, failure) of a number; ``unknown`` is the category where the table lacks it."""
    entry: CodeEntry | None = CATALOGUE.table(registry).get(int(code))  # type: ignore[attr-defined]
    if entry is None:
        return f"Unknown 8x8 code {code}", unknown, True
    return entry.description, entry.category, entry.failure


def describe_state(state: str, category: str) -> tuple[str, str]:
    """Return (description, category) of a failure that has a state instead of a number."""
    return words(state), category


def safe_message(value: object, description: str, payload: Mapping[str, Any]) -> str | None:
    """Return the error text of a webhook as it may be logged.

    Besides what ``message_text`` does, the sender, the recipient and the text of the same message are replaced
    where the error text quotes them. Documented words need no search.
    """
    if not value or not isinstance(value, str):
        return None
    if value == description or value in _documented_words():
        return value
    text = value[:_LONGEST]
    for name in _PRIVATE:
        part = payload.get(name)
        if part:
            for private in _texts(part):
                if private in text:
                    text = text.replace(private, "[Filtered]")
    return message_text(text)


@cache
def _documented_words() -> frozenset[str]:
    """Return the texts of the two tables of receipts: Messaging Apps receipts have SMS's words too."""
    registries = ("sms_receipt", "chatapps_receipt")
    return frozenset(entry.description for registry in registries for entry in CATALOGUE.table(registry).values())  # type: ignore[attr-defined]


def _texts(part: object) -> Iterator[str]:
    """Yield the texts in a part of a payload, breadth first."""
    level = [part]
    left = _MOST_VALUES
    for _ in range(_DEEPEST):
        deeper: list[object] = []
        for value in level[:left]:
            if isinstance(value, str):
                if len(value) >= _SHORTEST:
                    yield value
            elif isinstance(value, Mapping):
                deeper.extend(value.values())
            elif isinstance(value, list):
                deeper.extend(value)
        left -= len(level)
        if left <= 0 or not deeper:
            return
        level = deeper
