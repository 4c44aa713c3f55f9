"""docs/log-stores.md: each SQL query runs, and all stores give the same answers."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot

from tests.cli.logs import FIRST, SECOND, THIRD, facts

PAGE = (Path(__file__).parents[2] / "docs" / "log-stores.md").read_text()
QUERIES = {
    (dialect, int(number)): sql
    for dialect, number, sql in re.findall(r"<!-- runs: (\w+) (\d) -->\n```sql\n(.*?)\n```", PAGE, re.DOTALL)
}
HOUR = timedelta(hours=1)
ENDPOINT = "POST /api/v1/subaccounts/{subAccountId}/messages"
NOW = datetime.now(timezone.utc).replace(minute=30, second=0, microsecond=0, tzinfo=None) - HOUR


def _lines() -> list[dict[str, Any]]:
    """Three failures of the last hours, one of last month, each with a line of the service's besides; and strangers."""
    key = {"8x8.category": "authentication", "8x8.description": "Unauthorized Access"}
    limit = {"8x8.category": "rate_limit", "8x8.description": "Quota exceeded"}
    lines = []
    for at, failure in (
        (NOW, facts("1200", FIRST, **key)),
        (NOW - HOUR, facts("429", SECOND, **limit)),
        (NOW - HOUR, facts("1002", THIRD)),
        (NOW - 700 * HOUR, facts("1002", "0" * 8 + THIRD[8:])),
    ):
        moment = at.isoformat() + "Z"
        lines.append({"timestamp": moment, "event": "8x8.error_response", "level": "warning", **failure})
        lines.append({"timestamp": moment, "event": "could not send", "level": "error", **failure})
    lines.append(
        {"timestamp": NOW.isoformat() + "Z", "event": "8x8.retried", "level": "info", **facts("429", None, **limit)}
    )
    lines.append({"timestamp": NOW.isoformat() + "Z", "event": "started", "level": "info"})
    return lines


LINES = _lines()
# The columns that every store has, by the number of the question.
EXPECTED: dict[int, list[tuple[Any, ...]]] = {
    1: [("1002", "Invalid MSISDN", 1), ("1200", "Unauthorized Access", 1), ("429", "Quota exceeded", 1)],
    2: [
        ((NOW - 700 * HOUR).replace(minute=0), "1002", 1),
        ((NOW - HOUR).replace(minute=0), "1002", 1),
        ((NOW - HOUR).replace(minute=0), "429", 1),
        (NOW.replace(minute=0), "1200", 1),
    ],
    3: [("sms", "Acme_hq", 1)],
    4: [(ENDPOINT, 1)],
    5: [(1,), (1,)],
    6: [("api", "1200", 1), ("api", "429", 1)],
}
COLUMNS = {
    1: ("code", "meaning", "failures"),
    2: ("hour", "code", "failures"),
    3: ("product", "sub_account", "failures"),
    4: ("endpoint", "failures"),
    5: (),
    6: ("registry", "code", "failures"),
}


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The lines as each store has them."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "app.json").write_text("".join(json.dumps(line) + "\n" for line in LINES))
    monkeypatch.chdir(tmp_path)
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    connection.execute("CREATE TABLE all_logs (timestamp TIMESTAMP, json_payload JSON)")
    connection.execute(
        "CREATE TABLE otel_logs "
        "(Timestamp TIMESTAMP, ServiceName VARCHAR, Body VARCHAR, LogAttributes MAP(VARCHAR, VARCHAR))"
    )
    for line in LINES:
        moment = line["timestamp"].removesuffix("Z")
        connection.execute("INSERT INTO all_logs VALUES (?, ?)", [moment, json.dumps(line)])
        keys = {key: str(value) for key, value in line.items() if key.startswith("8x8")}
        connection.execute(
            "INSERT INTO otel_logs VALUES (?, 'shop', ?, MAP(?::VARCHAR[], ?::VARCHAR[]))",
            [moment, line["event"], list(keys), list(keys.values())],
        )
    yield connection
    connection.close()


def test_every_store_answers_every_question() -> None:
    """The page has each of the six questions for each of the three dialects of SQL."""
    assert {(dialect, number) for dialect in ("duckdb", "bigquery", "clickhouse") for number in range(1, 7)} == set(
        QUERIES
    )


@pytest.mark.parametrize(("dialect", "number"), sorted(QUERIES))
def test_query(engine: Any, dialect: str, number: int) -> None:
    """The query parses in its own dialect, runs, and counts each failure once."""
    sql = QUERIES[dialect, number].replace("`project.location.bucket._AllLogs`", "all_logs")
    if dialect != "duckdb":
        sql = sqlglot.transpile(sql, read=dialect, write="duckdb")[0].replace("CURRENT_TIMESTAMP", "now()::TIMESTAMP")
    # Only what is compared: a time with a zone cannot be fetched without one more package.
    columns = ", ".join(COLUMNS[number])
    rows = engine.execute(f"SELECT {columns or '1'} FROM ({sql.rstrip(';')})").fetchall()
    assert sorted(EXPECTED[number]) == sorted(rows)
