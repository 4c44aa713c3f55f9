"""One answer of 8x8's, or one exception about it -> ErrorDetails. Total: None instead of an exception."""

from __future__ import annotations

from .details import ErrorDetails
from .envelopes import error_details
from .hosts import Place, locate
from .rejections import rejection_details

__all__ = ["decode", "decode_at"]


def decode(
    http_status: int, body: bytes | str, *, url: str | None = None, method: str | None = None
) -> ErrorDetails | None:
    """Decode one answer of 8x8's from its parts.

    Args:
        http_status: The status; a failure is 400 and above, or a rejection inside 2xx.
        body: The body as bytes or text; anything, in any state.
        url: The URL of the request. Without one the shape of the body decides; with one of a host that is
            none of 8x8's the answer is None.
        method: The method of the request, for the endpoint.

    Returns:
        The details, or None for an answer that is no failure, or not 8x8's.
    """
    try:
        place = None
        if url is not None:
            place = locate(url, method)
            if place is None:
                return None
        return decode_at(http_status, body, place)
    except Exception:  # noqa: BLE001 - total by contract
        return None


def decode_at(
    status: object,
    body: object,
    place: Place | None,
    *,
    match: str | None = None,
    retry_after: int | None = None,
    attempts: int | None = None,
) -> ErrorDetails | None:
    """Do the same for a request whose place is known; what is no status or no body counts as absent."""
    if type(status) is not int:
        if not isinstance(status, int) or isinstance(status, bool):
            return None
        status = int(status)  # http.HTTPStatus
    if not isinstance(body, (bytes, str)):
        body = bytes(body) if isinstance(body, (bytearray, memoryview)) else b""
    if 400 <= status <= 999:
        return error_details(status, body, place, match, retry_after, attempts)
    if 200 <= status < 300:
        return rejection_details(status, body, place, match, attempts)
    return None
