"""Bugsink, a real server of Sentry's protocol, from an environment of its own: set up, run on loopback, asked."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.e2e.processes import free_port, running

_SETTINGS = """
from bugsink.settings.default import *

SECRET_KEY = "of-the-end-to-end-tests-and-of-nothing-else-{secret}"
DATABASES["default"]["NAME"] = "{folder}/db.sqlite3"
DATABASES["snappea"]["NAME"] = "{folder}/snappea.sqlite3"
SNAPPEA = {{"TASK_ALWAYS_EAGER": True}}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
ALLOWED_HOSTS = ["127.0.0.1"]
BUGSINK = {{
    "BASE_URL": "http://127.0.0.1:{port}",
    "PHONEHOME": False,
    "SINGLE_USER": True,
    "SINGLE_TEAM": True,
    "USER_REGISTRATION": "CB_NOBODY",
    "INGEST_STORE_BASE_DIR": "{folder}/ingest",
    "VALIDATE_ON_DIGEST": "warn",
    "KEEP_ENVELOPES": 5000,
    "MAX_EVENTS_PER_PROJECT_PER_5_MINUTES": 1_000_000,
    "MAX_EVENTS_PER_PROJECT_PER_HOUR": 1_000_000,
    "MAX_EVENTS_PER_PROJECT_PER_MONTH": 10_000_000,
    "MAX_EVENTS_PER_5_MINUTES": 1_000_000,
    "MAX_EVENTS_PER_HOUR": 1_000_000,
    "MAX_EVENTS_PER_MONTH": 10_000_000,
}}
"""
_PROVISION = """
import django

django.setup()
from bsmain.models import AuthToken
from django.contrib.auth import get_user_model
from projects.models import Project, ProjectMembership, ProjectRole
from teams.models import Team, TeamMembership, TeamRole

user = get_user_model().objects.create_superuser(username="admin", email="", password="{password}")
team = Team.objects.create(name="Shop")
TeamMembership.objects.create(team=team, user=user, role=TeamRole.ADMIN, accepted=True)
AuthToken.create_full_access(token="{token}")
for name, key in {projects!r}.items():
    project = Project.objects.create(name=name, sentry_key=key, team=team)
    ProjectMembership.objects.create(project=project, user=user, role=ProjectRole.ADMIN, accepted=True)
    print(name, project.pk)
"""


class Bugsink:
    """A running Bugsink.

    Attributes:
        url: Where it listens.
        password: Of the user ``admin``.
        dsn: Project name -> DSN.
        project: Project name -> number.
    """

    def __init__(self, url: str, folder: Path, password: str, token: str) -> None:
        self.url = url
        self.password = password
        self.dsn: dict[str, str] = {}
        self.project: dict[str, str] = {}
        self._database = folder / "db.sqlite3"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def issues(self, project: str) -> list[dict[str, Any]]:
        """Return the issues of a project, by Bugsink's REST interface."""
        return self._all(f"issues/?project={self.project[project]}")

    def events(self, issue: str) -> list[dict[str, Any]]:
        """Return the events of an issue, each with what was sent under ``data``."""
        return [self._get(f"events/{event['id']}/") for event in self._all(f"events/?issue={issue}")]

    def _all(self, path: str) -> list[dict[str, Any]]:
        page = self._get(path)
        found = list(page["results"])
        while page.get("next"):
            page = self._get(page["next"])
            found += page["results"]
        return found

    def _get(self, path: str) -> Any:
        url = path if path.startswith("http") else f"{self.url}/api/canonical/0/{path}"
        answer = self._session.get(url, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def tag_values(self, project: str, key: str) -> dict[str, set[str]]:
        """Return the values of a tag and the issues that have events with them, as the search box finds them."""
        query = """
            SELECT value.value, issue.issue_id FROM tags_tagkey AS tag
            JOIN tags_tagvalue AS value ON value.key_id = tag.id
            JOIN tags_eventtag AS issue ON issue.value_id = value.id
            WHERE tag.key = ? AND tag.project_id = ?
        """
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as database:
            found: dict[str, set[str]] = {}
            for value, issue in database.execute(query, (key, self.project[project])):
                found.setdefault(value, set()).add(str(uuid.UUID(issue)))
        return found

    def browser(self) -> requests.Session:
        """Return a session that is logged in as ``admin``."""
        session = requests.Session()
        page = session.get(f"{self.url}/accounts/login/", timeout=60).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        form = {"csrfmiddlewaretoken": token.group(1), "username": "admin", "password": self.password}
        session.post(
            f"{self.url}/accounts/login/", data=form, headers={"Referer": f"{self.url}/accounts/login/"}, timeout=60
        ).raise_for_status()
        return session

    def close(self) -> None:
        """Close the connections to it."""
        self._session.close()


@contextmanager
def bugsink(python: str, folder: Path, projects: list[str]) -> Iterator[Bugsink]:
    """Set Bugsink up in a folder, run it until the block ends.

    Args:
        python: The interpreter of the environment that has Bugsink.
        folder: For its settings and databases.
        projects: The names of the projects to make.
    """
    port, password, token = free_port(), uuid.uuid4().hex, uuid.uuid4().hex + "0" * 8
    keys = {name: str(uuid.uuid4()) for name in projects}
    (folder / "ingest").mkdir()
    (folder / "e2e_settings.py").write_text(
        _SETTINGS.format(folder=folder, port=port, secret=uuid.uuid4().hex), encoding="utf-8"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "e2e_settings", "PYTHONPATH": str(folder)}
    env.pop("VIRTUAL_ENV", None)
    _run([python, "-m", "django", "migrate", "--verbosity", "0"], env)
    _run([python, "-m", "django", "migrate", "--verbosity", "0", "--database", "snappea"], env)
    said = _run([python, "-c", _PROVISION.format(password=password, token=token, projects=keys)], env)
    server = Bugsink(f"http://127.0.0.1:{port}", folder, password, token)
    for line in said.splitlines():
        name, number = line.rsplit(" ", 1)
        server.project[name] = number
        server.dsn[name] = f"http://{keys[name].replace('-', '')}@127.0.0.1:{port}/{number}"
    command = [python, "-m", "gunicorn", "bugsink.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with running([*command, "--threads", "4", "--no-control-socket"], port, folder / "gunicorn.log", env=env):
        try:
            yield server
        finally:
            server.close()


def _run(command: list[str], env: dict[str, str]) -> str:
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[:4]} failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
    return done.stdout
