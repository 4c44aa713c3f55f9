"""Measures everything in one run, prints the table, and writes `results.md` and the plots.

python benchmarks/run.py            about five minutes
python benchmarks/run.py --quick    about a minute: shows that all of it works, writes nothing into the tree
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import plots
import process
import report
from peers import SETUPS
from process import HERE, environment, fresh
from timing import Cost


class Effort(NamedTuple):
    """How often things are repeated."""

    paths: int
    peers: int
    logs: int
    growth: int
    imports: int
    failures: int


FULL = Effort(paths=120, peers=20, logs=40, growth=20, imports=9, failures=1_000_000)
QUICK = Effort(paths=6, peers=2, logs=4, growth=2, imports=3, failures=20_000)
PATHS = ("success", "send", "error")
BLOCK, ROUNDS = 10, 4


def is_installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


class Worker:
    """One set-up in its own process, asked for a few rounds at a time."""

    def __init__(self, name: str) -> None:
        self.costs: dict[str, list[Cost]] = {path: [] for path in PATHS}
        pipe = subprocess.PIPE
        command = [sys.executable, str(HERE / "worker.py"), name]
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment(), cwd=HERE)
        if self.read() != "ready":
            raise RuntimeError(f"{name} could not be set up; what it said is above")

    def read(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def measure(self, path: str) -> None:
        assert self.process.stdin
        print(path, BLOCK, ROUNDS, file=self.process.stdin, flush=True)
        self.costs[path].append(Cost(*json.loads(self.read())))

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=30)


def median(costs: list[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(*[sorted(figures)[len(figures) // 2] for figures in zip(*costs, strict=True)])


def all_peers(turns: int) -> dict[str, dict[str, Cost]]:
    """Let the set-ups take turns, a few rounds each, so that a busy moment meets all of them alike."""
    workers: dict[str, Worker] = {}
    for name, (distribution, _) in SETUPS.items():
        if distribution and not is_installed(distribution):
            print(f"  {name}: {distribution} cannot be installed here, left out", file=sys.stderr)
            continue
        workers[name] = Worker(name)
    for turn in range(turns):
        order = list(workers.values())
        for worker in order if turn % 2 else reversed(order):
            for path in PATHS:
                worker.measure(path)
    found = {}
    for name, worker in workers.items():
        worker.close()
        found[name] = {path: median(costs) for path, costs in worker.costs.items()}
    return found


def step(title: str) -> None:
    print(f"{title} ...", file=sys.stderr, flush=True)


def measure(effort: Effort) -> dict[str, Any]:
    step("paths")
    paths = json.loads(fresh(str(HERE / "process.py"), "paths", str(effort.paths)))
    step("peers")
    peers = all_peers(effort.peers)
    step("log sinks")
    logs = json.loads(fresh(str(HERE / "process.py"), "log_peers", str(effort.logs)))
    step("growth")
    series = json.loads(fresh(str(HERE / "process.py"), "growth", str(effort.growth)))
    step("imports")
    imports = {
        name: process.import_cost(name, effort.imports)
        for name, distribution in report.IMPORTS.items()
        if not distribution or is_installed(distribution)
    }
    step("memory")
    memory = json.loads(fresh(str(HERE / "process.py"), "memory", str(effort.failures)))
    return {
        "paths": {name: (budget, Cost(*cost)) for name, (budget, cost) in paths.items()},
        "peers": peers,
        "logs": {name: Cost(*cost) for name, cost in logs.items()},
        "series": series,
        "imports": imports,
        "memory": memory,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds, nothing written into the tree")
    quick = parser.parse_args().quick
    found = measure(QUICK if quick else FULL)
    text = report.markdown(found)
    print(text)
    with tempfile.TemporaryDirectory() as folder:
        results, images = (Path(folder), Path(folder)) if quick else (HERE, HERE.parent / "docs" / "images")
        (results / "results.md").write_text(text, encoding="utf-8")
        plots.draw(found, images)


if __name__ == "__main__":
    main()
