"""What keeps an error of ours away from the service: contain, tell once, go on."""

from __future__ import annotations

import logging
from typing import Final

__all__ = ["LOGGER_NAME", "contained", "forget_told"]

LOGGER_NAME: Final = "eightbyeight_obs"
_PLACES: Final = 100

_told: set[str] = set()


def contained(place: str) -> None:
    """Tell of an exception that was just caught, once per place, on the logger ``eightbyeight_obs``.

    To be called in an ``except Exception`` block. ``KeyboardInterrupt`` and ``SystemExit`` are never caught.

    Args:
        place: What failed, in words that a maintainer can search for: ``"Sentry event processor"``.
    """
    if place in _told or len(_told) >= _PLACES:
        return
    try:
        logger = logging.getLogger(LOGGER_NAME)
        if not logger.isEnabledFor(logging.WARNING):
            return  # it would be dropped; CPython 3.13.5 does so, too, while another line is handled
        _told.add(place)
        logger.warning(
            "internal failure in %s; the service is not affected, but 8x8 details may be missing",
            place,
            exc_info=True,  # noqa: LOG014 - called in one
        )
    except Exception:  # noqa: BLE001, S110 - a handler that raises: there is nobody left to tell
        pass


def forget_told() -> None:
    """Start over: every place may be told once more."""
    _told.clear()
