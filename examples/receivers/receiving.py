"""What every receiver below does with a webhook: decode it, and report each failure once.

8x8 sends a webhook again after 1, 10, 30 and 90 seconds when the answer is 4xx or 5xx or late, and several may
arrive twice or in any order. So the answer is 200 whatever arrives, and a failure that was reported before is not
reported again. Webhooks have no signature: keep the URL secret, or configure ``httpAuthorization`` and check it.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from eightbyeight_obs import WebhookFailure, decode_webhook, report

LIMIT = 1024 * 1024
"""More of a body is not read: bytes. 8x8's webhooks have a few kilobytes."""

_MOST = 10_000
_seen: OrderedDict[tuple[str | None, ...], None] = OrderedDict()
_lock = Lock()


def receive(body: bytes, content_type: str | None) -> None:
    """Report the failure in a webhook: one log line, and one Sentry event in the issue of its code."""
    failure = decode_webhook(body, content_type=content_type)
    if failure is not None and _is_new(failure):
        report(failure, capture=True)


def _is_new(failure: WebhookFailure) -> bool:
    """Tell whether this failure was not seen before, among the last ten thousand of this process."""
    reference = failure.umid or failure.session_id or failure.request_id
    if reference is None:
        return True  # nothing to tell it from another one by
    key = (reference, failure.state, failure.registry, failure.code)
    with _lock:
        is_new = key not in _seen
        _seen[key] = None
        _seen.move_to_end(key)
        if len(_seen) > _MOST:
            _seen.popitem(last=False)
    return is_new
