"""What a run has told, against what the catalogue expects, and against the same run without the middleware."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from . import loopback
from .catalogue import NONE, Expected, Reports, Shape
from .service import Outcome

_DIFFERENT_EVERY_TIME = re.compile(
    r"0x[0-9a-f]{6,}|\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b|Task-\d+|Thread-\d+|tmp[a-z0-9_]{8}"
    r"|\b\d{10}\.\d+|\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)?"
)
_PATH = re.compile(r"/subaccounts/[^/]+/")  # an event about 8x8 shows the template of the path only
_VOLATILE = frozenset({"breadcrumbs", "threads", "thread.id", "_meta"})


@dataclass(frozen=True)
class Verdict:
    """One report, judged.

    Attributes:
        sink: ``"sentry"`` or ``"log"``.
        expected: What the catalogue says.
        found: What the report says.
        problems: What is wrong with it, in words; empty for a right one.
    """

    sink: str
    expected: Expected
    found: Expected
    problems: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return not self.problems


def judge(shape: Shape, without: Outcome, outcome: Outcome) -> tuple[list[Verdict], list[str]]:
    """Return the verdicts about a run, and the problems that belong to no single report."""
    problems = []
    if len(without.events) != len(outcome.events):
        problems.append(f"{len(outcome.events)} Sentry events instead of {len(without.events)}")
    if len(without.lines) != len(outcome.lines):
        problems.append(f"{len(outcome.lines)} log lines instead of {len(without.lines)}")
    if [_comparable(item) for item in without.others] != [_comparable(item) for item in outcome.others]:
        problems.append(f"transactions or check-ins differ: {_difference({'': without.others}, {'': outcome.others})}")
    if sorted(without.answers) != sorted(outcome.answers):
        problems.append("8x8 was asked for something else")
    verdicts = [
        _of_line(line, plain, _expected(shape.log, line), outcome.answers)
        for line, plain in zip(outcome.lines, without.lines, strict=False)
    ]
    verdicts += [
        _of_event(event, plain, _expected(shape.sentry, _texts(event)), outcome.answers)
        for event, plain in zip(outcome.events, without.events, strict=False)
    ]
    return verdicts, problems


def precision_and_recall(verdicts: Iterable[Verdict]) -> tuple[float, float]:
    """Return how many of the attributions made are right, and how many of those expected were made."""
    made = expected = right = 0
    for verdict in verdicts:
        made += verdict.found != NONE
        expected += verdict.expected != NONE
        right += verdict.found != NONE and verdict.is_right
    return (right / made if made else 1.0), (right / expected if expected else 1.0)


def _expected(reports: Reports, report: Any) -> Expected:
    if isinstance(reports, Expected):
        return reports
    text = json.dumps(report, default=repr)
    for piece, expected in reports.items():
        if piece in text:
            return expected
    return Expected("not in the catalogue")


def _texts(event: Mapping[str, Any]) -> Any:
    """Return the message of an event and the texts of its exceptions, the last raised first."""
    exceptions = reversed(event.get("exception", {}).get("values", ()))
    return [event.get("message"), event.get("logentry"), [(each["type"], each["value"]) for each in exceptions]]


def _of_line(
    line: Mapping[str, Any], plain: Mapping[str, Any], expected: Expected, answers: list[loopback.Answer]
) -> Verdict:
    found, problems = _facts({key[4:]: value for key, value in line.items() if key.startswith("8x8.")})
    problems += _differences(expected, found)
    problems += _error_id(expected, found, line.get("8x8.error_id"), answers)
    kept = {key: value for key, value in line.items() if not key.startswith("8x8.")}
    if _comparable(kept) != _comparable(dict(plain)):
        problems.append(f"the line's own keys changed: {_difference(plain, kept)}")
    return Verdict("log", expected, found, tuple(problems))


def _of_event(
    event: Mapping[str, Any], plain: Mapping[str, Any], expected: Expected, answers: list[loopback.Answer]
) -> Verdict:
    tags = event.get("tags") or {}
    context = (event.get("contexts") or {}).get("8x8") or {}
    found, problems = _facts({**context, **{key[4:]: tags[key] for key in tags if key.startswith("8x8.")}})
    problems += _differences(expected, found)
    problems += _error_id(expected, found, tags.get("8x8.error_id"), answers)
    if _frames(event) != _frames(plain):
        problems.append(f"frames changed: {_frames(plain)} -> {_frames(event)}")
    if found == NONE:
        if _comparable(event) != _comparable(plain):
            problems.append(f"an event about something else changed: {_difference(plain, event)}")
        return Verdict("sentry", expected, found, tuple(problems))
    if tags.get("8x8.code") != context.get("code"):
        problems.append(f"tag {tags.get('8x8.code')}, context {context.get('code')}")
    if found.grade == "related":
        told = [failure["code"] for failure in context.get("failures", [context])]
        if told != [answer.code for answer in answers]:
            problems.append(f"the context tells of {told} instead of {answers}")
    problems += _grouping(event, plain, found, tags)
    problems += _title(event, plain, found)
    return Verdict("sentry", expected, found, tuple(problems))


def _facts(facts: Mapping[str, Any]) -> tuple[Expected, list[str]]:
    if not facts:
        return NONE, []
    found = Expected(str(facts.get("match")), str(facts.get("code")), facts.get("attempts"))
    return found, [] if facts.get("registry") else ["no registry"]


def _differences(expected: Expected, found: Expected) -> list[str]:
    is_same = (found.grade, found.code, found.attempts) == (expected.grade, expected.code, expected.attempts)
    return [] if is_same else [f"{found} instead of {expected} ({found.attempts}, {expected.attempts} attempts)"]


def _error_id(expected: Expected, found: Expected, error_id: object, answers: list[loopback.Answer]) -> list[str]:
    """The errorId is that of one certain answer, the last with this code as a rule: another is another failure."""
    if NONE in (found, expected):
        return []
    known = [answer.error_id for answer in answers if answer.code == found.code]
    if not known:
        return []  # no answer at all, or one of a mock's
    wanted = known[expected.nth]
    return [] if error_id == wanted else [f"errorId {error_id} instead of {wanted}"]


def _grouping(
    event: Mapping[str, Any], plain: Mapping[str, Any], found: Expected, tags: Mapping[str, str]
) -> list[str]:
    ours = ["8x8", tags.get("8x8.registry"), found.code]
    wanted = plain.get("fingerprint") or {"certain": ours, "likely": ["{{ default }}", *ours]}.get(found.grade)
    fingerprint = event.get("fingerprint")
    if fingerprint is not None and wanted is not None and found.code == "rejected":
        fingerprint = fingerprint[: len(wanted)]
    return [] if fingerprint == wanted else [f"fingerprint {fingerprint} instead of {wanted}"]


def _title(event: Mapping[str, Any], plain: Mapping[str, Any], found: Expected) -> list[str]:
    """The last exception's value starts with the decoded failure when certain, and is the service's own else."""
    for name in ("message", "level", "logger", "type"):
        if _PATH.sub("?", _comparable(event.get(name))) != _PATH.sub("?", _comparable(plain.get(name))):
            return [f"{name} changed: {plain.get(name)!r} -> {event.get(name)!r}"]
    values, before = event.get("exception", {}).get("values", []), plain.get("exception", {}).get("values", [])
    if [value["type"] for value in values] != [value["type"] for value in before]:
        return ["exception types changed"]
    if not values:
        return []
    value, own = (_PATH.sub("?", _comparable(str(each[-1]["value"]))) for each in (values, before))
    if found.grade != "certain":
        return [] if "8x8 " + str(found.code) not in value else [f"title of a {found.grade} one: {value}"]
    if not value.startswith(f"8x8 {found.code} "):
        return [f"title: {value}"]
    is_of_requests = str(values[-1].get("module", "")).startswith("requests")
    return [] if is_of_requests or not own or value.endswith(f": {own}") else [f"title: {value}"]


def _frames(event: Mapping[str, Any]) -> list[list[tuple[Any, Any]]]:
    sections = [*event.get("exception", {}).get("values", ()), *event.get("threads", {}).get("values", ())]
    return [
        [(frame.get("module"), frame.get("function")) for frame in (value.get("stacktrace") or {}).get("frames", ())]
        for value in sections
    ]


def _comparable(value: Any) -> Any:
    """Return a report without what differs from one run to the next."""
    if isinstance(value, Mapping):
        return {key: _comparable(item) for key, item in value.items() if key not in _VOLATILE}
    if isinstance(value, (list, tuple)):
        return [_comparable(item) for item in value]
    return _DIFFERENT_EVERY_TIME.sub("?", value) if isinstance(value, str) else repr(value)


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return "; ".join(_paths(_comparable(before), _comparable(after)))[:2000]


def _paths(before: Any, after: Any, at: str = "") -> list[str]:
    """Return where two comparable values differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            path
            for key in {**before, **after}
            if before.get(key) != after.get(key)
            for path in _paths(before.get(key), after.get(key), f"{at}.{key}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [path for n, pair in enumerate(zip(before, after, strict=True)) for path in _paths(*pair, f"{at}[{n}]")]
    return [] if before == after else [f"{at}: {before!r} -> {after!r}"]
