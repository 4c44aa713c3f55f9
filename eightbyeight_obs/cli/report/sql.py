"""The SQL that takes lines apart: most are a JSON object, some have one between words or as text in another."""

from __future__ import annotations

from typing import Final

from ...core.details import PREFIX

__all__ = ["COLUMNS", "FLAT", "LOAD", "PACKED", "VALUE"]

COLUMNS: Final = (
    "code", "registry", "description", "category", "retryable", "error_id", "http_status", "product", "region",
    "endpoint", "umid", "sub_account", "message", "timestamp", "batch_id", "request_id", "session_id",
)  # fmt: skip
"""The facts that the report needs, by their attribute names."""

_TIMES: Final = ("timestamp", "@timestamp", "time", "ts", "asctime", "datetime", "created", "__REALTIME_TIMESTAMP")
_EVENTS: Final = ("event", "message", "msg", "MESSAGE")
# Where docker, journald, Kubernetes, CloudWatch, Cloud Logging and the JSON formatters put the line of the service.
_WRAPPED: Final = ("log", "MESSAGE", "message", "msg", "line", "textPayload", "event")
VALUE: Final = 400  # characters that are kept of any value
_CODE: Final = "-?[A-Za-z0-9_][A-Za-z0-9_-]{0,99}"
_OBJECT: Final = r"\{.*\}"
_DATE: Final = r"(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?)"
_ZONE: Final = r"\d *([+-])(\d\d):?(\d\d)$"
_LINE_START: Final = r"^\[?(" + _DATE[1:-1] + r"(?:Z| ?[+-]\d\d:?\d\d)?)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _paths(*names: str) -> str:
    return "[" + ", ".join(_text(f'$."{name}"') for name in names) + "]"


def _object(column: str) -> str:
    """Return the SQL for the JSON object in a text: the text itself, or what stands between its braces, or NULL."""
    inner = f"regexp_extract({column}, {_text(_OBJECT)})"
    return (
        f"CASE WHEN starts_with({column}, '{{') AND json_valid({column}) THEN {column} "
        f"WHEN contains({column}, '{{') AND json_valid({inner}) THEN {inner} END"
    )


def _moment(column: str) -> str:
    """Return the SQL for a time in UTC: ISO 8601 with or without a zone, or a number since 1970 in any unit."""
    start, zone = _text("^" + _DATE), _text(_ZONE)
    date = f"TRY_CAST(replace(regexp_extract({column}, {start}, 1), ',', '.') AS TIMESTAMP)"
    hours, minutes = (f"CAST(regexp_extract({column}, {zone}, {group}) AS INTEGER)" for group in (2, 3))
    east = f"(CASE regexp_extract({column}, {zone}, 1) WHEN '-' THEN -1 ELSE 1 END) * ({hours} * 60 + {minutes})"
    number = f"TRY_CAST({column} AS DOUBLE)"
    return f"""CASE
        WHEN ends_with({column}, 'Z') OR ends_with({column}, '+00:00') THEN TRY_CAST({column} AS TIMESTAMP)
        WHEN regexp_matches({column}, {start}) THEN
            CASE WHEN regexp_matches({column}, {zone}) THEN {date} - to_minutes({east}) ELSE {date} END
        WHEN {number} < 1e8 THEN NULL
        WHEN {number} < 1e11 THEN make_timestamp(CAST({number} * 1e6 AS BIGINT))
        WHEN {number} < 1e14 THEN make_timestamp(CAST({number} * 1e3 AS BIGINT))
        WHEN {number} < 1e17 THEN make_timestamp(CAST({number} AS BIGINT))
        WHEN {number} < 1e20 THEN make_timestamp(CAST({number} / 1e3 AS BIGINT))
    END"""


_NAMES: Final = (*(PREFIX + name for name in COLUMNS), *_TIMES, *_EVENTS)
_FACTS: Final = ", ".join(f"left(facts[{number}], {VALUE}) AS {name}" for number, name in enumerate(COLUMNS, 1))
_WRITTEN: Final = ", ".join(f"nullif(facts[{len(COLUMNS) + number}], '')" for number in range(1, len(_TIMES) + 1))
_EVENT: Final = ", ".join(f"facts[{len(COLUMNS) + len(_TIMES) + number}]" for number in range(1, len(_EVENTS) + 1))

LOAD: Final = """
CREATE OR REPLACE TEMP TABLE segment AS
SELECT line, starts_with(line, '{') AND contains(line, '"8x8.code"') AND json_valid(line) AS flat
FROM read_csv(?, columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = '', header = false,
              auto_detect = false, ignore_errors = true, max_line_size = 4194304, new_line = '\\n')
WHERE line IS NOT NULL
"""


def _insert(source: str) -> str:
    """Return the SQL that takes (line, object, around) rows apart: the object, and the time that stands around it."""
    return f"""
    INSERT INTO lines
    WITH extracted AS (SELECT line, around, json_extract_string(object, {_paths(*_NAMES)}) AS facts FROM ({source})),
    named AS (SELECT line, coalesce({_WRITTEN}, around) AS written, coalesce({_EVENT}) AS event, {_FACTS}
              FROM extracted)
    SELECT {_moment("written")}, left(event, {VALUE}), {", ".join(COLUMNS)},
           CASE WHEN code IS NULL OR NOT regexp_full_match(code, '{_CODE}') THEN line END
    FROM named
    """  # noqa: S608 - made of names and patterns of ours


# Most lines are the object itself.
FLAT: Final = _insert("SELECT line, line AS object, CAST(NULL AS VARCHAR) AS around FROM segment WHERE flat")
# The others have it between other words, or as text in another object.
_INNER: Final = ", ".join(
    f"CASE WHEN contains(text[{number}], {_text(PREFIX + 'code')}) THEN text[{number}] END"
    for number in range(1, len(_WRAPPED) + 1)
)
_AROUND: Final = ", ".join(f"nullif(text[{len(_WRAPPED) + number}], '')" for number in range(1, len(_TIMES) + 1))
PACKED: Final = _insert(f"""
    SELECT line, {_object("wrapped")} AS object,
           coalesce({_AROUND}, nullif(regexp_extract(line, {_text(_LINE_START)}, 1), '')) AS around
    FROM (SELECT line, text, CASE WHEN text[{len(_WRAPPED) + len(_TIMES) + 1}] IS NOT NULL THEN object
                                  ELSE coalesce({_INNER}) END AS wrapped
          FROM (SELECT line, object, json_extract_string(object, {_paths(*_WRAPPED, *_TIMES, PREFIX + "code")}) AS text
                FROM (SELECT line, {_object("line")} AS object FROM segment WHERE NOT flat)))
""")  # noqa: S608 - made of names and patterns of ours
