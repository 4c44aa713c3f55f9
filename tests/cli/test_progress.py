"""The bar: on a terminal, after a second, on stderr; and Ctrl-C, which leaves nothing half-written."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from eightbyeight_obs.cli import progress
from eightbyeight_obs.cli.reading.files import lines_of
from tests.cli.logs import OTHER, SECOND, line

ROOT = Path(__file__).parents[2]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal of a hundred columns as stderr."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    monkeypatch.setattr(progress, "printer", lambda **_: console)
    return screen


@pytest.mark.parametrize(("late", "shown"), [(0.0, True), (3600.0, False)])
def test_a_bar_for_what_takes_long(
    screen: io.StringIO, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, late: float, shown: bool
) -> None:
    """The bar shows from the first second on, and not for what is done by then."""
    monkeypatch.setattr(progress, "_LATE", late - 0.001)
    path = tmp_path / "a.log"
    path.write_text((OTHER + "\n") * 20_000)
    with progress.reading([str(path)]) as bar:
        assert 20_000 == sum(1 for _ in lines_of(str(path), bar.move))
    assert shown == ("Reading" in screen.getvalue())


def test_the_bar_moves_with_the_file(tmp_path: Path) -> None:
    """What is told in all is what was read of the file."""
    path, moves = tmp_path / "a.log", []
    path.write_text((OTHER + "\n") * 20_000)
    assert 20_000 == sum(1 for _ in lines_of(str(path), moves.append))
    assert path.stat().st_size == sum(moves)
    assert len(moves) > 1


def wait_for(what: Callable[[], Any]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT for one process")
def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a report: exit code 130, the page of before as it was, no folder, no traceback."""
    page, temporary = tmp_path / "report.html", tmp_path / "tmp"
    temporary.mkdir()
    command = [sys.executable, "-m", "eightbyeight_obs", "report", "-", "--html", str(page)]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    subprocess.run(command, cwd=ROOT, env=environment, input=line().encode(), check=True, capture_output=True)
    before = page.read_bytes()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        process.stdin.write((line(error_id=SECOND) + "\n").encode())
        process.stdin.flush()  # and stays open: the report waits for more
        wait_for(lambda: list(temporary.glob("eightbyeight-obs-*/*")))
        process.send_signal(signal.SIGINT)
        process.wait(60)
        out, errors = process.stdout.read(), process.stderr.read()  # type: ignore[union-attr]
    assert (130, b"", False) == (process.returncode, out, b"Traceback" in errors)
    assert before == page.read_bytes()
    assert ([], {"report.html", "tmp"}) == (list(temporary.iterdir()), {path.name for path in tmp_path.iterdir()})


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT for one process")
def test_ctrl_c_while_duckdb_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Ctrl-C, whether DuckDB sees the signal and raises an error of its own, or is done with the query first."""
    from eightbyeight_obs.cli.report import command

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    log = tmp_path / "app.log"
    log.write_text(line())
    with pytest.raises(KeyboardInterrupt), command._engine([str(log)], bodies=False) as (engine, _):
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        engine.connection.execute("SELECT count(*) FROM range(300_000_000) AS t(i) WHERE i % 7 = 3")
        time.sleep(60)
    assert ["app.log"] == [path.name for path in tmp_path.iterdir()]


def test_the_error_that_duckdb_makes_of_ctrl_c(tmp_path: Path) -> None:
    """DuckDB 2.0 takes the KeyboardInterrupt for itself and raises exactly this."""
    from eightbyeight_obs.cli.report import command

    log = tmp_path / "app.log"
    log.write_text(line())
    with pytest.raises(KeyboardInterrupt), command._engine([str(log)], bodies=False):
        raise RuntimeError("Query interrupted")


def test_other_errors_of_the_engine_stay_what_they_are(tmp_path: Path) -> None:
    from eightbyeight_obs.cli.report import command

    log = tmp_path / "app.log"
    log.write_text(line())
    with pytest.raises(RuntimeError, match=r"^something else$"), command._engine([str(log)], bodies=False):
        raise RuntimeError("something else")


def test_a_page_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C at the last moment, when the page is written but not in its place, leaves neither of the two."""
    from eightbyeight_obs.cli.report import command

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        command._write(tmp_path / "report.html", "<html>")
    assert [] == list(tmp_path.iterdir())
