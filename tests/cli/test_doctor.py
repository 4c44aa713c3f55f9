"""``doctor``: looks into a real service, and names every reason why something would not arrive."""

from __future__ import annotations

import copy
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eightbyeight_obs.cli.doctor.findings import LOWEST
from tests.test_install import PATCHED

ROOT = Path(__file__).parents[2]
Cli = Callable[..., Any]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="the tests stop process groups")]

# The DSN's key and the variable are secrets that no test may find in what the doctor tells.
SENTRY = "import sentry_sdk; sentry_sdk.init(dsn='https://secretkey@localhost/1', auto_enabling_integrations=False)\n"
INSTALL = "import eightbyeight_obs; eightbyeight_obs.install()\n"
LOGGING = "import logging; logging.basicConfig(format='%(message)s')\n"
STRUCTLOG = """
import structlog
structlog.configure(processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.stdlib.LoggerFactory())
"""
GOOD = INSTALL + LOGGING + STRUCTLOG + SENTRY + "import requests\n"
PRINTING = GOOD.replace("structlog.stdlib.LoggerFactory()", "structlog.PrintLoggerFactory()")
DOUBLE = GOOD.replace(
    "processors=[", "processors=[structlog.stdlib.add_log_level, structlog_sentry.SentryProcessor(), "
).replace("import structlog", "import structlog, structlog_sentry")
_seen: dict[Any, tuple[int, dict[str, Any]]] = {}


@pytest.fixture
def doctor(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Runs the doctor on a service of this text, once, and returns the exit code and its JSON.

    The doctor runs in this process, the service in one of its own; what a service showed is kept for other tests.
    """

    def run(text: str, *, seconds: float = 60, **environment: str) -> tuple[int, dict[str, Any]]:
        key = (text, seconds, *sorted(environment.items()))
        if key not in _seen:
            service = tmp_path / "service.py"
            service.write_text(textwrap.dedent(text))
            for name, value in {"PYTHONPATH": str(ROOT), "SECRET_TOKEN": "secretvalue", **environment}.items():
                monkeypatch.setenv(name, value)
            ran = cli("doctor", "--json", "--seconds", str(seconds), "--", sys.executable, str(service))
            assert ran.out, ran.err
            _seen[key] = (ran.code, json.loads(ran.out))
        code, found = _seen[key]
        return code, copy.deepcopy(found)

    return run


def problems(found: dict[str, Any]) -> list[str]:
    return [finding["what"] for finding in found["findings"] if finding["level"] == "problem"]


def test_a_service_in_order(doctor: Callable[..., Any]) -> None:
    """A service in which everything arrives has no problem: each failure has its code in the log and in Sentry."""
    code, found = doctor(GOOD)
    assert (0, []) == (code, problems(found))
    for tried in found["tries"]:
        expected = None if tried["case"] == "unrelated" else "1002"
        (event,) = tried["events"]
        assert expected == event["tags"].get("8x8.code")
        assert any(line["keys"].get("8x8.code") == expected for line in tried["lines"])
    assert {"structlog", "logging"} == {tried["logger"] for tried in found["tries"]}


def test_options_that_differ(doctor: Callable[..., Any]) -> None:
    """The options of install() that are not the default are told, hooks by their number, and what one leaves alone."""
    _, found = doctor(GOOD.replace("install()", "install(structlog=False, on_error=[print], hosts={'sms.x': 'sms'})"))
    expected = {"structlog": "False", "on_error": 1, "hosts": "{'sms.x': 'sms'}"}
    assert expected == found["look"]["installation"]["options"]
    assert "install(structlog=False) leaves that part alone" in [finding["what"] for finding in found["findings"]]


def test_it_tells_the_hooks_in_order(doctor: Callable[..., Any]) -> None:
    """The hooks are listed as a call meets them, the outermost first."""
    hooks = {hook["place"]: hook["chain"] for hook in doctor(GOOD)[1]["look"]["hooks"]}
    assert ["eightbyeight_obs.clients.requests", "requests.hooks"] == hooks["requests.sessions.dispatch_hook"]
    assert "sentry_sdk.integrations.logging" == hooks["logging.Logger.callHandlers"][0]
    ours = {place for place, chain in hooks.items() if chain and chain[0].startswith("eightbyeight_obs.")}
    assert PATCHED == ours  # every one of them, wherever the seams move


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("import requests\n" + LOGGING, "eightbyeight_obs is not imported in this process"),
        (
            PRINTING,
            "structlog prints (PrintLoggerFactory): what is only logged never reaches Sentry",
        ),
        (
            GOOD.replace("auto_enabling", "before_send=lambda event, hint: None, auto_enabling"),
            "before_send drops the event (logging, raised)",
        ),
        (
            GOOD.replace("auto_enabling", "ignore_errors=[OSError], auto_enabling"),
            "ignore_errors has builtins.OSError: such events are dropped before anything sees them",
        ),
        (
            DOUBLE,
            "structlog-sentry and Sentry's LoggingIntegration both make an event of one line",
        ),
        (
            LOGGING + STRUCTLOG.replace("processors=[", "processors=[structlog.processors.format_exc_info, "
            "__import__('eightbyeight_obs').EightByEightProcessor(), ") + SENTRY + "import requests\n",
            "stands before the middleware in structlog's chain: the exception is gone by then",
        ),
        (GOOD + "logging.disable(logging.ERROR)\n", "keeps the middleware's warnings out"),
        (
            GOOD + "logging.getLogger('doctor').setLevel(logging.CRITICAL)\n",
            "the log line about a failure is not written (logging, noted)",
        ),
        ("raise SystemExit('boom')", "the service ended by itself, with exit code 1"),
        (GOOD.replace("dsn='https://secretkey@localhost/1'", "dsn=None"), "Sentry has no DSN: nothing is sent"),
    ],
)  # fmt: skip
def test_problems(doctor: Callable[..., Any], text: str, problem: str) -> None:
    """Each of these services has its problem named, with what to do, and exit code 1."""
    code, found = doctor(text)
    named = [finding for finding in found["findings"] if problem in finding["what"]]
    assert (1, 1) == (code, len(named)), found["findings"]
    assert ("problem", True) == (named[0]["level"], bool(named[0]["advice"]))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (GOOD + "sys.modules['httpx'] = sys", "httpx is in use, too: its calls to 8x8 are not seen"),
        (GOOD + "raise SystemExit(3)", "the service ended by itself, with exit code 3"),
        (
            GOOD + "sentry_sdk.integrations.logging.ignore_logger('doctor')",
            "a logged failure makes no Sentry event (logging, raised)",
        ),
    ],
)
def test_hints(doctor: Callable[..., Any], text: str, hint: str) -> None:
    """Each of these is worth knowing, and no problem of the middleware's."""
    code, found = doctor("import sys\n" + text)
    assert (0, []) == (code, problems(found))
    assert hint in [finding["what"] for finding in found["findings"]]


def test_lowest_versions_are_those_of_the_package() -> None:
    """The doctor asks for the versions that the package asks for."""
    project = (ROOT / "pyproject.toml").read_text()
    (line,) = (line for line in project.splitlines() if line.startswith("dependencies = "))
    asked = {f"{name}>={'.'.join(map(str, lowest))}" for name, lowest in LOWEST.items()}
    assert asked == set(re.findall(r'"([^"]+)"', line))


def test_the_switch(doctor: Callable[..., Any]) -> None:
    """The switch in the environment is named."""
    code, found = doctor(GOOD, EIGHTBYEIGHT_OBS="off")
    assert (1, ["EIGHTBYEIGHT_OBS=off turns the middleware off"]) == (code, problems(found))


def test_double_events_are_counted(doctor: Callable[..., Any]) -> None:
    """Two events of one failure are seen, not guessed."""
    _, found = doctor(DOUBLE)
    assert any(what.startswith("one failure makes 2 Sentry events (structlog, noted)") for what in problems(found))


def test_a_server_that_runs_on(doctor: Callable[..., Any], tmp_path: Path) -> None:
    """A service that does not end is looked at after the seconds, and stopped with all its children."""
    text = (
        GOOD
        + f"""
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
time.sleep(600)
"""
    )
    code, found = doctor(text, seconds=1.5)
    assert (0, True) == (code, found["look"]["installation"]["installed"])
    for pid in (tmp_path / "pids").read_text().split():
        with pytest.raises(ProcessLookupError):
            for _ in range(100):
                os.kill(int(pid), 0)
                time.sleep(0.05)


def test_the_worker_is_the_one_that_counts(doctor: Callable[..., Any]) -> None:
    """Of several processes the one with the middleware is reported, a forked worker as well."""
    text = f"import os, time\nif os.fork() == 0:\n    exec({GOOD!r})\n    time.sleep(600)\ntime.sleep(600)\n"
    _, found = doctor(text, seconds=2)
    assert found["look"]["installation"]["installed"]


def test_nothing_is_written_or_sent(doctor: Callable[..., Any], tmp_path: Path) -> None:
    """The service's handlers, hooks and transport do nothing for a synthetic failure, and work again afterwards."""
    log, called = tmp_path / "service.log", tmp_path / "called"
    text = GOOD.replace(
        "install()", f"install(on_error=[lambda details: open({str(called)!r}, 'a').write('x')])"
    ).replace("basicConfig(", f"basicConfig(filename={str(log)!r}, ")
    text += f"""
import atexit
class Own(sentry_sdk.transport.Transport):
    def capture_envelope(self, envelope): open({str(called)!r}, "a").write("sent")
sentry_sdk.get_client().transport = Own()
def last():
    log = logging.getLogger("last")
    log.warning("still there")
import eightbyeight_doctor
look = eightbyeight_doctor.look
def looked(job, **how): look(job, **how); last()
eightbyeight_doctor.look = looked
eightbyeight_doctor.atexit.register(last)
"""
    _, found = doctor(text)
    assert found["tries"][0]["events"]
    assert not called.exists()
    assert "still there" in log.read_text()
    assert "doctor" not in log.read_text()


def test_a_sitecustomize_of_the_machine_runs(doctor: Callable[..., Any], tmp_path: Path) -> None:
    """The sitecustomize that stands behind the doctor's runs as always."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys; sys.machines_own = True\n")
    text = GOOD + "import sys\nassert sys.machines_own\nlogging.getLogger().setLevel(logging.ERROR)\n"
    _, found = doctor(text, PYTHONPATH=f"{folder}{os.pathsep}{ROOT}")
    assert "ERROR" == found["look"]["logging"]["level"]


def test_it_tells_no_secret(doctor: Callable[..., Any]) -> None:
    """What the doctor tells holds no DSN, no variable of the environment and no value of an option with a name."""
    _, found = doctor(GOOD)
    assert "secret" not in json.dumps(found)


def test_printed_lines(doctor: Callable[..., Any]) -> None:
    """What a logger prints during a try is shown as its line."""
    _, found = doctor(PRINTING)
    tried = found["tries"][0]
    assert ("structlog", "raised") == (tried["logger"], tried["case"])
    assert any('"8x8.code": "1002"' in line["text"] for line in tried["lines"] if line["handler"] == "printed")


def test_without_a_service(cli: Cli) -> None:
    """Without a command an empty Python shows what a line and an event look like."""
    ran = cli("doctor")
    assert (0, "") == (ran.code, ran.err)
    for piece in (
        "This was an empty Python",
        '"8x8.code": "1002"',
        "HTTPError: 8x8 1002 Invalid MSISDN",
        "Everything would",
    ):
        assert piece in ran.out


@pytest.mark.parametrize(
    ("program", "hint"),
    [
        (("no-such-program",), "there is no program no-such-program"),
        (("sh", "-c", "echo not a Python"), "was not to be looked at. It ended with exit code 0."),
        ((sys.executable, "-I", "-c", "pass"), "With python -I or -E nobody can look inside"),
        ((sys.executable, "-c", "raise SystemExit('boom')"), None),
    ],
)
def test_what_is_no_service(cli: Cli, program: tuple[str, ...], hint: str | None) -> None:
    """What cannot be looked at is told with its last lines; a service that dies is looked at all the same."""
    ran = cli("doctor", "--seconds", "1", "--", *program)
    if hint is None:
        assert (1, True, True) == (ran.code, "eightbyeight_obs is not imported" in ran.out, "\n  boom\n" in ran.out)
    else:
        assert (2, "", True) == (ran.code, ran.out, hint in ran.err)


def test_ctrl_c_stops_the_service(tmp_path: Path) -> None:
    """Ctrl-C ends the doctor, and the service with it."""
    pid = tmp_path / "pid"
    code = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-m", "eightbyeight_obs", "doctor", "--seconds", "60", "--", sys.executable, "-c", code],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        for _ in range(400):
            if pid.exists() and pid.read_text():
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert 130 == process.returncode
    assert b"Traceback" not in errors
    with pytest.raises(ProcessLookupError):
        for _ in range(100):
            os.kill(int(pid.read_text()), 0)
            time.sleep(0.05)
