"""Prints the exact Sentry event about a sample failure, as it would be sent: ``python examples/print_event.py``.

A fake 8x8 on this machine refuses a call that carries an API key, a one-time code, phone numbers and a text. Nothing
leaves the machine. ``--without`` prints the event as it is without the middleware.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import requests
import sentry_sdk
from sentry_sdk.transport import Transport

import eightbyeight_obs

CARRIED = {
    "API key": "k3y-of-the-sample-0001",
    "one-time code": "482913",
    "number in the query": "6591110000",
    "number in the body": "6592220000",
    "number in the answer": "6593330000",
    "message text": "Your code is on its way",
}


class Fake8x8(BaseHTTPRequestHandler):
    """Refuses everything, in the words of 8x8."""

    def do_POST(self) -> None:
        """Answer 400 with code 1002."""
        self.rfile.read(int(self.headers["Content-Length"]))
        body = {
            "code": 1002,
            "message": f"Invalid MSISDN format: +{CARRIED['number in the answer']}",
            "errorId": "b4478860-b76c-e811-814e-022a35cc1c71",
            "timestamp": "2018-08-04T09:25:40.9235752+00:00",
        }
        sent = json.dumps(body).encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class Print(Transport):
    """Prints events instead of sending them."""

    def capture_envelope(self, envelope: Any) -> None:
        """Print what is about to go out, and what of the call is in it."""
        for item in envelope.items:
            if item.type == "event":
                sent = item.get_bytes().decode()
                print(json.dumps(json.loads(sent), indent=2))
                found = [name for name, value in CARRIED.items() if value in sent]
                print(f"of the call in the event: {', '.join(found) or 'nothing'}", file=sys.stderr)


def send_code(host: str) -> None:
    """Call 8x8 as a service does."""
    requests.post(
        f"http://{host}/api/v1/subaccounts/Acme_hq/messages",
        params={"code": CARRIED["one-time code"], "to": CARRIED["number in the query"]},
        json={"destination": CARRIED["number in the body"], "text": CARRIED["message text"]},
        headers={"Authorization": f"Bearer {CARRIED['API key']}"},
        timeout=5,
    ).raise_for_status()


def main() -> None:
    """Fail once and print the event."""
    server = HTTPServer(("127.0.0.1", 0), Fake8x8)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    sentry_sdk.init("https://public@sentry.invalid/1", transport=Print)
    if "--without" not in sys.argv:
        eightbyeight_obs.install(hosts={host: "sms"}, log=False)
    try:
        send_code(host)
    except requests.HTTPError as error:
        sentry_sdk.capture_exception(error)
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    main()
