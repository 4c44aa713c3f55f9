# ruff: noqa: INP001 - no package: these files run where the package may be another version, or not there
"""What a process looks like: versions, hooks, structlog, logging, Sentry. Reads only; imports nothing new."""

from __future__ import annotations

import logging
import os
import sys
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

PACKAGES = (
    "eightbyeight-obs", "requests", "urllib3", "structlog", "sentry-sdk", "structlog-sentry", "httpx", "aiohttp",
    "niquests", "requests-cache", "opentelemetry-instrumentation-requests", "ddtrace", "newrelic", "elastic-apm",
    "logfire", "responses", "requests-mock",
)  # fmt: skip
IMPORTED = ("eightbyeight_obs", "requests", "structlog", "sentry_sdk", "httpx", "aiohttp", "niquests")
PLACES = (
    ("requests.sessions", "dispatch_hook"),
    ("requests.sessions", "Session.send"),
    ("requests.adapters", "HTTPAdapter.send"),
    ("requests.exceptions", "RequestException.__init__"),
    ("urllib3.response", "HTTPResponse.drain_conn"),
    ("http.client", "HTTPConnection.getresponse"),
    ("logging", "Logger.handle"),
    ("logging", "Logger.filter"),
    ("logging", "Logger.callHandlers"),
    ("structlog._base", "BoundLoggerBase.__init__"),
    ("structlog.stdlib", "ProcessorFormatter.__init__"),
)


def look(_: dict[str, Any]) -> dict[str, Any]:
    """Return what is to be seen, as plain values. Secrets are not: of a DSN the host, of functions the name."""
    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "executable": sys.executable,
        "packages": _packages(),
        "imported": {name: name in sys.modules for name in IMPORTED},
        "switch": os.environ.get("EIGHTBYEIGHT_OBS", ""),
        "installation": _installation(),
        "hooks": [hook for hook in map(_hook, PLACES) if hook],
        "structlog": _structlog(),
        "logging": _logging(),
        "sentry": _sentry(),
    }


def _packages() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _installation() -> dict[str, Any]:
    module = sys.modules.get("eightbyeight_obs.installation")
    current = getattr(module, "_current", None)
    if current is None:
        return {"installed": False, "state": "install() was not called", "wired": [], "options": {}}
    plain = type(current.settings)()
    changed = {
        name: str(getattr(current.settings, name)) if name != "on_error" else len(current.settings.on_error)
        for name in plain._fields
        if getattr(current.settings, name) != getattr(plain, name)
    }
    return {"installed": True, "state": repr(current), "wired": list(current.wired), "options": changed}


def _hook(place: tuple[str, str]) -> dict[str, Any] | None:
    """Return who stands at a place, the outermost first; None for a module that is not in use."""
    target: Any = sys.modules.get(place[0])
    if target is None:
        return None
    for name in place[1].split("."):
        target = getattr(target, name, None)
    chain: list[str] = []
    while callable(target) and len(chain) < 10:
        module = getattr(target, "__module__", None) or type(target).__module__
        chain.append(str(module))
        target = _under(target)
    return {"place": ".".join(place), "chain": chain}


def _under(function: Any) -> Any:
    """Return the function that a wrapper calls: what it says, or what its closure holds."""
    wrapped = getattr(function, "__wrapped__", None)
    if wrapped is not None:
        return wrapped
    for cell in getattr(function, "__closure__", None) or ():
        try:
            content = cell.cell_contents
        except ValueError:
            continue
        if callable(content) and getattr(content, "__name__", "") in (function.__name__, "handle", "__init__"):
            return content
    return None


def _structlog() -> dict[str, Any] | None:
    structlog = sys.modules.get("structlog")
    if structlog is None:
        return None
    config = structlog.get_config()
    factory = config["logger_factory"]
    return {
        "configured": structlog.is_configured(),
        "factory": _name(factory if isinstance(factory, type) else type(factory)),
        "wrapper": _name(config["wrapper_class"]),
        "processors": [_name(p if hasattr(p, "__qualname__") else type(p)) for p in config["processors"]],
        "kind": type(config["processors"]).__name__,
    }


def _name(value: Any) -> str:
    module = getattr(value, "__module__", "") or ""
    return f"{module}.{getattr(value, '__qualname__', type(value).__qualname__)}"


def _logging() -> dict[str, Any]:
    root = logging.getLogger()
    ours = logging.getLogger("eightbyeight_obs")
    return {
        "level": logging.getLevelName(root.level),
        "handlers": [f"{_name(type(handler))} ({logging.getLevelName(handler.level)})" for handler in root.handlers],
        "formatters": [_name(type(handler.formatter)) for handler in root.handlers if handler.formatter],
        "ours_enabled": ours.isEnabledFor(logging.WARNING),
    }


def _sentry() -> dict[str, Any] | None:
    sdk = sys.modules.get("sentry_sdk")
    if sdk is None:
        return None
    client = sdk.get_client()
    options = getattr(client, "options", None) or {}
    integrations = getattr(client, "integrations", None) or {}
    handler = getattr(integrations.get("logging"), "_handler", None)
    dsn = options.get("dsn")
    return {
        "active": bool(client.is_active()),
        "host": urlsplit(str(dsn)).hostname if dsn else None,
        "environment": options.get("environment"),
        "integrations": sorted(integrations),
        "log_events_from": logging.getLevelName(handler.level) if handler is not None else None,
        "before_send": options.get("before_send") is not None,
        "sample_rate": options.get("sample_rate"),
        "error_sampler": options.get("error_sampler") is not None,
        "ignore_errors": [
            error if isinstance(error, str) else _name(error) for error in options.get("ignore_errors") or []
        ],
        "scrubber": options.get("event_scrubber") is not None,
        "data_collection": bool((options.get("data_collection") or {}).get("provided_by_user")),
        "local_variables": options.get("include_local_variables"),
        "send_default_pii": options.get("send_default_pii"),
    }
