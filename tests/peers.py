"""Other tools that patch what we patch: how to switch each of them on and off."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# ddtrace reads these when it is imported: no agent to look for, nothing to send.
for _name in ("DD_INSTRUMENTATION_TELEMETRY_ENABLED", "DD_REMOTE_CONFIGURATION_ENABLED", "DD_TRACE_ENABLED"):
    os.environ.setdefault(_name, "false")

Off = Callable[[], None]
On = Callable[[str, Path], Off]


def _opentelemetry(_url: str, _folder: Path) -> Off:
    from opentelemetry.instrumentation.requests import RequestsInstrumentor

    instrumentor = RequestsInstrumentor()
    instrumentor.instrument()
    return instrumentor.uninstrument


def _ddtrace(_url: str, _folder: Path) -> Off:
    from ddtrace.contrib.internal.requests.patch import patch, unpatch

    patch()
    return unpatch


def _elastic(_url: str, _folder: Path) -> Off:
    from elasticapm.instrumentation.packages.requests import RequestsInstrumentation
    from elasticapm.instrumentation.packages.urllib3 import Urllib3Instrumentation

    both = [RequestsInstrumentation(), Urllib3Instrumentation()]
    for each in both:
        each.instrument()
    return lambda: [each.uninstrument() for each in reversed(both)]  # type: ignore[return-value]


def _requests_cache(_url: str, _folder: Path) -> Off:
    import requests_cache

    requests_cache.install_cache(backend="memory")
    return requests_cache.uninstall_cache


def _responses(url: str, _folder: Path) -> Off:
    import responses

    mock: Any = responses.RequestsMock(assert_all_requests_are_fired=False)
    mock.start()
    mock.add("POST", url, json={"code": 1002, "message": "Invalid MSISDN"}, status=400)
    return lambda: mock.stop(allow_assert=False)  # type: ignore[no-any-return]


def _requests_mock(url: str, _folder: Path) -> Off:
    import requests_mock

    mock = requests_mock.Mocker()
    mock.start()
    mock.post(url, json={"code": 1002, "message": "Invalid MSISDN"}, status_code=400)
    return mock.stop


def _vcr(_url: str, folder: Path) -> Off:
    import vcr

    cassette = vcr.VCR(record_mode="all").use_cassette(str(folder / "cassette.yaml"))
    cassette.__enter__()
    return lambda: cassette.__exit__(None, None, None)


_ALL: dict[str, tuple[str, On]] = {
    "opentelemetry": ("opentelemetry.instrumentation.requests", _opentelemetry),
    "ddtrace": ("ddtrace", _ddtrace),
    "elastic-apm": ("elasticapm", _elastic),
    "requests-cache": ("requests_cache", _requests_cache),
    "responses": ("responses", _responses),
    "requests-mock": ("requests_mock", _requests_mock),
    "VCR": ("vcr", _vcr),
}


def _is_here(module: str) -> bool:
    """Tell whether a module can be imported; asks for each parent first, which find_spec imports."""
    parts = module.split(".")
    return all(find_spec(".".join(parts[:end])) for end in range(1, len(parts) + 1))


PEERS: dict[str, On] = {name: on for name, (module, on) in _ALL.items() if _is_here(module)}
"""Those that are installed here; the session `peers` installs all."""
