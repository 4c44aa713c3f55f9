"""Atheris leads the inputs to branches that none has reached: ``python -m tests.fuzz.guided FOLDER`` and its options.

Seeds are the documented bodies. Whatever raises, or comes out as it must not, ends the run, and libFuzzer
leaves the input beside it; a statistic is printed at the end.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["eightbyeight_obs"]):
    import eightbyeight_obs

from tests.fuzz.corpus import seeds, urls
from tests.fuzz.mutate import make
from tests.fuzz.outputs import check_details, check_endpoint

STATUSES = (200, 400, 429, 502)
TYPES = (None, "application/json", "text/xml", "application/xml; charset=utf-16")


def one(data: bytes) -> None:
    """The first bytes choose status, URL and header; the rest is the body."""
    if len(data) < 2:
        return
    status, kind = STATUSES[data[0] % 4], TYPES[data[0] // 4 % 4]
    url = urls()[data[1] % len(urls())] if data[1] < 250 else None
    failure = eightbyeight_obs.decode(status, data[2:], url=url, method="POST")
    check_details(failure)
    check_endpoint(failure.endpoint if failure else None)
    check_details(eightbyeight_obs.decode_webhook(data[2:], content_type=kind))


def plant(folder: Path) -> None:
    """Write the seeds, and some of what the rounds make of them, for libFuzzer to start from."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (status, value) in enumerate(seeds()):
        body = value if isinstance(value, str) else json.dumps(value)
        choice = STATUSES.index(status) if status in STATUSES else 1
        head = bytes([choice + (8 if body.startswith("<") else 0), number % len(urls())])
        (folder / f"seed-{number:03}").write_bytes(head + body.encode("utf-8", "surrogatepass"))
    for number in range(500):
        (folder / f"made-{number:03}").write_bytes(bytes([number % 16, number % 256]) + make(number).body[:4000])


if __name__ == "__main__":
    plant(Path(sys.argv[1]))
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
