"""A receiver of 8x8's webhooks in Flask: ``flask --app flask_receiver run``."""

from __future__ import annotations

from flask import Flask, request
from receiving import LIMIT, receive

import eightbyeight_obs

eightbyeight_obs.install()

app = Flask(__name__)


@app.post("/webhooks/8x8")
def webhook() -> tuple[str, int]:
    """Answer 200, whatever arrives."""
    receive(request.stream.read(LIMIT + 1), request.content_type)
    return "", 200
