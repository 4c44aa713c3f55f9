"""A service that forks its workers after it has started: ``forked.py <url> <hosts>``."""

from __future__ import annotations

import json
import logging
import os
import sys

import requests
import sentry_sdk
from common import start_logging, start_sentry, tell

import eightbyeight_obs

URL, HOSTS = sys.argv[1:]


def work(answer):
    response = requests.post(URL.replace("ANSWER", answer), timeout=30)
    if not response.ok:
        logging.getLogger("worker").error("could not send: %s", answer)
    try:
        response.raise_for_status()
    except requests.HTTPError:
        sentry_sdk.capture_exception()


eightbyeight_obs.install(hosts=json.loads(HOSTS))
start_logging()
start_sentry()
for answer in ("1002", "1300"):
    child = os.fork()
    if child == 0:
        work(answer)
        tell(answer=answer)
        os._exit(0)
    os.waitpid(child, 0)
work("2000")
tell(answer="2000")
