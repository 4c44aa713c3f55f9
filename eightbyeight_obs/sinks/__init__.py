"""Where failures go: structlog, the standard library's logging, Sentry. No sink imports another."""
