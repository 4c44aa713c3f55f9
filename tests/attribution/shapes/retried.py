"""Retries: of tenacity, of urllib3, of an adapter, of the service itself."""

from __future__ import annotations

import logging

import requests
import sentry_sdk
import tenacity
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from ..catalogue import NONE, certain, likely, shape
from ..service import MESSAGE


class SmsError(Exception):
    """A service's own exception."""


def retrying(**options):
    """A session as the tutorials make it."""
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=Retry(backoff_factor=0, allowed_methods=None, **options)))
    return session


EXHAUSTED = {"total": 2, "status_forcelist": [429, 500, 502]}


@shape(certain("1002"))
def tenacity_reraise(svc):
    @tenacity.retry(stop=tenacity.stop_after_attempt(3), reraise=True)
    def send():
        svc.send("1002").raise_for_status()

    svc.main(send)


@shape(certain("1002"))
def tenacity_retry_error(svc):
    @tenacity.retry(stop=tenacity.stop_after_attempt(3))
    def send():
        svc.send("1002").raise_for_status()

    try:
        send()
    except tenacity.RetryError:
        svc.log.exception("gave up")


@shape(likely("1002"))
def tenacity_reraise_of_a_text(svc):
    @tenacity.retry(stop=tenacity.stop_after_attempt(3), reraise=True)
    def send():
        response = svc.send("1002")
        if not response.ok:
            raise SmsError("not sent")

    svc.main(send)


@shape({"Retrying": likely("1002", nth=0), "gave up": certain("1002")}, only="logging")
def tenacity_logs_before_it_sleeps(svc):
    @tenacity.retry(
        stop=tenacity.stop_after_attempt(2), before_sleep=tenacity.before_sleep_log(svc.log, logging.WARNING)
    )
    def send():
        svc.send("1002").raise_for_status()

    try:
        send()
    except tenacity.RetryError:
        svc.log.exception("gave up")


@shape(certain("1400", attempts=2))
def urllib3_exhausted(svc):
    def send():
        with retrying(**EXHAUSTED) as session:
            session.post(svc.url("1400"), json=MESSAGE, timeout=30)

    svc.main(send)


@shape(certain("2000", attempts=2))
def urllib3_exhausted_and_logged(svc):
    with retrying(**EXHAUSTED) as session:
        try:
            session.post(svc.url("2000"), json=MESSAGE, timeout=30)
        except requests.exceptions.RetryError:
            svc.log.exception("gave up")


@shape(certain("http-502", attempts=2))
def urllib3_exhausted_on_html(svc):
    def send():
        with retrying(**EXHAUSTED) as session:
            session.post(svc.url("html-502"), json=MESSAGE, timeout=30)

    svc.main(send)


@shape(certain("1400", attempts=2))
def urllib3_exhausted_and_raised_from(svc):
    def send():
        with retrying(**EXHAUSTED) as session:
            try:
                session.post(svc.url("1400"), json=MESSAGE, timeout=30)
            except requests.RequestException as error:
                raise SmsError("order 17 was not sent") from error

    svc.main(send)


@shape(certain("1400", attempts=2))
def urllib3_exhausted_without_raise(svc):
    def send():
        with retrying(**EXHAUSTED, raise_on_status=False) as session:
            session.post(svc.url("1400"), json=MESSAGE, timeout=30).raise_for_status()

    svc.main(send)


@shape(likely("1400", attempts=2))
def urllib3_exhausted_without_raise_and_status_checked(svc):
    with retrying(**EXHAUSTED, raise_on_status=False) as session:
        response = session.post(svc.url("1400"), json=MESSAGE, timeout=30)
        if not response.ok:
            svc.log.error("gave up")


@shape(NONE)
def urllib3_answered_well_at_last(svc):
    with retrying(**EXHAUSTED) as session:
        response = session.post(svc.url("flaky-1400-2-a"), json=MESSAGE, timeout=30)
        svc.log.warning(f"that took long: {response.status_code}")
        sentry_sdk.capture_message("that took long", level="warning")


@shape({"gave up": certain("1002")})
def adapter_with_its_own_loop(svc):
    class Patient(HTTPAdapter):
        def send(self, request, **kwargs):
            for _ in range(3):
                response = super().send(request, **kwargs)
                if response.ok:
                    break
            return response

    with requests.Session() as session:
        session.mount("http://", Patient())
        try:
            session.post(svc.url("1002"), json=MESSAGE, timeout=30).raise_for_status()
        except requests.HTTPError:
            svc.log.exception("gave up")


@shape(certain("ConnectionError"))
def adapter_with_its_own_loop_and_no_answer(svc):
    class Patient(HTTPAdapter):
        def send(self, request, **kwargs):
            for attempt in range(3):
                try:
                    return super().send(request, **kwargs)
                except requests.ConnectionError:
                    if attempt == 2:
                        raise

    with requests.Session() as session:
        session.mount("http://", Patient())
        try:
            session.post(svc.url("hang-up"), json=MESSAGE, timeout=30)
        except requests.ConnectionError:
            svc.log.exception("gave up")


@shape({"attempt 0": likely("1400", nth=0), "attempt 1": likely("1400"), "gave up": likely("1400")})
def loop_of_the_service(svc):
    def send():
        for attempt in range(2):
            response = svc.send("1400")
            if response.ok:
                return
            svc.log.warning(f"attempt {attempt} failed")
        raise SmsError("gave up")

    svc.main(send)


@shape({"attempt": likely("1400"), "sent": NONE})
def loop_of_the_service_that_succeeds(svc):
    for attempt in range(3):
        response = svc.send("flaky-1400-1-b")
        if response.ok:
            svc.log.info("sent")
            break
        svc.log.warning(f"attempt {attempt} failed")


@shape(certain("1002"))
def response_hook_that_raises(svc):
    def check(response, **kwargs):
        svc.close_later(response)
        response.raise_for_status()

    def send():
        with requests.Session() as session:
            session.hooks["response"].append(check)
            session.post(svc.url("1002"), json=MESSAGE, timeout=30)

    svc.main(send)


@shape(likely("1002"))
def response_hook_that_raises_a_text(svc):
    def check(response, **kwargs):
        svc.close_later(response)
        if not response.ok:
            raise SmsError(response.text)

    def send():
        with requests.Session() as session:
            session.hooks["response"].append(check)
            session.post(svc.url("1002"), json=MESSAGE, timeout=30)

    svc.main(send)


@shape(likely("1002"))
def response_hook_that_logs(svc):
    def check(response, **kwargs):
        if not response.ok:
            svc.log.error("8x8 said no")

    with requests.Session() as session:
        session.hooks["response"].append(check)
        session.post(svc.url("1002"), json=MESSAGE, timeout=30)


@shape(likely("1002"))
def response_hook_of_one_request_that_logs(svc):
    """It logs text only; its own argument is the response."""

    def check(response, **kwargs):
        if not response.ok:
            svc.log.error(f"8x8 said {response.status_code}")

    svc.send("1002", hooks={"response": check})


@shape(likely("1002"))
def response_hook_without_a_name_for_the_response(svc):
    def check(*args, **kwargs):
        (r,) = args
        if r.status_code >= 400:
            svc.log.warning("8x8 said no")

    svc.send("1002", hooks={"response": [check]})


@shape(likely("1002"))
def response_hook_that_captures_a_message(svc):
    def check(response, **kwargs):
        if not response.ok:
            sentry_sdk.capture_message("8x8 said no", level="error")

    svc.send("1002", hooks={"response": [check]})


@shape(certain("1002"))
def response_hook_that_captures_the_exception(svc):
    def check(response, **kwargs):
        try:
            response.raise_for_status()
        except requests.HTTPError:
            svc.log.exception("8x8 said no")

    svc.send("1002", hooks={"response": [check]})


@shape(certain("1002"), only="positional")
def response_hook_that_gives_the_response(svc):
    def check(response, **kwargs):
        svc.log.error("8x8 said no: %s", response)

    svc.send("1002", hooks={"response": [check]})


@shape(likely("rejected"))
def response_hook_that_sees_a_rejection(svc):
    def check(response, **kwargs):
        if response.json()["status"]["code"] == "REJECTED":
            svc.log.error("8x8 did not take the sms")

    svc.send("rejected", hooks={"response": [check]})


@shape(likely("http-400"))
def response_hook_of_a_streamed_answer(svc):
    def check(response, **kwargs):
        if not response.ok:
            svc.log.error("8x8 said no")

    with requests.Session() as session:
        session.post(svc.url("1002"), json=MESSAGE, timeout=30, stream=True, hooks={"response": check}).close()


@shape(likely("http-400"))
def response_hook_of_an_answer_cut_short(svc):
    def check(response, **kwargs):
        if not response.ok:
            svc.log.error("8x8 said no")

    try:
        svc.send("cut-1002", hooks={"response": check})
    except requests.exceptions.ChunkedEncodingError:
        return


@shape(NONE)
def response_hook_of_a_good_answer(svc):
    def check(response, **kwargs):
        svc.log.error(f"disk full after {response.status_code}")

    svc.send("queued", hooks={"response": check})


@shape(NONE)
def response_hook_that_calls_a_helper(svc):
    """The helper holds nothing, and logs about something else."""

    def tidy():
        svc.log.error("disk full")

    def check(response, **kwargs):
        tidy()

    svc.send("1002", hooks={"response": check})


@shape({"first": likely("1300"), "second": likely("1002")})
def response_hook_that_posts_again(svc):
    """The hook of the first answer makes a second call, which fails in its own way."""

    def again(response, **kwargs):
        other = svc.send("1300")
        svc.log.error(f"first: {other.status_code}")
        del other
        svc.log.error("second")

    svc.send("1002", hooks={"response": again})


@shape(likely("1002"))
def response_hook_of_an_answer_after_a_redirect(svc):
    def check(response, **kwargs):
        if not response.ok:
            svc.log.error("8x8 said no")

    svc.send("redirect-1002", hooks={"response": check})
