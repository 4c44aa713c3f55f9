"""A receiver of 8x8's webhooks in Starlette: ``uvicorn starlette_receiver:app``."""

from __future__ import annotations

from receiving import LIMIT, receive
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import eightbyeight_obs

eightbyeight_obs.install()


async def webhook(request: Request) -> Response:
    """Answer 200, whatever arrives; decode and report after the answer, in a thread of the server's."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            break
    return Response(background=BackgroundTask(receive, bytes(body), request.headers.get("content-type")))


app = Starlette(routes=[Route("/webhooks/8x8", webhook, methods=["POST"])])
