"""Puts one input in at every entrance and checks everything that comes out."""

from __future__ import annotations

import json
import logging
from itertools import islice
from typing import Any, NamedTuple
from zlib import crc32

import requests

from eightbyeight_obs import EightByEightProcessor
from eightbyeight_obs.cli.console import plain, printer
from eightbyeight_obs.cli.decode import _facts, _show
from eightbyeight_obs.cli.reading.recognise import Hints, in_text
from eightbyeight_obs.core.carriers import from_exception, from_response
from eightbyeight_obs.core.decode import decode
from eightbyeight_obs.core.webhooks import decode_webhook
from eightbyeight_obs.sinks.logging import _enrich
from eightbyeight_obs.sinks.sentry import process_event
from tests.fuzz.mutate import Input
from tests.fuzz.outputs import check_details, check_endpoint, check_shown, strings_in

__all__ = ["ENTRANCES", "KEY", "OTP", "Carrier", "carrier_of"]

KEY = "k3yQ9z-planted-8x8secret-77f1"
OTP = "otp-planted-904177"
_PROCESSOR = EightByEightProcessor()
_PREFIX = "8x8."


class Carrier(NamedTuple):
    """The response of an input, and the exception that ``raise_for_status()`` would raise."""

    response: requests.Response
    error: requests.HTTPError


def carrier_of(given: Input) -> Carrier:
    """Build what requests would hand out for the input; a key and a code are in the request."""
    response = requests.Response()
    response.status_code, response._content = given.status, given.body
    response.url = given.url + ("&" if "?" in given.url else "?") + f"code={OTP}" if "#" not in given.url else given.url
    if given.retry_after is not None:
        response.headers["Retry-After"] = given.retry_after
    request = requests.PreparedRequest()
    request.method, request.url, request.body = given.method, response.url, b'{"destination": "+6591234567"}'
    request.headers = requests.structures.CaseInsensitiveDict({"Authorization": f"Bearer {KEY}"})
    response.request = request
    error = requests.HTTPError(f"{given.status} Client Error for url: {response.url}", response=response)
    return Carrier(response, error)


def _one_in(count: int, given: Input) -> bool:
    return crc32(given.body) % count == 0


def answers(given: Input) -> None:
    """``decode``: from a URL, and by shape."""
    failure = decode(given.status, given.body, url=given.url, method=given.method)
    check_details(failure)
    check_endpoint(failure.endpoint if failure else None)
    if _one_in(8, given):
        assert failure == decode(given.status, given.body, url=given.url, method=given.method)
        check_details(decode(given.status, given.body))


def webhooks(given: Input) -> None:
    """``decode_webhook``: as the header says, and as XML."""
    check_details(decode_webhook(given.body, content_type=given.content_type))
    if given.body[:1] == b"<":
        check_details(decode_webhook(given.body, content_type="text/xml"))


def carriers(given: Input) -> None:
    """``from_response`` and ``from_exception`` agree, and show nothing of the request."""
    carrier = carrier_of(given)
    failure = from_response(carrier.response)
    check_details(failure)
    assert failure == from_exception(carrier.error)
    if failure is not None:
        check_shown(strings_in(failure.fields()), (KEY, OTP))


def lines(given: Input) -> None:
    """The keys that structlog and the standard library get; needs an ``install()``."""
    carrier = carrier_of(given)
    event: dict[str, Any] = {"event": "could not send", "exc_info": carrier.error}
    assert event is _PROCESSOR(None, "error", event)
    record = logging.LogRecord("shop", logging.ERROR, "shop.py", 1, "could not send", None, None)
    record.exc_info = (type(carrier.error), carrier.error, None)
    _enrich(record)
    ours = {key: value for key, value in event.items() if key.startswith(_PREFIX)}
    assert ours == {key: value for key, value in vars(record).items() if key.startswith(_PREFIX)}
    check_shown(map(str, ours.values()), (KEY, OTP))


def events(given: Input) -> None:
    """The Sentry event after the event processor; needs an ``install()``."""
    if not _one_in(2, given):
        return
    carrier = carrier_of(given)
    if from_response(carrier.response) is None:
        return
    crumb = {"type": "http", "data": {"url": carrier.response.url, "http.query": f"code={OTP}"}}
    event: dict[str, Any] = {
        "level": "error",
        "exception": {"values": [{"type": "HTTPError", "module": "requests.exceptions", "value": str(carrier.error)}]},
        "breadcrumbs": {"values": [crumb]},
        "extra": {"sent": f"Authorization: Bearer {KEY} to +6591234567"},
    }
    assert event is process_event(event, {"exc_info": (type(carrier.error), carrier.error, None)})
    shown = [*strings_in(event["tags"]), *strings_in(event["contexts"]), *event["fingerprint"]]
    check_shown([*shown, event["exception"]["values"][-1]["value"]])
    assert event["exception"]["values"][-1]["value"].startswith("8x8 ")
    whole = json.dumps(event)
    assert KEY not in whole
    assert OTP not in whole
    assert "6591234567" not in json.dumps(event["extra"])


def terminal(given: Input) -> None:
    """What ``eightbyeight-obs decode`` finds in any text, and prints; that is slow, so of some only."""
    if not _one_in(4, given):
        return
    text = given.body.decode("utf-8", "replace")
    shown = _one_in(20, given)
    for hints in (Hints(), Hints(given.status, given.url, "POST")):
        for finding in list(islice(in_text(text, hints), 5)):
            check_details(finding.details)
            if shown:
                console = printer()
                with console.capture() as capture:
                    _show(console, finding)
                check_shown(capture.get().splitlines())
                check_shown(strings_in(_facts(finding)))
    check_shown([plain(text).plain])


ENTRANCES = (answers, webhooks, carriers, lines, events, terminal)
