"""One set-up in a process of its own: measures a round each time it is asked to, so that set-ups take turns.

    python benchmarks/worker.py "OpenTelemetry SDK, no exporter"

reads lines like `success 20 4` (path, calls per block, rounds) and answers each with one line of JSON.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from typing import Any

import bodies
import peers
import timing
import transport

URLS = {"success": bodies.OTHER, "send": bodies.SEND, "error": transport.FAILING}


def serve(name: str, questions: Any, answers: Any) -> None:
    bare = peers.patches()
    unit = peers.SETUPS[name][1]()
    patched = peers.patches()
    peers.put(bare, patched)
    session = transport.session()
    open_unit = contextlib.ExitStack()

    def switch(on: bool) -> None:
        if on:
            peers.put(patched, bare)
            open_unit.enter_context(unit())
        else:
            open_unit.close()
            peers.put(bare, patched)

    print("ready", file=answers, flush=True)
    for line in questions:
        path, count, rounds = line.split()
        url = URLS[path]

        def call(_: Any, url: str = url) -> None:
            session.post(url, data=b"{}")

        cost = timing.paired(call, call, count=int(count), rounds=int(rounds), switch=switch)
        print(json.dumps(cost), file=answers, flush=True)


if __name__ == "__main__":
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a peer prints goes to stderr
    logging.getLogger("eightbyeight_obs").addHandler(logging.NullHandler())
    serve(sys.argv[1], sys.stdin, channel)
    os._exit(0)  # some peers' threads would wait for an agent at exit
