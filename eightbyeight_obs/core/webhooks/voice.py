"""Voice webhooks: the summary of a session that broke, a recording that was not made or not handed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from eightbyeight_obs.core.details import WebhookDraft, WebhookFailure, freeze_webhook
from eightbyeight_obs.core.envelopes import code_of
from eightbyeight_obs.core.privacy import timestamp

from .parts import describe_code, describe_state, mapping, reference, safe_message

__all__ = ["recording_failure", "session_failure"]

_REGISTRY: Final = "voice_session"

# NO_ANSWER, BUSY and CANCELED are how calls end; FAILED is "invalid phone number, connection error, etc."
# (8x8's page of session summaries for number masking, 2026-01-22); the third is an opt-out that went wrong.
_SESSIONS: Final = {"ERROR": "error", "FAILED": "failed", "COMPLETED_UNSUB_ERROR": "completed_unsub_error"}
_RECORDINGS: Final = {
    "PROCESSING_FAILED": "processing_failed",
    "UPLOAD_FAILED": "upload_failed",
    "CALLBACK_FAILED": "callback_failed",
}


def session_failure(payload: Mapping[str, Any]) -> WebhookFailure | None:
    """Decode the payload of a ``SESSION_SUMMARY``; only ERROR has ``errorDetails``."""
    state = _known(payload.get("sessionStatus"), _SESSIONS)
    if state is None:
        return None
    error = mapping(payload.get("errorDetails")) or {}
    code = code_of(error.get("errorCode"))
    if code is None:
        code = state
        description, category = describe_state(state, "unknown")
    else:
        description, category, _ = describe_code(code, _REGISTRY, "unknown")
    return freeze_webhook(
        WebhookDraft(
            code=code,
            registry=_REGISTRY,
            description=description,
            category=category,
            product="voice",
            sub_account=reference(payload.get("subAccountId")),
            message=safe_message(error.get("errorMsg"), description, payload),
            timestamp=timestamp(payload.get("endTime")) or timestamp(payload.get("startTime")),
            session_id=reference(payload.get("sessionId")),
            state=state,
            kind="voice session",
        )
    )


def recording_failure(payload: Mapping[str, Any]) -> WebhookFailure | None:
    """Decode the payload of a ``CALL_RECORDING_STATUS``; its file path is nobody's business."""
    state = _known(payload.get("status"), _RECORDINGS)
    if state is None:
        return None
    description, category = describe_state(state, "unknown")
    return freeze_webhook(
        WebhookDraft(
            code=state,
            registry=_REGISTRY,
            description=description,
            category=category,
            product="voice",
            sub_account=reference(payload.get("subAccountId")),
            session_id=reference(payload.get("sessionId")),
            state=state,
            kind="voice recording",
        )
    )


def _known(value: object, states: Mapping[str, str]) -> str | None:
    return states.get(value) if isinstance(value, str) else None
