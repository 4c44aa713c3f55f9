"""``sentry --push`` against Prism, which serves Sentry's published schema and refuses what does not fit it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.cli.sentry_server import SCHEMA

PRISM = os.environ.get("PRISM") or shutil.which("prism")
Cli = Callable[..., Any]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PRISM is None, reason="needs Prism (npm install -g @stoplight/prism-cli); PRISM names it"),
]


def for_prism(value: Any) -> Any:
    """Leave null out of the enumerations: Prism adds it itself, and with two of them checks nothing at all."""
    if isinstance(value, list):
        return [for_prism(member) for member in value]
    if not isinstance(value, dict):
        return value
    return {
        name: [member for member in inner if member is not None] if name == "enum" else for_prism(inner)
        for name, inner in value.items()
    }


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prism that answers 4xx to what the schema does not allow."""
    schema = tmp_path_factory.mktemp("prism") / "openapi.json"
    schema.write_text(json.dumps(for_prism(SCHEMA)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [str(PRISM), "mock", "--errors", "-h", "127.0.0.1", "-p", str(port), str(schema)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            requests.get(url, timeout=60)
            break
        except requests.ConnectionError:
            assert process.poll() is None, "Prism did not start"
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait()


@pytest.mark.parametrize(
    ("command", "made"),
    [
        (("dashboard",), 1),
        (("alerts", "--detector-id", "3"), 4),
        (("ownership", "--owner", "template=#marketing", "--project", "shop"), 1),
    ],
)
def test_accepted(cli: Cli, prism: str, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], made: int) -> None:
    """Sentry's schema accepts every request that --push sends, and every question before it."""
    monkeypatch.setenv("SENTRY_AUTH_TOKEN", "any")
    ran = cli("sentry", *command, "--push", "--org", "acme", "--url", prism)
    assert (0, made) == (ran.code, len(ran.out.splitlines())), ran.err


@pytest.mark.parametrize(
    "body",
    [{}, {"title": "x", "widgets": [{"layout": {"x": 0, "y": 0, "w": 1, "h": 1}}]}, {"title": "x", "widgets": [1]}],
)
def test_refused(prism: str, body: dict[str, Any]) -> None:
    """This Prism does refuse: a widget whose place in the grid is not whole, for example."""
    answer = requests.post(
        f"{prism}/api/0/organizations/acme/dashboards/", json=body, headers={"Authorization": "Bearer any"}, timeout=60
    )
    assert answer.status_code in (400, 422)
