"""Which URLs are 8x8's, and the product and region that their hosts tell."""

from __future__ import annotations

import pytest
from specs import HOSTS as DATA

from eightbyeight_obs.core.hosts import HOSTS, PRODUCTS, Place, extra_hosts, is_8x8, locate, product_of, use_extra_hosts

SMS = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
SMS_PLACE = Place("sms.8x8.com", "sms", "apac", "POST /api/v1/subaccounts/{subAccountId}/messages", "Acme_hq")
NO_API = {"video_interaction", "smpp", "webhook_configuration", "legacy_wavecell"}
"""Products of hosts.json that are no API of their own host, or whose errors are not decoded."""


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


@pytest.mark.parametrize(
    "url",
    [None, 5, b"https://sms.8x8.com/", ["https://sms.8x8.com/"], object()],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_text_is_no_url(url: object) -> None:
    """Anything but a str is foreign."""
    assert locate(url) is None


EXTRA = {
    "sms-proxy.internal": "sms",
    "127.0.0.1:8080": "chatapps",
    "[::1]": "voice",
    "[2001:db8::1]:9000": "lookup",
    "relay:443": "verify",
    "plain:80": "sms",
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
    "http://plain/x": ("plain", "sms"),
    "https://plain/x": None,
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


def test_the_product_is_known_without_the_endpoint() -> None:
    """The quick question gives the same product as the whole answer."""
    urls = [
        *SAME,
        *FOREIGN,
        "https://api.wavecell.com/otp/v1/Acme_hq/x?code=1",
        "https://api.wavecell.com/config/v1/webhook",
    ]
    places = [locate(url) for url in urls]
    assert [place and place.product for place in places] == [product_of(url) for url in urls]
    assert product_of(None) is None
