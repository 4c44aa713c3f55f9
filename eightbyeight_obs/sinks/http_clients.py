"""Packages below a service's own code that make its calls, or stand between: their variables are the request."""

from __future__ import annotations

from typing import Final

__all__ = ["CLIENTS"]

# Whatever a local variable is called there, it is the request on its way out.
CLIENTS: Final = frozenset(
    {
        "aiohttp",
        "asyncio",
        "betamax",
        "cachecontrol",
        "ddtrace",
        "elasticapm",
        "gevent",
        "h11",
        "http",
        "httpcore",
        "httpx",
        "newrelic",
        "OpenSSL",
        "opentelemetry",
        "requests",
        "requests_cache",
        "requests_futures",
        "requests_mock",
        "requests_oauthlib",
        "requests_toolbelt",
        "responses",
        "socket",
        "ssl",
        "urllib3",
        "vcr",
        "wrapt",
    }
)
