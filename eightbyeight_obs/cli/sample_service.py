"""A small shop that sends messages through 8x8, written as such services are: what the demo runs.

Nothing in here knows of eightbyeight_obs. The ways in which the functions deal with a failure were all seen
in public code: ``raise_for_status``, ``if not r.ok: log.error``, an own exception that keeps the text at
most, ``r.json()["umid"]`` on an error body, a failure inside a 200 that nobody looks at.
"""

from __future__ import annotations

from typing import Any

import requests
import structlog
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

__all__ = ["SmsError", "connect", "run"]

log = structlog.get_logger("shop")
session = requests.Session()

SUB_ACCOUNT = "SampleShop_hq"
TIMEOUT = 5.0
OTP_TIMEOUT = 0.3
API = {
    "sms": "https://sms.8x8.com",
    "chatapps": "https://chatapps.8x8.com",
    "verify": "https://verify.8x8.com",
    "lookup": "https://lookup.8x8.com",
    "voice": "https://voice.8x8.com",
}


class SmsError(Exception):
    """A message that could not be sent."""


def connect(api: dict[str, str], key: str) -> None:
    """Point the shop at its 8x8: base URLs by product, and the API key."""
    API.update(api)
    session.headers["Authorization"] = f"Bearer {key}"
    again = Retry(total=2, status_forcelist=[429], allowed_methods=None, backoff_factor=0)
    session.mount(API["chatapps"] + "/", HTTPAdapter(max_retries=again))


def run(job: Any, *arguments: Any) -> None:
    """Run one job as the shop's worker does: whatever it raises is logged, and the next job gets its turn."""
    try:
        job(*arguments)
    except Exception:
        log.exception("job_failed", job=job.__name__)


def _messages(product: str, sub_account: str = SUB_ACCOUNT) -> str:
    return f"{API[product]}/api/v1/subaccounts/{sub_account}/messages"


def confirm_order(order: int, phone: str, sub_account: str = SUB_ACCOUNT) -> Any:
    """Send the confirmation of an order; ``raise_for_status`` is all the care it takes."""
    text = f"Thank you, order {order} is on its way."
    response = session.post(_messages("sms", sub_account), json={"destination": phone, "text": text}, timeout=TIMEOUT)
    response.raise_for_status()
    return response.json()["umid"]


def announce_delivery(order: int, phone: str) -> Any:
    """Do the same at another place of the code."""
    body = {"destination": phone, "text": f"Order {order} arrives today."}
    response = session.post(_messages("sms"), json=body, timeout=TIMEOUT)
    response.raise_for_status()
    return response.json()["umid"]


def check_delivery(order: int, umid: str) -> Any:
    """Ask for the state of a message; log what is not OK, with the status alone."""
    response = session.get(f"{_messages('sms')}/{umid}", timeout=TIMEOUT)
    if not response.ok:
        log.error("delivery_unknown", order=order, status=response.status_code)
        return None
    return response.json()["status"]


def remind(order: int, phone: str) -> None:
    """Send a reminder; an own exception is raised from the one of requests."""
    response = session.post(_messages("sms"), json={"destination": phone, "text": "Still there?"}, timeout=TIMEOUT)
    try:
        response.raise_for_status()
    except requests.HTTPError as exc:
        raise SmsError(f"could not remind the customer of order {order}") from exc


def send_whatsapp(order: int, phone: str) -> None:
    """Send a WhatsApp message over a session that tries again on 429."""
    body = {"user": {"msisdn": phone}, "type": "text", "content": {"text": f"Order {order}"}}
    session.post(_messages("chatapps"), json=body, timeout=TIMEOUT).raise_for_status()


def send_invoice(order: int, phone: str) -> None:
    """Send an invoice; the error is logged where it happens and goes no further."""
    body = {"destination": phone, "text": f"Your invoice for order {order}"}
    try:
        session.post(_messages("sms"), json=body, timeout=TIMEOUT).raise_for_status()
    except requests.HTTPError:
        log.exception("invoice_failed", order=order)


def send_promotion(campaign: str, phone: str) -> Any:
    """Send a promotion; whatever came back is taken for the answer to a success."""
    response = session.post(_messages("sms"), json={"destination": phone, "text": campaign}, timeout=TIMEOUT)
    return response.json()["umid"]


def send_template(order: int, phone: str) -> None:
    """Send a WhatsApp template; knows that a 200 can be a rejection, and logs that it was one."""
    body = {"user": {"msisdn": phone}, "type": "template", "content": {"template": {"name": "order_update"}}}
    response = session.post(_messages("chatapps"), json=body, timeout=TIMEOUT)
    message = response.json()
    if message["status"]["state"] == "rejected":
        log.error("whatsapp_rejected", order=order)


def send_coupon(phone: str) -> Any:
    """Send a coupon; 200 is taken for sent, so a rejection inside it goes unseen."""
    response = session.post(_messages("sms"), json={"destination": phone, "text": "COUPON10"}, timeout=TIMEOUT)
    response.raise_for_status()
    return response.json()["umid"]


def call_customer(phone: str) -> Any:
    """Start a phone call; an error body has no ``sessionId``, hence a KeyError."""
    url = f"{API['voice']}/api/v1/subaccounts/{SUB_ACCOUNT}/callflows"
    response = session.post(url, json={"callflow": [{"action": "talk", "params": {"to": phone}}]}, timeout=TIMEOUT)
    return response.json()["sessionId"]


def look_up(phone: str) -> Any:
    """Look a number up; the failure inside a 200 is a warning, and the shop goes on without."""
    response = session.get(f"{API['lookup']}/api/v1/subaccounts/{SUB_ACCOUNT}/phones/{phone}", timeout=TIMEOUT)
    found = response.json()
    if found["status"]["state"] != "ok":
        log.warning("carrier_unknown")
        return None
    return found["currentOperator"]


def start_login(phone: str) -> Any:
    """Send a one-time password; no answer in time is logged as the text of the exception."""
    url = f"{API['verify']}/api/v2/subaccounts/{SUB_ACCOUNT}/sessions"
    try:
        return session.post(url, json={"destination": phone}, timeout=OTP_TIMEOUT).json()["sessionId"]
    except requests.Timeout as exc:
        log.error("login_delayed", reason=type(exc).__name__)  # noqa: TRY400 - services log so
        return None


def check_login(session_id: str, code: str) -> None:
    """Check a one-time password; the own exception hides the one of requests."""
    url = f"{API['verify']}/api/v2/subaccounts/{SUB_ACCOUNT}/sessions/{session_id}"
    response = session.get(url, params={"code": code}, timeout=TIMEOUT)
    try:
        response.raise_for_status()
    except requests.HTTPError:
        raise SmsError("could not check the login") from None


def average_basket(total: float, orders: int) -> float:
    """Compute a figure of the shop; has a bug that has nothing to do with 8x8."""
    return total / orders
