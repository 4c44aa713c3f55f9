"""``demo --web``: Bugsink is found, set up, filled, shown, and gone with Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from eightbyeight_obs.cli.demo import bugsink as demo_bugsink
from tests.e2e.bugsink_server import Bugsink

ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("BUGSINK_PYTHON")
Cli = Callable[..., Any]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Bugsink runs with gunicorn, which Windows does not have")
with_bugsink = pytest.mark.skipif(PYTHON is None, reason="`nox -s e2e` installs Bugsink and says where it is")


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without Bugsink, whose path is one folder."""
    monkeypatch.delenv("BUGSINK_PYTHON", raising=False)
    monkeypatch.setattr(demo_bugsink, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(path: Path, text: str) -> Path:
    """Write a program of the shell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_not_installed(cli: Cli, nowhere: Path) -> None:
    """Without Bugsink the command says what to type, before anything runs."""
    ran = cli("demo", "--web")
    assert (3, "") == (ran.code, ran.out)
    assert "python3 -m venv .venv-bugsink && .venv-bugsink/bin/pip install bugsink==" in ran.err
    assert "eightbyeight-obs demo --web --bugsink .venv-bugsink/bin/python" in ran.err


def test_found_behind_a_link(nowhere: Path) -> None:
    """A command on the path that pipx or uv linked leads to the Python of its environment."""
    python = program(nowhere / "tools" / "bugsink" / "bin" / "python", "exit 0")
    (nowhere / "bugsink-manage").symlink_to(program(python.with_name("bugsink-manage"), "exit 0"))
    assert str(python) == demo_bugsink.find("")


def test_found_in_this_environment(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bugsink in the same environment is run with this Python."""
    monkeypatch.setattr(demo_bugsink, "find_spec", lambda name: object() if name == "bugsink" else None)
    assert sys.executable == demo_bugsink.find("")


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (("--bugsink", "no-such-python"), "--bugsink 'no-such-python' is no program"),
        (("--dsn", "https://key@127.0.0.1/1"), "--web and --dsn are two places for the same events"),
    ],
)
def test_wrong_arguments(cli: Cli, nowhere: Path, options: tuple[str, ...], hint: str) -> None:
    """What is wrong is named, and nothing runs."""
    ran = cli("demo", "--web", *options)
    assert (2, "", True) == (ran.code, ran.out, hint in ran.err)


def test_it_does_not_start(cli: Cli, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Bugsink that does not start is told with its last lines, and its folder is gone."""
    broken = program(nowhere / "python", "echo no module named bugsink >&2; exit 1")
    temporary = nowhere / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    ran = cli("demo", "--web", "--bugsink", str(broken))
    assert (3, "", True) == (ran.code, ran.out, "no module named bugsink" in ran.err)
    assert [] == list(temporary.iterdir())


@contextmanager
def demo(tmp_path: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command, with a browser that writes down what it was asked to open."""
    browser = program(tmp_path / "browser", f'echo "$1" >> {tmp_path}/opened')
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "BROWSER": f"{browser} %s", "TMPDIR": str(temporary), "BUGSINK_PYTHON": str(PYTHON)}
    with subprocess.Popen(
        [sys.executable, "-m", "eightbyeight_obs", "demo", "--web", *options],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()


def until(process: subprocess.Popen[str], words: str) -> str:
    """Read stderr up to a line with these words."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if words in line:
            return said
    raise AssertionError(said)


def document(process: subprocess.Popen[str]) -> str:
    """Read the JSON on stdout; the line of its end is a brace alone."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if line == "}\n":
            break
    return text


def nobody_listens(url: str) -> bool:
    port = int(url.split(":")[2].split("/", maxsplit=1)[0])
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.slow
@with_bugsink
def test_a_real_bugsink(tmp_path: Path) -> None:
    """The browser gets the issues of the run with the middleware, the login works, and Ctrl-C leaves nothing."""
    with demo(tmp_path, "--json") as process:
        web = json.loads(document(process))["web"]
        said = until(process, "Ctrl-C stops it")
        assert web["issues"]["with"] in said
        for side in ("with", "without"):
            server = Bugsink(web["issues"][side].partition("/issues/")[0], tmp_path, web["password"], "")
            session = server.browser()
            page = session.get(web["issues"][side], timeout=60)
            session.close()
            server.close()
            assert (200, side == "with") == (page.status_code, "8x8 1002 Invalid MSISDN" in page.text)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (0, "Stopped; nothing is left behind.") == (process.returncode, said.strip())
    assert f"{web['issues']['with']}\n" == (tmp_path / "opened").read_text()
    assert ([], True) == (list((tmp_path / "tmp").iterdir()), nobody_listens(web["issues"]["with"]))


@pytest.mark.slow
@with_bugsink
def test_killed(tmp_path: Path) -> None:
    """A terminal that is closed, or kill, stops the server, too, and leaves nothing."""
    with demo(tmp_path, "--json", "--no-open") as process:
        document(process)
        said = until(process, "Ctrl-C stops it")
        url = next(word for word in said.split() if word.startswith("http"))
        assert not nobody_listens(url)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=60)
    assert 128 + signal.SIGHUP == process.returncode
    assert ([], True) == (list((tmp_path / "tmp").iterdir()), nobody_listens(url))
    assert not (tmp_path / "opened").exists()
