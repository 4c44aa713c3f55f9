"""A loopback 8x8, and a Sentry client with default options whose transport keeps the bytes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
import structlog
from sentry_sdk.transport import Transport

import eightbyeight_obs
from tests.privacy import planted


class Wire(Transport):
    """Keeps what would be sent: the bytes of every envelope and, apart, of every item of it."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.items: list[tuple[str, bytes]] = []
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Any) -> None:
        for item in envelope.items:
            self.items.append((item.type, item.get_bytes()))
            if item.type == "event":
                self.events.append(item.payload.json)

    def sent(self, kind: str = "event") -> bytes:
        """Return all items of a kind as they go out."""
        return b"\n".join(data for name, data in self.items if name == kind)


@pytest.fixture(scope="session")
def host() -> Iterator[str]:
    with planted.loopback() as place:
        yield place


@pytest.fixture
def sentry() -> Iterator[Any]:
    """A function that starts Sentry's client with its default options, or others, and returns the wire."""

    def start(**options: Any) -> Wire:
        wire = Wire()
        sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", transport=wire, release="shop@1", **options)
        return wire

    with sentry_sdk.isolation_scope():
        yield start
        sentry_sdk.get_client().close(timeout=0)
        sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def installed(host: str) -> eightbyeight_obs.Installation:
    return eightbyeight_obs.install(hosts={host: "lookup"})


@pytest.fixture(autouse=True)
def quiet_logging() -> Iterator[None]:
    """Logging from nothing for every test, and put back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
