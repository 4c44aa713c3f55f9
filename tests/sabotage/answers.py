"""What the server of the sabotage tests says: every shape of failure that the middleware knows."""

from __future__ import annotations

from rawserver import Answer, reply, reset

ERROR_ID = "6f6f0d5c-6c8b-4f1c-9d6a-0d2f6a1f9c11"
INVALID = {
    "code": 1002,
    "message": "Invalid MSISDN format: +65 9123 4567",
    "errorId": ERROR_ID,
    "timestamp": "2018-08-04T09:25:40.92+00:00",
}
BUSY = {"code": 1400, "message": "Too many requests", "errorId": ERROR_ID}
REJECTED = {
    "umid": "b1f8a9c2-5d6e-e711-8146-022a22cc1c71",
    "status": {"code": "REJECTED", "description": "Invalid MSISDN format (not E.164 international number)"},
}
BATCH = {
    "batchId": "c1f8a9c2-5d6e-e711-8146-022a22cc1c71",
    "acceptedCount": 1,
    "rejectedCount": 1,
    "messages": [REJECTED, {"umid": "x", "status": {"code": "QUEUED", "description": "SMS is accepted"}}],
}
LARGE_BATCH = {**BATCH, "messages": [REJECTED] * 3, "padding": "x" * 300_000}
LOOKUP = {
    "requestId": "d1f8a9c2-5d6e-e711-8146-022a22cc1c71",
    "status": {"state": "error", "errorCode": 11, "errorMessage": "Unknown error"},
}
VOICE = {"statusCode": -1007, "statusMessage": "Invalid destination", "callFlowRequestId": ERROR_ID}
MESSAGES = "/api/v1/subaccounts/Acme_hq/messages"


def answers() -> dict[str, Answer]:
    return {
        MESSAGES: reply(400, INVALID),
        f"{MESSAGES}/batch": reply(200, BATCH),
        f"{MESSAGES}/exports": reply(200, LARGE_BATCH),
        f"{MESSAGES}/f2ea5276-a824-e711-8146-022a22cc1c71": reply(200, REJECTED),
        "/ok": reply(200, {"umid": "x", "status": {"code": "QUEUED"}}),
        "/lookup": reply(200, LOOKUP),
        "/voice": reply(200, VOICE),
        "/not-json/+6591234567": reply(502, "<h1>Bad Gateway</h1>"),
        "/redirect": reply(302, headers=["Location: " + MESSAGES]),
        "/busy": reply(429, BUSY, headers=["Retry-After: 0"]),
        "/busy-then-good": [reply(429, BUSY, headers=["Retry-After: 0"]), reply(200, {})],
        "/cut-short": reply(400, '{"code": 10', length=100),
        "/cut-short-200": reply(200, '{"umid"', length=100),
        "/reset": reset,
    }


SMS_RECEIPT = {
    "namespace": "SMS",
    "eventType": "outbound_message_status_changed",
    "payload": {
        "umid": ERROR_ID,
        "batchId": ERROR_ID,
        "subAccountId": "Acme_hq",
        "source": "Acme",
        "destination": "+6591234567",
        "status": {
            "state": "undelivered",
            "errorCode": 15,
            "errorMessage": "Not reached: +6591234567",
            "timestamp": "2024-01-01T00:00:00Z",
        },
    },
}
WHATSAPP_RECEIPT = {
    "namespace": "ChatApps",
    "eventType": "outbound_message_status_changed",
    "payload": {
        "umid": ERROR_ID,
        "channel": "WhatsApp",
        "user": {"msisdn": "+6591234567", "names": ["A. Customer"]},
        "whatsapp": {"providerErrorCode": 131026},
        "status": {"state": "rejected", "errorMessage": "Text value is missing"},
    },
}
LEGACY_RECEIPT = {"UMID": "x", "umid": "x", "status": "TRASHED", "error": "105"}
SESSION = {
    "namespace": "VOICE",
    "eventType": "SESSION_SUMMARY",
    "payload": {"sessionId": ERROR_ID, "sessionStatus": "ERROR", "errorDetails": {"errorCode": -1, "message": "x"}},
}
RECORDING = {
    "namespace": "VOICE",
    "eventType": "CALL_RECORDING_STATUS",
    "payload": {"sessionId": ERROR_ID, "status": "FAILED", "recordingStatus": "FAILED"},
}
TEMPLATE = {
    "provider": "WhatsApp",
    "eventType": "template_status_update",
    "eventId": ERROR_ID,
    "eventDetails": {"meta": {"status": "REJECTED", "reason": "SCAM"}},
}
ACCOUNT = {
    "provider": "WhatsApp",
    "eventType": "account_update",
    "eventDetails": {"event": "ACCOUNT_VIOLATION", "violationInfo": {"violationType": "SPAM"}},
}
XML_RECEIPT = (
    b"<DeliveryReport><namespace>SMS</namespace><eventType>outbound_message_status_changed</eventType>"
    b"<payload><umid>x</umid><status><state>undelivered</state><errorCode>15</errorCode></status></payload>"
    b"</DeliveryReport>"
)
XML_BOMB = b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
