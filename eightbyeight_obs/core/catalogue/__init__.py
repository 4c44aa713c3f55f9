"""The code tables of 8x8, one JSON file per registry, read on first use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from ..values import dataclass

__all__ = ["CATALOGUE", "REGISTRIES", "CodeEntry", "explain"]

REGISTRIES: Final = (
    "api",
    "sms_receipt",
    "chatapps_receipt",
    "voice_status",
    "voice_session",
    "lookup",
    "reason_code",
    "http",
)
"""The registries that have a table. The ninth, ``transport``, names exception classes instead."""


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One row of 8x8's tables of codes.

    Attributes:
        registry: The table, one of ``REGISTRIES``; the same integer means other things in other tables.
        code: The number, negative in the two voice tables.
        description: The short text of 8x8's page, e.g. ``"Invalid MSISDN"``.
        category: Who has to act, e.g. ``"validation"`` (the caller) or ``"server"`` (8x8).
        retryable: True only where 8x8 surely did not accept the request; None where it is not known.
        detail: The longer text of the page, where it has one.
        url: The page that documents the code.
        source: Where the row was read: repository, file and commit, or OpenAPI file.
        date: When that source was published, ``YYYY-MM-DD``.
        documented: False for a code that occurs only in examples, or that is none of 8x8's (plain HTTP).
        failure: False for the rows that tell of a success (Viber 2000, SMS 0, Voice 1, HTTP below 400).
        provider_code: Meta's or Viber's own code for the same reason, a string.
        section: The part of the page (``"general"``, ``"whatsapp"``, ``"viber"``), where it has parts.
    """

    registry: str
    code: int
    description: str
    category: str
    retryable: bool | None = None
    detail: str | None = None
    url: str = ""
    source: str = ""
    date: str = ""
    documented: bool = True
    failure: bool = True
    provider_code: str | None = None
    section: str | None = None


class _Catalogue(Mapping[tuple[str, int], CodeEntry]):
    """All rows by (registry, code). A registry's file is read when one of its codes is first asked for."""

    __slots__ = ("_tables",)

    def __init__(self) -> None:
        self._tables: dict[str, Mapping[int, CodeEntry]] = {}

    def table(self, registry: str) -> Mapping[int, CodeEntry]:
        """Return the rows of one registry by code; empty for a registry without a table."""
        table = self._tables.get(registry)
        if table is None:
            # Two threads may read the same file at the same time; both get equal tables and one stays.
            table = self._tables.setdefault(registry, MappingProxyType(_read(registry)))
        return table

    def __getitem__(self, key: tuple[str, int]) -> CodeEntry:
        try:
            registry, code = key
            if registry in REGISTRIES and type(code) is int:
                return self.table(registry)[code]
        except (TypeError, ValueError):
            pass  # not a pair, or not hashable: no key of ours, hence the KeyError below
        raise KeyError(key)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return ((registry, code) for registry in REGISTRIES for code in self.table(registry))

    def __len__(self) -> int:
        return sum(len(self.table(registry)) for registry in REGISTRIES)

    def __repr__(self) -> str:
        return f"<CATALOGUE of {len(self)} codes in {len(REGISTRIES)} registries>"


def _read(registry: str) -> dict[int, CodeEntry]:
    import pkgutil

    raw = pkgutil.get_data(__name__, f"{registry}.json")
    if raw is None:  # pragma: no cover - only a loader without get_data answers None
        return {}
    head = json.loads(raw)
    rows = head.pop("codes")
    return {row["code"]: CodeEntry(**{**head, **row}) for row in rows}


CATALOGUE: Final[Mapping[tuple[str, int], CodeEntry]] = _Catalogue()
"""Every known code: ``CATALOGUE["api", 1002].description == "Invalid MSISDN"``. Immutable."""


def explain(code: int | str, registry: str = "api") -> CodeEntry | None:
    """Look a code up as it appears in a log line, a tag or a body.

    Args:
        code: ``1002``, ``"1002"``, ``"-1007"``, or ``"http-502"`` (and ``502``) with the registry ``http``.
        registry: One of ``REGISTRIES``.

    Returns:
        The row, or None where the table has none. In ``voice_status`` the webhook endpoints write a
        code without its minus ("1001" for -1001) and calls answer 401, 404 and 500 with HTTP's
        meaning; both are looked up so (8x8's OpenAPI file of the Voice API, 2026-07-25).
    """
    try:
        number = _number(code, registry)
        if number is None or registry not in REGISTRIES:
            return None
        table = CATALOGUE.table(registry)  # type: ignore[attr-defined]
        entry: CodeEntry | None = table.get(number)
        if entry is None and registry == "voice_status" and number > 0:
            entry = table.get(-number)
            if entry is None and number >= 400:
                entry = CATALOGUE.table("http").get(number)  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - total by contract: an unhashable registry, a code whose str() raises
        return None
    return entry


def _number(code: int | str, registry: str) -> int | None:
    if type(code) is int:
        return code
    if not isinstance(code, str):
        return None
    if registry == "http":
        code = code.removeprefix("http-")
    digits = code.removeprefix("-")
    return int(code) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None
