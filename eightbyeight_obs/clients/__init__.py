"""Where failures come from: the HTTP clients. No client imports a sink."""
