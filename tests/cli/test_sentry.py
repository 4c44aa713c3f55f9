"""``sentry``: what is printed fits Sentry's schema; what is pushed never writes over what is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest

from eightbyeight_obs.cli.sentry.rules import fingerprint_rules, merged
from eightbyeight_obs.core.details import KEYS
from tests.cli.sentry_server import ORGANISATION, TOKEN, SentryServer, check

Cli = Callable[..., Any]
TAGS = {key.name for key in KEYS if key.tag}
OLD_RULES = 'error.type:Boom -> boom\npath:"a b" -> x, {{ default }}\n'


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SentryServer]:
    """A Sentry with the organisation acme and the project shop, and a token for it in the environment."""
    for name in ("SENTRY_ORG", "SENTRY_PROJECT", "SENTRY_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SENTRY_AUTH_TOKEN", TOKEN)
    server = SentryServer()
    server.lists["detectors"] += [
        {"id": "1", "type": "uptime_domain_failure"}, {"id": "2", "type": "error"}, {"id": "3", "type": "issue_stream"},
    ]  # fmt: skip
    yield server
    server.stop()


@pytest.fixture
def push(cli: Cli, server: SentryServer) -> Callable[..., Any]:
    """Pushes to that server."""

    def run(*arguments: str, flags: tuple[str, ...] = ("--push",)) -> Any:
        return cli("sentry", *arguments, *flags, "--org", "acme", "--project", "shop", "--url", server.url)

    return run


def test_dashboard_fits_the_schema(cli: Cli) -> None:
    """The printed dashboard is one that Sentry's published schema accepts, key by key."""
    ran = cli("sentry", "dashboard", "--title", "Ours")
    body = json.loads(ran.out)
    check(body, ORGANISATION + "dashboards/")
    assert (0, "Ours") == (ran.code, body["title"])


def test_dashboard_answers_the_questions(cli: Cli) -> None:
    """Codes and their meaning, keys, limits by endpoint, what is new, errors by region: by tags that are set."""
    widgets = json.loads(cli("sentry", "dashboard").out)["widgets"]
    columns = {column for widget in widgets for column in widget["queries"][0]["columns"] if "8x8" in column}
    assert {"8x8.code", "8x8.description", "8x8.endpoint", "8x8.region", "8x8.error_id"} <= columns <= TAGS
    conditions = " ".join(widget["queries"][0]["conditions"] for widget in widgets)
    for piece in ("8x8.category:rate_limit", "authentication", "8x8.category:server", "firstSeen:-7d"):
        assert piece in conditions


def test_dashboard_queries_are_whole(cli: Cli) -> None:
    """Fields are columns and aggregates, and each has its name; tables and charts have ten rows at most."""
    for widget in json.loads(cli("sentry", "dashboard").out)["widgets"]:
        (query,) = widget["queries"]
        assert query["fields"] == query["columns"] + query["aggregates"]
        assert len(query["field_aliases"]) in (0, len(query["fields"]))
        assert widget.get("limit", 1) <= 10
        order = query["orderby"].removeprefix("-")
        assert order in ("", "new", *query["aggregates"])


def test_dashboard_widgets_do_not_overlap(cli: Cli) -> None:
    """The widgets have places of their own in the grid of six columns."""
    places = [widget["layout"] for widget in json.loads(cli("sentry", "dashboard").out)["widgets"]]
    assert all(place["x"] + place["w"] <= 6 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


def test_alerts_fit_the_schema(cli: Cli) -> None:
    """The printed alerts are workflows that the schema accepts, with names of their own and tags that are set."""
    bodies = json.loads(cli("sentry", "alerts", "--detector-id", "5", "--environment", "production").out)
    for body in bodies:
        check(body, ORGANISATION + "workflows/")
        assert ([5], "production", 60) == (body["detector_ids"], body["environment"], body["config"]["frequency"])
        (part,) = body["action_filters"]
        kinds = {condition["type"] for condition in part["conditions"]}
        assert kinds <= {"tagged_event", "event_frequency_count"}
        keys = {c["comparison"]["key"] for c in part["conditions"] if c["type"] == "tagged_event"}
        assert keys <= TAGS
    assert 4 == len({body["name"] for body in bodies})


def test_push_dashboard(push: Callable[..., Any], server: SentryServer) -> None:
    """--push creates the dashboard for the project, as printed."""
    ran = push("dashboard")
    assert (0, 'Created the dashboard "8x8 errors" (number 1)\n') == (ran.code, ran.out)
    (written,) = server.written()
    check(written[2], ORGANISATION + "dashboards/")
    assert ("POST", [77]) == (written[0], written[2]["projects"])


def test_json_everywhere(push: Callable[..., Any]) -> None:
    """--json tells what was created and replaced, what would be sent, and the rules, each as one document."""
    created = json.loads(push("dashboard", flags=("--push", "--json")).out)
    assert [{"action": "created", "what": 'dashboard "8x8 errors"', "id": "1"}] == created
    again = json.loads(push("dashboard", flags=("--push", "--json", "--replace")).out)
    assert ["replaced"] == [done["action"] for done in again]
    rules = ("ownership", "--owner", "template=#a"), ("fingerprint-rules",)
    for command in rules:
        assert json.loads(push(*command, flags=("--json",)).out)["rules"].startswith("# eightbyeight-obs: begin\n")
        assert 1 == len(json.loads(push(*command, flags=("--push", "--json")).out))
        assert "PUT" == json.loads(push(*command, flags=("--dry-run", "--json")).out)[0]["method"]


def test_what_was_done_before_a_refusal(push: Callable[..., Any], server: SentryServer) -> None:
    """Where the second of several calls is refused, the first is told."""
    server.lists["workflows"].append({"id": "7", "name": "8x8: rate limit, 50 times an hour"})
    server.answers["PUT", "/api/0/organizations/acme/workflows/7/"] = (403, {}, b"{}")
    ran = push("alerts", flags=("--push", "--replace"))
    assert (3, 2) == (ran.code, ran.out.count("Created the alert"))
    assert "PUT /api/0/organizations/acme/workflows/7/ was answered 403" in ran.err


def test_never_over_what_is_there(push: Callable[..., Any], server: SentryServer) -> None:
    """A dashboard of that name, on whatever page of the list, is left alone; --replace writes over it."""
    server.lists["dashboards"] += [{"id": "8", "title": "Other"}, {"id": "9", "title": "8x8 errors"}]
    ran = push("dashboard")
    assert (1, "", []) == (ran.code, ran.out, server.written())
    assert 'the dashboard "8x8 errors" is there already' in ran.err
    assert "--replace" in ran.err
    assert 0 == push("dashboard", flags=("--push", "--replace")).code
    (written,) = server.written()
    assert ("PUT", "/api/0/organizations/acme/dashboards/9/") == written[:2]
    assert {"id": "8", "title": "Other"} == server.lists["dashboards"][0]


def test_push_alerts(push: Callable[..., Any], server: SentryServer) -> None:
    """--push connects the alerts to the project's monitors for errors."""
    assert 0 == push("alerts").code
    assert [[2, 3]] * 4 == [workflow["detector_ids"] for workflow in server.lists["workflows"]]


def test_alerts_all_or_nothing(push: Callable[..., Any], server: SentryServer) -> None:
    """One alert that is there already stops all; with --replace it is replaced and the others are created."""
    server.lists["workflows"].append({"id": "1", "name": "8x8: API key or permission refused"})
    ran = push("alerts")
    assert (1, []) == (ran.code, server.written())
    assert "Nothing was changed" in ran.err
    assert 0 == push("alerts", flags=("--push", "--replace")).code
    assert ["POST", "POST", "POST", "PUT"] == sorted(request[0] for request in server.written())


def test_no_monitor(push: Callable[..., Any], server: SentryServer) -> None:
    """Without a monitor that the token may see, the way out is named."""
    server.lists["detectors"].clear()
    ran = push("alerts")
    assert (3, []) == (ran.code, server.written())
    assert "--detector-id" in ran.err


@pytest.mark.parametrize(
    ("command", "read", "first"),
    [
        (("ownership", "--owner", "template=#marketing"), lambda server: server.ownership["raw"], True),
        (("fingerprint-rules",), lambda server: server.project["fingerprintingRules"], False),
    ],
)
def test_other_rules_stay(
    push: Callable[..., Any], server: SentryServer, command: tuple[str, ...], read: Any, first: bool
) -> None:
    """Rules are added to a project's own, which stay and win; a second time needs --replace, and replaces ours only."""
    server.ownership["raw"] = server.project["fingerprintingRules"] = OLD_RULES
    assert 0 == push(*command).code
    text = read(server)
    assert OLD_RULES in text
    assert first == text.startswith("# eightbyeight-obs: begin\n")
    ran = push(*command)
    assert (1, text) == (ran.code, read(server))
    assert "are there already" in ran.err
    assert 0 == push(*command, flags=("--push", "--replace")).code
    assert text == read(server)


@pytest.mark.parametrize("existing", ["", "\n", OLD_RULES, "a -> b"])
def test_merged(existing: str) -> None:
    """Whatever is there stays whole; replacing is exact, and twice is once."""
    block = fingerprint_rules()
    for first in (True, False):
        text = merged(existing, block, first=first, replace=False)
        assert text is not None
        assert existing.strip() in text
        assert 1 == text.count(block)
        assert merged(text, block, first=first, replace=False) is None
        assert text == merged(text, block, first=first, replace=True)
        other = merged(text, block.replace("8x8,", "9x9,"), first=first, replace=True)
        assert other is not None
        assert existing.strip() in other


def test_ownership_rules(cli: Cli) -> None:
    """Owners are given by category, code, the beginning of codes, or for all."""
    owners = ("authentication=#platform", "1300=a@example.com #shop", "30*=#templates", "*=#oncall")
    ran = cli("sentry", "ownership", *(part for owner in owners for part in ("--owner", owner)))
    assert (0, [
        "tags.8x8.category:authentication #platform",
        "tags.8x8.code:1300 a@example.com #shop",
        "tags.8x8.code:30* #templates",
        "tags.8x8.code:* #oncall",
    ]) == (ran.code, ran.out.splitlines()[1:-1])  # fmt: skip
    assert all(line.startswith("#") for line in cli("sentry", "ownership").out.splitlines())


def test_fingerprints_are_the_middlewares() -> None:
    """The rules make the fingerprints that the middleware sends, and leave the rejections to it."""
    certain, likely = fingerprint_rules().splitlines()[1:-1]
    assert "tags.8x8.match:certain -> 8x8, {{ tags.8x8.registry }}, {{ tags.8x8.code }} title=" in certain
    assert likely.endswith("-> {{ default }}, 8x8, {{ tags.8x8.registry }}, {{ tags.8x8.code }}")
    assert all(rule.startswith("!tags.8x8.code:rejected ") for rule in (certain, likely))


@pytest.mark.parametrize("command", ["dashboard", "alerts", "ownership", "fingerprint-rules"])
def test_dry_run_sends_nothing(push: Callable[..., Any], server: SentryServer, command: str) -> None:
    """--dry-run shows method, address and body of what would be sent, and does not even ask."""
    ran = push(command, flags=("--dry-run", "--owner", "template=#a") if command == "ownership" else ("--dry-run",))
    assert (0, []) == (ran.code, server.requests)
    calls = json.loads(ran.out)
    assert all(call["url"].startswith(server.url + "/api/0/") and call["body"] for call in calls)
    assert TOKEN not in ran.out + ran.err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("dashboard", "--replace"), "--replace is for --push"),
        (("dashboard", "--push"), "--org is missing"),
        (("alerts", "--push"), "--org and --project are missing"),
        (("dashboard", "--title", " "), "--title is to have"),
        (("ownership", "--owner", "nonsense"), "is not WHAT=WHO"),
        (("ownership", "--owner", "servers=#a"), "Did you mean server=#a?"),
        (("ownership", "--owner", "3999=#a"), "the registry api has no code 3999"),
        (("ownership", "--owner", "1300=nobody"), "is not WHAT=WHO"),
        (("ownership", "--owner", "1300=#a\n* #b"), "is not WHAT=WHO"),
        (("ownership", "--push", "--org", "a", "--project", "b"), "--push needs an owner"),
        (("dashboard", "--push", "--org", "a", "--url", "sentry"), "is no address"),
        (
            ("dashboard", "--push", "--org", "a", "--url", "http://sentry.example.com"),
            "would send the token unencrypted",
        ),
    ],
)
def test_wrong_arguments(cli: Cli, server: SentryServer, arguments: tuple[str, ...], hint: str) -> None:
    """What is wrong is named with what to type; nothing is sent."""
    ran = cli("sentry", *arguments)
    assert (2, "", []) == (ran.code, ran.out, server.requests)
    assert hint in ran.err


def test_no_token(push: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a token the variable and the scopes are named."""
    monkeypatch.delenv("SENTRY_AUTH_TOKEN")
    ran = push("alerts")
    assert 3 == ran.code
    assert "export SENTRY_AUTH_TOKEN=" in ran.err
    assert "alerts:write" in ran.err


@pytest.mark.parametrize(
    ("status", "headers", "hint"),
    [
        (401, {}, "is not valid"),
        (403, {}, "needs the scopes org:read and org:write, project:read"),
        (404, {}, "Look at --org"),
        (400, {}, "Sentry says: {}"),
        (302, {"Location": "https://us.sentry.io/x"}, "https://us.sentry.io/x"),
        (500, {}, "Sentry says"),
    ],
)
def test_refusals(
    push: Callable[..., Any], server: SentryServer, status: int, headers: dict[str, str], hint: str
) -> None:
    """A refusal says what to do about it, and never shows the token; a redirect is not followed with it."""
    server.answers["GET", "/api/0/projects/acme/shop/"] = (status, headers, b"{}")
    ran = push("dashboard")
    assert (3, "", 1) == (ran.code, ran.out, len(server.requests))
    assert hint in ran.err
    assert TOKEN not in ran.err


@pytest.mark.parametrize("answer", [b"<html>", b"", b"[]", b"{}", b'{"id": "x"}'])
def test_not_a_sentry(push: Callable[..., Any], server: SentryServer, answer: bytes) -> None:
    """Something else than Sentry at the address is told, not shown as a traceback."""
    server.answers["GET", "/api/0/projects/acme/shop/"] = (200, {}, answer)
    ran = push("dashboard")
    assert (3, True) == (ran.code, "did not answer as Sentry does" in ran.err)


def test_nobody_there(cli: Cli, server: SentryServer) -> None:
    """An address where nobody listens is told."""
    ran = cli("sentry", "dashboard", "--push", "--org", "acme", "--url", "http://127.0.0.1:9")
    assert (3, True) == (ran.code, "Look at --url" in ran.err)


def test_hostile_answer(push: Callable[..., Any], server: SentryServer) -> None:
    """What a server says is shown escaped."""
    server.answers["GET", "/api/0/projects/acme/shop/"] = (400, {}, b"\x1b]0;x\x07[red]")
    ran = push("dashboard")
    assert ("\\x1b]0;x\\x07[red]" in ran.err, "\x1b" in ran.err) == (True, False)
