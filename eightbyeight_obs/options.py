"""The arguments of ``install()``, checked: every error names the argument, the value and what is accepted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .core.catalogue import REGISTRIES
from .core.hosts import PRODUCTS
from .settings import Settings

__all__ = ["check", "difference"]

_FLAGS: Final = ("structlog", "sentry", "log", "title", "capture_unreported", "sub_account")
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?::(\d{1,5}))?")
_MODULE: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_REGISTRIES: Final = (*REGISTRIES, "transport")


def check(**arguments: Any) -> Settings:
    """Return the settings for the arguments of ``install()``.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument has a value that is not accepted.
    """
    for name in _FLAGS:
        if type(arguments[name]) is not bool:
            raise TypeError(f"install({name}={arguments[name]!r}): pass True or False")
    if arguments["capture_unreported"] and not arguments["sentry"]:
        raise ValueError(
            "install(capture_unreported=True, sentry=False): unreported errors go to Sentry; pass sentry=True"
        )
    group = arguments["group"]
    if type(group) is not bool and not callable(group):
        raise TypeError(
            f"install(group={group!r}): pass True, False, or a callable that takes the ErrorDetails "
            "and returns the fingerprint, a list of strings"
        )
    return Settings(
        **{name: arguments[name] for name in _FLAGS},
        group=group,
        hosts=_hosts(arguments["hosts"]),
        ignore=_ignore(arguments["ignore"]),
        application=_application(arguments["application"]),
        on_error=_hooks(arguments["on_error"]),
    )


def difference(first: Settings, second: Settings) -> str:
    """Return which options differ, as text: ``title=True, now title=False``."""
    names = [name for name in Settings._fields if getattr(first, name) != getattr(second, name)]
    return "; ".join(f"{name}={getattr(first, name)!r}, now {name}={getattr(second, name)!r}" for name in names)


def _hosts(value: object) -> dict[str, str]:
    if value is None:
        return {}
    accepted = 'a mapping of hosts to products, e.g. {"sms-proxy.internal": "sms", "127.0.0.1:8080": "chatapps"}'
    if not isinstance(value, Mapping):
        raise TypeError(f"install(hosts={value!r}): pass {accepted}")
    for host, product in value.items():
        if not isinstance(host, str) or not isinstance(product, str):
            raise TypeError(f"install(hosts=...): {host!r}: {product!r} are not two strings; pass {accepted}")
        found = _HOST.fullmatch(host)
        if found is None or (found.group(1) and int(found.group(1)) > 65535):
            raise ValueError(
                f"install(hosts=...): {host!r} is no host; pass a host, or host:port, without scheme and path"
            )
        if product not in PRODUCTS:
            raise ValueError(
                f"install(hosts=...): {product!r} (of {host!r}) is no product; pass one of {', '.join(PRODUCTS)}"
            )
    return dict(value)


def _items(name: str, value: object, accepted: str) -> list[Any]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise TypeError(f"install({name}={value!r}): pass {accepted}")
    return list(value)


def _ignore(value: object) -> frozenset[tuple[str, str]]:
    accepted = 'pairs of registry and code, e.g. {("api", 1300)}'
    pairs = set()
    for pair in _items("ignore", value, accepted):
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"install(ignore=...): {pair!r} is no pair; pass {accepted}")
        registry, code = pair
        if registry not in _REGISTRIES:
            raise ValueError(
                f"install(ignore=...): {registry!r} (of {pair!r}) is no registry; pass one of {', '.join(_REGISTRIES)}"
            )
        if type(code) is not int and (not isinstance(code, str) or not code):
            raise TypeError(
                f"install(ignore=...): {code!r} (of {pair!r}) is no code; pass an int or the string of the tag 8x8.code"
            )
        text = str(code)
        if registry == "http" and text.isdigit():
            text = f"http-{text}"
        pairs.add((registry, text))
    return frozenset(pairs)


def _application(value: object) -> tuple[str, ...]:
    accepted = 'module prefixes, e.g. ("acme_service",)'
    prefixes = _items("application", value, accepted)
    for prefix in prefixes:
        if not isinstance(prefix, str):
            raise TypeError(f"install(application=...): {prefix!r} is no string; pass {accepted}")
        if not _MODULE.fullmatch(prefix):
            raise ValueError(f"install(application=...): {prefix!r} is no module name; pass {accepted}")
    return tuple(prefixes)


def _hooks(value: object) -> tuple[Any, ...]:
    accepted = "callables that take the ErrorDetails, e.g. [count_error]"
    hooks = _items("on_error", value, accepted)
    for hook in hooks:
        if not callable(hook):
            raise TypeError(f"install(on_error=...): {hook!r} is not callable; pass {accepted}")
    return tuple(hooks)
