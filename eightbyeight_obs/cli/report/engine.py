"""Holds the lines in DuckDB: what the structured formats say is read in SQL, what is left line by line in Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import duckdb

from ..reading.recognise import in_line
from .sql import COLUMNS, FLAT, LOAD, PACKED, VALUE

__all__ = ["OWN_EVENTS", "RETRIED", "Engine"]

OWN_EVENTS: Final = ("8x8.error_response", "8x8.rejected", "8x8.no_response", "8x8.delivery_failed")
RETRIED: Final = "8x8.retried"

_BATCH: Final = 10_000


class Engine:
    """The table of lines, in a database file of its own that may grow beyond memory.

    Args:
        folder: For the database and what DuckDB spills; the caller deletes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.connection: duckdb.DuckDBPyConnection = duckdb.connect(str(folder / "report.duckdb"))
        # Nothing is fetched from anywhere: what the report needs is in the package.
        self.connection.execute("SET autoinstall_known_extensions = false")
        self.connection.execute("SET preserve_insertion_order = false")
        columns = ", ".join(f"{name} VARCHAR" for name in COLUMNS)
        self.connection.execute(f"CREATE TABLE lines (moment TIMESTAMP, event VARCHAR, {columns}, raw VARCHAR)")

    def ingest(self, segment: Path) -> None:
        """Take a segment apart, and delete it."""
        for statement, values in ((LOAD, [str(segment)]), (FLAT, []), (PACKED, [])):
            self.connection.execute(statement, values)
        segment.unlink()

    def read_the_rest(self) -> None:
        """Give the lines that SQL did not understand to the reader that knows every form, then drop them."""
        rows = self.connection.cursor().execute("SELECT raw FROM lines WHERE raw IS NOT NULL")
        path = self._folder / "rest.json"
        with path.open("w", encoding="ascii") as file:
            while batch := rows.fetchmany(_BATCH):
                for (line,) in batch:
                    row = _row(line)
                    if row is not None:
                        file.write(json.dumps(row) + "\n")
        self.connection.execute("DELETE FROM lines WHERE raw IS NOT NULL")
        if path.stat().st_size:
            types = ", ".join(f"{name}: 'VARCHAR'" for name in ("moment", "event", *COLUMNS))
            self.connection.execute(
                f"INSERT INTO lines SELECT TRY_CAST(moment AS TIMESTAMP), event, {', '.join(COLUMNS)}, NULL "  # noqa: S608 - names of ours
                f"FROM read_json(?, format = 'newline_delimited', columns = {{{types}}})",
                [str(path)],
            )
        path.unlink()

    def close(self) -> None:
        """Close the database, so that its folder can be deleted."""
        self.connection.close()


def _row(line: str) -> dict[str, Any] | None:
    finding = in_line(line)
    if finding is None:
        return None
    values = {name: getattr(finding.details, name, None) for name in COLUMNS}
    row = {name: None if value is None else str(value)[:VALUE] for name, value in values.items()}
    if finding.details.retryable is not None:
        row["retryable"] = "true" if finding.details.retryable else "false"
    row["moment"] = finding.time.strftime("%Y-%m-%d %H:%M:%S.%f") if finding.time else None
    row["event"] = next((event for event in (*OWN_EVENTS, RETRIED) if event in line), None)
    return row
