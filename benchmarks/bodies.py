"""What 8x8 answers, in the words of its own documentation, and the same for a webhook."""

from __future__ import annotations

import json

SEND = "http://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
CONTACTS = "http://contacts.8x8.com/api/v1/accounts/Acme/contacts"
OTHER = "http://api.example.com/v1/orders/17"

ERROR = (
    b'{"code":1002,"message":"Invalid MSISDN format","errorId":"1cc1eda1-f5dd-ea11-8288-0263195dd35a",'
    b'"timestamp":"2020-12-22T05:52:01.85Z"}'
)
ACCEPTED = (
    b'{"umid":"bda3f8a8-f5dd-ea11-8288-0263195dd35a","clientMessageId":"1234","destination":"+6500000000",'
    b'"encoding":"GSM7","status":{"code":"QUEUED","description":"SMS is accepted and queued for processing"}}'
)
RECEIPT = json.dumps(
    {
        "namespace": "SMS",
        "eventType": "outbound_message_status_changed",
        "description": "SMS outbound message status changed",
        "payload": {
            "umid": "bda3f8a8-f5dd-ea11-8288-0263195dd35a",
            "batchId": "4a8e6f84-f5dd-ea11-8288-0263195dd35a",
            "subAccountId": "Acme_hq",
            "country": "SG",
            "source": "Acme",
            "destination": "+6500000000",
            "status": {
                "state": "undelivered",
                "timestamp": "2020-12-22T05:52:01.85Z",
                "errorCode": 15,
                "errorMessage": "Invalid destination",
            },
            "price": {"total": 0.0375, "perSms": 0.0375, "currency": "USD"},
            "smsCount": 1,
        },
    }
).encode()


def batch(size: int) -> bytes:
    """A batch answer of about so many bytes, nothing rejected."""
    count = max(1, size // (len(ACCEPTED) + 1))
    head = b'{"batchId":"00dacd4c-6ee6-e911-8147-02e12d8a6c46","acceptedCount":%d,"rejectedCount":0,"messages":['
    return head % count + b",".join([ACCEPTED] * count) + b"]}"


def error_of(size: int) -> bytes:
    """An error body of about so many bytes: the rest is in a field that 8x8 does not have."""
    return ERROR[:-1] + b',"details":"' + b"x" * max(0, size - len(ERROR) - 13) + b'"}'
