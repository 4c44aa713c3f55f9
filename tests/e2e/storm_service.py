"""A service in a storm, as a program of its own: every call to 8x8 fails; it logs every failure, or every so many.

``python -m tests.e2e.storm_service with|without PORT SECONDS RATE EVERY QUEUE`` prints one JSON object of figures.
QUEUE is how many events the SDK may keep for sending; if it is not 100, its default, Sentry is stuck meanwhile.
"""

from __future__ import annotations

import gc
import itertools
import json
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import requests
import sentry_sdk

import eightbyeight_obs

THREADS = 8
log = logging.getLogger("shop")
made = itertools.count()


def memory() -> int:
    """Return the resident memory in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def count(event: Any, hint: Any) -> Any:
    """Count the events that are handed to the transport (``before_send``)."""
    next(made)
    return event


def send(session: requests.Session, url: str, order: int, every: int = 1) -> None:
    """Send one message, and log that it failed, with a traceback."""
    body = {"destination": "+12025550293", "text": f"order {order}"}
    response = session.post(url, json=body, headers={"Order": str(order), "Authorization": "Bearer sample-key-1234"})
    try:
        response.raise_for_status()
    except requests.HTTPError:
        if order % every:
            return
        log.exception("could not send order %d", order)


def worker(url: str, orders: itertools.count[int], until: float, pause: float, times: list[float], every: int) -> None:
    """Send order after order, one every ``pause`` seconds or as fast as it goes."""
    with requests.Session() as session:
        due = time.perf_counter()
        while due < until:
            due += pause
            start = time.perf_counter()
            send(session, url, next(orders), every)
            end = time.perf_counter()
            times.append(end - start)
            if end < due:
                time.sleep(due - end)
            elif end > until:
                return


def main(mode: str, port: str, seconds: str, rate: str, every: str, queue: str) -> None:
    """Run the storm and print the figures."""
    logging.basicConfig(level=logging.INFO, filename=os.devnull)
    sentry_sdk.init(f"http://key@127.0.0.1:{port}/1", before_send=count, transport_queue_size=int(queue))
    if mode == "with":
        eightbyeight_obs.install(hosts={f"127.0.0.1:{port}": "sms"})
    url = f"http://127.0.0.1:{port}/api/v1/subaccounts/Shop_hq/messages"
    orders = itertools.count()
    worker(url, orders, time.perf_counter() + 0.5, 0.002, [], 1)
    warm = next(orders)
    if is_stuck := queue != "100":
        sentry_sdk.flush(60)
        requests.get(f"http://127.0.0.1:{port}/hold", timeout=60)
    before, started, used = memory(), time.perf_counter(), time.process_time()
    times: list[list[float]] = [[] for _ in range(THREADS)]
    pause = THREADS / float(rate)
    threads = [
        threading.Thread(target=worker, args=(url, orders, started + float(seconds), pause, each, int(every)))
        for each in times
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, used = time.perf_counter() - started, time.process_time() - used
    gc.collect()
    if is_stuck:
        requests.get(f"http://127.0.0.1:{port}/release", timeout=60)
    sentry_sdk.flush(300)
    sentry_sdk.get_client().close(timeout=300)
    ordered = sorted(itertools.chain.from_iterable(times))

    def share(part: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000, 2)

    from eightbyeight_obs import failures

    figures = {
        "calls": len(ordered),
        "calls before": warm,
        "calls per second": round(len(ordered) / took),
        "CPU ms per call": round(used / len(ordered) * 1000, 2),
        "median ms": share(0.5),
        "95 % ms": share(0.95),
        "99 % ms": share(0.99),
        "memory before MB": round(before / 1e6, 1),
        "memory after MB": round(memory() / 1e6, 1),
        "events made": next(made),
        "failures kept": len(failures.alive),
    }
    print(json.dumps(figures), file=sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
