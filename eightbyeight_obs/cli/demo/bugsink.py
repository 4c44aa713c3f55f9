"""Bugsink for ``demo --web``: a small server of Sentry's protocol, set up in a folder that goes away with it.

It runs from an environment of its own, as its authors ask for; nothing of it is imported here.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NoReturn

from ..console import ExitCode, fail

__all__ = ["USER", "Server", "bugsink", "find"]

USER: Final = "admin"
_KNOWN: Final = "bugsink==2.6.1"
_START: Final = 120.0  # seconds, on a busy machine
_STOP: Final = 10.0
_LOOPBACK: Final = "127.0.0.1"
_POSIX: Final = os.name == "posix"

# PHONEHOME and INGEST_STORE_BASE_DIR have defaults that leave the machine or the folder. TASK_ALWAYS_EAGER: an event
# is an issue as soon as it was taken. (Bugsink 2.6.1, bugsink/app_settings.py.)
_SETTINGS: Final = """
from bugsink.settings.default import *

SECRET_KEY = {secret!r}
DATABASES["default"]["NAME"] = {folder!r} + "/db.sqlite3"
DATABASES["snappea"]["NAME"] = {folder!r} + "/snappea.sqlite3"
SNAPPEA = {{"TASK_ALWAYS_EAGER": True}}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
ALLOWED_HOSTS = ["127.0.0.1"]
BUGSINK = {{
    "BASE_URL": {url!r},
    "PHONEHOME": False,
    "SINGLE_USER": True,
    "SINGLE_TEAM": True,
    "USER_REGISTRATION": "CB_NOBODY",
    "INGEST_STORE_BASE_DIR": {folder!r} + "/ingest",
    "VALIDATE_ON_DIGEST": "warn",
}}
"""
_GUNICORN: Final = """
bind = {bind!r}
workers = 1
threads = 4
graceful_timeout = 2
control_socket_disable = True
"""
_PROVISION: Final = """
import json
import os
import django

django.setup()
from django.contrib.auth import get_user_model
from projects.models import Project, ProjectMembership, ProjectRole
from teams.models import Team, TeamMembership, TeamRole

job = json.loads(os.environ["EIGHTBYEIGHT_DEMO"])
user = get_user_model().objects.create_superuser(username=job["user"], email="", password=job["password"])
team = Team.objects.create(name="Sample shop")
TeamMembership.objects.create(team=team, user=user, role=TeamRole.ADMIN, accepted=True)
for name, key in job["keys"].items():
    project = Project.objects.create(name=name, sentry_key=key, team=team)
    ProjectMembership.objects.create(project=project, user=user, role=ProjectRole.ADMIN, accepted=True)
    print("project", project.pk)
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running Bugsink.

    Attributes:
        url: Where it listens.
        password: Of the user ``USER``.
        projects: Name -> number.
        dsns: Name -> DSN.
        process: The server; its end is the end of the demo.
    """

    url: str
    password: str
    projects: dict[str, int]
    dsns: dict[str, str]
    process: subprocess.Popen[bytes]

    def issues(self, project: str) -> str:
        """Return the address of a project's list of issues."""
        return f"{self.url}/issues/{self.projects[project]}/"


def find(named: str) -> str:
    """Return the Python that has Bugsink; exits with what to type where there is none.

    Args:
        named: By the user: a Python, or empty to look in this one and on the path.
    """
    if not _POSIX:
        fail("demo --web runs Bugsink with gunicorn, which Windows does not have.", "Type: eightbyeight-obs demo")
    if named:
        python = shutil.which(named)
        if python is None:
            fail(f"--bugsink {named!r} is no program.", "Name the Python of the environment that has Bugsink.")
        return python
    if find_spec("bugsink") is not None:
        return sys.executable
    script = shutil.which("bugsink-manage")  # pipx and uv link it from the environment's own folder
    python = str(Path(script).resolve().parent / "python") if script else ""
    if not python or shutil.which(python) is None:
        fail(
            "demo --web needs Bugsink, a small server of Sentry's protocol, which is not here.",
            "Give it an environment of its own (about 200 MB):\n"
            f"  python3 -m venv .venv-bugsink && .venv-bugsink/bin/pip install {_KNOWN}\n"
            "  eightbyeight-obs demo --web --bugsink .venv-bugsink/bin/python",
            ExitCode.MISSING,
        )
    return python


@contextlib.contextmanager
def bugsink(python: str, names: Sequence[str], tell: Callable[[str], object]) -> Iterator[Server]:
    """Set Bugsink up in a folder, run it until the block ends, and leave nothing behind.

    Args:
        python: What ``find`` returned.
        names: Of the projects.
        tell: Called with what is done now.
    """
    with tempfile.TemporaryDirectory(prefix="eightbyeight-demo-", ignore_cleanup_errors=True) as name:
        folder, port, password = Path(name), _free_port(), secrets.token_urlsafe(9)
        url = f"http://{_LOOPBACK}:{port}"
        keys = {project: uuid.uuid4() for project in names}
        settings = _SETTINGS.format(secret=secrets.token_hex(32), folder=name, url=url)
        (folder / "ingest").mkdir()
        (folder / "eightbyeight_demo_settings.py").write_text(settings, encoding="utf-8")
        (folder / "gunicorn.conf.py").write_text(_GUNICORN.format(bind=f"{_LOOPBACK}:{port}"), encoding="utf-8")
        job = {"user": USER, "password": password, "keys": {project: str(key) for project, key in keys.items()}}
        environment = _environment(name, job)
        tell("Setting up Bugsink ...")
        _run([python, "-m", "django", "migrate", "--verbosity", "0"], environment)
        _run([python, "-m", "django", "migrate", "--verbosity", "0", "--database", "snappea"], environment)
        said = _run([python, "-c", _PROVISION], environment)
        numbers = [int(line.split()[1]) for line in said.splitlines() if line.startswith("project ")]
        projects = dict(zip(names, numbers, strict=True))
        dsns = {each: f"http://{keys[each].hex}@{_LOOPBACK}:{port}/{number}" for each, number in projects.items()}
        tell("Starting Bugsink ...")
        command = [python, "-m", "gunicorn", "bugsink.wsgi", "--config", str(folder / "gunicorn.conf.py")]
        with _running(command, folder, environment, port) as process:
            yield Server(url, password, projects, dsns, process)


def _environment(folder: str, job: dict[str, Any]) -> dict[str, str]:
    left_out = ("VIRTUAL_ENV", "PYTHONHOME", "GUNICORN_CMD_ARGS", "SENTRY_DSN", "PYTHONWARNINGS", "PYTHONDEVMODE")
    environment = {key: value for key, value in os.environ.items() if key not in left_out}
    return environment | {
        "DJANGO_SETTINGS_MODULE": "eightbyeight_demo_settings",
        "PYTHONPATH": folder,
        "PYTHONDONTWRITEBYTECODE": "1",
        "EIGHTBYEIGHT_DEMO": json.dumps(job),
    }


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(  # noqa: S603 - the Python that the user named, with our arguments
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        start_new_session=True,  # Ctrl-C is for the demo, which then stops this
    )  # fmt: skip
    if done.returncode:
        _failed(command[0], done.stdout + done.stderr)
    return done.stdout


@contextlib.contextmanager
def _running(
    command: list[str], folder: Path, environment: dict[str, str], port: int
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the server in a session of its own, so that Ctrl-C reaches the demo alone, which stops it in order."""
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the Python that the user named, with our arguments
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=folder,
            start_new_session=True,
        )  # fmt: skip
    try:
        end = time.monotonic() + _START
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > end:
                _failed(command[0], log.read_text(encoding="utf-8", errors="replace"))
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # its workers, which may outlive it
        process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection((_LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def _failed(python: str, said: str) -> NoReturn:
    last = "\n".join(f"  {line}" for line in said.strip().splitlines()[-5:])
    fail(
        f"Bugsink did not start with {python}. Its last lines:\n{last}",
        f"This works with {_KNOWN}. Is it that one?  {python} -m pip install {_KNOWN}",
        ExitCode.MISSING,
    )
