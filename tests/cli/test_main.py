"""The command itself: help, version, pipes, colours, completion, a missing extra."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

import eightbyeight_obs.cli.app

ROOT = Path(__file__).parents[2]
Cli = Callable[..., Any]
COMMANDS = ("explain", "codes", "decode", "ticket", "report", "demo", "doctor")
GROUPS = ("sentry dashboard", "sentry alerts", "sentry ownership", "sentry fingerprint-rules")


@pytest.mark.parametrize("command", [*COMMANDS, *GROUPS])
def test_help(cli: Cli, command: str) -> None:
    """Every command's help has the exit codes and --json."""
    ran = cli(*command.split(), "--help")
    text = " ".join(ran.out.split())
    assert (0, True, True) == (ran.code, "Exit codes: 0 done" in text, "--json" in text)


def test_help_lists_commands(cli: Cli) -> None:
    """The help names every command, with -h as well, and without arguments."""
    for arguments in (("--help",), ("-h",), ()):
        text = cli(*arguments).out
        assert [] == [command for command in COMMANDS if command not in text]


def test_version(cli: Cli) -> None:
    """--version names the package."""
    ran = cli("--version")
    assert (0, True) == (ran.code, ran.out.startswith("eightbyeight-obs "))


def test_as_a_module(command: Cli) -> None:
    """python -m eightbyeight_obs is the same command."""
    ran = command("explain", "1300")
    assert (0, True) == (ran.code, "1300  Not found" in ran.out)


@pytest.mark.parametrize("absent", ["typer", "rich"])
def test_missing_extra(absent: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without typer or rich the command says exactly what to type, and nothing is imported."""
    monkeypatch.setattr(
        eightbyeight_obs.cli, "find_spec", lambda name: None if name == absent else object(), raising=True
    )
    with pytest.raises(SystemExit) as stopped:
        eightbyeight_obs.cli.main()
    told = capsys.readouterr().err
    assert (3, True) == (stopped.value.code, '-m pip install "eightbyeight-obs[cli]"' in told)
    assert absent in told


def test_library_never_imports_the_extra() -> None:
    """Importing and installing the library imports neither typer nor rich nor the command line."""
    code = (
        "import sys, eightbyeight_obs; eightbyeight_obs.install(structlog=False, sentry=False); "
        "before = {'rich', 'typer'} & set(sys.modules); "
        "print(sorted(before), 'eightbyeight_obs.cli' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, text=True)
    assert "[] False\n" == done.stdout


def test_pipe_that_closes() -> None:
    """codes | head ends without a traceback."""
    with subprocess.Popen(
        [sys.executable, "-m", "eightbyeight_obs", "codes", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"" == process.stderr.read()


def test_ascii_terminal(command: Cli) -> None:
    """A terminal that has no dash gets an escape instead of a traceback."""
    ran = command("explain", "1014", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (0, True) == (ran.code, "Insecure Protocol \\u2014" in ran.out)


def test_no_color(command: Cli) -> None:
    """NO_COLOR wins over FORCE_COLOR: no colour, whatever else a terminal is told."""
    coloured = command("demo", "--help", FORCE_COLOR="1", TERM="xterm")
    plain = command("demo", "--help", FORCE_COLOR="1", NO_COLOR="1", TERM="xterm")
    colours = tuple(f"\x1b[{style}{colour}m" for style in ("", "1;") for colour in range(31, 38))
    assert (True, False) == tuple(any(colour in ran.out for colour in colours) for ran in (coloured, plain))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("eightbyeight-obs ex", ["explain"]),
        ("eightbyeight-obs codes --registry sms", ["sms_receipt"]),
        ("eightbyeight-obs codes --category auth", ["authentication", "authorization"]),
        ("eightbyeight-obs explain 130", ["1300"]),
        ("eightbyeight-obs explain Read", ["ReadTimeout"]),
    ],
)
def test_completion(monkeypatch: pytest.MonkeyPatch, typed: str, expected: list[str]) -> None:
    """The shell gets the commands, the registries of --registry, and the codes."""
    shell = {
        "_EIGHTBYEIGHT_OBS_COMPLETE": "complete_bash",
        "COMP_CWORD": str(len(typed.split()) - 1),
        "COMP_WORDS": typed,
    }
    monkeypatch.setattr(sys, "argv", ["eightbyeight-obs"])
    for name, value in shell.items():
        monkeypatch.setenv(name, value)
    shown = io.StringIO()
    with pytest.raises(SystemExit), redirect_stdout(shown):
        eightbyeight_obs.cli.app.app(prog_name="eightbyeight-obs")
    assert expected == shown.getvalue().split()


def test_ctrl_c(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    """Ctrl-C ends a command without a traceback."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("eightbyeight_obs.cli.decode.findings_in", interrupted)
    ran = cli("decode", piped="x")
    assert ran.code in (1, 130)
    assert "Traceback" not in ran.err
