"""A sample service, run as a program of its own: it calls 8x8, most calls fail, and it reports as services do.

``python -m tests.e2e.shop WIRING DSN HOSTS TIMES NAMES`` makes TIMES calls for each failure and prints, as JSON
lines, what 8x8 answered to each. NAMES is ``loopback``, or ``real``: then the service calls sms.8x8.com, and a
resolver of its own leads every connection to the fake.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
import sentry_sdk
import structlog
import urllib3.util.connection

import eightbyeight_obs

log: Any = logging.getLogger("shop")
HOSTS: dict[str, str] = {}
NAMES: dict[str, str] = {}
THREADS = 8

# Product and sub-account; the latter says what the fake answers.
FAILURES = [
    ("sms", "Shop-1001"),
    ("sms", "Shop-1002"),
    ("sms", "Shop-1200"),
    ("sms", "Shop-1201"),
    ("sms", "Shop-1300"),
    ("sms", "Shop-2000"),
    ("sms", "Shop-429"),
    ("sms", "Shop-html"),
    ("chatapps", "Shop-3038"),
    ("chatapps", "Shop-1002"),
    ("voice", "Shop-voice1007"),
]
SPOKEN = threading.Lock()


class SmsError(Exception):
    """A message that could not be sent."""


def post(product: str, sub_account: str) -> requests.Response:
    """Call 8x8, and note for the test what it answered."""
    path = "callflows" if product == "voice" else "messages"
    url = f"http://{NAMES[product]}/api/v1/subaccounts/{sub_account}/{path}"
    headers = {"Authorization": "Bearer sample-key-of-the-shop-1234"}
    response = requests.post(url, json={"destination": "+12025550293"}, headers=headers, timeout=120)
    with SPOKEN:
        print(json.dumps({"status": response.status_code, "body": response.text, "product": product}))
    return response


def log_with_traceback(product: str, sub_account: str) -> None:
    """Log the HTTPError."""
    try:
        post(product, sub_account).raise_for_status()
    except requests.HTTPError:
        log.exception("could not send")


def log_own_exception(product: str, sub_account: str) -> None:
    """Log an exception of the service's own that was raised from the HTTPError."""
    try:
        try:
            post(product, sub_account).raise_for_status()
        except requests.HTTPError as exc:
            raise SmsError("could not send order 17") from exc
    except SmsError:
        log.exception("job failed")


def capture(product: str, sub_account: str) -> None:
    """Hand the HTTPError to Sentry, as code does whose log lines go to stdout."""
    try:
        post(product, sub_account).raise_for_status()
    except requests.HTTPError as exc:
        log.warning("could not send", status=exc.response.status_code)
        sentry_sdk.capture_exception(exc)


def die(product: str, sub_account: str) -> None:
    """Die of it, in a thread of its own."""
    thread = threading.Thread(target=lambda: post(product, sub_account).raise_for_status())
    thread.start()
    thread.join()


def log_what_is_not_ok(product: str, sub_account: str) -> None:
    """Log that the answer was not OK, and pass nothing on."""
    response = post(product, sub_account)
    if not response.ok:
        log.error("could not send")


def plain() -> None:
    """The standard library's logging."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)


def to_stdout() -> None:
    """structlog, rendered to a stream: Sentry sees nothing of it."""
    global log
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    log = structlog.get_logger("shop")


def formatter() -> None:
    """structlog through the standard library's handlers and ProcessorFormatter."""
    global log
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=structlog.processors.JSONRenderer()))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    log = structlog.get_logger("shop")


WIRINGS: dict[str, tuple[Callable[[], None], Callable[[str, str], None]]] = {
    "plain": (plain, log_with_traceback),
    "stdout": (to_stdout, capture),
    "formatter": (formatter, log_with_traceback),
    "raise-from": (plain, log_own_exception),
    "threads": (plain, die),
    "not-ok": (plain, log_what_is_not_ok),
}


def use_real_names() -> None:
    """Call 8x8 by its names, and lead every connection to the fake; none leaves this machine."""
    ports = {f"{product}.8x8.com": int(host.rpartition(":")[2]) for host, product in HOSTS.items()}
    connect = urllib3.util.connection.create_connection

    def connect_to_fake(address: tuple[str, int], *args: Any, **kwargs: Any) -> Any:
        name, port = address
        return connect(("127.0.0.1", port if name == "127.0.0.1" else ports[name]), *args, **kwargs)

    urllib3.util.connection.create_connection = connect_to_fake
    NAMES.update({product: f"{product}.8x8.com" for product in HOSTS.values()})


def main(wiring: str, dsn: str, hosts: str, times: str, names: str) -> None:
    """Start up in one of two orders, call from some threads, report, wait until Sentry has everything."""
    configure, job = WIRINGS[wiring]
    HOSTS.update(json.loads(hosts))
    NAMES.update({product: host for host, product in HOSTS.items()})
    if names == "real":
        use_real_names()
    is_first = len(wiring) % 2 == 0  # install() as the first line in some, as the last in others
    if is_first:
        eightbyeight_obs.install(hosts=HOSTS)
    configure()
    sentry_sdk.init(
        dsn,
        transport_queue_size=10_000,
        traces_sample_rate=0.0,
        release="shop@1.0",
        environment="sample",
        server_name="shop-1",
    )
    if not is_first:
        eightbyeight_obs.install(hosts=HOSTS)
    threading.excepthook = lambda args: None  # the traceback on stderr; Sentry has wrapped Thread.run
    post("sms", "Shop-ok")
    with ThreadPoolExecutor(THREADS) as pool:
        for result in [pool.submit(job, *failure) for _ in range(int(times)) for failure in FAILURES]:
            result.result()
    sentry_sdk.flush(300)


if __name__ == "__main__":
    main(*sys.argv[1:])
