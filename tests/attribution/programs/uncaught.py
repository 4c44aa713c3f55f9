"""A program that dies of an error: ``uncaught.py <shape> <url> <hosts>``."""

from __future__ import annotations

import asyncio
import atexit
import json
import sys
import threading

import requests
from common import start_logging, start_sentry, tell

import eightbyeight_obs

SHAPE, URL, HOSTS = sys.argv[1:]


class SmsError(Exception):
    """The service's own."""


def chained():
    try:
        requests.post(URL, timeout=30).raise_for_status()
    except requests.HTTPError as error:
        raise SmsError("order 17 was not sent") from error


def held():
    response = requests.post(URL, timeout=30)
    if not response.ok:
        raise SmsError("order 17 was not sent")


def thread():
    worker = threading.Thread(target=chained)
    worker.start()
    worker.join()


async def task():
    response = await asyncio.to_thread(requests.post, URL, timeout=30)
    return response.json()["umid"]


def unrelated():
    try:
        chained()
    except SmsError:
        pass
    raise ZeroDivisionError("something else")


eightbyeight_obs.install(hosts=json.loads(HOSTS))
start_logging()
start_sentry()
atexit.register(tell)

if SHAPE == "module":  # no function at all: the response is a global of the module that raises
    response = requests.post(URL, timeout=30)
    response.json()["umid"]
elif SHAPE == "task":
    asyncio.run(task())
else:
    {"chained": chained, "held": held, "thread": thread, "unrelated": unrelated}[SHAPE]()
