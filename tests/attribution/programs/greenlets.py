# ruff: noqa: E402 - gevent wants to be first
"""A service under gevent, with many greenlets in one thread: ``greenlets.py <url> <hosts>``."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import json
import logging
import sys

import gevent
import requests
import sentry_sdk
from common import start_logging, start_sentry, tell

import eightbyeight_obs

URL, HOSTS = sys.argv[1:]
CODES = ["1002", "1300", "1400", "2000", "1200"]


def work(number):
    for attempt in range(4):
        code = CODES[(number + attempt) % len(CODES)]
        response = requests.post(URL.replace("ANSWER", code), timeout=30)
        error_id = response.json()["errorId"]
        gevent.sleep(0)
        logging.getLogger("worker").error("held %s %s", code, error_id)
        try:
            response.raise_for_status()
        except requests.HTTPError:
            gevent.sleep(0)
            with sentry_sdk.new_scope() as scope:
                scope.set_tag("expected", f"{code} {error_id}")
                sentry_sdk.capture_exception()


eightbyeight_obs.install(hosts=json.loads(HOSTS))
start_logging()
start_sentry(max_breadcrumbs=5)
gevent.joinall([gevent.spawn(work, number) for number in range(10)], raise_error=True)
tell()
