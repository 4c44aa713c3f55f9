"""A service that calls 8x8 in every way that can fail, logs, captures, and tells what it saw of it all."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

import requests
import sentry_sdk
import structlog
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

import eightbyeight_obs

from . import answers

if sys.version_info < (3, 11):
    from exceptiongroup import ExceptionGroup

log = logging.getLogger("service")
Service = Any  # the module service imports this one


class SmsError(Exception):
    pass


def told_of(value: Any) -> Any:
    """What a service can tell of a response or an exception, without addresses and times."""
    if isinstance(value, requests.Response):
        history = [told_of(earlier) for earlier in value.history]
        return (value.status_code, value.content, sorted(value.headers.items()), value.url, history)
    if isinstance(value, BaseException):
        text = str(value).partition(" at 0x")[0]
        response = getattr(value, "response", None)
        return (type(value), text, None if response is None else told_of(response), type(value.__cause__))
    return value


def invalid_number(service: Service) -> Any:
    response = service.call(answers.MESSAGES)
    try:
        response.raise_for_status()
    except requests.HTTPError as error:
        same = error.response is response
        structlog.get_logger().error("structlog with exc_info", exc_info=True)
        structlog.get_logger().error("structlog given", response=response)
        log.exception("logging exception")
        sentry_sdk.capture_exception(error)
        return same, told_of(response), told_of(error), response.elapsed.total_seconds() > 0
    return "did not raise"


def from_another(service: Service) -> Any:
    try:
        try:
            service.call(answers.MESSAGES).raise_for_status()
        except requests.HTTPError as error:
            raise SmsError("could not send") from error
    except SmsError as error:
        structlog.get_logger().warning("from")
        sentry_sdk.capture_exception(error)
        return told_of(error)


def implicit(service: Service) -> Any:
    try:
        try:
            service.call(answers.MESSAGES).raise_for_status()
        except requests.HTTPError:
            raise SmsError("implicit")
    except SmsError as error:
        log.exception("implicit")
        return told_of(error)


def held(service: Service) -> Any:
    response = service.call("/not-json/+6591234567")
    if not response.ok:
        structlog.get_logger().error("held by structlog")
        log.error("held by logging %s", response.url)
        sentry_sdk.capture_message("held by sentry", level="error")
    return told_of(response)


def group(service: Service) -> Any:
    errors: list[Exception] = [ValueError("other")]
    for path in (answers.MESSAGES, "/not-json/+6591234567"):
        try:
            service.call(path).raise_for_status()
        except requests.HTTPError as error:
            errors.append(error)
    grouped = ExceptionGroup("several", errors)
    sentry_sdk.capture_exception(grouped)
    log.error("group", exc_info=grouped)
    return [told_of(error) for error in grouped.exceptions]


def rejected(service: Service) -> Any:
    paths = (f"{answers.MESSAGES}/f2ea5276-a824-e711-8146-022a22cc1c71", f"{answers.MESSAGES}/batch", "/ok")
    paths += (f"{answers.MESSAGES}/exports", "/redirect")
    return [told_of(service.call(path)) for path in paths]


def other_products(service: Service) -> Any:
    urls = [server.url(f"/{product}") for product, server in service.others.items()]
    return [told_of(service.session.get(url, timeout=5)) for url in urls]


def streamed(service: Service) -> Any:
    response = service.call(answers.MESSAGES, stream=True)
    unread = response._content is False
    log.warning("before reading")
    text = response.text
    log.warning("after reading")
    return unread, text, told_of(response)


def raising_hook(service: Service) -> Any:
    def raise_for_status(response: requests.Response, **_: Any) -> None:
        response.raise_for_status()

    try:
        service.call(answers.MESSAGES, hooks={"response": raise_for_status})
    except requests.HTTPError as error:
        return told_of(error), told_of(error.response)


def replacing_hook(service: Service) -> Any:
    other = service.call("/ok")
    response = service.call(answers.MESSAGES, hooks={"response": lambda *_, **__: other})
    return response is other, told_of(response)


def no_answer(service: Service) -> Any:
    found = []
    for path in ("/reset", "/cut-short", "/cut-short-200"):
        try:
            service.call(path)
        except requests.RequestException as error:
            log.exception("no answer")
            sentry_sdk.capture_exception(error)
            found.append(told_of(error))
    return found


def retries(service: Service) -> Any:
    service.session.mount(service.server.url("/busy"), HTTPAdapter(max_retries=_retry()))
    good = service.session.get(service.server.url("/busy-then-good"), timeout=5)
    try:
        service.session.get(service.server.url("/busy"), timeout=5)
    except requests.exceptions.RetryError as error:
        sentry_sdk.capture_exception(error)
        return told_of(good), told_of(error)


def _retry() -> Retry:
    return Retry(total=2, backoff_factor=0, status_forcelist=[429])


def own_adapter(service: Service) -> Any:
    inner = service.session.get_adapter(service.server.url("/"))
    service.session.mount(service.server.url("/"), eightbyeight_obs.EightByEightAdapter(inner))
    found = [told_of(service.call(answers.MESSAGES)), told_of(service.call("/ok"))]
    try:
        service.call("/reset")
    except requests.ConnectionError as error:
        found.append(told_of(error))
    service.session.mount(service.server.url("/"), inner)
    return found


def own_processor(service: Service) -> Any:
    chain = [eightbyeight_obs.EightByEightProcessor(), structlog.processors.format_exc_info, service.keep_event]
    logger = structlog.wrap_logger(None, processors=chain, wrapper_class=structlog.BoundLogger)
    response = service.call(answers.MESSAGES)
    logger.error("own processor", response=response, exc_info=False)
    return told_of(response)


def log_and_go_on(service: Service) -> Any:
    log.info("plain %s", 1)
    log.info({"a": "dict"}, extra={"key": "value"})
    structlog.get_logger().info("plain", key=1)
    sentry_sdk.capture_message("plain")
    return True


def dropped(service: Service) -> Any:
    return service.call("/not-json/+6591234567").status_code


def receipts(service: Service) -> Any:
    """The pure functions, whose answers are ours, not the service's: only that they answer is written down."""
    already = len(service.transport.events)
    for webhook in (answers.SMS_RECEIPT, answers.WHATSAPP_RECEIPT, answers.LEGACY_RECEIPT, answers.SESSION):
        _report(json.dumps(webhook).encode())
    for webhook in (answers.RECORDING, answers.TEMPLATE, answers.ACCOUNT):
        _report(webhook)
    for document in (answers.XML_RECEIPT, answers.XML_BOMB):
        _report(document, content_type="text/xml; charset=utf-8")
    eightbyeight_obs.explain("http-502", "http")
    eightbyeight_obs.decode(400, json.dumps(answers.VOICE), url="https://voice.8x8.com/api/v1/subaccounts/a/callflows")
    eightbyeight_obs.decode(400, json.dumps(answers.INVALID), url="https://sms.us.8x8.com:443/x\x1b[31m")
    eightbyeight_obs.decode(200, json.dumps(answers.LOOKUP), url="https://lookup.8x8.com/")
    eightbyeight_obs.decode(200, json.dumps(answers.VOICE), url="https://voice.8x8.com/")
    eightbyeight_obs.from_exception(SmsError("not about 8x8"))
    del service.transport.events[already:]  # those that it asked us to send
    return True


def _report(body: Any, **options: Any) -> None:
    failure = eightbyeight_obs.decode_webhook(body, **options)
    if isinstance(failure, eightbyeight_obs.WebhookFailure):
        eightbyeight_obs.report(failure, capture=True)
        eightbyeight_obs.support_ticket(failure)


_STEPS = (
    invalid_number,
    from_another,
    implicit,
    held,
    group,
    rejected,
    other_products,
    streamed,
    raising_hook,
    replacing_hook,
    no_answer,
    retries,
    own_adapter,
    own_processor,
    log_and_go_on,
    dropped,
    receipts,
)
STEPS: dict[str, Callable[[Service], Any]] = {step.__name__: step for step in _STEPS}
