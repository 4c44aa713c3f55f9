"""Every example body of 8x8's OpenAPI files: errors by their code, rejections by theirs, successes not at all."""

from __future__ import annotations

import json

import pytest
from specs import Example, errors, examples, url_of

from eightbyeight_obs.core.decode import decode


@pytest.mark.parametrize("example", errors(), ids=str)
def test_each_error_example_of_8x8_is_decoded(example: Example) -> None:
    """Every example of an error in 8x8's OpenAPI files gives its code, errorId, endpoint and a known meaning."""
    operation = example.operation
    details = decode(example.status, json.dumps(example.body), url=url_of(operation), method=operation.method)
    assert details is not None
    number = example.body.get("code", example.body.get("statusCode"))
    registry = "api" if "code" in example.body else "voice_status"
    assert (str(number), registry, example.status) == (details.code, details.registry, details.http_status)
    assert (example.body.get("errorId"), example.body.get("timestamp")) == (details.error_id, details.timestamp)
    assert example.body.get("callFlowRequestId") == details.request_id
    assert f"{operation.method} {operation.path}" == details.endpoint
    assert not details.description.startswith("Unknown")
    assert details.category != "unknown"


def test_there_are_enough_examples() -> None:
    """The examples hold every code that 8x8's files show."""
    shown = {example.body.get("code", example.body.get("statusCode")) for example in errors()}
    assert {
        429,
        1000,
        1001,
        1002,
        1014,
        1200,
        1201,
        1300,
        1404,
        2000,
        3060,
        4018,
        7001,
        -1007,
        -1013,
        401,
        404,
        500,
    } <= shown


REJECTED = {
    ("sms-api.json", "/api/v1/subaccounts/{subAccountId}/messages/batch"): ("rejected", "api", 1),
    ("sms-api.json", "/api/v1/subaccounts/{subAccountId}/surveys/{surveyId}/messages/batch"): ("rejected", "api", 1),
    ("business-messaging-api.json", "/api/v1/subaccounts/{subAccountId}/messages/batch"): ("3038", "api", 1),
    ("business-messaging-api.json", "/api/v1/subaccounts/{subAccountId}/lon/batch"): ("3038", "api", 1),
    ("number-lookup-api.json", "/api/v1/subaccounts/{subAccountId}/phones/{phoneNumber}"): ("6000", "lookup", None),
}
"""The examples of 2xx with a failure inside: (file, path) -> (code, registry, rejectedCount)."""


@pytest.mark.parametrize("example", [example for example in examples() if example.status < 400], ids=str)
def test_each_success_example_of_8x8_is_one_unless_a_rejection_is_inside(example: Example) -> None:
    """Every example of an answer of 2xx gives None, or the failure that it holds."""
    operation = example.operation
    details = decode(example.status, json.dumps(example.body), url=url_of(operation), method=operation.method)
    expected = REJECTED.get((operation.file, operation.path)) if fails(example) else None
    assert expected == (details and (details.code, details.registry, details.rejected_count))
    if details:
        assert f"{operation.method} {operation.path}" == details.endpoint
        assert (example.body.get("batchId"), example.body.get("requestId")) == (details.batch_id, details.request_id)


def fails(example: Example) -> bool:
    """Whether the example is one of those with a failure inside: the other examples of its operation are not."""
    body = example.body
    return isinstance(body, dict) and (body.get("rejectedCount", 0) > 0 or '"state": "error"' in json.dumps(body))


def test_the_examples_hold_every_rejection() -> None:
    """Each (file, path) of the table above has an example that fails."""
    found = {(example.operation.file, example.operation.path) for example in examples() if fails(example)}
    assert set(REJECTED) == found
