"""A pytest plugin: every Sentry event about 8x8 that a test makes goes through Relay, Sentry's own ingestion.

``pytest -p tests.e2e.relay_plugin`` fails a test whose events Relay would change, complain of, or blank where an
on-call engineer looks. Of the table of tests/attribution it runs every shape of service code with two of the
set-ups, another two each time; with ``--every-set-up`` with all of them.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sentry_relay.processing import StoreNormalizer, convert_datascrubbing_config, pii_strip_event
from sentry_sdk.envelope import Envelope

DEFAULT_SCRUBBING = {
    "scrubData": True,
    "scrubDefaults": True,
    "scrubIpAddresses": True,
    "sensitiveFields": [],
    "excludeFields": [],
}
SET_UPS = 2
# Server-side scrubbing takes a value of a context away that has one of these words in it.
WORDS = ("auth", "secret", "password", "credential", "api_key", "apikey", "passwd", "privatekey", "private key")


class Relay:
    """Relay's normaliser and its default scrubbing, as a project has them that nobody has configured."""

    def __init__(self, scrubbing: dict[str, Any] = DEFAULT_SCRUBBING) -> None:
        self._normalizer = StoreNormalizer(
            protocol_version="7", enable_trimming=True, remove_other=True, received_at="2026-11-21T10:00:00Z"
        )
        self._rules = convert_datascrubbing_config(scrubbing)

    def stored(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return an event as Sentry would keep it."""
        stored: dict[str, Any] = pii_strip_event(self._rules, self._normalizer.normalize_event(copy.deepcopy(event)))
        return stored

    def problems(self, event: dict[str, Any]) -> list[str]:
        """Return in words what would not arrive as it was sent; empty for an event that is all right."""
        sent = copy.deepcopy(event)
        normal = self._normalizer.normalize_event(copy.deepcopy(event))
        stored = self.stored(event)
        found = [f"errors: {normal['errors']}"] if normal.get("errors") else []
        ours = [path for path in _paths(normal.get("_meta")) if _is_ours(path)]
        if ours:
            found.append(f"_meta about {ours}")
        if sent.get("fingerprint") != normal.get("fingerprint"):
            found.append(f"fingerprint {sent.get('fingerprint')} became {normal.get('fingerprint')}")
        for stage, got in (("normalised", normal), ("scrubbed", stored)):
            tags = dict(got.get("tags") or ())
            lost = {key: value for key, value in sent["tags"].items() if _is_tag(key) and tags.get(key) != value}
            if lost:
                found.append(f"{stage}: tags {lost} became { ({key: tags.get(key) for key in lost}) }")
            if _titles(sent) != _titles(got):
                found.append(f"{stage}: values of exceptions {_titles(sent)} became {_titles(got)}")
        context = {**sent["contexts"]["8x8"], "type": "8x8"}
        if normal["contexts"]["8x8"] != context:
            found.append(f"context {context} became {normal['contexts']['8x8']}")
        return found + _blanked(context, stored["contexts"]["8x8"], sent["tags"])


def _is_tag(key: object) -> bool:
    return isinstance(key, str) and key.startswith("8x8.")


def _paths(meta: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in (meta or {}).items():
        if key == "":
            yield path
        elif isinstance(value, dict):
            yield from _paths(value, (*path, key))


def _is_ours(path: tuple[str, ...]) -> bool:
    return path[:2] == ("contexts", "8x8") or path[0] == "fingerprint" or any(_is_tag(part) for part in path)


def _titles(event: dict[str, Any]) -> list[Any]:
    return [value.get("value") for value in (event.get("exception") or {}).get("values") or ()]


def _blanked(context: dict[str, Any], stored: dict[str, Any], tags: dict[str, str]) -> list[str]:
    """What default scrubbing has taken from the context and no tag has: the message alone, for one of its words."""
    lost = [key for key, value in context.items() if stored.get(key) != value and f"8x8.{key}" not in tags]
    expected = [key for key in lost if key in {"message", "failures"}]
    found = [f"scrubbing blanks {key}={context[key]!r}, which no tag has" for key in lost if key not in expected]
    wrongly = [key for key in expected if not any(word in str(context[key]).lower() for word in WORDS)]
    return found + [f"scrubbing blanks {key}={context[key]!r}, though it has none of {WORDS}" for key in wrongly]


class Plugin:
    """Looks at the events of each test when it ends."""

    def __init__(self) -> None:
        self.relay = Relay()
        self.events: list[dict[str, Any]] = []
        self.seen: Counter[str] = Counter()
        original = Envelope.add_event

        def add_event(envelope: Envelope, event: Any) -> None:
            if "8x8" in (event.get("contexts") or {}):
                self.events.append(event)
            original(envelope, event)

        Envelope.add_event = add_event  # type: ignore[method-assign]

    @pytest.fixture(autouse=True)
    def relay_agrees(self) -> Iterator[None]:
        """Fail the test if Relay finds something."""
        self.events.clear()
        yield
        events, self.events = self.events, []
        for event in events:
            self.seen[event["contexts"]["8x8"].get("match", "?")] += 1
        problems = [problem for event in events for problem in self.relay.problems(event)]
        if problems:
            pytest.fail("Relay: " + "\n".join(problems), pytrace=False)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave of the table of attributions as many cells as are needed for every form that an event can have."""
        if config.getoption("--every-set-up"):
            return
        cells: dict[str, list[pytest.Item]] = {}
        for item in items:
            given = getattr(item, "callspec", None)
            if given is not None and {"shape", "setup"} <= set(given.params):
                cells.setdefault(str(given.params["shape"]), []).append(item)
        kept = {
            found[(SET_UPS * number + each) % len(found)]
            for number, found in enumerate(cells.values())
            for each in range(SET_UPS)
        }
        left_out = {item for found in cells.values() for item in found} - kept
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Fail if there was nothing to look at."""
        if exitstatus == pytest.ExitCode.OK and not self.seen:
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Tell how much was looked at."""
        counts = ", ".join(f"{number} {grade}" for grade, number in sorted(self.seen.items()))
        terminalreporter.write_line(
            f"Relay took {sum(self.seen.values())} events about 8x8 as they were sent: {counts}"
        )


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--every-set-up``."""
    parser.addoption("--every-set-up", action="store_true", help="all cells of the table of attributions")


def pytest_configure(config: pytest.Config) -> None:
    """Start Relay."""
    config.pluginmanager.register(Plugin(), "relay")
