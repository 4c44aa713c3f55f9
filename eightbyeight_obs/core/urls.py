"""URLs of 8x8's inside of a text: they become host and endpoint template, without query, user and numbers."""

from __future__ import annotations

import re
from typing import Final

from .hosts import extra_hosts, locate

__all__ = ["may_name_8x8", "template_url", "with_templates"]

# In a URL as requests sends it a quote may stand unescaped; at the end of one that is quoted it may not.
_URL_CHARS: Final = r"(?:[^\s'\"<>\\]|'(?=[\w%+&=]))"
_URL: Final = re.compile(rf"\bhttps?://{_URL_CHARS}+", re.IGNORECASE)
# urllib3's words for a request that failed: the host and the path stand apart.
_POOL: Final = re.compile(rf"host='([^'\s]{{1,255}})', port=(\d{{1,5}}|None)\)(.{{0,300}}?with url: )(/{_URL_CHARS}*)")
_AUTHORITY_END: Final = re.compile(r"[/?#]")


def with_templates(text: str) -> str:
    """Return a text with the URLs of 8x8's in it as templates, those in urllib3's words for a failure too."""
    if not may_name_8x8(text):
        return text
    if "://" in text:
        text = _URL.sub(_reduce_url, text)
    if "with url: " in text:
        text = _POOL.sub(_reduce_pool, text)
    return text


def may_name_8x8(text: str) -> bool:
    """Tell, at a low price, whether there may be the URL of a known host in a text."""
    return "8x8" in text or "8X8" in text or "wavecell" in text.lower() or bool(extra_hosts())


def template_url(url: str) -> str | None:
    """Return a URL of 8x8's with its path as a template and without user and query; None for any other."""
    place = locate(url)
    if place is None:
        return None
    scheme, _, rest = url.partition("://")
    authority = _AUTHORITY_END.split(rest, maxsplit=1)[0].rpartition("@")[2]
    return f"{scheme}://{authority}{place.endpoint}"


def _reduce_url(match: re.Match[str]) -> str:
    url = match.group()
    trimmed = url.rstrip(").,;:]}'")
    template = template_url(trimmed)
    return url if template is None else template + url[len(trimmed) :]


def _reduce_pool(match: re.Match[str]) -> str:
    host, port, between, path = match.groups()
    place = locate(f"https://{host}:{port}{path}" if port != "None" else f"https://{host}{path}")
    if place is None:
        return match.group()
    return f"host='{host}', port={port}){between}{place.endpoint}"
