"""``explain`` and ``codes``."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from eightbyeight_obs import CATALOGUE
from eightbyeight_obs.cli.advice import CATEGORIES, REGISTRY_TITLES, advise, retry_text
from eightbyeight_obs.core.catalogue import REGISTRIES

Cli = Callable[..., Any]


def test_a_code(cli: Cli) -> None:
    """explain 1300 tells meaning, who acts, whether to send again, and the page."""
    ran = cli("explain", "1300")
    assert (0, "") == (ran.code, ran.err)
    for piece in ("1300  Not found", "the calling service", "no: the same request fails again", "api-error-codes"):
        assert piece in ran.out


def test_every_registry_that_knows_it(cli: Cli) -> None:
    """explain 2000 shows the three registries that know it, in the catalogue's order."""
    found = json.loads(cli("explain", "2000", "--json").out)
    assert [("api", True), ("chatapps_receipt", False), ("lookup", True)] == [
        (entry["registry"], entry["failure"]) for entry in found
    ]


def test_one_registry(cli: Cli) -> None:
    """--registry picks one meaning."""
    (found,) = json.loads(cli("explain", "15", "--registry", "sms_receipt", "--json").out)
    assert ("sms_receipt", "Invalid destination") == (found["registry"], found["description"])


@pytest.mark.parametrize(
    ("code", "description"),
    [
        ("-1007", "Invalid action type was used."),
        ("http-502", "Bad Gateway"),
        ("502", "Bad Gateway"),
        ("ReadTimeout", "8x8 did not answer in time."),
        ("rejected", "8x8 answered 2xx and rejected"),
    ],
)
def test_what_stands_in_a_log_line(cli: Cli, code: str, description: str) -> None:
    """Negative codes, http-502, states and exception classes are explained as they stand in 8x8.code."""
    ran = cli("explain", code, "--json")
    assert 0 == ran.code
    assert json.loads(ran.out)[0]["description"].startswith(description)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("HTTP 502", "http-502"), ("HTTP502", "http-502"), ("Rejected", "rejected"), ("readtimeout", "ReadTimeout"),
     ("Rejected by device", "rejected_by_device"), (" 1300 ", "1300")],
)  # fmt: skip
def test_as_typed_from_memory(cli: Cli, typed: str, code: str) -> None:
    """Case and blanks do not matter."""
    ran = cli("explain", typed, "--json")
    assert (0, [code]) == (ran.code, [found["code"] for found in json.loads(ran.out)])


def test_webhook_code_without_its_minus(cli: Cli) -> None:
    """Voice's webhooks write -1007 as 1007: shown where that registry is asked for, and nowhere else."""
    (found,) = json.loads(cli("explain", "1007", "-r", "voice_status", "--json").out)
    assert "-1007" == found["code"]
    assert "voice_status" not in [entry["registry"] for entry in json.loads(cli("explain", "1007", "--json").out)]


def test_several(cli: Cli) -> None:
    """Several codes are explained in their order; an unknown one among them gives exit code 1."""
    ran = cli("explain", "1002", "3999", "1001", "--json")
    assert (1, ["1002", "1001"]) == (
        ran.code,
        [entry["code"] for entry in json.loads(ran.out) if entry["registry"] == "api"],
    )
    assert "no table of 8x8's has the code 3999" in ran.err


def test_other_registry_has_it(cli: Cli) -> None:
    """A code that another registry has is found there, with what to type."""
    ran = cli("explain", "60", "--registry", "api")
    assert 1 == ran.code
    assert "eightbyeight-obs explain 60 --registry sms_receipt" in ran.err


def test_words_are_for_search(cli: Cli) -> None:
    """Words instead of a code lead to codes --search."""
    ran = cli("explain", "invalid msisdn")
    assert (1, True) == (ran.code, 'eightbyeight-obs codes --search "invalid msisdn"' in ran.err)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("explain", "1300", "--registri", "api"), "there is no option --registri"),
        (("explain", "1300", "--registry", "apii"), "Did you mean --registry api?"),
        (("codes", "--registry", "sms"), "Did you mean --registry sms_receipt?"),
        (("codes", "--category", "server_error"), "Did you mean --category server?"),
        (("codes", "--registry", "x"), "Accepted: api, sms_receipt"),
    ],
)
def test_wrong_arguments(cli: Cli, arguments: tuple[str, ...], hint: str) -> None:
    """A wrong argument is named with what is accepted; the exit code is 2."""
    ran = cli(*arguments)
    assert (2, "", True) == (ran.code, ran.out, hint in ran.err)


def test_hostile_code(cli: Cli) -> None:
    """A code with a terminal escape and markup in it is shown escaped."""
    ran = cli("explain", "\x1b]0;title\x07[red]")
    assert (1, False) == (ran.code, "\x1b" in ran.err)
    assert "\\x1b]0;title\\x07[red]" in ran.err


def test_all_codes(cli: Cli) -> None:
    """codes lists the whole catalogue."""
    listed = {(entry["registry"], entry["code"]) for entry in json.loads(cli("codes", "--json").out)}
    assert {(registry, f"http-{code}" if registry == "http" else str(code)) for registry, code in CATALOGUE} == listed


def test_filters(cli: Cli) -> None:
    """--registry, --category and --search narrow the list together; words may be in any order and case."""
    arguments = ("codes", "-r", "api", "-c", "template", "-s", "LANGUAGE template", "--json")
    assert ["3036", "3037"] == [entry["code"] for entry in json.loads(cli(*arguments).out)]


def test_list_for_eyes_and_grep(cli: Cli) -> None:
    """The table has one code per line, whole, in a pipe."""
    lines = cli("codes", "-r", "api", "-s", "msisdn").out.splitlines()
    assert ["1002", "3002", "3003"] == [line.split()[0] for line in lines[1:]]


def test_nothing_fits(cli: Cli) -> None:
    """No code that fits is exit code 1; --json still prints a document."""
    ran = cli("codes", "--search", "nothing has this", "--json")
    assert (1, []) == (ran.code, json.loads(ran.out))


def test_advice_is_complete() -> None:
    """Every category and registry of the catalogue has its advice and title."""
    assert {entry.category for entry in CATALOGUE.values()} <= set(CATEGORIES)
    assert {*REGISTRIES, "transport"} == set(REGISTRY_TITLES)
    assert CATEGORIES["unknown"] == advise("no such category")


def test_resending_costs() -> None:
    """Only a true retryable says yes; unknown and receipts warn of a second message."""
    assert retry_text(True, "api").startswith("yes")
    assert "paid twice" in retry_text(None, "api")
    assert "paid again" in retry_text(None, "sms_receipt")
