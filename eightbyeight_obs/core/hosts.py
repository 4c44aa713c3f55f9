"""8x8's CPaaS hosts and paths: URL -> product, region, endpoint template, sub-account."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from .endpoints import LITERALS, ROOT, Node

__all__ = [
    "HOSTS",
    "PRODUCTS",
    "Host",
    "Place",
    "extra_hosts",
    "host_of",
    "is_8x8",
    "locate",
    "product_of",
    "use_extra_hosts",
]

PRODUCTS: Final = ("sms", "chatapps", "verify", "lookup", "contacts", "automation", "voice")

# https://developer.8x8.com/connect/docs/platform-deployment-regions (2026-07-23): {product}{suffix}.
_REGIONS: Final = {".8x8.com": "apac", ".us.8x8.com": "us", ".8x8.uk": "eu", ".8x8.id": "id"}
_REGIONAL: Final = ("sms", "chatapps", "verify", "lookup", "contacts")

HOSTS: Final[Mapping[str, tuple[str | None, str | None]]] = {
    **{product + suffix: (product, region) for product in _REGIONAL for suffix, region in _REGIONS.items()},
    "automation.8x8.com": ("automation", "apac"),
    "voice.8x8.com": ("voice", "apac"),
    "voice.wavecell.com": ("voice", "apac"),
    "api.wavecell.com": (None, "apac"),  # the old gateway of all products: the path's first segment tells
}
"""Exact host -> (product, region). No suffix match: ``api.8x8.com`` is another product with other errors."""

_WAVECELL: Final = {
    "sms": "sms",
    "chatapps": "chatapps",
    "ipm": "chatapps",
    "verify": "verify",
    "otp": "verify",
    "voice": "voice",
    "lookup": "lookup",
    "contacts": "contacts",
}
_SUB_ACCOUNT: Final = re.compile(r"[A-Za-z0-9\-._&]{3,50}")
_NUMBER: Final = re.compile(r"[0-9](?:[.\-]{0,2}[0-9]){6,}")
_AUTHORITY_LIMIT: Final = 300  # characters; a host name has 253 at most
_PATH_LIMIT: Final = 1000  # characters; the longest template filled with UUIDs has 250
_METHOD: Final = re.compile(r"[A-Z]{3,10}")
# In a URL that a client really sent none of these occurs; where one does, urllib.parse and the client
# could disagree about where the host ends ("https://evil.example\@sms.8x8.com/").
_AMBIGUOUS: Final = re.compile(r"[\\\x00-\x20\x7f-\x9f]")

_extra: Mapping[str, str] = {}


class Host(NamedTuple):
    """A host of the list; the product is None where the path tells it."""

    name: str
    product: str | None
    region: str | None


class Place(NamedTuple):
    """Where a request went, as far as it may be told."""

    host: str
    product: str | None
    region: str | None
    endpoint: str
    sub_account: str | None


def use_extra_hosts(hosts: Mapping[str, str]) -> None:
    """Replace the hosts that ``install(hosts=...)`` added: ``{"127.0.0.1:8080": "sms"}``."""
    global _extra  # noqa: PLW0603 - one mapping, replaced whole, so that readers need no lock
    _extra = {host.lower(): product for host, product in hosts.items()}
    _find.cache_clear()


def extra_hosts() -> Mapping[str, str]:
    """Return the hosts that ``install(hosts=...)`` added."""
    return _extra


def is_8x8(url: object) -> bool:
    """Tell whether the URL is one of 8x8's CPaaS hosts or of ``install(hosts=...)``."""
    return host_of(url) is not None


def product_of(url: object) -> str | None:
    """Return the product that a URL belongs to, or None."""
    host = host_of(url)
    return None if host is None else host.product or _product_in(_path(_text(url)))


def locate(url: object, method: object = None) -> Place | None:
    """Return where the request went, or None for a host that is none of 8x8's.

    Args:
        url: The whole URL; scheme and port do not matter.
        method: ``"POST"``; in any case, left out of the endpoint where it is not known.
    """
    host = host_of(url)
    if host is None:
        return None
    return _place(host, _path(_text(url))[:_PATH_LIMIT], method if isinstance(method, str) else "")


def host_of(url: object) -> Host | None:
    """Return the host of a URL if it is one of 8x8's CPaaS hosts or of ``install(hosts=...)``.

    Asked of every answer of every host, hence quick: one split, and a look into a cache of the few hosts that a
    service calls.
    """
    if type(url) is not str:
        url = _text(url)
    parts = url.split("/", 3)
    if len(parts) < 3 or parts[1]:
        return None
    authority = parts[2]
    if len(authority) > _AUTHORITY_LIMIT or "@" in authority:  # the cache keeps no password
        return _find.__wrapped__(parts[0], authority)
    return _find(parts[0], authority)


def _text(url: object) -> str:
    """Return the URL as a str: of a subclass the text that it holds, not what it says of itself."""
    if type(url) is str:
        return url
    return str.__str__(url) if isinstance(url, str) else ""


def _path(url: str) -> str:
    """Return the path of "scheme://host/path?query#fragment" without its first slash."""
    parts = url.partition("?")[0].partition("#")[0].split("/", 3)
    return parts[3] if len(parts) == 4 else ""


def _product_in(path: str) -> str | None:
    return _WAVECELL.get(path.lstrip("/").partition("/")[0])


@lru_cache(maxsize=256)
def _find(scheme: str, authority: str) -> Host | None:
    """Look "https:" and "user:password@host:port" up."""
    if not _extra:
        lower = authority.lower()
        if "8x8" not in lower and "wavecell" not in lower:
            return None
    if not scheme.endswith(":") or _AMBIGUOUS.search(authority):
        return None
    try:
        split = urlsplit(f"{scheme}//{authority}")
        host, port = split.hostname, split.port
    except ValueError:
        return None
    if not host or ("[" in authority and ":" not in host):  # brackets are IPv6's; Python 3.10 takes any host in them
        return None
    # Lower case maps the Kelvin sign to k: only what is spelled in ASCII is one of the list.
    known = HOSTS.get(host) if authority.isascii() else None
    if known is not None:
        return Host(host, *known)
    bracketed = f"[{host}]" if ":" in host else host
    product = _extra.get(bracketed) or (_extra.get(f"{bracketed}:{port}") if port is not None else None)
    if product is None and port is None:
        default = {"http": 80, "https": 443}.get(split.scheme)
        product = _extra.get(f"{bracketed}:{default}")
    return Host(host, product, None) if product else None


@lru_cache(maxsize=512)  # a service calls few paths again and again; those with an id in them pass through
def _place(host: Host, path: str, method: str) -> Place:
    endpoint, sub_account = _endpoint(path, method)
    return Place(host.name, host.product or _product_in(path), host.region, endpoint, sub_account)


def _endpoint(path: str, method: str) -> tuple[str, str | None]:
    """Return the endpoint, every id replaced by its placeholder, and the sub-account that stood in the path."""
    segments = [segment for segment in path.split("/") if segment]
    matched = _match(ROOT, segments, 0)
    if matched is None:
        words = [segment if segment in LITERALS else "{id}" for segment in segments]
        after = segments.index("subaccounts") + 1 if "subaccounts" in segments else len(segments)
        account = segments[after] if after < len(segments) and words[after] == "{id}" else None
    else:
        words = matched
        account = segments[words.index("{subAccountId}")] if "{subAccountId}" in words else None
    if account is not None:
        account = unquote(account)
        if not _SUB_ACCOUNT.fullmatch(account) or _NUMBER.fullmatch(account):
            account = None  # none, or a phone number in the wrong place
    template = "/" + "/".join(words)
    verb = method.upper()
    return f"{verb} {template}" if _METHOD.fullmatch(verb) else template, account


def _match(node: Node, segments: list[str], at: int) -> list[str] | None:
    """Walk the tree of templates, literal words first; the depth is that of the longest template."""
    if at == len(segments):
        return [] if node.ends else None
    segment = segments[at]
    literal = node.literals.get(segment)
    if literal is not None:
        rest = _match(literal, segments, at + 1)
        if rest is not None:
            return [segment, *rest]
    for name, child in node.placeholders.items():
        rest = _match(child, segments, at + 1)
        if rest is not None:
            return [name, *rest]
    return None
