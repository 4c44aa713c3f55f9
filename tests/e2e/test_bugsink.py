"""A sample service, some hundred failing calls, and a real Sentry server: what the server holds afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from eightbyeight_obs import explain
from tests.e2e.bugsink_server import Bugsink, bugsink
from tests.e2e.fake import fake_8x8
from tests.e2e.shop import WIRINGS

PYTHON = os.environ.get("BUGSINK_PYTHON")
TIMES = 4
BY_NAME = ("formatter",)  # calls sms.8x8.com; the others call hosts of install(hosts=...)
CERTAIN = [name for name in WIRINGS if name != "not-ok"]

pytestmark = pytest.mark.skipif(PYTHON is None, reason="`nox -s e2e` installs Bugsink and says where it is")


class Failure(NamedTuple):
    """What 8x8 answered to one call, read from the answer itself."""

    registry: str
    code: str
    error_id: str | None


def failure_of(line: str) -> Failure | None:
    """Read one line of the service's output; None for a success."""
    answer = json.loads(line)
    if answer["status"] < 400:
        return None
    if answer["body"].startswith("<"):
        return Failure("http", f"http-{answer['status']}", None)
    body = json.loads(answer["body"])
    if answer["product"] == "voice":
        return Failure("voice_status", str(body["statusCode"]), None)
    return Failure("api", str(body["code"]), body["errorId"])


class Stored(NamedTuple):
    """What was answered, and where it was sent."""

    server: Bugsink
    failures: dict[str, list[Failure]]
    hosts: dict[str, str]

    def of(self, project: str) -> list[Failure]:
        """The failures of all wirings that report to a project."""
        names = CERTAIN if project == "shop" else ["not-ok"]
        return [failure for name in names for failure in self.failures[name]]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    """Bugsink after the sample service has run once per wiring."""
    assert PYTHON is not None
    failures = {}
    with bugsink(PYTHON, tmp_path_factory.mktemp("bugsink"), ["shop", "shop-logs"]) as server, fake_8x8() as hosts:
        for wiring in WIRINGS:
            dsn = server.dsn["shop-logs" if wiring == "not-ok" else "shop"]
            names = "real" if wiring in BY_NAME or "PICTURES" in os.environ else "loopback"
            command = [sys.executable, "-m", "tests.e2e.shop", wiring, dsn, json.dumps(hosts), str(TIMES), names]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr[-3000:]
            failures[wiring] = [failure for line in done.stdout.splitlines() if (failure := failure_of(line))]
        yield Stored(server, failures, hosts)


@pytest.fixture(scope="module")
def issues(stored: Stored) -> dict[str, list[dict[str, Any]]]:
    """The issues of each project."""
    return {project: stored.server.issues(project) for project in stored.server.dsn}


@pytest.fixture(scope="module")
def events(stored: Stored, issues: dict[str, list[dict[str, Any]]]) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Of each project every event as the server keeps it, with the issue it is in."""
    return {
        project: [(issue["id"], event["data"]) for issue in found for event in stored.server.events(issue["id"])]
        for project, found in issues.items()
    }


def groups(failures: list[Failure]) -> Counter[tuple[str, str]]:
    """How often each (registry, code) was answered."""
    return Counter((failure.registry, failure.code) for failure in failures)


def test_the_service_made_some_hundred_failing_calls(stored):
    """Every wiring has met every failure: ten codes and a status without one, 264 calls in all."""
    assert 264 == sum(len(failures) for failures in stored.failures.values())
    assert 10 == len(groups(stored.of("shop")))


def test_there_is_exactly_one_issue_per_registry_and_code(stored, events):
    """Five wirings, two exception classes, eight threads: certain failures are grouped by (registry, code) alone."""
    of_issue: dict[str, set[tuple[str, str]]] = {}
    for issue, event in events["shop"]:
        of_issue.setdefault(issue, set()).add((event["tags"]["8x8.registry"], event["tags"]["8x8.code"]))
    assert [1] * 10 == [len(found) for found in of_issue.values()]
    assert set(groups(stored.of("shop"))) == {pair for found in of_issue.values() for pair in found}


def test_no_event_is_lost_and_none_is_added(stored, issues, events):
    """The server counts, for every issue, as many events as 8x8 gave answers with that code."""
    found = Counter((event["tags"]["8x8.registry"], event["tags"]["8x8.code"]) for _, event in events["shop"])
    assert groups(stored.of("shop")) == found
    counted = sum(issue["digested_event_count"] for issue in issues["shop"])
    assert len(stored.of("shop")) == counted


def test_every_title_is_the_decoded_failure(stored, issues):
    """The issue list shows code, meaning, status and endpoint; never a URL."""
    titles = [issue["calculated_value"] for issue in issues["shop"]]
    for registry, code in groups(stored.of("shop")):
        entry = explain(code, registry)
        assert entry is not None
        assert 1 == sum(title.startswith(f"8x8 {code} {entry.description} (HTTP ") for title in titles)
    assert not [title for title in titles if "http://" in title or "Shop-" in title]


def test_every_event_is_found_by_its_error_id(stored):
    """Each errorId that 8x8 gave is a value of the tag, once, and leads to the issue of its code."""
    values = stored.server.tag_values("shop", "8x8.error_id")
    assert {failure.error_id for failure in stored.of("shop")} - {None} == set(values)
    assert [1] * len(values) == [len(found) for found in values.values()]


def test_the_search_box_finds_an_error_id(stored):
    """What an engineer types, ``8x8.error_id:...``, gives the one issue; another id gives none."""
    with stored.server.browser() as browser:
        place = f"{stored.server.url}/issues/{stored.server.project['shop']}/"
        for failure in [failure for failure in stored.of("shop") if failure.error_id][::40]:
            page = browser.get(place, params={"q": f"8x8.error_id:{failure.error_id}"}, timeout=60).text
            assert f"8x8 {failure.code} " in page
        page = browser.get(place, params={"q": "8x8.error_id:00000000-0000-4000-8000-000000000000"}, timeout=60).text
        assert "8x8 1" not in page


def test_likely_failures_are_split_by_code_and_never_merged(stored, events):
    """A log line without an exception keeps its text and its group, and the group is split by code."""
    assert groups(stored.of("shop-logs")) == Counter(
        (event["tags"]["8x8.registry"], event["tags"]["8x8.code"]) for _, event in events["shop-logs"]
    )
    assert {"likely"} == {event["tags"]["8x8.match"] for _, event in events["shop-logs"]}
    pairs = {(issue, event["tags"]["8x8.code"]) for issue, event in events["shop-logs"]}
    assert 10 == len(pairs) == len({issue for issue, _ in pairs})


def test_no_event_has_the_key_or_a_full_number(events):
    """Of the calls' headers and bodies nothing is stored."""
    for _, event in [*events["shop"], *events["shop-logs"]]:
        sent = json.dumps(event)
        assert "sample-key-of-the-shop" not in sent
        assert "12025550293" not in sent


@pytest.mark.skipif("PICTURES" not in os.environ, reason="`nox -s e2e -- --pictures` takes the pictures again")
def test_pictures_are_taken(stored, issues):
    """The issue list, an event and the values of a tag, as a person sees them."""
    from tests.e2e.pictures import take

    wanted = next(issue for issue in issues["shop"] if issue["calculated_value"].startswith("8x8 1002 "))
    taken = take(stored.server, wanted["id"], Path(os.environ["PICTURES"]))
    assert all(0 < picture.stat().st_size < 150_000 for picture in taken)
