"""What to do about a failure: who has to act, how, and whether to send again."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["CATEGORIES", "REGISTRY_TITLES", "STATES", "Advice", "advise", "retry_text"]


class Advice(NamedTuple):
    """Who acts, and how."""

    who: str
    what: str


# The limits, the wrong region and the 2xx with a failure in it: 8x8's pages of 2025 and 2026 (api-rate-limiting,
# viber/sending-viber-messages-api, the OpenAPI files).
CATEGORIES: Final = {
    "validation": Advice(
        "the calling service",
        "The request is wrong as it was sent. Correct the parameter that the message names, then send again.",
    ),
    "authentication": Advice(
        "whoever holds the API key",
        'Check the key, the word "Bearer" before it, and that the host is the one of the account\'s region: '
        "the wrong region fails authentication, too.",
    ),
    "authorization": Advice(
        "whoever owns the account",
        "The key is good but may not do this. Ask for the permission, or use the sub-account that has it.",
    ),
    "not_found": Advice(
        "the calling service",
        "8x8 does not know the id there. It is wrong, has expired, or belongs to another sub-account or region.",
    ),
    "rate_limit": Advice(
        "the calling service",
        "Send slower. Wait for the seconds of Retry-After before the next call; 8x8 can raise a sub-account's limit.",
    ),
    "template": Advice(
        "whoever maintains the message templates",
        "Compare name, language and parameters with the approved template.",
    ),
    "unsupported": Advice(
        "the developers of the calling service",
        "8x8 does not offer this, or no longer: compare API version, product and TLS version with its documentation.",
    ),
    "server": Advice(
        "8x8",
        "Something failed at 8x8. Quote the errorId to its support, and find out whether the message went out before "
        "sending it again.",
    ),
    "delivery": Advice(
        "the sender, if the number or content is at fault",
        "8x8 took the message, and the operator, the channel or the handset did not. Look at number and content.",
    ),
    "unknown": Advice(
        "to be found out",
        "The text does not tell whose fault it is. Quote the reference to 8x8's support if it does not go away.",
    ),
}

REGISTRY_TITLES: Final = {
    "api": "API errors (JSON code of SMS, Messaging Apps, Verification, Contacts, Automation)",
    "sms_receipt": "SMS delivery receipts",
    "chatapps_receipt": "Messaging Apps delivery receipts",
    "voice_status": "Voice API status codes",
    "voice_session": "Voice session errors (webhook)",
    "lookup": "Number Lookup",
    "reason_code": "3-digit reason codes of the legacy receipts",
    "http": "HTTP status codes",
    "transport": "No answer at all",
}

STATES: Final = {
    "rejected": "8x8 answered 2xx and rejected the message inside the answer; the status text says why.",
    "error": "The answer or the receipt says that it failed, without a number.",
    "failed": "A receipt says that the message failed, without a number.",
    "undelivered": "A receipt says that the message was not delivered, without a number.",
    "rejected_by_device": "A receipt of a legacy format: the handset did not take the message.",
    "trashed": "A receipt of a legacy format: the message was dropped before it reached an operator.",
    "not_created": "Voice did not create the session; statusMessage says why.",
    "ConnectTimeout": "No connection to 8x8 in time. The request was not sent.",
    "ReadTimeout": "8x8 did not answer in time. Whether it took the request is not known.",
    "ConnectionError": "The connection to 8x8 could not be made, or broke.",
    "SSLError": "The TLS connection to 8x8 could not be made. Nothing was sent.",
    "ProxyError": "The proxy on the way to 8x8 did not let the request through.",
    "ChunkedEncodingError": "8x8's answer broke off half-way.",
    "ContentDecodingError": "8x8's answer could not be unpacked.",
    "RetryError": "urllib3 gave up after its retries, and left no answer to decode.",
}
"""What stands in 8x8.code where there is no number: states (snake case) and exception classes."""

_RETRY: Final = {
    True: "yes: 8x8 surely did not accept the request",
    False: "no: the same request fails again",
    None: "not known: 8x8 may have accepted the request, and a resend may be a second message, paid twice",
}
_RECEIPTS: Final = ("sms_receipt", "chatapps_receipt", "reason_code")


def advise(category: str) -> Advice:
    """Return who has to act on a failure of this category, and how."""
    return CATEGORIES.get(category, CATEGORIES["unknown"])


def retry_text(retryable: bool | None, registry: str) -> str:
    """Tell in words whether to send again."""
    if registry in _RECEIPTS and retryable is not True:
        return "8x8 had accepted the message: sending it again is a new message, paid again"
    return _RETRY[retryable]
