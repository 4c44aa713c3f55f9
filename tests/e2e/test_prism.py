"""Prism serving 8x8's own OpenAPI files: every documented error response of every operation, over HTTP."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import documented
import pytest
import requests
import specs
from documented_checks import Wire, check_error, sentry

import eightbyeight_obs
from tests.e2e.processes import free_port, running

PRISM = os.environ.get("PRISM")
NODE = os.environ.get("NODE", "node")

pytestmark = pytest.mark.skipif(PRISM is None, reason="`nox -s prism` installs Prism and says where it is")


class Prisms:
    """One Prism at a time, for the file that is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: str | None = None
        self._stack = ExitStack()
        self._port = 0

    def host_of(self, file: str) -> str:
        """Return the ``host:port`` of the Prism that serves a file."""
        if file != self._file:
            self.stop()
            self._port = free_port()
            served = self._folder / file
            served.write_text(json.dumps(lenient(specs.spec(file))), encoding="utf-8")
            command = [NODE, str(PRISM), "mock", "--host", "127.0.0.1", "--port", str(self._port), "-v", "error"]
            self._stack.enter_context(running([*command, str(served)], self._port, served.with_suffix(".log")))
            self._file = file
        return f"127.0.0.1:{self._port}"

    def stop(self) -> None:
        """Stop the one that runs."""
        self._stack.close()
        self._file = None


def lenient(spec: Any) -> Any:
    """Return the file without what Prism would check of a request: the answers are what is tested.

    A request that does not fit is answered with 400 or 401, whatever answer was asked for.
    """
    without = json.loads(json.dumps(spec))
    without.pop("security", None)
    for item in without["paths"].values():
        for part in item.values():
            if isinstance(part, dict):
                part.pop("security", None)
                part.get("requestBody", {}).pop("required", None)
    _make_optional(without)
    return without


def _make_optional(value: Any) -> None:
    """Make parameters optional or of any form, in place: others refer to them by their position."""
    if isinstance(value, list):
        for item in value:
            _make_optional(item)
    elif isinstance(value, dict):
        if value.get("in") in {"query", "header"}:
            value["required"] = False
        if value.get("in") == "path":
            value["schema"] = {"type": "string"}  # "maximum: 10" for a phone number
        for item in value.values():
            _make_optional(item)


@pytest.fixture(scope="module")
def prisms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prisms]:
    started = Prisms(tmp_path_factory.mktemp("prism"))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with sentry() as started:
        yield started


@pytest.mark.parametrize("answer", documented.errors(), ids=str)
def test_every_error_response_that_prism_gives_is_told_rightly(answer, prisms, wire):
    """Registry, code, errorId, status, product and endpoint template, through EightByEightAdapter and install()."""
    host = prisms.host_of(answer.operation.file)
    with (
        eightbyeight_obs.install(hosts={host: documented.PRODUCTS[answer.operation.file]}),
        requests.Session() as session,
    ):
        session.mount(f"http://{host}/", eightbyeight_obs.EightByEightAdapter())
        check_error(host, answer, session, wire)
