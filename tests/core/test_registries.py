"""The code tables are 8x8's own: every registry, held against copies of its pages and of the seed documents."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from eightbyeight_obs.core.catalogue import CATALOGUE, REGISTRIES, CodeEntry, explain

DATA = Path(__file__).parent.parent / "data"
FILES = {
    "api": "api_codes.json",
    "sms_receipt": "sms_dlr_codes.json",
    "chatapps_receipt": "chatapps_dlr_codes.json",
    "voice_status": "voice_status_codes.json",
    "voice_session": "voice_error_codes.json",
    "lookup": "number_lookup_codes.json",
    "http": "http_status.json",
}
COUNTS = {
    "api": 83,  # 77 of the page and 6 that occur only in OpenAPI examples
    "sms_receipt": 61,  # 0 to 61 without 6
    "chatapps_receipt": 98,  # 18 general, 55 WhatsApp, 25 Viber
    "voice_status": 22,
    "voice_session": 11,
    "lookup": 11,
    "reason_code": 12,
    "http": 62,
}
CATEGORIES = {
    "validation",
    "authentication",
    "authorization",
    "not_found",
    "rate_limit",
    "template",
    "unsupported",
    "server",
    "delivery",
    "unknown",
}

REWORDED = {
    1003: "Invalid Endoding",  # the document's typing error, fixed on the page since
    3053: "Invalid Button index",  # the page says "Invalid index" since
}
NEW = {
    1012: "Invalid Ip Address",  # on the page since 2025-10-23
    1014: "Insecure Protocol — unsupported TLS version",  # on the page since 2026-04-15, for HTTP 426
    3060: "Template is being deleted",  # on the page since 2026-02-23
}
UNDOCUMENTED = {
    429: "Quota exceeded",  # the code of the 429 bodies of SMS and Messaging Apps
    1404: "Session not found",  # Verification
    4018: "Invalid jobId",  # the exports
    5001: "Workflow name is required",  # Automation
    5003: "A group with the same name already exists",  # Contacts
    7001: "Request size must not exceed 100 MB",  # Messaging Apps, files
}
"""On no page: each is the code of an example in an OpenAPI file of 8x8's."""


def table(registry: str) -> dict[int, CodeEntry]:
    """The rows of one registry by code."""
    return {code: entry for (name, code), entry in CATALOGUE.items() if name == registry}


def facts(registry: str) -> list[dict[str, Any]]:
    """The rows of the copy of the page."""
    found: list[dict[str, Any]] = json.loads((DATA / "codes" / FILES[registry]).read_text(encoding="utf-8"))["codes"]
    return found


def seed() -> dict[str, dict[int, str]]:
    """The two tables of the seed document by their headings, line by line: ``1002Invalid MSISDN``."""
    text = (DATA / "seeds" / "api-error-codes.txt").read_text(encoding="utf-8")
    http, api = (part.partition("\n\n")[0] for part in text.split("CodeDescription\n")[1:])

    def lines(part: str, digits: int) -> dict[int, str]:
        return {int(line[:digits]): line[digits:].strip() for line in part.splitlines()}

    return {"http": lines(http, 3), "api": lines(api, 4)}


def test_the_registries_are_the_contract_s() -> None:
    """Eight tables; the ninth registry, transport, has exception classes instead of numbers."""
    assert set(COUNTS) == set(REGISTRIES)
    assert len(REGISTRIES) == len(set(REGISTRIES))


@pytest.mark.parametrize("registry", REGISTRIES)
def test_each_table_has_its_number_of_rows(registry: str) -> None:
    """Counted on 8x8's pages."""
    assert COUNTS[registry] == len(table(registry))


@pytest.mark.parametrize("registry", ["api", "sms_receipt", "voice_status", "voice_session", "lookup"])
def test_each_table_has_the_words_of_its_page(registry: str) -> None:
    """Code by code; what only an example of an OpenAPI file has is told apart."""
    expected = {row["code"]: row.get("description") or row.get("reason") or row["message"] for row in facts(registry)}
    if registry == "voice_status":
        # The page shows what follows the text; here that is the detail.
        expected[-1009] = "Invalid call flow entry provided."
    assert expected == {code: entry.description for code, entry in table(registry).items() if entry.documented}


def test_the_messaging_apps_table_has_reason_text_section_and_provider_code() -> None:
    """All columns of the page; one reason is split where the page puts both texts into one cell."""
    expected = {
        row["code"]: (
            row["reason"],
            row["description"],
            row["section"],
            None if row["provider_code"] is None else str(row["provider_code"]),
            row["is_error"],
        )
        for row in facts("chatapps_receipt")
    }
    expected[1051] = (
        "Message can't be delivered",
        "The recipient has opted-out of receiving marketing messages from your business",
        *expected[1051][2:],
    )
    # The copy in tests/data is older than the page that the catalogue was read from, commit f7021e35.
    newer = {code: table("chatapps_receipt")[code] for code in (1052, 1053, 1054)}
    assert [entry.provider_code for entry in newer.values()] == ["138017", "138009", None]
    expected |= {
        code: (entry.description, entry.detail, "whatsapp", entry.provider_code, True) for code, entry in newer.items()
    }
    assert expected == {
        code: (entry.description, entry.detail, entry.section, entry.provider_code, entry.failure)
        for code, entry in table("chatapps_receipt").items()
    }


def test_http_has_every_status_and_the_sentences_of_the_seed() -> None:
    """The phrase without the number is the description, the sentence the detail."""
    assert {status.value for status in HTTPStatus} <= set(table("http"))
    for row in facts("http"):
        entry = table("http")[row["status"]]
        assert entry.documented
        if row["seed_description"]:
            sentence = row["seed_description"].removeprefix("422 ")
            assert sentence == f"{entry.description}, {entry.detail}"
    assert "Upgrade Required" == table("http")[426].description


def test_the_seed_document_holds_line_by_line() -> None:
    """Every line of its second table, but for the two texts that 8x8 has changed since."""
    lines = seed()["api"]
    assert 74 == len(lines)
    rows = table("api")
    changed = {code: text for code, text in lines.items() if rows[code].description != text}
    assert REWORDED == changed
    added = {code: rows[code].description for code in rows.keys() - lines.keys()}
    assert NEW | UNDOCUMENTED == added


def test_the_seed_document_s_statuses_hold_line_by_line() -> None:
    """Every line of its first table; 426 is the one that 8x8 has added since."""
    lines = seed()["http"]
    rows = table("http")
    assert {code: text.removeprefix("422 ") for code, text in lines.items()} == {
        code: f"{rows[code].description}, {rows[code].detail}" for code in lines
    }
    assert {426} == {code for code, row in rows.items() if row.documented} - lines.keys()


def test_what_no_page_documents_is_marked() -> None:
    """Six codes of the API are known by an example each."""
    assert UNDOCUMENTED == {code: entry.description for code, entry in table("api").items() if not entry.documented}
    rows = json.loads((DATA / "codes" / "undocumented_api_codes.json").read_text(encoding="utf-8"))["codes"]
    examples = {row["code"]: row["example_message"] for row in rows if row["code"]}
    assert set(UNDOCUMENTED) == set(examples)
    for code, description in UNDOCUMENTED.items():
        assert examples[code].startswith(description)


def test_a_number_means_something_else_in_another_registry() -> None:
    """The forty integers of the list of collisions have the texts of their own tables."""
    names = {"sms_dlr": "sms_receipt", "chatapps_dlr": "chatapps_receipt"}
    found = json.loads((DATA / "codes" / "collisions.json").read_text(encoding="utf-8"))
    assert 40 == found["count"] == len(found["collisions"])
    for row in found["collisions"]:
        code = row.pop("code")
        assert len(row) >= 2
        for name, description in row.items():
            entry = CATALOGUE[names.get(name, name), code]
            assert description == entry.description, (name, code)


def test_the_collisions_are_all_there_are() -> None:
    """Between the tables that a webhook or a body of 8x8's can hold, and no other pair."""
    listed = {row["code"] for row in json.loads((DATA / "codes" / "collisions.json").read_text("utf-8"))["collisions"]}
    tables = ("api", "sms_receipt", "chatapps_receipt", "lookup")
    codes = [code for registry in tables for code, entry in table(registry).items() if entry.documented]
    assert listed == {code for code in codes if codes.count(code) > 1}


CATEGORY_OF_API = [
    ("validation", [*range(1000, 1013), *range(3001, 3030), 3047, 3048, 3050, 3051, 5001, 5003, 7001]),
    ("unsupported", [1014, 2001, 2002, 2003]),
    ("rate_limit", [1100, 1400, 429]),
    ("authentication", [1200]),
    ("authorization", [1201]),
    ("not_found", [1300, 1404, 4018]),
    ("server", [2000]),
    ("template", [*range(3030, 3047), 3049, 3052, 3053, 3060]),
]


def test_the_category_of_an_api_code_says_who_has_to_act() -> None:
    """Code by code, and no code is left over."""
    expected = {code: category for category, codes in CATEGORY_OF_API for code in codes}
    found = {code: entry.category for code, entry in table("api").items()}
    assert found == {code: category for code, category in expected.items() if code in found}


def test_the_category_of_an_http_status_says_who_has_to_act() -> None:
    """401, 403, 404 and 429 have their own, 410 and 426 are unsupported; else 4xx the caller, 5xx the server."""
    own = {401: "authentication", 403: "authorization", 404: "not_found", 429: "rate_limit"}
    own |= {410: "unsupported", 426: "unsupported"}
    for code, entry in table("http").items():
        if code >= 400:
            assert own.get(code, "server" if code >= 500 else "validation") == entry.category, code
        assert (code >= 400) == entry.failure, code


@pytest.mark.parametrize("registry", ["sms_receipt", "chatapps_receipt", "reason_code"])
def test_the_category_of_a_receipt_is_delivery_unless_its_text_says_more(registry: str) -> None:
    """Rate limit, authentication and server are the exceptions."""
    assert {"delivery", "rate_limit", "authentication", "server"} >= {e.category for e in table(registry).values()}


@pytest.mark.parametrize("registry", REGISTRIES)
def test_every_row_is_complete_and_printable(registry: str) -> None:
    """A text, a known category, a page, a source and its date, and nothing that breaks a line."""
    for code, entry in table(registry).items():
        assert (registry, code) == (entry.registry, entry.code)
        assert entry.category in CATEGORIES
        assert entry.url.startswith("https://")
        assert entry.source
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", entry.date)
        for text in (entry.description, entry.detail or "", entry.source):
            # The seed document has no-break spaces in one sentence; it is kept as it is.
            assert text.replace("\xa0", " ").isprintable(), text
            assert text == text.strip()
        assert entry.description
        assert entry.provider_code is None or isinstance(entry.provider_code, str)
        assert entry.retryable in {True, False, None}


def test_only_what_was_surely_not_accepted_may_be_sent_again() -> None:
    """A resend is a second message, paid twice."""
    assert {("api", 429), ("api", 1400), ("http", 429)} == {
        key for key, entry in CATALOGUE.items() if entry.retryable is True
    }
    assert not [key for key, entry in CATALOGUE.items() if entry.category == "server" and entry.retryable is not None]


def test_the_rows_that_tell_of_a_success_are_marked() -> None:
    """Viber's 2000, SMS's 0, Voice's 1, and HTTP below 400."""
    assert {("sms_receipt", 0), ("chatapps_receipt", 2000), ("voice_status", 1)} == {
        key for key, entry in CATALOGUE.items() if not entry.failure and key[0] != "http"
    }


def test_the_catalogue_cannot_be_changed() -> None:
    """Neither the mapping, nor a table, nor a row."""
    with pytest.raises(TypeError):
        CATALOGUE["api", 1002] = CATALOGUE["api", 1001]  # type: ignore[index]
    with pytest.raises(TypeError):
        del CATALOGUE["api", 1002]  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        CATALOGUE.table("api")[1002] = CATALOGUE["api", 1001]  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        CATALOGUE["api", 1002].description = "Fine"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        CATALOGUE.anything = 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "key", [("api", 9999), ("api", "1002"), ("api", True), ("transport", 1), ("nothing", 1), "api", None, 1002, ([], 1)]
)
def test_what_is_no_key_is_a_key_error(key: Any) -> None:
    """As in any mapping; explain() gives None instead."""
    with pytest.raises(KeyError):
        CATALOGUE[key]
    assert None is CATALOGUE.get(key)
    assert key not in CATALOGUE


def test_the_catalogue_counts_its_rows() -> None:
    """Iteration, length and repr agree, and each key finds its row."""
    assert sum(COUNTS.values()) == len(CATALOGUE) == len(set(CATALOGUE))
    assert f"<CATALOGUE of {sum(COUNTS.values())} codes in 8 registries>" == repr(CATALOGUE)
    assert all(CATALOGUE[key] is entry for key, entry in CATALOGUE.items())


@pytest.mark.parametrize(
    ("code", "registry", "found"),
    [
        (1002, "api", ("api", 1002)),
        ("1002", "api", ("api", 1002)),
        ("01002", "api", ("api", 1002)),
        ("-1007", "voice_status", ("voice_status", -1007)),
        ("1007", "voice_status", ("voice_status", -1007)),
        (404, "voice_status", ("http", 404)),
        ("http-502", "http", ("http", 502)),
        (502, "http", ("http", 502)),
        ("1007", "voice_session", None),
        ("http-502", "api", None),
        (True, "api", None),
        (1002.0, "api", None),
        ("1002 ", "api", None),
        ("١٠٠٢", "api", None),
        ("9" * 5000, "api", None),
        (None, "api", None),
        (1002, "no such registry", None),
        (1002, ["api"], None),
    ],
)
def test_explain_looks_a_code_up_as_it_is_written(code: Any, registry: Any, found: tuple[str, int] | None) -> None:
    """As an int, as in a tag, as in a body; what is no code is None."""
    assert (CATALOGUE[found] if found else None) == explain(code, registry)


def test_a_table_is_read_when_one_of_its_codes_is_first_asked_for() -> None:
    """Importing reads no file, one question reads one."""
    program = """
from eightbyeight_obs.core import catalogue
assert not catalogue.CATALOGUE._tables, catalogue.CATALOGUE._tables
catalogue.explain(1002)
print(*catalogue.CATALOGUE._tables)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ("api", "") == (done.stdout.strip(), done.stderr)
