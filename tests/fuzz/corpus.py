"""What fuzzing starts from: every body that 8x8 documents, its webhooks, and log lines of the middleware's."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import webhook_bodies
from specs import examples, operations, url_of
from webhook_strategies import SHAPES

from eightbyeight_obs.core.decode import decode
from eightbyeight_obs.core.webhooks import decode_webhook

__all__ = ["TOKENS", "seeds", "urls"]

TOKENS = (
    *("code", "message", "errorId", "timestamp", "statusCode", "statusMessage", "sessionStatus", "umid", "batchId"),
    *("rejectedCount", "acceptedCount", "messages", "status", "state", "description", "errorCode", "errorMessage"),
    *("namespace", "eventType", "payload", "subAccountId", "requestId", "callFlowRequestId", "sessionId", "8x8.code"),
    *("NOT_CREATED", "REJECTED", "rejected", "error", "undelivered", "TRASHED", "REJECTED BY CARRIER", "SMS", "VOICE"),
    *("ChatApps", "outbound_message_status_changed", "SESSION_SUMMARY", "8x8.registry", "8x8.message", "8x8.error_id"),
    *("HTTP/1.1 400 Bad Request", "Host: sms.8x8.com", "Retry-After: 5", "<root>", "</root>", "<!DOCTYPE a>", "&#10;"),
)
"""Words that the decoders look for."""


def _lines() -> list[str]:
    found = []
    details = decode(400, json.dumps({"code": 1002, "message": "Invalid MSISDN", "errorId": "e-1"}), url=urls()[0])
    receipt = decode_webhook(webhook_bodies.sms())
    for failure in (details, receipt):
        assert failure is not None
        fields = {"event": "8x8.error_response", "timestamp": "2026-11-21T22:33:41.123456Z", **failure.fields()}
        found.append(json.dumps(fields))
        found.append(" ".join(f"{key}={value!r}" for key, value in fields.items()))
        found.append(json.dumps({"log": json.dumps(fields) + "\n", "contexts": {"8x8": failure.context()}}))
    return found


@cache
def seeds() -> tuple[tuple[int, Any], ...]:
    """(status, value) of every seed; a value that is text is no JSON."""
    documented = [(example.status, example.body) for example in examples()]
    hooks = [(200, shape) for shape in SHAPES]
    texts = [
        webhook_bodies.SMS_XML,
        "HTTP/1.1 400 Bad Request\r\nRetry-After: 7\r\n\r\n" + json.dumps({"code": 1002, "errorId": "e-1"}),
        "> POST /sms/v1/Acme_hq/single HTTP/1.1\n> Host: sms.8x8.com\n>\n< HTTP/1.1 502 Bad Gateway\n<\n<html>",
        "<html><body><h1>502 Bad Gateway</h1></body></html>",
        'ERROR could not send: 400 {"code": 1300, "errorId": "e-2", "message": "gone"}',
        "",
        *_lines(),
    ]
    unique = {json.dumps(value, sort_keys=True): (status, value) for status, value in documented}
    return (*unique.values(), *hooks, *((502, text) for text in texts))


@cache
def urls() -> tuple[str, ...]:
    """A URL of every documented operation, and some that are nearly one."""
    near = (
        "https://api.wavecell.com/otp/v1/Acme_hq/a1?code=493817",
        "https://sms.8x8.com@evil.example/api",
        "https://user:secret@sms.8x8.com/sms/v1/Acme_hq/single",
        "https://sms.8x8.com/a/6591234567/b",
        "http://[::1]:8080/api",
    )
    return ("https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages", *sorted(map(url_of, operations())), *near)
