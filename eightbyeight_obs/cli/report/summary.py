"""The numbers of the report, asked of the table of lines: each failure counts once, however many lines tell of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from ...core.ticket import support_ticket
from ..reading.log_fields import from_fields
from .engine import OWN_EVENTS, RETRIED, Engine
from .sql import COLUMNS

__all__ = ["MAX_BUCKETS", "Report", "bucket_width", "cube", "summarise"]

Report = dict[str, Any]

MAX_BUCKETS: Final = 72
_WIDTHS: Final = (1, 10, 60, 300, 900, 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400)
_RECENT: Final = 200
_REFERENCE: Final = "coalesce(error_id, umid, request_id, session_id, batch_id)"
# The page's script knows this order.
_CUBE: Final = {
    "code": "registry || ' ' || code",
    "product": "product",
    "region": "region",
    "endpoint": "endpoint",
    "sub_account": "sub_account",
}
_CUBE_ROWS: Final = 20_000
_CUBE_VALUES: Final = 50  # of codes, endpoints, sub-accounts; the rest is "(other)"


def summarise(engine: Engine, *, since: datetime | None = None, until: datetime | None = None, top: int = 20) -> Report:
    """Count.

    Args:
        engine: Holds the lines.
        since: Leave out what is older; UTC without a zone.
        until: Leave out what is as new or newer.
        top: How many codes, endpoints and sub-accounts to list.

    Returns:
        Plain values, as ``--json`` prints them.
    """
    _keep_failures(engine, since, until)
    totals = _row(engine, "SELECT count(*), min(moment), max(moment), count(moment) FROM failures")
    count, first, last, dated = totals
    width = bucket_width(first, last)
    return {
        "failures": count,
        "first_seen": _iso(first),
        "last_seen": _iso(last),
        "without_time": count - dated,
        "recovered_by_retry": _row(engine, f"SELECT count(*) FROM told WHERE event = '{RETRIED}'")[0],  # noqa: S608
        "retryable": _retryable(engine),
        "codes": _codes(engine, top),
        "endpoints": _top(engine, "endpoint", top),
        "sub_accounts": _top(engine, "sub_account", top),
        "products": _top(engine, "product", top),
        "regions": _top(engine, "region", top),
        "over_time": _over_time(engine, first, last, width),
        "recent": _recent(engine),
    }


def cube(engine: Engine, report: Report) -> dict[str, Any]:
    """Return the counts by time, code, product, region, endpoint and sub-account, for the page's filters.

    Values are numbers into lists of names. Of too many codes, endpoints or sub-accounts the rarest are one,
    ``"(other)"``; of too many combinations the rarest are left out, and ``whole`` says so.
    """
    time = report["over_time"]
    bucket = _bucket(time["start"], time["seconds"]) if time["start"] else "NULL"
    rows = engine.connection.execute(
        f"""
        WITH told AS (SELECT moment, {", ".join(f"coalesce({what}, '') AS {name}" for name, what in _CUBE.items())}
                      FROM failures)
        SELECT {bucket}, {", ".join(_kept(name) for name in _CUBE)}, count(*) FROM told
        GROUP BY ALL ORDER BY count(*) DESC LIMIT {_CUBE_ROWS + 1}
        """  # noqa: S608 - names and numbers of ours
    ).fetchall()
    names: list[dict[str, int]] = [{} for _ in _CUBE]
    packed = [
        [row[0], *(names[at].setdefault(value, len(names[at])) for at, value in enumerate(row[1:-1])), row[-1]]
        for row in rows[:_CUBE_ROWS]
    ]
    return {
        "names": {name: list(names[at]) for at, name in enumerate(_CUBE)},
        "rows": packed,
        "whole": len(rows) <= _CUBE_ROWS,
        "codes": {f"{code['registry']} {code['code']}": code for code in _codes(engine, _CUBE_VALUES)},
    }


def _kept(name: str) -> str:
    """Return the SQL for a value, or for "(other)" where it is not among the most frequent."""
    frequent = f"(SELECT {name} FROM told GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {_CUBE_VALUES})"  # noqa: S608
    return f"CASE WHEN {name} IN {frequent} THEN {name} ELSE '(other)' END"


def _bucket(start: str, seconds: int) -> str:
    return f"CAST(floor((epoch(moment) - epoch(TIMESTAMP '{start.removesuffix('Z')}')) / {seconds}) AS INTEGER)"


def bucket_width(first: datetime | None, last: datetime | None) -> int:
    """Return the seconds of one bar, so that there are 72 at most."""
    if first is None or last is None:
        return _WIDTHS[0]
    span = (last - first).total_seconds()
    for width in _WIDTHS:
        if span / width < MAX_BUCKETS - 1:
            return width
    days = int(span / (MAX_BUCKETS - 2) / 86_400) + 1  # a clock that was wrong, or a very old log
    return days * 86_400


def _keep_failures(engine: Engine, since: datetime | None, until: datetime | None) -> None:
    """Make the table of failures: of the lines about one, the middleware's own, or the first.

    A failure with a reference (errorId, umid, ...) is one however often it is logged. Of those without, the
    middleware's own lines count where there are any, because it writes one per failure; else every line.
    """
    own = ", ".join(f"'{event}'" for event in OWN_EVENTS)
    engine.connection.execute(
        f"""
        CREATE OR REPLACE TABLE told AS
        SELECT * EXCLUDE (raw, registry), coalesce(registry, 'api') AS registry, {_REFERENCE} AS reference,
               coalesce(event IN ({own}), false) AS own
        FROM lines WHERE ($1 IS NULL OR moment >= $1) AND ($2 IS NULL OR moment < $2)
        """,  # noqa: S608 - names of ours
        [since, until],
    )
    engine.connection.execute(
        f"""
        CREATE OR REPLACE TABLE failures AS
        SELECT * FROM told WHERE event IS DISTINCT FROM '{RETRIED}'
        QUALIFY CASE WHEN reference IS NULL THEN own OR NOT bool_or(own) OVER (PARTITION BY registry, code)
                ELSE row_number() OVER (PARTITION BY registry, code, reference ORDER BY own DESC, moment) = 1 END
        """  # noqa: S608 - names of ours
    )


def _codes(engine: Engine, top: int) -> list[dict[str, Any]]:
    rows = engine.connection.execute(
        """
        SELECT registry, code, mode(description), mode(category), mode(retryable), count(*),
               min(moment), max(moment), mode(endpoint), count(DISTINCT endpoint), count(DISTINCT sub_account),
               arg_max(reference, moment, 3), arg_max(error_id, moment, 3)
        FROM failures GROUP BY 1, 2 ORDER BY 6 DESC, 1, 2 LIMIT ?
        """,
        [top],
    ).fetchall()
    return [
        {
            "registry": row[0],
            "code": row[1],
            "description": row[2] or f"Unknown 8x8 code {row[1]}",
            "category": row[3] or "unknown",
            "retryable": {"true": True, "false": False}.get(row[4]),
            "count": row[5],
            "first_seen": _iso(row[6]),
            "last_seen": _iso(row[7]),
            "top_endpoint": row[8],
            "endpoints": row[9],
            "sub_accounts": row[10],
            "references": row[11] or [],
            "error_ids": row[12] or [],
        }
        for row in rows
    ]


def _top(engine: Engine, column: str, top: int) -> list[dict[str, Any]]:
    rows = engine.connection.execute(
        f"""
        WITH pairs AS (SELECT {column}, code, count(*) AS n, min(moment) AS first, max(moment) AS last
                       FROM failures WHERE {column} IS NOT NULL GROUP BY 1, 2)
        SELECT {column}, sum(n)::BIGINT, first(code ORDER BY n DESC, code), min(first), max(last) FROM pairs
        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?
        """,  # noqa: S608 - names of ours
        [top],
    ).fetchall()
    return [
        {column: row[0], "count": row[1], "top_code": row[2], "first_seen": _iso(row[3]), "last_seen": _iso(row[4])}
        for row in rows
    ]


def _retryable(engine: Engine) -> dict[str, int]:
    rows = engine.connection.execute(
        "SELECT CASE retryable WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no' ELSE 'unknown' END, count(*) "
        "FROM failures GROUP BY 1"
    ).fetchall()
    return {"yes": 0, "no": 0, "unknown": 0, **dict(rows)}


def _over_time(engine: Engine, first: datetime | None, last: datetime | None, width: int) -> dict[str, Any]:
    """Return the counts of each bar by code; bars without a failure are there as well."""
    if first is None or last is None:
        return {"start": None, "seconds": width, "buckets": []}
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001 - DuckDB's TIMESTAMP has no zone; all of them are UTC
    start = epoch + timedelta(seconds=(first - epoch) // timedelta(seconds=width) * width)
    buckets: list[dict[str, int]] = [{} for _ in range((last - start) // timedelta(seconds=width) + 1)]
    rows = engine.connection.execute(
        f"SELECT {_bucket(_iso(start) or '', width)}, registry || ' ' || code, count(*) FROM failures "  # noqa: S608 - numbers of ours
        "WHERE moment IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall()
    for bucket, code, count in rows:
        buckets[bucket][code] = count
    return {"start": _iso(start), "seconds": width, "buckets": buckets}


def _recent(engine: Engine) -> list[dict[str, Any]]:
    """Return the latest failures with their tickets, cleaned as everything that comes from a log."""
    rows = engine.connection.execute(
        f"SELECT moment, {', '.join(COLUMNS)} FROM failures ORDER BY moment DESC NULLS LAST LIMIT {_RECENT}"  # noqa: S608 - names of ours
    ).fetchall()
    recent = []
    for moment, *values in rows:
        facts = {name: value for name, value in zip(COLUMNS, values, strict=True) if value is not None}
        if moment is not None:
            facts.setdefault("timestamp", moment.isoformat(timespec="milliseconds") + "Z")
        details = from_fields(facts)
        if details is not None:
            entry = {name: value for name, value in details.context().items() if name != "message"}
            recent.append({"time": _iso(moment), **entry, "ticket": support_ticket(details)})
    return recent


def _row(engine: Engine, query: str) -> tuple[Any, ...]:
    row = engine.connection.execute(query).fetchone()
    return row if row is not None else ()


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") + "Z" if moment is not None else None
