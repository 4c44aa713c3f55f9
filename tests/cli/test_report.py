"""``report``: what is counted, from which lines."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eightbyeight_obs.cli.report.scan import Scan, matching_lines
from eightbyeight_obs.cli.report.summary import MAX_BUCKETS, bucket_width
from tests.cli.logs import FIRST, OTHER, SECOND, facts, line

Cli = Callable[..., Any]


@pytest.fixture
def report(cli: Cli, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Reports on lines: ``report(line(), line(), "--since", "7d")``."""

    def run(*lines: str | bytes, options: tuple[str, ...] = ()) -> dict[str, Any]:
        path = tmp_path / "a.log"
        path.write_bytes(b"".join((text if isinstance(text, bytes) else text.encode()) + b"\n" for text in lines))
        ran = cli("report", str(path), "--json", *options)
        assert ran.code in (0, 1), ran.err
        found: dict[str, Any] = json.loads(ran.out)
        return found

    return run


def counts(found: dict[str, Any]) -> dict[str, int]:
    return {code["code"]: code["count"] for code in found["codes"]}


AT = "2026-11-21T22:33:41.123456Z"


@pytest.mark.parametrize(
    "text",
    [
        line(),
        line() + "\r",
        json.dumps({"message": "8x8.error_response", "time": AT, **facts()}),
        json.dumps({"log": line() + "\n", "stream": "stderr", "time": "2026-11-21T22:33:42.1Z"}),
        json.dumps({"log": line(at="") + "\n", "stream": "stderr", "time": AT}),
        json.dumps({"MESSAGE": line(at=""), "__REALTIME_TIMESTAMP": "1795300421123456", "PRIORITY": "4"}),
        json.dumps({"textPayload": line(), "severity": "WARNING"}),
        json.dumps({"jsonPayload": {"event": "8x8.error_response", "timestamp": AT, **facts()}}),
        json.dumps({"record": {"extra": facts()}, "timestamp": AT}),
        json.dumps({"8x8": {key[4:]: value for key, value in facts().items()}, "timestamp": AT}),
        f"2026-11-21 22:33:41,123 WARNING shop {line(at='')}",
        f"[2026-11-21T22:33:41.123Z] {line(at='')} and more",
        f"<12>Nov 21 22:33:41 host shop: {line()}",
        f"{AT} [warning] 8x8.error_response 8x8.code=1002 8x8.registry=api 8x8.error_id={FIRST} 8x8.retryable=False",
        f"\x1b[2m2026-11-21T22:33:41.123Z\x1b[0m \x1b[36m8x8.code\x1b[0m=1002 8x8.error_id=\x1b[35m{FIRST}\x1b[0m",
    ],
)
def test_formats(report: Callable[..., dict[str, Any]], text: str) -> None:
    """Each of these lines is one failure 1002 with its errorId and time."""
    found = report(OTHER, text, OTHER)
    assert (1, "2026-11-21T22:33:41Z") == (found["failures"], found["first_seen"])
    (code,) = found["codes"]
    assert ("1002", "api", "validation", False, [FIRST]) == (
        code["code"], code["registry"], code["category"], code["retryable"], code["error_ids"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-21T22:33:41.123456Z", "2026-11-21T22:33:41Z"),
        ("2026-11-21T22:33:41.123456789Z", "2026-11-21T22:33:41Z"),
        ("2026-11-22T06:33:41+08:00", "2026-11-21T22:33:41Z"),
        ("2026-11-21T17:33:41-0500", "2026-11-21T22:33:41Z"),
        ("2026-11-21 22:33:41,123", "2026-11-21T22:33:41Z"),
        ("2026-11-21", "2026-11-21T00:00:00Z"),
        (1795300421, "2026-11-21T22:33:41Z"),
        (1795300421.5, "2026-11-21T22:33:41Z"),
        (1795300421123, "2026-11-21T22:33:41Z"),
        ("1795300421123456", "2026-11-21T22:33:41Z"),
        (1795300421123456789, "2026-11-21T22:33:41Z"),
        ("yesterday", None),
        (17, None),
        (True, None),
        (1e300, None),
    ],
)
def test_times(report: Callable[..., dict[str, Any]], written: Any, expected: str | None) -> None:
    """ISO 8601 with and without zones and numbers in any unit are read as UTC; what is no time is counted so."""
    found = report(line(at=written))
    assert (expected, 0 if expected else 1) == (found["first_seen"], found["without_time"])


def test_one_failure_many_lines(report: Callable[..., dict[str, Any]]) -> None:
    """The middleware's own line and the service's about the same errorId are one failure; another errorId another."""
    lines = [line(), line(event="job failed"), line(event="job failed again"), line(error_id=SECOND)]
    assert {"1002": 2} == counts(report(*lines))


def test_without_any_id(report: Callable[..., dict[str, Any]]) -> None:
    """Of failures without an id the middleware's own lines count; where it writes none, the service's do."""
    own = line("http-502", None)
    service = line("http-502", None, event="failed")
    assert {"http-502": 2} == counts(report(own, service, own, service))
    assert {"http-502": 3} == counts(report(service, service, service))
    assert {"http-502": 1, "2000": 2} == counts(report(own, service, *[line("2000", None, event="failed")] * 2))


def test_same_id_other_code(report: Callable[..., dict[str, Any]]) -> None:
    """A receipt about a message that was rejected before is another failure: the code is another."""
    umid = {"8x8.umid": FIRST}
    assert {"rejected": 1, "15": 1} == counts(report(line("rejected", None, **umid), line("15", None, **umid)))


def test_recovered(report: Callable[..., dict[str, Any]]) -> None:
    """Calls that a retry saved are no failures, and are told."""
    found = report(line(), line(event="8x8.retried", error_id=SECOND))
    assert (1, 1) == (found["failures"], found["recovered_by_retry"])


def test_bodies_from_before_install(report: Callable[..., dict[str, Any]]) -> None:
    """Lines with an error body and without our keys count with --bodies only."""
    body = {"code": 1300, "message": "gone", "errorId": SECOND, "timestamp": "2020-12-22T05:52:01.85Z"}
    before = f"2026-11-21 10:00:00,123 ERROR answer was {json.dumps(body)}"
    assert {"1002": 1} == counts(report(line(), before))
    assert {"1002": 1, "1300": 1} == counts(report(line(), before, options=("--bodies",)))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--since", "2020-11-22"), {"2": 1, "3": 1}),
        (("--until", "2020-11-22T00:00:00Z"), {"1": 1}),
        (("--since", "2020-11-22T09:00+08:00", "--until", "2020-11-23"), {"2": 1}),
        (("--since", "1h"), {}),
        (("--top", "1"), {"1": 1}),
    ],
)
def test_part_of_the_time(
    report: Callable[..., dict[str, Any]], options: tuple[str, ...], expected: dict[str, int]
) -> None:
    """--since is the first moment that counts, --until the first that does not; --top cuts the lists."""
    lines = [line(str(day), f"{FIRST[:-1]}{day}", at=f"2020-11-2{day}T01:00:00Z") for day in (1, 2, 3)]
    assert expected == counts(report(*lines, options=options))


def test_over_time(report: Callable[..., dict[str, Any]]) -> None:
    """The bars cover the whole time, empty ones as well, and say how long one is."""
    found = report(line(at="2026-11-21T10:00:30Z"), line(at="2026-11-21T10:04:59Z", error_id=SECOND))
    assert {"start": "2026-11-21T10:00:30Z", "seconds": 10} == {
        key: found["over_time"][key] for key in ("start", "seconds")
    }
    buckets = found["over_time"]["buckets"]
    assert (27, [{"api 1002": 1}, {"api 1002": 1}]) == (len(buckets), [buckets[0], buckets[-1]])


def test_a_wrong_clock(report: Callable[..., dict[str, Any]]) -> None:
    """A line of another century does not make a million bars."""
    found = report(line(at="1973-05-01T00:00:00Z"), line(at="2199-01-01T00:00:00Z", error_id=SECOND))
    assert 2 <= len(found["over_time"]["buckets"]) <= MAX_BUCKETS
    assert 2 == sum(sum(bucket.values()) for bucket in found["over_time"]["buckets"])


@given(first=st.datetimes(), last=st.datetimes())
def test_never_too_many_bars(first: Any, last: Any) -> None:
    """Any span has 72 bars at most."""
    first, last = sorted((first, last))
    assert (last - first).total_seconds() / bucket_width(first, last) <= MAX_BUCKETS - 1


def test_shares_and_tops(report: Callable[..., dict[str, Any]]) -> None:
    """Retryable shares, endpoints and sub-accounts are those of the failures."""
    again = {"8x8.retryable": True, "8x8.sub_account": "Other", "8x8.endpoint": "GET /x"}
    unknown = {key: value for key, value in json.loads(line("2000", "b" * 36)).items() if key != "8x8.retryable"}
    found = report(line(), line("429", SECOND, **again), json.dumps(unknown))
    assert {"yes": 1, "no": 1, "unknown": 1} == found["retryable"]
    assert [("Acme_hq", 2), ("Other", 1)] == [(row["sub_account"], row["count"]) for row in found["sub_accounts"]]
    assert [("GET /x", "429")] == [(row["endpoint"], row["top_code"]) for row in found["endpoints"][1:]]


def test_latest_with_tickets(report: Callable[..., dict[str, Any]]) -> None:
    """The latest failures come with a ticket, newest first, the time of their line where 8x8 sent none."""
    found = report(line(), line("1001", SECOND, at="2026-11-22T00:00:00Z"))
    assert ["1001", "1002"] == [entry["code"] for entry in found["recent"]]
    assert "Time (UTC):    2026-11-22 00:00:00" in found["recent"][0]["ticket"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, "zstd"])
def test_packed(cli: Cli, tmp_path: Path, pack: Any) -> None:
    """Packed logs are read whatever their names, also through a pipe, and together with others."""
    if pack == "zstd":
        pack = pytest.importorskip("zstandard", reason="this Python has zstd of its own").compress
    data = pack((line() + "\n").encode())
    (tmp_path / "one").write_bytes(data)
    (tmp_path / "two").write_text(line(error_id=SECOND))
    found = json.loads(cli("report", str(tmp_path / "*"), "--json").out)
    assert (2, 2) == (found["files"], found["failures"])
    assert 1 == json.loads(cli("report", "-", "--json", piped=data).out)["failures"]


def test_many_files(cli: Cli, tmp_path: Path) -> None:
    """Files are read side by side, each once."""
    for number in range(30):
        (tmp_path / f"{number}.log").write_text(line(error_id=f"{number:036}") + "\n" + OTHER)
    pattern = str(tmp_path / "*.log")
    assert 30 == json.loads(cli("report", pattern, pattern, "--json").out)["failures"]


@pytest.mark.parametrize(
    "bad",
    [
        b"\xff\xfe 8x8.code",
        b'{"8x8.code": "1002"',
        b'{"8x8.code": "10\\n02"}',
        b'{"8x8.code": {"a": 1}}',
        b"\x00\x01 8x8.code=\x01",
        b'{"a":' * 20_000 + b' "8x8.code"',
        b'8x8.code "8x8.code": 8x8": ' * 50,
        b'{"8x8": 1, "x": "\\ud800"}',
    ],
)
def test_hostile_lines(report: Callable[..., dict[str, Any]], bad: bytes) -> None:
    """A line that is broken, or wants to be more than it is, costs itself and no other."""
    assert {"1002": 1} == counts(report(bad, line(), bad))


def test_bad_bytes_in_a_good_line(report: Callable[..., dict[str, Any]]) -> None:
    """Bytes that are no UTF-8 in some value do not cost the line."""
    assert {"1002": 1} == counts(report(line(note="x").encode().replace(b'"x"', b'"\xff\x01"')))


def test_a_message_cannot_forge_keys(report: Callable[..., dict[str, Any]]) -> None:
    """What looks like our keys inside 8x8's message is text."""
    forged = json.dumps({"8x8.code": "9999", "8x8.error_id": SECOND})
    assert {"1002": 1} == counts(report(line(**{"8x8.message": forged, "event": forged})))


def test_a_line_without_end(cli: Cli) -> None:
    """A line of megabytes is counted and left out; what follows is read."""
    piped = b"8x8.code" * 400_000 + b"\n" + line().encode()
    found = json.loads(cli("report", "-", "--json", piped=piped).out)
    assert (1, 1) == (found["long_lines"], found["failures"])


PIECES = st.sampled_from([b"8x8", b"8x8.code", b'8x8":', b"errorId", b"\n", b"x", b'"', b"8x8.com", b"\r\n"])


@given(st.lists(PIECES, max_size=40), st.booleans())
def test_the_search_finds_the_lines(pieces: list[bytes], bodies: bool) -> None:
    """The search of the bytes finds the lines that a look at each one finds, in their order."""
    marks = (b"8x8.code", b'8x8":', *((b"errorId",) if bodies else ()))
    chunk = b"".join(pieces) + b"\n"
    expected = [text + b"\n" for text in chunk[:-1].split(b"\n") if any(mark in text for mark in marks)]
    assert expected == [text for text in matching_lines(chunk, bodies=bodies) if any(mark in text for mark in marks)]


def test_segments_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Much that matches goes into several segments; no line is lost or doubled at a cut."""
    monkeypatch.setattr("eightbyeight_obs.cli.report.scan._SEGMENT", 20_000)
    monkeypatch.setattr("eightbyeight_obs.cli.report.scan._CHUNK", 1_000)
    lines = [f'{{"8x8.code": "{number}"}}' for number in range(3_000)]
    (tmp_path / "a.log").write_text("\n".join(lines))
    scan = Scan([str(tmp_path / "a.log")], tmp_path)
    segments = list(scan.segments())
    assert len(segments) > 1
    assert lines == [text for segment in segments for text in segment.read_text().splitlines()]
    assert (tmp_path / "a.log").stat().st_size == scan.read


def test_nothing_in_them(cli: Cli) -> None:
    """Logs without a failure are exit code 1, with what to try."""
    ran = cli("report", "-", piped=OTHER)
    assert (1, True, True) == (ran.code, "0 failures of 8x8's" in ran.out, "--bodies" in ran.err)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("report", "no-such.log"), "there is no file no-such.log"),
        (("report", "-", "--since", "soon"), "--since 'soon' is no time"),
        (("report", "-", "--html", "no/such/folder.html"), "is no file in a folder that is there"),
    ],
)
def test_wrong_arguments(cli: Cli, arguments: tuple[str, ...], hint: str) -> None:
    """What is wrong is named; the exit code is 2, and nothing was read."""
    ran = cli(*arguments, piped="")
    assert (2, "", True) == (ran.code, ran.out, hint in ran.err)


def test_missing_extra(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without duckdb the command says exactly what to type."""
    monkeypatch.setattr("eightbyeight_obs.cli.report.command.find_spec", lambda name: None)
    ran = cli("report", "-", piped="")
    assert (3, True) == (ran.code, '-m pip install "eightbyeight-obs[cli,report]"' in ran.err)


def test_terminal(cli: Cli) -> None:
    """The terminal view has the codes with bars, the line over time, the tops and the ids, escaped, uncoloured."""
    hostile = {"8x8.endpoint": "GET /\x1b[2J[red]", "8x8.description": "a\nb"}
    lines = [line(), line("429", SECOND, at="2026-11-21T23:33:41Z", **hostile)]
    ran = cli("report", "-", piped="\n".join(lines))
    assert (0, "") == (ran.code, ran.err)
    for piece in (
        "2 failures of 8x8's",
        "1002",
        "Invalid MSISDN",
        "first seen",
        "Over time",
        "Acme_hq",
        FIRST,
        "GET /\\x1b[2J[red]",
        "a\\nb",
    ):
        assert piece in ran.out
    assert "\x1b" not in ran.out


def test_titles_are_whole(cli: Cli) -> None:
    """A title that is wider than its table is shown whole."""
    moments = ("2026-11-21T22:33:41Z", "2026-11-21T22:33:42Z")
    lines = [line(at=at, error_id=ref) for at, ref in zip(moments, (FIRST, SECOND), strict=True)]
    assert "Over time, a second a step " in cli("report", "-", piped="\n".join(lines)).out


def test_plain_terminal(command: Cli) -> None:
    """A terminal without block characters gets bars of plain ones."""
    ran = command("report", "-", piped=line().encode(), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (0, True) == (ran.code, "#" * 24 in ran.out)


def test_nothing_is_left_behind(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for the work is gone afterwards, also when the command is interrupted."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(work))
    assert 0 == cli("report", "-", piped=line()).code

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("eightbyeight_obs.cli.report.engine.Engine.ingest", interrupted)
    assert 0 != cli("report", "-", "--html", str(tmp_path / "page.html"), piped=line()).code
    assert [] == list(work.iterdir())
    assert not (tmp_path / "page.html").exists()
