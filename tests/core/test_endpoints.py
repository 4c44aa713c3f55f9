"""What a path tells: the endpoint's template, the sub-account, and never an id or a number."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from specs import HOSTS as DATA
from specs import Operation, operations, url_of
from strategies import numbers, urls

from eightbyeight_obs.core.endpoints import LITERALS, TEMPLATES
from eightbyeight_obs.core.hosts import Place, is_8x8, locate

SMS = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
NO_API = {"video_interaction", "smpp", "webhook_configuration", "legacy_wavecell"}
"""Products of hosts.json that are no API of their own host, or whose errors are not decoded."""


def templates() -> list[tuple[str, str]]:
    """Every (host, path) of hosts.json and of the OpenAPI files."""
    rows = {
        (host, path)
        for row in DATA["products"]
        if row["product"] not in NO_API
        for host in row["hosts"]
        for path in row["paths"]
    }
    rows |= {(operation.host, operation.path) for operation in operations()}
    return sorted(rows)


@pytest.mark.parametrize(("host", "template"), templates())
def test_each_documented_path_is_its_own_template(host: str, template: str) -> None:
    """A URL made from a documented path, its placeholders filled, gives that path's template back."""
    place = locate(url_of(Operation("", host, "GET", template)), "GET")
    assert place is not None
    assert f"GET {template}" == place.endpoint
    assert ("Acme_hq" if "{subAccountId}" in template else None) == place.sub_account


def test_the_templates_are_the_documented_ones_and_no_name_is_another() -> None:
    """Every template of ours is documented in 8x8's data, but for those of pages that it does not hold."""
    documented = {template for _, template in templates()}
    others = {template for template in TEMPLATES if template not in documented}
    wavecell = {template for template in others if not template.startswith("/api/")}
    assert {
        "/api/v1/subaccounts/{subAccountId}/calls",  # the migration guide, for voice.wavecell.com
        "/api/v1/{subAccountId}/single",  # the getting-started page
    } == others - wavecell
    first = {template.split("/")[1] for template in wavecell}
    assert {"chatapps", "config", "ipm", "otp", "sms", "verify"} == first


WAVECELL = {
    "/sms/v1/Acme_hq/single": ("sms", "/sms/v1/{subAccountId}/single", "Acme_hq"),
    "/sms/v1/Acme_hq/many/compact": ("sms", "/sms/v1/{subAccountId}/many/compact", "Acme_hq"),
    "/sms/v1/Acme_hq/many/77": ("sms", "/sms/v1/{subAccountId}/many/{batchId}", "Acme_hq"),
    "/chatapps/v1/Acme_hq/message/single": ("chatapps", "/chatapps/v1/{subAccountId}/message/single", "Acme_hq"),
    "/ipm/v1/Acme_hq/message/many": ("chatapps", "/ipm/v1/{subAccountId}/message/many", "Acme_hq"),
    "/verify/v2/Acme_hq": ("verify", "/verify/v2/{subAccountId}", "Acme_hq"),
    "/otp/v1/Acme_hq/abc?code=123456": ("verify", "/otp/v1/{subAccountId}/{uid}", "Acme_hq"),
    "/config/v1/webhook": (None, "/config/v1/webhook", None),
    "/": (None, "/", None),
}


@pytest.mark.parametrize("path", WAVECELL)
def test_the_old_gateway_tells_the_product_by_its_path(path: str) -> None:
    """On api.wavecell.com the first segment is the product; the region is apac."""
    product, template, account = WAVECELL[path]
    expected = Place("api.wavecell.com", product, "apac", f"POST {template}", account)
    assert expected == locate("https://api.wavecell.com" + path, "POST")


OTHER_PATHS = {
    "/api/v1/subaccounts/Acme_hq/messages/f2ea5276/unheard/of": (
        "/api/v1/subaccounts/{id}/messages/{id}/{id}/{id}",
        "Acme_hq",
    ),
    "/api/v9/subaccounts/Acme_hq/messages": ("/api/{id}/subaccounts/{id}/messages", "Acme_hq"),
    "/api/v1/SUBACCOUNTS/Acme_hq/messages": ("/api/v1/{id}/{id}/messages", None),
    "/api/v1/phones/+6591234567": ("/api/v1/phones/{id}", None),
    "/api/v1/subaccounts/x/messages": ("/api/v1/subaccounts/{subAccountId}/messages", None),  # too short to be one
    "/api/v1/subaccounts/a%00b%0A/messages": ("/api/v1/subaccounts/{subAccountId}/messages", None),
    "/api/v1/subaccounts": ("/api/v1/subaccounts", None),
    "/api/v1/subaccounts/messages/messages": ("/api/v1/subaccounts/{subAccountId}/messages", "messages"),
    "/contacts/6591234567": ("/contacts/{id}", None),
    "/api/v1/Acme_hq/single": ("/api/v1/{subAccountId}/single", "Acme_hq"),
    "/": ("/", None),
    "": ("/", None),
}


@pytest.mark.parametrize("path", OTHER_PATHS)
def test_in_any_other_path_only_known_words_stay(path: str) -> None:
    """A path that no template fits keeps the literal words of the templates; every other segment is {id}."""
    template, account = OTHER_PATHS[path]
    assert Place("sms.8x8.com", "sms", "apac", f"GET {template}", account) == locate(
        "https://sms.8x8.com" + path, "GET"
    )


def test_a_literal_word_comes_before_a_placeholder() -> None:
    """`/messages/batch` and `/messages/exports` are their own templates, not a umid."""
    base = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages/"
    found = [locate(base + word) for word in ("batch", "exports", "f2ea5276")]
    template = "/api/v1/subaccounts/{subAccountId}/messages/"
    assert [template + "batch", template + "exports", template + "{umid}"] == [
        place.endpoint for place in found if place
    ]


METHODS = {"post": "POST ", "GET": "GET ", None: "", "": "", 5: "", "P\nST": "", "X" * 40: "", "ＧＥＴ": "", b"GET": ""}


@pytest.mark.parametrize("method", METHODS, ids=ascii)
def test_a_method_is_upper_case_or_left_out(method: object) -> None:
    """What is no method of HTTP does not reach the endpoint."""
    place = locate(SMS, method)
    assert place is not None
    assert f"{METHODS[method]}/api/v1/subaccounts/{{subAccountId}}/messages" == place.endpoint


def test_an_endless_path_gives_a_bounded_endpoint() -> None:
    """A path of a megabyte makes neither an endless endpoint nor an endless entry in a cache."""
    place = locate("https://sms.8x8.com" + "/6591234567" * 100_000, "GET")
    assert place is not None
    assert len(place.endpoint) < 5_000
    assert {"{id}"} == set(place.endpoint.removeprefix("GET /").split("/"))


@pytest.mark.parametrize("account", ["6591234567", "%2B6591234567", "659-123-4567", "65.91.23.45.67"])
def test_a_phone_number_in_the_place_of_a_sub_account_is_none(account: str) -> None:
    """Arguments that were mixed up put no number into a log; a sub-account with letters in it is kept."""
    for path, sub_account in ((account, None), ("Acme_6591234567", "Acme_6591234567"), ("123456", "123456")):
        place = locate(f"https://api.wavecell.com/sms/v1/{path}/single", "POST")
        assert place is not None
        assert ("POST /sms/v1/{subAccountId}/single", sub_account) == (place.endpoint, place.sub_account)


@given(urls())
def test_an_endpoint_is_made_of_known_words_and_placeholders(url: str) -> None:
    """Whatever the URL, no word of its own, no id and no number reaches the endpoint."""
    place = locate(url, "GET")
    if place is None:
        assert not is_8x8(url)
        return
    words = place.endpoint.removeprefix("GET /").split("/")
    assert [] == [word for word in words if word and word not in LITERALS and not re.fullmatch(r"\{[A-Za-z-]+\}", word)]
    assert place.sub_account is None or re.fullmatch(r"[A-Za-z0-9\-._&]{3,50}", place.sub_account)


@given(numbers())
def test_no_phone_number_reaches_an_endpoint(number: str) -> None:
    """A phone number in the path of Lookup or Contacts, however it is written, is a placeholder."""
    for url in (
        f"https://lookup.8x8.com/api/v1/subaccounts/Acme_hq/phones/{number}?country=SG",
        f"https://contacts.8x8.com/api/v1/accounts/{number}/contacts/blacklist/{number}",
        f"https://voice.8x8.com/api/v1/subaccounts/Acme_hq/numbers/{number}/{number}",
    ):
        place = locate(url, "GET")
        assert place is not None
        assert number not in place.endpoint
        assert not re.search(r"\d{3}", place.endpoint)
