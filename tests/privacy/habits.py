"""How services call 8x8 and report that it failed. No function here has a planted thing in a variable."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import requests
import sentry_sdk
import structlog
from requests.adapters import HTTPAdapter
from structlog_sentry import SentryProcessor
from urllib3.util.retry import Retry

from tests.privacy import planted

log = logging.getLogger("shop")
TIMEOUT = 0.5
HEADERS = {"Authorization": f"Bearer {planted.KEY}"}


class SmsError(Exception):
    """The service's own."""


class Target:
    """Where the next call goes. Not an argument: arguments are local variables, and these are the service's own."""

    url = ""


target = Target()


def post(**more: Any) -> requests.Response:
    """Call 8x8 as services do."""
    return requests.post(target.url, headers=HEADERS, json=planted.BODY, timeout=TIMEOUT, **more)


def captured() -> None:
    try:
        post().raise_for_status()
    except requests.RequestException as exc:
        sentry_sdk.capture_exception(exc)


def logged_with_traceback() -> None:
    try:
        post().raise_for_status()
    except requests.RequestException:
        log.exception("could not send")


def logged_as_parameter() -> None:
    try:
        post().raise_for_status()
    except requests.RequestException as exc:
        log.error("could not send: %s", exc)


def logged_as_named_parameter() -> None:
    try:
        post().raise_for_status()
    except requests.RequestException as exc:
        log.error("could not send: %(why)s", {"why": exc})


def logged_as_text() -> None:
    try:
        post().raise_for_status()
    except requests.RequestException as exc:
        log.error(f"could not send: {exc} {exc!r}")  # noqa: G004 - services do


def logged_as_extra() -> None:
    try:
        post().raise_for_status()
    except requests.RequestException as exc:
        log.error("could not send", extra={"why": exc, "all": {"request": [exc.request.url, exc.request.headers]}})


def logged_with_the_request() -> None:
    try:
        post().raise_for_status()
    except requests.RequestException as exc:
        log.error("could not send to %s with %s", exc.request.path_url, dict(exc.request.headers))


def raised_from() -> None:
    try:
        try:
            post().raise_for_status()
        except requests.RequestException as exc:
            raise SmsError(f"could not send: {exc}") from exc
    except SmsError as exc:
        sentry_sdk.capture_exception(exc)


def raised_while_handling() -> None:
    try:
        try:
            post().raise_for_status()
        except requests.RequestException as exc:
            raise SmsError(str(exc))
    except SmsError:
        log.exception("could not send")


def raised_in_a_thread() -> None:
    def work() -> None:
        post().raise_for_status()

    hook, threading.excepthook = threading.excepthook, lambda args: None
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.excepthook = hook


def through_structlog_json() -> None:
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    try:
        post().raise_for_status()
    except requests.RequestException as exc:
        structlog.get_logger("shop").error("could not send", why=str(exc), exc_info=True)


def through_structlog_formatter() -> None:
    structlog.configure(
        processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    try:
        post().raise_for_status()
    except requests.RequestException as exc:
        structlog.get_logger("shop").error("could not send", why=str(exc), exc_info=True)


def through_structlog_sentry() -> None:
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, SentryProcessor(event_level=logging.ERROR), lambda *args: ""],
        logger_factory=structlog.ReturnLoggerFactory(),
    )
    try:
        post().raise_for_status()
    except requests.RequestException as exc:
        structlog.get_logger("shop").error("could not send", why=str(exc), error=exc, exc_info=exc)


def with_a_session() -> None:
    with requests.Session() as session:
        session.headers.update(HEADERS)
        try:
            session.post(target.url, json=planted.BODY, timeout=TIMEOUT).raise_for_status()
        except requests.RequestException as exc:
            sentry_sdk.capture_exception(exc)


def with_basic_authentication() -> None:
    try:
        requests.post(target.url, auth=("account", planted.KEY), json=planted.BODY, timeout=TIMEOUT).raise_for_status()
    except requests.RequestException as exc:
        sentry_sdk.capture_exception(exc)


def with_a_bare_key() -> None:
    """Forget the word Bearer: 8x8 answers 401 to it."""
    try:
        requests.post(
            target.url, headers={"Authorization": planted.KEY}, json=planted.BODY, timeout=TIMEOUT
        ).raise_for_status()
    except requests.RequestException as exc:
        sentry_sdk.capture_exception(exc)


def with_retries() -> None:
    again = Retry(total=1, status_forcelist=[400, 503], allowed_methods=None, backoff_factor=0)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=again))
        try:
            session.post(target.url, headers=HEADERS, json=planted.BODY, timeout=TIMEOUT)
        except requests.RequestException as exc:
            sentry_sdk.capture_exception(exc)


def with_a_hook_that_raises() -> None:
    try:
        post(hooks={"response": lambda response, **_: response.raise_for_status()})
    except requests.RequestException as exc:
        sentry_sdk.capture_exception(exc)


def with_the_answer_in_the_text() -> None:
    try:
        response = post()
    except requests.RequestException:
        log.exception("could not send")
        return
    log.error("could not send: %s", response.text)


def with_the_answer_as_bytes() -> None:
    try:
        response = post()
    except requests.RequestException:
        log.exception("could not send")
        return
    log.error("could not send: %s", response.content, extra={"url": response.url, "body": response.content})


def with_the_answer_in_an_exception() -> None:
    try:
        response = post()
        raise SmsError(f"8x8 said {json.dumps(response.json())} to {response.request.body!r:.0}")
    except (SmsError, requests.RequestException):
        log.exception("could not send")


HABITS: list[Callable[[], None]] = [
    captured,
    logged_with_traceback,
    logged_as_parameter,
    logged_as_named_parameter,
    logged_as_text,
    logged_as_extra,
    logged_with_the_request,
    raised_from,
    raised_while_handling,
    raised_in_a_thread,
    through_structlog_json,
    through_structlog_formatter,
    through_structlog_sentry,
    with_a_session,
    with_basic_authentication,
    with_a_bare_key,
    with_retries,
    with_a_hook_that_raises,
    with_the_answer_in_the_text,
    with_the_answer_as_bytes,
    with_the_answer_in_an_exception,
]
