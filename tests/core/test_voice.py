"""Voice's other error envelope: statusCode, statusMessage, callFlowRequestId."""

from __future__ import annotations

import json

import pytest

from eightbyeight_obs.core.decode import decode

SMS = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
VOICE = "https://voice.8x8.com/api/v1/subaccounts/Acme_hq/callflows"
# 8x8 OpenAPI, voice-v1-api.json, POST /callflows.
VOICE_BODIES = {
    400: (-1007, "-1007", "validation"),
    401: (401, "401", "authentication"),
    404: (404, "404", "not_found"),
    422: (-1013, "-1013", "validation"),
    500: (500, "500", "server"),
}


@pytest.mark.parametrize("status", VOICE_BODIES)
def test_voice_has_an_envelope_of_its_own(status: int) -> None:
    """`statusCode` and `callFlowRequestId` take the places of code and errorId, in the registry voice_status."""
    number, code, category = VOICE_BODIES[status]
    body = {
        "sessionStatus": "NOT_CREATED",
        "callFlowRequestId": "c6e6dee5-3846-11ef-9e95-b903e2ed7273",
        "statusCode": number,
        "statusMessage": "SubAccount not found by Id : Acme_hq",
    }
    details = decode(status, json.dumps(body), url=VOICE, method="POST")
    assert details is not None
    facts = (details.code, details.registry, details.category, details.request_id, details.message, details.error_id)
    expected = (code, "voice_status", category, body["callFlowRequestId"], body["statusMessage"], None)
    assert expected == facts
    assert not details.description.startswith("Unknown")


def test_voice_webhook_endpoints_write_a_code_without_its_minus() -> None:
    """A statusCode "1001" is kept as sent and described by the row of -1001; it comes with an errorId."""
    error_id = "9f0b0f8e-6ad8-4d4c-b1c6-4c2a53b1f7c4"
    body = f'{{"errorId": "{error_id}", "statusCode": "1001", "statusMessage": "Invalid JSON request body"}}'
    details = decode(422, body, url="https://voice.8x8.com/api/v1/subaccounts/Acme_hq/webhooks/VCA", method="POST")
    negative = decode(422, body.replace('"1001"', "-1001"), url=VOICE)
    assert details is not None
    assert negative is not None
    assert ("1001", "voice_status", error_id) == (
        details.code,
        details.registry,
        details.error_id,
    )
    assert negative.description == details.description


def test_voice_answers_with_the_standard_envelope_for_exports() -> None:
    """Where voice sends `code`, it is a code of the registry api."""
    url = "https://voice.wavecell.com/api/v1/subaccounts/Acme_hq/messages/exports/42"
    details = decode(404, '{"code": 4018, "message": "Invalid jobId", "statusCode": -1001}', url=url)
    assert details is not None
    assert ("4018", "api") == (details.code, details.registry)


def test_a_status_code_is_a_code_of_voice_only() -> None:
    """`statusCode` is everybody's word: other products, and bodies without a URL, need more than that."""
    assert [("http-400", "http"), ("http-400", "http"), ("-1007", "voice_status")] == [
        (details.code, details.registry)
        for details in (
            decode(400, '{"statusCode": -1007, "statusMessage": "x"}', url=SMS),
            decode(400, '{"statusCode": -1007}'),
            decode(400, '{"statusCode": -1007, "statusMessage": "x"}'),
        )
        if details
    ]
