"""The rows of the table: what eightbyeight_obs itself costs on each path, measured where it is added.

Each row is a pair of calls that differ by ours alone. A response is made fresh for each call of the failing paths,
outside of the measured time, since a failure is told once per response.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import bodies
import logs
import requests
import timing
from requests.structures import CaseInsensitiveDict
from timing import Call, Cost, Make

import eightbyeight_obs as package
from eightbyeight_obs import attribution, failures

KEYWORDS = {"timeout": None, "verify": True, "proxies": {}, "stream": False, "cert": None}
NO_HOOKS: dict[str, list[Any]] = {"response": []}
KEYS = {"order": 17, "user": "ann", "state": "new"}


class Row(NamedTuple):
    """One path: what it is called, its budget in microseconds, and the two calls to compare."""

    name: str
    budget: float | None
    bare: Call
    with_it: Call
    make: Make = lambda: None
    count: int = 300


REQUEST = requests.Request("POST", bodies.SEND).prepare()
HEADERS = CaseInsensitiveDict({"Content-Type": "application/json"})


def response(status: int, body: bytes, url: str) -> requests.Response:
    """A response as an adapter leaves it, its body in memory."""
    answer = requests.Response()
    answer.status_code, answer.url, answer._content = status, url, body
    answer.headers, answer.request = HEADERS, REQUEST
    return answer


def failing() -> requests.Response:
    return response(400, bodies.ERROR, bodies.SEND)


def nothing(_: Any) -> None: ...


def seam(hook: Callable[..., Any]) -> Call:
    """What `Session.send` does with each answer."""

    def call(answer: Any) -> None:
        hook("response", NO_HOOKS, answer, **KEYWORDS)

    return call


def fail(answer: requests.Response) -> requests.Response:
    """Let an answer pass the seam as it is patched now."""
    requests.sessions.dispatch_hook("response", NO_HOOKS, answer, **KEYWORDS)
    return answer


def raised(depth: int, answer: requests.Response | None) -> BaseException:
    """An exception with a chain of causes, the innermost with the response."""
    try:
        if depth > 1:
            raise ValueError(depth) from raised(depth - 1, answer)
        raise requests.HTTPError("400", response=answer) if answer is not None else KeyError("id")
    except Exception as error:
        return error


BARE_HOOK = requests.sessions.dispatch_hook
BARE_LOG = logs.logger()  # made before install(), which puts the processor into every chain
GOOD = response(200, bodies.ACCEPTED, bodies.SEND)
CONTACTS = response(200, b'{"data":[]}', bodies.CONTACTS)
OTHER = response(200, b'{"ok":true}', bodies.OTHER)
BATCH = response(200, bodies.batch(2_000_000), bodies.SEND)


def requests_rows() -> list[Row]:
    """The answers of requests, with nothing but the decoding: no log line, no sink."""
    bare, ours = seam(BARE_HOOK), seam(requests.sessions.dispatch_hook)
    return [
        Row("successful request to any other host", 1.0, bare, ours, lambda: OTHER),
        Row("the same to 8x8, where nothing has to be searched", 1.0, bare, ours, lambda: CONTACTS),
        Row("successful send, whose answer is searched for a rejection", 2.0, bare, ours, lambda: GOOD),
        Row("2 MB answer to a batch, nothing rejected", 1000.0, bare, ours, lambda: BATCH, count=20),
        Row("failed 8x8 request: decode and attach", 12.0, bare, ours, failing, count=20),
    ]


def log_row() -> Row:
    return Row(
        "... with its log line through structlog",
        30.0,
        seam(BARE_HOOK),
        seam(requests.sessions.dispatch_hook),
        failing,
        count=20,
    )


def event_rows(title: str) -> list[Row]:
    """Events about something else, with or without failures alive."""
    processor = package.EightByEightProcessor()
    ours = logs.logger()

    def event(_: Any) -> None:
        processor(None, "info", {"event": "order", **KEYS})

    def no_event(_: Any) -> None:
        _ = (None, "info", {"event": "order", **KEYS})

    def warn(log: Any) -> Call:
        def call(_: Any) -> None:
            log.warning("order", **KEYS)

        return call

    return [
        Row(f"unrelated log event through the processor (4 keys){title}", None if title else 0.5, no_event, event),
        Row(
            f"unrelated warning (one frame looked at){title}",
            3.0 if title else None,
            warn(BARE_LOG),
            warn(ours),
            count=100,
        ),
    ]


def sentry_rows(title: str) -> list[Row]:
    """Sentry's events about something else: a message and an exception."""
    from eightbyeight_obs.sinks.sentry import process_event

    error = raised(1, None)
    hint = {"exc_info": (type(error), error, error.__traceback__)}

    def message(_: Any) -> None:
        process_event({"event_id": "1", "level": "error", "message": "x"}, {})

    def exception(_: Any) -> None:
        process_event({"event_id": "1", "level": "error", "exception": {}}, hint)

    budget = None if title else 1.0
    return [
        Row(f"unrelated Sentry event, a message{title}", budget, nothing, message),
        Row(f"unrelated Sentry event, an exception{title}", budget, nothing, exception),
    ]


def chain_row(depth: int, *, related: bool = True) -> Row:
    """The attribution of an event with an exception chain; its innermost exception carries the response, or nothing."""
    answer = failing()
    error = raised(depth, answer if related else None)
    fail(answer)

    def attribute(_: Any) -> None:
        attribution.attribute(exception=error)

    name = f"attribution of an event with a {depth}-deep exception chain" + ("" if related else ", unrelated")
    return Row(name, 15.0 if related else None, nothing, attribute, lambda: answer, count=50)


def webhook_row() -> Row:
    def decode(_: Any) -> None:
        package.decode_webhook(bodies.RECEIPT)

    return Row("webhook receipt", 10.0, nothing, decode, count=50)


def limits() -> list[Row]:
    """What could not be less: the figures that the budgets were made of, on this machine."""

    def wrapper(key: Any, hooks: Any, hook_data: Any, **kwargs: Any) -> Any:
        return BARE_HOOK(key, hooks, hook_data, **kwargs)

    def wrapped(_: Any) -> None:
        wrapper("response", NO_HOOKS, OTHER, **KEYWORDS)

    fields = package.decode(400, bodies.ERROR, url=bodies.SEND, method="POST").fields()
    return [
        Row("one wrapped call", None, seam(BARE_HOOK), wrapped),
        Row("one search of 190 bytes", None, nothing, lambda _: b"REJECTED" in bodies.ACCEPTED),
        Row("json.loads of the error body", None, nothing, lambda _: json.loads(bodies.ERROR)),
        Row(
            "structlog itself, an event of 4 keys",
            None,
            nothing,
            lambda _: BARE_LOG.warning("order", **KEYS),
            count=100,
        ),
        Row(
            "structlog itself, with the keys of a failure",
            None,
            nothing,
            lambda _: BARE_LOG.warning("x", **fields),
            count=100,
        ),
    ]


def measure(rows: list[Row], rounds: int) -> dict[str, tuple[float | None, Cost]]:
    found = {}
    for row in rows:
        cost = timing.paired(row.bare, row.with_it, row.make, count=row.count, rounds=rounds)
        found[row.name] = (row.budget, cost)
    return found


def all_rows(rounds: int) -> dict[str, tuple[float | None, Cost]]:
    """Measure every row, each with what it needs installed."""
    with package.install(log=False, structlog=False, sentry=False):
        found = measure(limits() + requests_rows() + [webhook_row()], rounds)
    logs.configure()
    with package.install(sentry=False):
        found |= measure([log_row()], rounds)
    with package.install(log=False):
        found |= measure(event_rows("") + sentry_rows(""), rounds)
        alive = [fail(failing()) for _ in range(100)]
        assert len(failures.alive) == len(alive)
        title = ", 100 failing responses alive"
        found |= measure(event_rows(title) + sentry_rows(title), rounds)
        del alive
        found |= measure([chain_row(10), chain_row(10, related=False)], rounds)
    return found
