"""The public API as a typed service uses it: checked by mypy and pyright, never run."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import requests
import sentry_sdk
import structlog
from requests.adapters import HTTPAdapter
from typing_extensions import assert_type

import eightbyeight_obs
from eightbyeight_obs import (
    CATALOGUE,
    CodeEntry,
    EightByEightAdapter,
    EightByEightIntegration,
    EightByEightProcessor,
    ErrorDetails,
    ErrorHook,
    Installation,
    WebhookFailure,
    decode,
    decode_webhook,
    explain,
    from_exception,
    from_response,
    install,
    is_installed,
    report,
    support_ticket,
    uninstall,
)


def by_endpoint(details: ErrorDetails) -> Sequence[str]:
    """A fingerprint of the service's own."""
    return [*details.fingerprint(), details.endpoint or ""]


def count(details: ErrorDetails | WebhookFailure) -> None:
    """A hook."""
    logging.getLogger(__name__).info("failed", extra=details.fields())


def switch() -> None:
    """Every option of install(), and its handle."""
    hook: ErrorHook = count
    with install() as handle:
        assert_type(handle, Installation)
        assert_type(handle.wired, tuple[str, ...])
        handle.uninstall()
    install(
        hosts={"sms-proxy.internal": "sms"},
        structlog=False,
        sentry=True,
        log=True,
        group=by_endpoint,
        title=False,
        capture_unreported=True,
        sub_account=False,
        ignore={("api", 1300), ("http", "http-404")},
        application=("acme_service",),
        on_error=[hook],
    )
    assert_type(is_installed(), bool)
    uninstall()


def pure(response: requests.Response, error: BaseException, body: Mapping[str, object]) -> None:
    """The pure functions and what they return."""
    assert_type(decode(400, b"", url="https://sms.8x8.com/", method="POST"), "ErrorDetails | None")
    assert_type(decode(400, "{}"), "ErrorDetails | None")
    assert_type(from_exception(error), "ErrorDetails | None")
    assert_type(decode_webhook(body), "WebhookFailure | None")
    assert_type(decode_webhook(b"<root/>", content_type="application/xml"), "WebhookFailure | None")
    assert_type(explain("1002"), "CodeEntry | None")
    assert_type(explain(15, "sms_receipt"), "CodeEntry | None")
    assert_type(CATALOGUE["api", 1002], CodeEntry)
    assert_type(eightbyeight_obs.__version__, str)
    details = from_response(response)
    if details is not None:
        assert_type(details.code, str)
        assert_type(details.http_status, "int | None")
        assert_type(details.retryable, "bool | None")
        assert_type(details.entry, "CodeEntry | None")
        assert_type(details.tags(), dict[str, str])
        assert_type(details.fields(), "dict[str, str | int | bool]")
        assert_type(details.fingerprint(), list[str])
        assert_type(details.title(), str)
        assert_type(support_ticket(details), str)
        report(details)
    failure = decode_webhook(body)
    if failure is not None:
        assert_type(failure.state, "str | None")
        assert_type(report(failure, capture=True), "str | None")


def without_patching() -> None:
    """The adapter, the processor and the integration, each where its library wants it."""
    session = requests.Session()
    session.mount("https://sms.8x8.com/", EightByEightAdapter(HTTPAdapter(max_retries=3)))
    session.mount("https://chatapps.8x8.com/", EightByEightAdapter())
    session.mount("https://verify.8x8.com/", EightByEightAdapter(session.get_adapter("https://verify.8x8.com/")))
    structlog.configure(processors=[EightByEightProcessor(), structlog.processors.JSONRenderer()])
    sentry_sdk.init(integrations=[EightByEightIntegration()])
