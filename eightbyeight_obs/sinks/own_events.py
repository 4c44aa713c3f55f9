"""The middleware's own log events, through structlog where it is configured, else the standard library."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

from eightbyeight_obs.core.details import Fact
from eightbyeight_obs.guard import LOGGER_NAME

__all__ = ["log"]


def log(event: str, fields: Mapping[str, Fact], *, is_warning: bool) -> None:
    """Log one event with the fields as keys.

    Args:
        event: ``"8x8.error_response"``.
        fields: The log view of the failure.
        is_warning: Warning, else info.
    """
    structlog = sys.modules.get("structlog")
    if structlog is not None and structlog.is_configured():
        logger = structlog.get_logger(LOGGER_NAME).bind()
        if hasattr(type(logger), "sync_bl"):  # asked of the class: structlog.BoundLogger has every attribute
            logger = logger.sync_bl  # of an AsyncBoundLogger the synchronous one
        # The key "logger" is what structlog-sentry looks at before it makes a Sentry event of a line.
        (logger.warning if is_warning else logger.info)(event, logger=LOGGER_NAME, **fields)
        return
    extra: dict[str, Any] = dict(fields)
    logging.getLogger(LOGGER_NAME).log(logging.WARNING if is_warning else logging.INFO, event, extra=extra)
