"""Which URLs are 8x8's, and what they tell: product, region, endpoint template, sub-account."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from specs import HOSTS as DATA
from specs import Operation, operations, url_of
from strategies import numbers, urls

from eightbyeight_obs.core.endpoints import LITERALS, TEMPLATES
from eightbyeight_obs.core.hosts import HOSTS, PRODUCTS, Place, extra_hosts, is_8x8, locate, use_extra_hosts

SMS = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
SMS_PLACE = Place("sms.8x8.com", "sms", "apac", "POST /api/v1/subaccounts/{subAccountId}/messages", "Acme_hq")
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


def test_the_hosts_are_those_of_the_data() -> None:
    """The hosts that are decoded are exactly the ones that hosts.json lists."""
    assert DATA["decode_hosts"] == sorted(HOSTS)


@pytest.mark.parametrize(
    "row", [row for row in DATA["products"] if row["product"] not in NO_API], ids=lambda row: row["product"]
)
def test_each_host_tells_its_product_and_region(row: dict) -> None:
    """The product is the host's first label and the region that of hosts.json, for every host."""
    for region, host in row["regional_hosts"].items():
        place = locate(f"https://{host}/api/v1/x")
        assert place is not None
        assert (host, host.partition(".")[0], region) == (place.host, place.product, place.region)


def test_every_product_has_a_host() -> None:
    """The products are those that the hosts tell."""
    assert set(PRODUCTS) == {product for product, _ in HOSTS.values() if product}


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


SAME = [
    "http://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages",
    "https://sms.8x8.com:443/api/v1/subaccounts/Acme_hq/messages",
    "https://sms.8x8.com:8443/api/v1/subaccounts/Acme_hq/messages",
    "https://sms.8x8.com:/api/v1/subaccounts/Acme_hq/messages",
    "https://SMS.8x8.COM/api/v1/subaccounts/Acme_hq/messages",
    "HTTPS://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages",
    "https://user:secret@sms.8x8.com/api/v1/subaccounts/Acme_hq/messages",
    "https://evil.example@sms.8x8.com/api/v1/subaccounts/Acme_hq/messages",
    SMS + "/",
    SMS + "?to=+6591234567",
    SMS + "#top",
    SMS + "?next=https://evil.example/#x",
    "https://sms.8x8.com//api/v1/subaccounts/Acme_hq//messages",
    "https://sms.8x8.com/api/v1/subaccounts/Acme%5Fhq/messages",
]


@pytest.mark.parametrize("url", SAME)
def test_scheme_port_user_case_query_and_slashes_do_not_matter(url: str) -> None:
    """Every way to write the same place gives the same place."""
    assert SMS_PLACE == locate(url, "post")
    assert is_8x8(url)


class Spelled(str):
    """A str that says something else of itself, as members of some enumerations do."""

    def __str__(self) -> str:
        return "Spelled.URL"


def test_a_subclass_of_str_is_read_as_the_text_that_it_is() -> None:
    """A URL in a subclass of str counts as the text that it holds."""
    assert SMS_PLACE == locate(Spelled(SMS), Spelled("POST"))


FOREIGN = [
    "https://api.8x8.com/api/v1/subaccounts/Acme_hq/messages",
    "https://8x8.com/api/v1/subaccounts/Acme_hq/messages",
    "https://www.8x8.com/",
    "https://sms.8x8.com.evil.example/api/v1/subaccounts/Acme_hq/messages",
    "https://evil-sms.8x8.com/api/v1/x",
    "https://sms.8x8.com./api/v1/subaccounts/Acme_hq/messages",
    "https://sms.8x8.net/api",
    "https://sms.eu.8x8.com/api",
    "https://sms.sg.8x8.com/api",
    "https://automation.8x8.uk/api",
    "https://voice.us.8x8.com/api",
    "https://smpp.8x8.com/",
    "https://video-agent.8x8.com/api/v1/tokens",
    "https://wms1.wavecell.com/Send.asmx/SendMT",
    "https://vcc-na1.8x8.com/api/v1",
    "https://status.8x8.com/",
    "https://sms.8x8.com@evil.example/api/v1/subaccounts/Acme_hq/messages",
    "https://sms.8x8.com:443@evil.example/",
    "https://sms.8x8.com%2f@evil.example/",
    "https://evil.example/https://sms.8x8.com/api",
    "https://evil.example/?https://sms.8x8.com/api",
    "https://evil.example#@sms.8x8.com/",
    "https://evil.example?@sms.8x8.com/",
    "https://evil.example\\@sms.8x8.com/",
    "https://sms.8x8.com\\.evil.example/",
    "https://sms.8x8.com\t.evil.example/",
    "https://sms.8x8\n.com/",
    "https://sms.8x8.com\x00/",
    "https://sms%2E8x8.com/",
    "https://%73ms.8x8.com/",
    "https://ѕms.8x8.com/",  # Cyrillic
    "https://ｓｍｓ.8x8.com/",  # full width: IDNA maps it to sms, but it is not how the host is spelled
    "https://loo\u212aup.8x8.com/",  # the Kelvin sign, whose lower case is k
    "https://sms。8x8。com/",  # ideographic full stops
    "https://sms.8x8.com:x/",
    "https://sms.8x8.com:99999/",
    "https://[sms.8x8.com]/",
    "https://[sms.8x8.com/",
    "https:/sms.8x8.com/",
    "https:///sms.8x8.com/",
    "//sms.8x8.com/api",
    "sms.8x8.com/api",
    "sms.8x8.com",
    "/api/v1/subaccounts/Acme_hq/messages",
    "",
    "https://",
]


@pytest.mark.parametrize("url", FOREIGN, ids=ascii)
def test_every_other_host_is_foreign(url: str) -> None:
    """A host that is not exactly one of the list is none of 8x8's, however near it is written."""
    assert locate(url, "POST") is None
    assert not is_8x8(url)


def test_the_hosts_of_other_8x8_products_are_foreign() -> None:
    """No host that hosts.json files under other products is decoded, with any path."""
    others = [host for row in DATA["not_cpaas"] for host in row["hosts"] if "<" not in host]
    assert "api.8x8.com" in others
    assert [] == [host for host in others if is_8x8(f"https://{host}/api/v1/subaccounts/Acme_hq/messages")]


@pytest.mark.parametrize("url", [None, 5, b"https://sms.8x8.com/", ["https://sms.8x8.com/"], object()], ids=repr)
def test_what_is_no_text_is_no_url(url: object) -> None:
    """Anything but a str is foreign."""
    assert locate(url) is None


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


EXTRA = {
    "sms-proxy.internal": "sms",
    "127.0.0.1:8080": "chatapps",
    "[::1]": "voice",
    "[2001:db8::1]:9000": "lookup",
    "relay:443": "verify",
}
EXTRA_URLS = {
    "https://sms-proxy.internal/x": ("sms-proxy.internal", "sms"),
    "http://SMS-Proxy.internal:9999/x": ("sms-proxy.internal", "sms"),
    "http://127.0.0.1:8080/x": ("127.0.0.1", "chatapps"),
    "http://u:p@127.0.0.1:8080/x": ("127.0.0.1", "chatapps"),
    "http://127.0.0.1:8081/x": None,
    "http://127.0.0.1/x": None,
    "http://[::1]/x": ("::1", "voice"),
    "http://[::1]:5000/x": ("::1", "voice"),
    "http://[2001:DB8::1]:9000/x": ("2001:db8::1", "lookup"),
    "http://[2001:db8::1]:9001/x": None,
    "https://relay/x": ("relay", "verify"),
    "https://relay:443/x": ("relay", "verify"),
    "http://relay/x": None,
    "https://sms-proxy.internal.evil.example/x": None,
    "https://x.sms-proxy.internal/x": None,
    "https://other.example/x": None,
}


@pytest.mark.parametrize("url", EXTRA_URLS)
def test_hosts_of_the_user_count_with_their_port_or_with_any(url: str) -> None:
    """A host given without a port counts on any port; one with a port on that port only, default ports included."""
    use_extra_hosts(EXTRA)
    expected = EXTRA_URLS[url]
    place = locate(url, "GET")
    assert (expected and Place(*expected, None, "GET /{id}", None)) == place


def test_hosts_of_the_user_do_not_change_those_of_8x8() -> None:
    """8x8's own hosts keep product and region whatever the user says about them, and stay when the user's go."""
    use_extra_hosts({"SMS.8x8.com": "voice", "api.8x8.com": "sms"})
    assert SMS_PLACE == locate(SMS, "POST")
    assert is_8x8("https://api.8x8.com/x")  # asked for by name
    use_extra_hosts({})
    assert SMS_PLACE == locate(SMS, "POST")
    assert not is_8x8("https://api.8x8.com/x")
    assert {} == extra_hosts()


def test_an_endless_path_gives_a_bounded_endpoint() -> None:
    """A path of a megabyte makes neither an endless endpoint nor an endless entry in a cache."""
    place = locate("https://sms.8x8.com" + "/6591234567" * 100_000, "GET")
    assert place is not None
    assert len(place.endpoint) < 5_000
    assert {"{id}"} == set(place.endpoint.removeprefix("GET /").split("/"))


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
