"""Host confusion: what counts as 8x8's is the host that requests really connects to, however a URL is written."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import requests
import urllib3

from eightbyeight_obs.core.hosts import HOSTS, host_of

HOST_LIKE = (
    "sms.8x8.com",
    "SMS.8X8.com",
    "sms.8x8.com.",
    "sms.8x8.com.evil.example",
    "evil.example",
    "xn--sms-.8x8.com",
    "xn--8x8-.com",
    "ｓｍｓ.8x8.com",
    "sms。8x8。com",
    "loo\u212aup.8x8.com",
    "ѕms.8x8.com",
    "sms.8x8.com\u00ad",
    "sms\u200b.8x8.com",
    "sms%2e8x8.com",
    "%73ms.8x8.com",
    "[::1]",
    "[sms.8x8.com]",
    "[::ffff:127.0.0.1%25sms.8x8.com]",
    "2130706433",
    "0x7f.1",
)
BEFORE = ("", "user:secret@", "evil.example@", "sms.8x8.com@", "sms.8x8.com:443@", "a@sms.8x8.com@", "%40", "\\@", "@")
AFTER = (
    "",
    ":443",
    ":8443",
    ":",
    ":0443",
    ":99999",
    "\\.evil.example",
    "\\@evil.example",
    "#@evil.example",
    "?@evil.example",
    "/@evil.example",
    ";@evil.example",
    "\t.evil.example",
    "\n.evil.example",
    "%0a.evil.example",
    "\x00.evil.example",
    " .evil.example",
)
SCHEMES = (
    "https://",
    "HTTPS://",
    "https:/",
    "https:///",
    "https:\\\\",
    " https://",
    "ht\ttps://",
    "//",
    "http://x/https://",
)


class _Connected(Exception):
    pass


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch):
    """A function that sends a request and returns the prepared URL and the host of the socket; None for none."""

    def connect(address: tuple[str, int], *args: Any, **options: Any) -> None:
        raise _Connected(address[0])

    monkeypatch.setattr(urllib3.util.connection, "create_connection", connect)

    def send(url: str) -> tuple[str, str] | None:
        with requests.Session() as session:
            session.trust_env = False
            try:
                prepared = session.prepare_request(requests.Request("POST", url))
                session.send(prepared, timeout=1)
            except _Connected as at:
                return str(prepared.url), str(at)
            except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError):
                return None
        raise AssertionError(url)

    return send


@pytest.mark.parametrize("scheme", SCHEMES, ids=ascii)
def test_a_url_that_counts_goes_there(connected: Any, scheme: str) -> None:
    """Whatever is written around a host: a URL that counts as 8x8's is sent to that very host, or not at all."""
    wrong, sent, ours = [], 0, 0
    usual = scheme == "https://"
    for before, host, after in product(BEFORE, HOST_LIKE, AFTER if usual else AFTER[:2]):
        url = f"{scheme}{before}{host}{after}/api/v1/subaccounts/Acme_hq/messages"
        place = connected(url)
        known = host_of(url)
        if place is None:
            continue
        sent += 1
        prepared, real = place
        told = host_of(prepared)
        ours += told is not None
        real = real.lower()
        if (known is not None and known.name != real) or (told is not None and told.name != real):
            wrong.append((url, prepared, real))
        if real in HOSTS and told is None:
            wrong.append((url, prepared, "missed"))
    assert [] == wrong
    assert not usual or (sent > 300 and ours > 30)


@pytest.mark.parametrize(
    "url",
    [
        "https://sms.8x8.com.evil.example/",
        "https://evil.example/sms.8x8.com",
        "https://sms.8x8.com@evil.example/",
        "https://sms.8x8.com\\@evil.example/",
        "https://evil.example\\sms.8x8.com/",
        "https://evil.example#sms.8x8.com/",
        "https://evil.example:443#@sms.8x8.com/",
    ],
)
def test_a_look_alike_is_foreign(connected: Any, url: str) -> None:
    """The ones that everybody tries first; tests/core/test_hosts.py has the long list."""
    assert host_of(url) is None
    place = connected(url)
    if place is not None:  # of a backslash requests makes a slash, and goes to what stands before it
        told = host_of(place[0])
        assert (place[1] if place[1] in HOSTS else None) == (told and told.name)
