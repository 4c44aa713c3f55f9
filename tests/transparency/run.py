"""Runs the test suites of other projects with and without the middleware; the outcomes must be the same.

`python tests/transparency/run.py requests structlog`; without names all that are quick, with `--full` all.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from suites import SUITES, Suite

HERE = Path(__file__).parent
_URL_HOST = re.compile(r"https?://(?:[^/\s'\"@]*@)?([A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9])")
_LOCAL = ("127.0.0.1", "localhost")


def main(arguments: list[str]) -> int:
    names = [name for name in arguments if name in SUITES]
    if not names:
        names = [name for name, suite in SUITES.items() if suite.quick or "--full" in arguments]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            suite = SUITES[name]
            version = importlib.metadata.version(name)
            if not suite.tests:
                print(f"{name} {version}: its sdist has no tests")
                continue
            failed += not is_transparent(name, version, suite, Path(folder))
    print(f"{len(names)} suites, {failed} with a difference")
    return bool(failed)


def is_transparent(name: str, version: str, suite: Suite, folder: Path) -> bool:
    """Run one suite both ways and print what differs."""
    root = unpack(name, version, folder)
    hosts = folder / f"{name}.json"
    hosts.write_text(json.dumps(dict.fromkeys(hosts_of(root), "sms")), encoding="utf-8")
    began = time.monotonic()
    without = outcomes(suite, root, None, ())
    with_us = outcomes(suite, root, hosts, ())
    every = {*without["outcomes"], *with_us["outcomes"]}
    differing = sorted(
        test
        for test in every.difference(suite.inside)
        if without["outcomes"].get(test) != with_us["outcomes"].get(test)
    )
    if 0 < len(differing) < 40:  # a test that also differs from itself says nothing
        again = [outcomes(suite, root, on, differing)["outcomes"] for on in (None, None, hosts, hosts)]
        differing = [
            test
            for test in differing
            if again[0].get(test) == again[1].get(test) != again[2].get(test) == again[3].get(test)
        ]
    counts = {
        kind: sum(each == kind for each in without["outcomes"].values()) for kind in ("passed", "failed", "skipped")
    }
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    if inside := len(every.intersection(suite.inside)):
        told += f" ({inside} look at the list that we put a processor into, and are not compared)"
    print(
        f"{name} {version}: {told}; with us {len(differing)} differ; "
        f"{with_us['failures seen']} failures seen; {time.monotonic() - began:.0f} s",
        flush=True,
    )
    for test in differing:
        print(f"  {test}: {without['outcomes'].get(test)} without, {with_us['outcomes'].get(test)} with us")
    if with_us["failures seen"] == 0 and name.startswith("requests"):
        print("  nothing was seen: the middleware had no part in it")
        return False
    return not differing and counts["passed"] > 0


def unpack(name: str, version: str, folder: Path) -> Path:
    """Download the sdist of the installed version and return the folder that it unpacks to."""
    target = folder / name
    command = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*command, "--dest", str(target), f"{name}=={version}"], check=True)
    (archive,) = target.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        if sys.version_info >= (3, 12):
            tar.extractall(target, filter="data")
        else:
            tar.extractall(target)
    return next(path for path in target.iterdir() if path.is_dir())


def hosts_of(root: Path) -> list[str]:
    """Every host that is named in a file of the suite."""
    found = set(_LOCAL)
    for path in (*root.rglob("*.py"), *root.rglob("*.json"), *root.rglob("*.yaml")):
        found.update(_URL_HOST.findall(path.read_text(encoding="utf-8", errors="replace")))
    return sorted(found)


def outcomes(suite: Suite, root: Path, hosts: Path | None, tests: Any) -> dict[str, Any]:
    """Run the suite once; return the outcome of each test."""
    file = root.parent / "outcomes.json"
    file.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(HERE),
        "TRANSPARENCY_OUTCOMES": str(file),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("TRANSPARENCY_HOSTS", None)
    if hosts is not None:
        environment["TRANSPARENCY_HOSTS"] = str(hosts)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *(tests or [suite.tests])], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    if not file.exists():
        raise SystemExit(f"pytest did not run:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    if "-v" in sys.argv:
        print(done.stdout[-20_000:])
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
