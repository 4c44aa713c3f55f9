"""The demo: the sample service runs twice against a fake 8x8, without and with the middleware."""
