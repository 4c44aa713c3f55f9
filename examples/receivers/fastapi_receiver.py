"""A receiver of 8x8's webhooks in FastAPI: ``uvicorn fastapi_receiver:app``. The function is Starlette's."""

from __future__ import annotations

from fastapi import FastAPI
from starlette_receiver import webhook

app = FastAPI()
app.post("/webhooks/8x8")(webhook)
