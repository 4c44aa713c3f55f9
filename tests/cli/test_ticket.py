"""``ticket``: from a log line, or by errorId out of whole logs."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]

FIRST = "1cc1eda1-f5dd-ea11-8288-0263195dd35a"
SECOND = "b4478860-b76c-e811-814e-022a35cc1c71"


def line(error_id: str | None, **more: Any) -> str:
    keys = {
        "event": "8x8.error_response",
        "timestamp": "2026-11-21T22:33:41.123456Z",
        "8x8.code": "1002",
        "8x8.registry": "api",
        "8x8.description": "Invalid MSISDN",
        "8x8.category": "validation",
        "8x8.error_id": error_id,
        "phone": "+65 9123 4567",
        **more,
    }
    return json.dumps({key: value for key, value in keys.items() if value is not None})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two failures between other lines, the second twice."""
    path = tmp_path / "app.log"
    other = '{"event": "started"}\nplain text\n'
    path.write_text(
        other + line(FIRST) + "\n" + other + line(SECOND) + "\n" + line(SECOND, event="failed") + "\n" + other
    )
    return path


def test_by_error_id(cli: Cli, log: Path) -> None:
    """The errorId picks the line; the ticket is that of the library, and nothing else of the line is in it."""
    ran = cli("ticket", "--error-id", SECOND, str(log))
    assert (0, "") == (ran.code, ran.err)
    assert f"Subject: 8x8 1002 Invalid MSISDN, errorId {SECOND}" in ran.out.splitlines()
    assert "9123" not in ran.out


def test_case_does_not_matter(cli: Cli, log: Path) -> None:
    """An errorId in capitals, as some copy it, is found."""
    assert 0 == cli("ticket", "-e", FIRST.upper(), str(log)).code


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_and_patterns(cli: Cli, log: Path, pack: Callable[[bytes], bytes]) -> None:
    """Packed logs are read as they are, and a pattern in quotes stands for its files."""
    (log.parent / "old.packed").write_bytes(pack(log.read_bytes()))
    log.write_text("nothing here\n")
    assert FIRST in cli("ticket", "-e", FIRST, str(log), str(log.parent / "*.packed")).out


def test_zstd_without_its_package(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zstd file on a Python without zstd is exit code 3, with both ways out."""
    monkeypatch.setattr("eightbyeight_obs.cli.reading.files.sys.version_info", (3, 13))
    monkeypatch.setattr("eightbyeight_obs.cli.reading.files.find_spec", lambda name: None)
    packed = tmp_path / "a.zst"
    packed.write_bytes(b"\x28\xb5\x2f\xfd rest")
    ran = cli("ticket", "-e", FIRST, str(packed))
    assert (3, True) == (ran.code, "pip install zstandard" in ran.err)


def test_other_references(cli: Cli, tmp_path: Path) -> None:
    """Where there is no errorId, the umid, batch, request or session id finds the failure."""
    path = tmp_path / "a.log"
    path.write_text(line(None, **{"8x8.request_id": "c6e6dee5-3846-11ef-9e95-b903e2ed7273"}))
    assert "Request id:    c6e6dee5" in cli("ticket", "-e", "c6e6dee5-3846-11ef-9e95-b903e2ed7273", str(path)).out


def test_a_body_over_lines(cli: Cli) -> None:
    """An errorId inside an indented body, between log lines, is found through a pipe."""
    body = json.dumps({"code": 1300, "errorId": FIRST, "timestamp": "2020-12-22T05:52:01.85Z"}, indent=2)
    ran = cli("ticket", "-e", FIRST, "-", piped=f"before\nanswer:\n{body}\nafter\n")
    assert (0, True) == (ran.code, "Time (UTC):    2020-12-22 05:52:01.850" in ran.out)


def test_the_id_as_another_word(cli: Cli) -> None:
    """A line that holds the id as something else is no failure with that id."""
    ran = cli("ticket", "-e", FIRST, "-", piped=json.dumps({"request": FIRST, "8x8.code": "1002"}))
    assert 1 == ran.code


def test_time_of_the_line(cli: Cli) -> None:
    """A failure without a timestamp of 8x8's has the time of its log line."""
    assert "Time (UTC):    2026-11-21 22:33:41.123" in cli("ticket", piped=line(FIRST)).out


def test_one_failure_needs_no_id(cli: Cli) -> None:
    """Two lines about one failure are one ticket."""
    assert 0 == cli("ticket", piped=line(FIRST) + "\n" + line(FIRST, event="failed")).code


def test_several(cli: Cli, log: Path) -> None:
    """Several failures are listed, and nothing is chosen for the user."""
    ran = cli("ticket", str(log))
    assert (2, "") == (ran.code, ran.out)
    for piece in (FIRST, SECOND, "there are 2 failures", "--error-id ID, or --last"):
        assert piece in ran.err


def test_last(cli: Cli, log: Path) -> None:
    """--last takes the newest."""
    assert SECOND in cli("ticket", "--last", str(log)).out


def test_json(cli: Cli, log: Path) -> None:
    """--json has the text and the facts."""
    found = json.loads(cli("ticket", "-e", FIRST, str(log), "--json").out)
    assert (FIRST, True) == (found["8x8.error_id"], found["ticket"].startswith("To: "))


def test_not_there(cli: Cli, log: Path) -> None:
    """An id that no file holds is exit code 1."""
    ran = cli("ticket", "-e", "00000000-0000-0000-0000-000000000000", str(log))
    assert (1, "", True) == (ran.code, ran.out, "is not in" in ran.err)


def test_no_id(cli: Cli, log: Path) -> None:
    """What cannot be an id is refused."""
    ran = cli("ticket", "-e", "a b", str(log))
    assert (2, True) == (ran.code, "is no id of 8x8's" in ran.err)


def test_damaged_file(cli: Cli, tmp_path: Path) -> None:
    """A packed log that is cut short is told, with its name."""
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"x" * 100_000)[:-20])
    ran = cli("ticket", "-e", FIRST, str(path))
    assert (2, True) == (ran.code, "cut.gz cannot be read, or is damaged" in ran.err)


def test_large_log(cli: Cli, tmp_path: Path) -> None:
    """A log of more than 8 MiB is read line by line, its last failure found."""
    path = tmp_path / "large.log"
    filler = json.dumps({"event": "x" * 1000}) + "\n"
    path.write_text(filler * 9_000 + line(FIRST) + "\n" + filler)
    assert FIRST in cli("ticket", "--last", str(path)).out


def test_hostile_line(cli: Cli) -> None:
    """A line that somebody wrote to look like ours adds no line, no escape and no markup to the ticket."""
    forged = line(FIRST, **{"8x8.message": "x\nSubject: pay\x1b[2J<script>", "8x8.sub_account": "a\nb"})
    out = cli("ticket", piped=forged).out
    assert 1 == sum(row.startswith("Subject:") for row in out.splitlines())
    assert ["\x1b" in out, "<script>" in out] == [False, False]
