"""Measures `eightbyeight-obs report` beside grep, zgrep and jq, on a generated log.

python benchmarks/report_throughput.py                          50 MB
python benchmarks/report_throughput.py --megabytes 500 --rounds 3 --write

Every tool counts the same failures, or the run stops. The tools take turns, and the least of the rounds counts.
Processor time is what is compared: it is the same on a busy machine, time on the clock is not.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "report_throughput.md"
REPORT = [sys.executable, "-m", "eightbyeight_obs", "report", "--json"]
# The question of the report that the others can answer: how many own events there are.
OWN = '"event": "8x8.error_response"'
SELECT = 'select(.event == "8x8.error_response") | .["8x8.code"]'
CODES = (("1002", "validation", 400), ("429", "rate_limit", 429), ("1300", "not_found", 404), ("2000", "server", 500))


class Cost(NamedTuple):
    """What one run took."""

    processor: float
    clock: float
    megabytes: float
    found: int


def lines(share: float) -> Iterator[str]:
    """Yield the lines of a service, without end: a share of them are failures of 8x8's."""
    start, every = datetime(2026, 11, 1, tzinfo=timezone.utc), round(1 / share) if share else 0
    number = 0
    while True:
        number += 1
        moment = (start + timedelta(milliseconds=40 * number)).isoformat()
        frame = {"level": "info", "logger": "shop.orders", "timestamp": moment}
        if every and number % every == 0:
            code, category, status = CODES[number // every % len(CODES)]
            facts = {
                "event": "8x8.error_response", **frame, "level": "warning", "8x8.code": code, "8x8.registry": "api",
                "8x8.description": "As documented", "8x8.category": category, "8x8.retryable": code == "429",
                "8x8.error_id": str(uuid.UUID(int=number)), "8x8.http_status": status, "8x8.product": "sms",
                "8x8.region": "apac", "8x8.endpoint": "POST /api/v1/subaccounts/{subAccountId}/messages",
                "8x8.sub_account": f"Acme_{number % 7}", "8x8.match": "certain",
            }  # fmt: skip
        else:
            facts = {
                "event": "order_paid", **frame, "order": number, "customer": f"c-{number % 9973}", "amount": 1999,
                "url": "https://shop.example/orders/confirm", "duration_ms": number % 400, "method": "POST",
            }  # fmt: skip
        yield json.dumps(facts) + "\n"


def write(path: Path, megabytes: int, share: float) -> int:
    """Write a log of this size and return how many failures are in it."""
    size = found = 0
    with path.open("w", encoding="ascii") as file:
        for line in lines(share):
            file.write(line)
            size += len(line)
            found += OWN in line
            if size >= megabytes * 1e6:
                return found
    return found


def run(command: list[str], directory: Path) -> Cost:
    """Run a command to its end."""
    with tempfile.TemporaryFile(dir=directory) as out:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        clock = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{command} ended with {process.returncode}")
        out.seek(0)
        said = out.read()
    return Cost(usage.ru_utime + usage.ru_stime, clock, usage.ru_maxrss / 1024, count(command, said))


def count(command: list[str], said: bytes) -> int:
    if command[: len(REPORT)] == REPORT:
        return int(json.loads(said)["failures"])
    return int(said) if command[0] in ("grep", "zgrep") else said.count(b"\n")


def tools(log: Path, packed: Path) -> dict[str, list[str] | None]:
    """Return the commands by name; None for one that this machine lacks."""
    commands = {
        "`report`": [*REPORT, str(log)],
        "`grep -c`": ["grep", "-c", OWN, str(log)],
        "`jq`": ["jq", "-r", SELECT, str(log)],
        "`report`, gzip": [*REPORT, str(packed)],
        "`zgrep -c`, gzip": ["zgrep", "-c", OWN, str(packed)],
    }
    return {name: command if shutil.which(command[0]) else None for name, command in commands.items()}


def measure(directory: Path, megabytes: int, share: float, rounds: int) -> list[str]:
    """Return the rows of the table for one log."""
    log, packed = directory / "app.log", directory / "app.log.gz"
    expected = write(log, megabytes, share)
    with log.open("rb") as source, gzip.open(packed, "wb", compresslevel=6) as target:
        shutil.copyfileobj(source, target)
    size = log.stat().st_size / 1e6
    commands = tools(log, packed)
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            if command is not None:
                costs[name].append(run(command, directory))
                assert expected == costs[name][-1].found, (name, expected, costs[name][-1])
    what = f"{size:.0f} MB, {100 * share:g} % about 8x8"
    return [
        f"| {what} | {name} | {row(size, taken)} |" if taken else f"| {what} | {name} | not on this machine | | | |"
        for name, taken in costs.items()
    ]


def row(size: float, taken: list[Cost]) -> str:
    processor, clock = min(cost.processor for cost in taken), min(cost.clock for cost in taken)
    memory = max(cost.megabytes for cost in taken)
    return f"{processor:.2f} s | {size / processor:,.0f} MB/s | {clock:.2f} s | {memory:.0f} MB"


def main() -> None:
    """Generate the logs, let the tools take turns, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[50])
    parser.add_argument("--share", type=float, nargs="+", default=[0.02, 1.0], help="of the lines are about 8x8")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"write the table to {RESULTS.relative_to(ROOT)}")
    options = parser.parse_args()
    table = [
        "| log | tool | processor | throughput | clock | memory |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for megabytes in options.megabytes:
        for share in options.share:
            with tempfile.TemporaryDirectory() as directory:
                table += measure(Path(directory), megabytes, share, options.rounds)
    print("\n".join(table))
    if options.write:
        RESULTS.write_text(page(table, options.rounds), encoding="utf-8")


def page(table: list[str], rounds: int) -> str:
    about = f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    return f"""# How fast `report` reads

Written by `benchmarks/report_throughput.py` on {datetime.now(timezone.utc):%Y-%m-%d}: {about}, the least of {rounds}
rounds. Throughput is unpacked bytes by processor time, start-up of the tool included. `grep` and `zgrep` count lines,
`jq` parses each line and picks the code. `report` parses what is about 8x8, joins the lines of one failure, and sums up
in every way that it shows.

{chr(10).join(table)}
"""


if __name__ == "__main__":
    main()
