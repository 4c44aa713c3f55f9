# ruff: noqa: E402 - gevent wants to be first
"""A service under gevent that drops every failing response: ``dropped.py <url> <hosts>``."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import json
import sys

import gevent
import requests
from common import start_logging, start_sentry, tell

import eightbyeight_obs

URL, HOSTS = sys.argv[1:]


def work(code):
    return requests.post(URL.replace("ANSWER", code), timeout=30).ok


eightbyeight_obs.install(hosts=json.loads(HOSTS), capture_unreported=True)
start_logging()
start_sentry()
gevent.joinall([gevent.spawn(work, code) for code in ("1002", "1300", "1400", "2000", "queued")], raise_error=True)
eightbyeight_obs.uninstall()
tell()
