"""Exceptions about failures of 8x8's, made and linked without a network."""

from __future__ import annotations

import json
import sys

import pytest
import requests

if sys.version_info < (3, 11):
    from exceptiongroup import BaseExceptionGroup, ExceptionGroup
else:
    from builtins import BaseExceptionGroup, ExceptionGroup

__all__ = [
    "REQUEST",
    "SMS",
    "BaseExceptionGroup",
    "Carrying",
    "ExceptionGroup",
    "SmsError",
    "failure",
    "response",
    "with_cause",
    "with_context",
]

SMS = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
REQUEST = requests.Request("POST", SMS).prepare()


def response(code: int, url: str = SMS) -> requests.Response:
    """An answer of 400 with this code."""
    made = requests.Response()
    made.status_code, made.url, made.request = 400, url, REQUEST
    made._content = json.dumps({"code": code}).encode()
    return made


def failure(code: int = 1002) -> requests.HTTPError:
    """What raise_for_status() raises for that answer."""
    with pytest.raises(requests.HTTPError) as raised:
        response(code).raise_for_status()
    return raised.value


class SmsError(Exception):
    """An exception of a service."""


class Carrying(Exception):
    """An exception of a service that keeps the response."""

    def __init__(self, response: object) -> None:
        super().__init__("could not send")
        self.response = response


def with_cause(exc: BaseException, cause: BaseException) -> BaseException:
    """The exception as after `raise exc from cause`."""
    exc.__cause__ = cause
    return exc


def with_context(exc: BaseException, context: BaseException) -> BaseException:
    """The exception as raised while the other was handled."""
    exc.__context__ = context
    return exc
