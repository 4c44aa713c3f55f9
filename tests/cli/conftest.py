"""Runs the command line: in this process through typer's runner, or as a command of its own."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eightbyeight_obs.cli.app import app

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


def _runner() -> CliRunner:
    # click's runner kept stderr in stdout unless told otherwise, up to 8.1; later ones do not know the option.
    if "mix_stderr" in inspect.signature(CliRunner.__init__).parameters:
        return CliRunner(mix_stderr=False)  # type: ignore[call-arg]
    return CliRunner()


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Runs one command in this process: ``cli("explain", "1300")``."""
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TERMINAL_WIDTH"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, piped: str | bytes | None = None) -> Ran:
        done = _runner().invoke(app, list(arguments), input=piped, prog_name="eightbyeight-obs")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Ran(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def command() -> Callable[..., Ran]:
    """Runs ``python -m eightbyeight_obs`` as a process of its own."""

    def run(*arguments: str, piped: bytes | None = None, **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "eightbyeight_obs", *arguments],
            input=piped or b"",
            capture_output=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, "PYTHONUTF8": "1", **environment},
            timeout=120,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
