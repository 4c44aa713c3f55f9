"""A pytest plugin for other people's test suites: installs the middleware before they are imported.

`TRANSPARENCY_OUTCOMES` names the file for the outcome of every test, `TRANSPARENCY_HOSTS` a file with the hosts
that the suite uses; without the latter nothing is installed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

_outcomes: dict[str, str] = {}
_seen: list[str] = []


def pytest_configure() -> None:
    hosts = os.environ.get("TRANSPARENCY_HOSTS")
    if hosts:
        import eightbyeight_obs

        eightbyeight_obs.install(
            hosts=json.loads(Path(hosts).read_text(encoding="utf-8")),
            on_error=[lambda details: _seen.append(details.code)],
            capture_unreported=True,
        )


def pytest_runtest_logreport(report: Any) -> None:
    """Keep the worst of setup, call and teardown: a test passes when all three do."""
    before = _outcomes.get(report.nodeid)
    outcome = report.outcome if report.when == "call" or report.outcome != "passed" else "passed"
    if before in (None, "passed"):
        _outcomes[report.nodeid] = outcome


def pytest_sessionfinish() -> None:
    found = {"outcomes": _outcomes, "failures seen": len(_seen)}
    Path(os.environ["TRANSPARENCY_OUTCOMES"]).write_text(json.dumps(found), encoding="utf-8")
