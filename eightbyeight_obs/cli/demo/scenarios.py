"""The cases of the demo: a job of the sample service, and what 8x8 answers to it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

from .. import sample_service as shop
from ..fake_8x8 import Answer

__all__ = ["PRODUCTS", "SCENARIOS", "UNRELATED", "Scenario"]

PRODUCTS: Final = ("sms", "chatapps", "verify", "lookup", "voice")
UNRELATED: Final = "a bug of the shop's own"

# Numbers that were set aside for fiction.
_PHONE: Final = "+12025550293"
_WRONG: Final = "+120255502"
_UMID: Final = "bda3d56d-1424-e711-813c-06ed3428fe67"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One case.

    Attributes:
        name: What happened, in words.
        code: What 8x8 meant: the JSON code, ``http-502``, a state or an exception's class; None for nothing of 8x8's.
        habit: How the sample service deals with it.
        job: The function of the sample service.
        arguments: What the worker calls it with.
        product: Which of the fake's servers it calls.
        answer: Makes the answer.
    """

    name: str
    code: str | None
    habit: str
    job: Callable[..., Any]
    arguments: tuple[Any, ...]
    product: str = "sms"
    answer: Callable[[], Answer] = lambda: Answer(200, {})


def _now() -> str:
    """Return the time in 8x8's format, yyyy-MM-ddTHH:mm:ss.ffZ."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:22] + "Z"


def _error(status: int, code: int, message: str, seed: str = "", **headers: str) -> Callable[[], Answer]:
    """Return the standard envelope with the text of 8x8's own example, a fresh errorId and the time of the call.

    The errorId comes from the case, so that both runs of the demo get the same.
    """
    error_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"8x8-demo/{status}/{code}/{seed}"))

    def answer() -> Answer:
        body = {"code": code, "message": message, "errorId": error_id, "timestamp": _now()}
        return Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    return answer


# The texts are those of the examples in 8x8's OpenAPI files of 2026-07-25; 1300 and 1400 of its page of error codes.
_INVALID_NUMBER: Final = "Invalid MSISDN format (not E.164 international number)"
_NOT_AUTHENTICATED: Final = "Request was not authenticated properly"
_QUOTA: Final = "Quota exceeded. Please try again in 1 second(s)."
_HTML: Final = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def _rejected_sms() -> Answer:
    status = {"code": "REJECTED", "description": _INVALID_NUMBER}
    return Answer(200, {"umid": _UMID, "destination": _WRONG, "encoding": "GSM7", "status": status})


def _rejected_template() -> Answer:
    status = {
        "state": "rejected",
        "timestamp": _now(),
        "errorCode": 3038,
        "errorMessage": "Template not found for provided name and language",
    }
    return Answer(200, {"umid": "15bb8ad1-d06e-418c-8dc7-ac8a00ffeb70", "user": {"msisdn": _PHONE}, "status": status})


def _failed_lookup() -> Answer:
    status = {
        "state": "error",
        "timestamp": _now(),
        "errorCode": 6000,
        "errorMessage": "Destination operator is currently not available",
    }
    return Answer(200, {"requestId": "5611682f-4ecb-4c62-b685-ac8a0101abe9", "phoneNumber": _PHONE, "status": status})


def _not_created() -> Answer:
    body = {
        "sessionStatus": "NOT_CREATED",
        "callFlowRequestId": "c6e6dee5-3846-11ef-9e95-b903e2ed7273",
        "statusCode": -1007,
        "statusMessage": "$.callflow[0].action should be one of: say,playFile,sayAndCapture",
    }
    return Answer(400, body)


_RAISES: Final = "raise_for_status()"

SCENARIOS: Final = (
    Scenario(
        "wrong number", "1002", _RAISES, shop.confirm_order, (17, _WRONG), answer=_error(400, 1002, _INVALID_NUMBER)
    ),
    Scenario(
        "wrong number again, elsewhere in the code",
        "1002",
        _RAISES,
        shop.announce_delivery,
        (17, _WRONG),
        answer=_error(400, 1002, _INVALID_NUMBER, "again"),
    ),
    Scenario(
        "unknown sub-account",
        "1001",
        _RAISES,
        shop.confirm_order,
        (18, _PHONE, "SampleShop_test"),
        answer=_error(400, 1001, "Provided subAccountId doesn't belong to your account"),
    ),
    Scenario(
        "bad API key",
        "1200",
        _RAISES,
        shop.confirm_order,
        (19, _PHONE),
        answer=_error(401, 1200, _NOT_AUTHENTICATED),
    ),
    Scenario(
        "bad API key again, elsewhere in the code",
        "1200",
        _RAISES,
        shop.announce_delivery,
        (19, _PHONE),
        answer=_error(401, 1200, _NOT_AUTHENTICATED, "again"),
    ),
    Scenario(
        "message not found",
        "1300",
        "if not response.ok: log.error(...)",
        shop.check_delivery,
        (17, _UMID),
        answer=_error(404, 1300, "Object wasn't found or is already expired"),
    ),
    Scenario(
        "rate limit",
        "429",
        "raise SmsError(...) from exc",
        shop.remind,
        (17, _PHONE),
        answer=_error(429, 429, _QUOTA, Retry_After="1"),
    ),
    Scenario(
        "rate limit, tried three times by urllib3",
        "429",
        "Retry(total=2), ends in RetryError",
        shop.send_whatsapp,
        (17, _PHONE),
        "chatapps",
        _error(429, 429, _QUOTA, "retried"),
    ),
    Scenario(
        "error at 8x8",
        "2000",
        "except HTTPError: log.exception(...)",
        shop.send_invoice,
        (17, _PHONE),
        answer=_error(500, 2000, "Internal server error"),
    ),
    Scenario(
        "HTML from a gateway",
        "http-502",
        "response.json() on whatever came",
        shop.send_promotion,
        ("Spring sale", _PHONE),
        answer=lambda: Answer(502, _HTML),
    ),
    Scenario(UNRELATED, None, "divides by zero; 8x8 has no part in it", shop.average_basket, (100.0, 0)),
    Scenario(
        "template rejected inside a 200",
        "3038",
        'if state == "rejected": log.error(...)',
        shop.send_template,
        (17, _PHONE),
        "chatapps",
        _rejected_template,
    ),
    Scenario(
        "SMS rejected inside a 200", "rejected", "nobody looks", shop.send_coupon, (_WRONG,), answer=_rejected_sms
    ),
    Scenario(
        "voice call refused",
        "-1007",
        'response.json()["sessionId"], KeyError',
        shop.call_customer,
        (_PHONE,),
        "voice",
        _not_created,
    ),
    Scenario(
        "lookup failed inside a 200",
        "6000",
        "log.warning(...), then swallowed",
        shop.look_up,
        (_PHONE,),
        "lookup",
        _failed_lookup,
    ),
    Scenario(
        "no answer in time",
        "ReadTimeout",
        "except Timeout: log.error(...)",
        shop.start_login,
        (_PHONE,),
        "verify",
        lambda: Answer(200, {}, delay=5.0),
    ),
    Scenario(
        "login session gone",
        "1404",
        "raise SmsError(...) from None",
        shop.check_login,
        ("a1b2c3d4-e5f6-7890-1234-567890abcdef", "482913"),
        "verify",
        _error(404, 1404, "Session not found"),
    ),
)
"""In the order in which they run. The unrelated bug stands right between failures of 8x8's."""
