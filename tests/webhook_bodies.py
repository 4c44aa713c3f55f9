"""Webhook bodies in 8x8's own shapes, from its pages of 2026-07-23; names, numbers and texts in them are planted."""

from __future__ import annotations

from typing import Any

UMID = "9e09ac86-bd74-5465-851d-1eb5a5fdbb9a"
BATCH = "3e09ac86-bd74-5465-851d-1eb5a5fdbb9b"
SESSION = "a089b40d-f059-11f0-8937-99c7872ee3c4"
EVENT = "0f88f5c4-fae7-4dcf-8ff2-b2990133edea"
TIME = "2016-01-01T00:00:00Z"

PRIVATE = (
    "+12025550293",
    "12025550293",
    "AcmeBank",
    "Jonathan Livingston",
    "jlivingston",
    "US.13491208655302741918",
    "Your code is 493817",
    "493817",
    "spring_sale_template",
)
"""What no result may show: senders, recipients, names, message texts, names of templates."""


def sms(**status: Any) -> dict[str, Any]:
    """A receipt of SMS (page "Delivery receipts for outbound SMS"); without arguments the page's own status."""
    return {
        "namespace": "SMS",
        "eventType": "outbound_message_status_changed",
        "description": "SMS outbound message delivery receipt",
        "payload": {
            "umid": UMID,
            "batchId": BATCH,
            "clientMessageId": "1e09ac86-bd74-5465-851d-1eb5a5fdbb9b",
            "clientBatchId": "2e09ac86-bd74-5465-851d-1eb5a5fdbb9b",
            "subAccountId": "SubAccount-1",
            "source": "AcmeBank",
            "destination": "+12025550293",
            "status": status
            or {
                "state": "undelivered",
                "detail": "rejected_by_operator",
                "timestamp": TIME,
                "errorCode": 15,
                "errorMessage": "Invalid destination",
            },
            "price": {"total": 0.0375, "perSms": 0.0125, "currency": "USD"},
            "smsCount": 3,
        },
    }


def chatapps(*, version: int | None = 9, channel: str = "whatsapp", **status: Any) -> dict[str, Any]:
    """A receipt of Messaging Apps, v9 or (``version=None``) v8; without a status the one of a closed window."""
    head = {"version": version} if version else {}
    return head | {
        "namespace": "ChatApps",
        "eventType": "outbound_message_status_changed",
        "description": "ChatApps outbound message delivery receipt",
        "payload": {
            "umid": UMID,
            "batchId": BATCH,
            "clientMessageId": "jlivingston-17",
            "subAccountId": "SubAccount-1",
            "channel": channel,
            "user": {
                "msisdn": "+12025550293",
                "channelUserId": "US.13491208655302741918" if version else "12025550293",
                "name": "Jonathan Livingston",
                "username": "jlivingston",
            },
            "status": status
            or {
                "state": "undelivered",
                "detail": "rejected_by_operator",
                "timestamp": "2026-01-01T00:00:00.1234567Z",
                "errorCode": 1022,
                "errorMessage": "Message window expired",
            },
            "whatsapp": {"providerErrorCode": "131047", "templateId": "spring_sale_template"},
            "outboundContent": {"channel": "whatsapp", "body": {"text": "Your code is 493817"}},
        },
    }


def legacy(status: str, **more: Any) -> dict[str, Any]:
    """A receipt of the legacy Messaging Apps format, version 4 (developer.wavecell.com, delivery receipts)."""
    return {
        "eventType": "outboundMessageDelivery",
        "channel": "whatsapp",
        "user": {"msisdn": "+12025550293", "channelUserId": "12025550293"},
        "umid": UMID,
        "status": status,
        "subAccountId": "SubAccount-1",
        "clientMessageId": "jlivingston-17",
        "clientBatchId": "jlivingston-batch",
        "timestamp": "2018-11-02T08:11:41.59Z",
        "error": None,
        "price": 0.01,
        "currency": "USD",
        "version": 4,
    } | more


def session(status: str = "ERROR", error: object = "", **payload: Any) -> dict[str, Any]:
    """A summary of a voice session (page "Session status"); the default error is the page's own."""
    if error == "":
        error = {"errorMsg": "No coverage available for requested area", "errorCode": -2004}
    leg = {
        "callId": SESSION,
        "callDirection": "OUTBOUND",
        "callType": "PSTN",
        "source": "+12025550293",
        "destination": "+12025550293",
        "sourceRefId": "jlivingston",
        "callStatus": "ERROR",
        "callDuration": 0,
    }
    return {
        "payload": {
            "sessionId": SESSION,
            "subAccountId": "SubAccount-1",
            "sessionStatus": status,
            "startTime": "2024-07-13T09:54:38Z",
            "endTime": "2024-07-13T09:54:39Z",
            "lastAction": "MAKE_CALL",
            "callCount": 1,
            "details": {"callA": leg},
        }
        | ({} if error is None else {"errorDetails": error})
        | payload,
        "namespace": "VOICE",
        "eventType": "SESSION_SUMMARY",
        "description": "Summary of a completed call session",
        "version": 5,
    }


def recording(status: str) -> dict[str, Any]:
    """A recording's status (page "Number masking call recordings")."""
    return {
        "namespace": "VOICE",
        "eventType": "CALL_RECORDING_STATUS",
        "description": "Call recording status updated",
        "payload": {
            "sessionId": SESSION,
            "recordingId": "eef54fc2-065a-11ec-bce9-ed1000154345",
            "durationSeconds": 25,
            "filePath": "recordings/jlivingston/2021-08-21.mp3",
            "status": status,
        },
    }


def business(event_type: str, details: dict[str, Any], provider: str = "WhatsApp") -> dict[str, Any]:
    """A business-management event (pages "WhatsApp template change webhook", "... account update webhook")."""
    return {
        "eventId": EVENT,
        "timestamp": "2025-01-01T00:00:00.00Z",
        "provider": provider,
        "businessAccountId": "950523421983857",
        "accountId": "Acme",
        "eventType": event_type,
        "eventDetails": details,
    }


def template(provider: str = "WhatsApp", **meta: Any) -> dict[str, Any]:
    """A change of a template's status."""
    details = {
        "templateId": 2729063412676005,
        "templateName": "spring_sale_template",
        "templateLanguage": "en",
        "meta": meta,
    }
    return business("template_status_update", details, provider)


def account(event: str, **details: Any) -> dict[str, Any]:
    """An event about a WhatsApp business account."""
    return business("account_update", {"event": event, "phoneNumber": "12025550293"} | details)


SMS_XML = """<?xml version="1.0" encoding="UTF-8" ?>
<root>
  <namespace>SMS</namespace>
  <eventType>outbound_message_status_changed</eventType>
  <description>SMS outbound message delivery receipt</description>
  <payload>
    <umid>9e09ac86-bd74-5465-851d-1eb5a5fdbb9a</umid>
    <batchId>3e09ac86-bd74-5465-851d-1eb5a5fdbb9b</batchId>
    <clientMessageId>1e09ac86-bd74-5465-851d-1eb5a5fdbb9b</clientMessageId>
    <clientBatchId>2e09ac86-bd74-5465-851d-1eb5a5fdbb9b</clientBatchId>
    <subAccountId>SubAccount-1</subAccountId>
    <source>AcmeBank</source>
    <destination>+12025550293</destination>
    <status>
      <state>undelivered</state>
      <detail>rejected_by_operator</detail>
      <timestamp>2016-01-01T00:00:00Z</timestamp>
      <errorCode>15</errorCode>
      <errorMessage>Invalid destination</errorMessage>
    </status>
    <price>
      <total>0.0375</total>
      <perSms>0.0125</perSms>
      <currency>USD</currency>
    </price>
    <smsCount>3</smsCount>
  </payload>
</root>
"""
"""The XML twin of ``sms()``, as the page shows it."""
