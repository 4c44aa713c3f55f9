"""Reading failures of 8x8's out of files: logs, error bodies, HTTP dumps, webhooks."""
