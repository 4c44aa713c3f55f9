"""``decode``: whatever is pasted is recognised."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eightbyeight_obs.cli.reading.recognise import Hints, in_line, in_text

Cli = Callable[..., Any]

# The example of 8x8's page of error codes.
ERROR = {
    "code": 1300,
    "message": "Object wasn't found or is already expired",
    "errorId": "1cc1eda1-f5dd-ea11-8288-0263195dd35a",
    "timestamp": "2020-12-22T05:52:01.85Z",
}
BODY = json.dumps(ERROR)
LINE = {
    "event": "8x8.error_response",
    "level": "warning",
    "timestamp": "2026-11-21T22:33:41.123456Z",
    "8x8.code": "1300",
    "8x8.registry": "api",
    "8x8.description": "Not found",
    "8x8.category": "not_found",
    "8x8.retryable": False,
    "8x8.http_status": 404,
    "8x8.error_id": ERROR["errorId"],
}
RECEIPT = {
    "namespace": "SMS",
    "eventType": "outbound_message_status_changed",
    "description": "SMS outbound message delivery receipt",
    "payload": {
        "umid": "15bb8ad1-d06e-418c-8dc7-ac8a00ffeb70",
        "subAccountId": "SubAccount-1",
        "destination": "+12025550293",
        "status": {"state": "undelivered", "timestamp": "2016-01-01T00:00:00Z", "errorCode": 15},
    },
}
CURL_I = f"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nRetry-After: 7\r\n\r\n{BODY}"
CURL_V = f"""\
* Connected to sms.8x8.com (192.0.2.1) port 443
> GET /api/v1/subaccounts/Acme_hq/messages/1cc1eda1 HTTP/1.1
> Host: sms.8x8.com
> Authorization: Bearer not-to-be-shown
>
* Request completely sent off
< HTTP/1.1 404 Not Found
< Content-Type: application/json
<
{BODY}
* Connection #0 to host sms.8x8.com left intact
"""


def codes(text: str, **hints: Any) -> list[tuple[str, str]]:
    return [(finding.kind, finding.details.code) for finding in in_text(text, Hints(**hints))]


LOG_LINE = "a log line of eightbyeight_obs"
IN_LINE = "a log line with an answer of 8x8's in it"


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        (BODY, "an error body of 8x8's", "1300"),
        (json.dumps(ERROR, indent=2), "an error body of 8x8's", "1300"),
        ("\ufeff" + BODY, "an error body of 8x8's", "1300"),
        (CURL_I, "an HTTP answer", "1300"),
        (CURL_V, "an HTTP answer", "1300"),
        ("HTTP/2 502 \n\n<html>Bad Gateway</html>", "an HTTP answer", "http-502"),
        (json.dumps(RECEIPT), "a webhook of 8x8's", "15"),
        (json.dumps(LINE), LOG_LINE, "1300"),
        (f"2026-11-21 10:00:00,123 ERROR shop {json.dumps(LINE)}", LOG_LINE, "1300"),
        (json.dumps({"log": json.dumps(LINE) + "\n", "stream": "stderr", "time": "2026-11-21"}), LOG_LINE, "1300"),
        (json.dumps({"MESSAGE": json.dumps(LINE), "PRIORITY": "4"}), LOG_LINE, "1300"),
        (json.dumps({"level": "error", "8x8": {"code": "1300", "registry": "api"}}), LOG_LINE, "1300"),
        (json.dumps({"contexts": {"8x8": {"code": "1300"}}, "tags": [["8x8.code", "1300"]]}), LOG_LINE, "1300"),
        (json.dumps({"tags": [{"key": "8x8.code", "value": "1300"}]}), LOG_LINE, "1300"),
        ("event='failed' 8x8.code='1300' 8x8.registry='api' 8x8.description=\"Not found\"", LOG_LINE, "1300"),
        ("\x1b[31mfailed\x1b[0m \x1b[36m8x8.code\x1b[0m=\x1b[35m1300\x1b[0m", LOG_LINE, "1300"),
        (f"ERROR could not send: 400 {BODY}", IN_LINE, "1300"),
        (f"ERROR could not send: {ERROR}", IN_LINE, "1300"),
        (json.dumps({"event": "failed", "body": BODY}), IN_LINE, "1300"),
        (json.dumps({"event": "failed", "response": {"data": ERROR}}), IN_LINE, "1300"),
        ('{"sessionStatus":"NOT_CREATED","statusCode":-1007,"statusMessage":"x"}', "an error body of 8x8's", "-1007"),
        ('{"umid":"a","status":{"state":"rejected","errorCode":3038}}', "an answer with a failure in it", "3038"),
    ],
)  # fmt: skip
def test_recognised(text: str, kind: str, code: str) -> None:
    """Each of these is recognised as what it is, once."""
    assert [(kind, code)] == codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{",
        '{"code": "SHA001", "details": []}',
        '{"code": 200}',
        '{"event": "started", "code": 3, "level": "info"}',
        '{"umid":"a","status":{"code":"QUEUED"}}',
        '{"8x8.code": null}',
        "HTTP/1.1 200 OK\n\n{}",
        "[1, 2]",
        "{'a': {{}}}",
        "{" * 100_000,
        '{"a":' * 100_000,
    ],
)
def test_nothing_of_8x8(text: str) -> None:
    """None of these is a failure of 8x8's."""
    assert [] == codes(text)


def test_several_of_all_kinds() -> None:
    """A text with several of them gives all, in their order."""
    text = f"{json.dumps(LINE)}\nhello\nERROR {BODY}\n\n{json.dumps(RECEIPT)}"
    assert [(LOG_LINE, "1300"), (IN_LINE, "1300"), ("a webhook of 8x8's", "15")] == codes(text)
    assert [(LOG_LINE, "1300")] * 2 == codes(json.dumps([LINE, LINE]))
    assert [("an HTTP answer", "1300")] * 2 == codes(CURL_V + CURL_V)
    assert ["1300", "1300"] == [
        code for _, code in codes(json.dumps(ERROR, indent=1) + "\n" + json.dumps(ERROR, indent=1))
    ]


def test_dump_tells_where() -> None:
    """Host, path and method of a dump's request give product, region and endpoint; the key is nowhere."""
    (finding,) = in_text(CURL_V)
    assert (
        "8x8 1300 Not found (HTTP 404, GET sms.8x8.com/api/v1/subaccounts/{subAccountId}/messages/{umid})"
        == finding.details.title()
    )
    assert "not-to-be-shown" not in repr(finding)


def test_a_foreign_host_is_no_8x8() -> None:
    """A dump of a call to somebody else is not decoded."""
    assert [] == codes(CURL_V.replace("Host: sms.8x8.com", "Host: api.example"))


def test_hints() -> None:
    """Status, URL and method can be said; without a status a body of no shape is nothing."""
    hints = {"status": 503, "url": "https://sms.8x8.com/api/v1/subaccounts/a/messages", "method": "POST"}
    (finding,) = in_text("<html>oops</html>", Hints(**hints))
    assert ("http-503", "POST /api/v1/subaccounts/{subAccountId}/messages") == (
        finding.details.code,
        finding.details.endpoint,
    )
    (finding,) = in_text(BODY)
    assert finding.details.http_status is None


def test_log_line_comes_back_whole() -> None:
    """The keys of a log line are those that decode shows, with their types, and the time of the line."""
    (finding,) = in_text(json.dumps(LINE))
    assert {key: value for key, value in LINE.items() if key.startswith("8x8")} == finding.details.fields()
    assert finding.time is not None
    assert "2026-11-21T22:33:41.123456+00:00" == finding.time.isoformat()


def test_a_forged_line_is_cleaned() -> None:
    """Whatever somebody wrote into the keys is masked and escaped again; a code that is none is no failure."""
    forged = {
        "8x8.code": "1300",
        "8x8.description": "\x1b[2J<script>",
        "8x8.message": "call +65 9123 4567",
        "8x8.error_id": 'a"b c',
        "8x8.http_status": "4e9",
        "8x8.retryable": "maybe",
        "8x8.unknown": "x",
    }
    (finding,) = in_text(json.dumps(forged))
    assert {
        "8x8.code": "1300",
        "8x8.registry": "api",
        "8x8.description": "\\x1b[2J<script>",
        "8x8.category": "not_found",
        "8x8.retryable": False,
        "8x8.message": "call +** **** **67",
        "8x8.error_id": "a_b_c",
    } == finding.details.fields()
    assert [] == codes(json.dumps({"8x8.code": "13\n00"}))
    assert [] == codes(json.dumps({"8x8.code": "6591234567"}))


def test_numbers_in_any_key_of_a_forged_line_are_masked() -> None:
    """Description, endpoint and reasons are no place for a phone number either; ids stay as they are."""
    number = "+65 9123 4567"
    names = ("description", "endpoint", "product", "rejected_reasons", "state")
    umid = "15bb8ad1-d06e-418c-8dc7-ac8a00ffeb70"
    forged = {"8x8.code": "1300", **{f"8x8.{name}": f"to {number}" for name in names}}
    (finding,) = in_text(json.dumps({**forged, "8x8.rejected_umids": f"{umid}, {number}"}))
    fields = finding.details.fields()
    assert {"to +** **** **67"} == {fields[f"8x8.{name}"] for name in names}
    assert f"{umid}, +** **** **67" == fields["8x8.rejected_umids"]


@pytest.mark.parametrize("time", ["Infinity", "-Infinity", "NaN", "1e999", "1" * 400, '"Infinity"'])
def test_a_time_without_end_is_no_time(time: str) -> None:
    """Python's json reads them; the body is read all the same."""
    text = BODY.replace('"2020-12-22T05:52:01.85Z"', time)
    assert [("an error body of 8x8's", "1300")] == codes(text)
    assert [(IN_LINE, "1300")] == codes(json.dumps({"log": BODY, "time": 0}).replace('"time": 0', f'"time": {time}'))


@given(st.text(max_size=300) | st.text(alphabet="{}[]\":,8x.code='\\\n ", max_size=300))
def test_any_text(text: str) -> None:
    """Any text at all is read without an exception."""
    assert isinstance(list(in_text(text)), list)
    assert in_line(text) is None or in_line(text).details.code


def test_command(cli: Cli, tmp_path: Path) -> None:
    """decode FILE says what the file is and what to do; packed files and several are read as well."""
    plain, packed = tmp_path / "a.json", tmp_path / "b.gz"
    plain.write_text(BODY)
    packed.write_bytes(gzip.compress(CURL_I.encode()))
    ran = cli("decode", str(plain), str(packed))
    assert (0, "") == (ran.code, ran.err)
    for piece in ("This is an error body of 8x8's:", "This is an HTTP answer:", "8x8 1300 Not found (HTTP 404)"):
        assert piece in ran.out


def test_command_json(cli: Cli) -> None:
    """--json has the keys of a log line, and what to do."""
    (found,) = json.loads(cli("decode", "-", "--json", piped=BODY).out)
    assert ("1300", "not_found", "the calling service", "8x8 1300 Not found") == (
        found["8x8.code"],
        found["8x8.category"],
        found["who_acts"],
        found["title"],
    )


def test_hostile_body(cli: Cli) -> None:
    """Escapes, markup and numbers in a body reach neither the terminal nor JSON as they are."""
    body = json.dumps({**ERROR, "message": "\x1b]0;x\x07 [bold]<img src=x> +65 9123 4567 \u202e", "errorId": "a\nb"})
    shown = cli("decode", piped=body)
    assert (0, False, False) == (shown.code, "\x1b" in shown.out, "9123" in shown.out)
    assert "\\x1b]0;x\\x07 [bold]<img src=x> +** **** **67 \\u202e" in shown.out
    assert "\x1b" not in cli("decode", "--json", piped=body).out


def test_nothing_in_it(cli: Cli) -> None:
    """A text without a failure is exit code 1, with what to type."""
    ran = cli("decode", piped="hello")
    assert (1, "", True) == (ran.code, ran.out, "--status 502" in ran.err)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("decode", "no-such-file"), "there is no file no-such-file"),
        (("decode", "tests"), "tests is a directory"),
        (("decode", "-", "--method", "SEND"), "Accepted: GET, POST"),
        (("decode", "-", "--status", "99"), "--status"),
    ],
)
def test_wrong_arguments(cli: Cli, arguments: tuple[str, ...], hint: str) -> None:
    """What is wrong is named; the exit code is 2."""
    ran = cli(*arguments, piped="")
    assert (2, "", True) == (ran.code, ran.out, hint in ran.err)


def test_many(cli: Cli) -> None:
    """Of very many, the first twenty are shown and the rest is counted."""
    ran = cli("decode", piped="\n".join([json.dumps(LINE)] * 25))
    assert (20, True) == (ran.out.count("This is"), "... and 5 more" in ran.out)
