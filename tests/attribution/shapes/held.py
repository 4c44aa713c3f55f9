"""No chain and nothing passed: the function that logs, captures or raises holds the response. Rule (c)."""

from __future__ import annotations

import ast
import asyncio
import concurrent.futures
import datetime
import functools
import logging
import logging.handlers
import queue
import runpy
import tempfile
import uuid
import warnings
from pathlib import Path

import requests
import sentry_sdk

from ..catalogue import likely, shape
from ..service import MESSAGE


class SmsError(Exception):
    """A service's own exception, made of text."""


@shape(likely("1002"))
def status_checked_and_logged(svc):
    r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    if not r.ok:
        svc.log.error("could not send the sms")


@shape(likely("1002"))
def status_checked_and_warned(svc):
    r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    if r.status_code != 200:
        svc.log.warning("could not send the sms, trying tomorrow")


@shape(likely("1002"))
def body_logged_as_text(svc):
    r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    if not r.ok:
        svc.log.error(f"sms failed with {r.status_code}: {r.json()['message']}")


@shape(likely("1002"))
def text_raised(svc):
    def send():
        r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        if not r.ok:
            raise SmsError(r.text)

    svc.main(send)


@shape(likely("1002"))
def text_raised_and_logged_by_the_caller(svc):
    def send():
        r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        if not r.ok:
            raise SmsError("order 17 was not sent")

    try:
        send()
    except SmsError:
        svc.log.exception("could not confirm order 17")


@shape(likely("1002"))
def text_raised_and_captured_by_the_caller(svc):
    def send():
        r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        if not r.ok:
            raise SmsError("order 17 was not sent")

    try:
        send()
    except SmsError as error:
        sentry_sdk.capture_exception(error)


@shape(likely("1002"))
def text_raised_and_raised_from(svc):
    def send():
        r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        if not r.ok:
            raise SmsError("order 17 was not sent")

    def confirm():
        try:
            send()
        except SmsError as error:
            raise RuntimeError("order 17 was not confirmed") from error

    svc.main(confirm)


@shape(likely("1002"))
def text_raised_in_a_thread(svc):
    def send():
        r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        if not r.ok:
            raise SmsError(r.text)

    svc.thread(send)


@shape(likely("1002"))
def missing_key(svc):
    def send():
        r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        return r.json()["umid"]

    svc.main(send)


@shape(likely("1002"))
def missing_key_in_a_variable(svc):
    def send():
        r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        data = r.json()
        return data["umid"]

    svc.main(send)


@shape(likely("http-502"))
def json_error_on_html(svc):
    def send():
        r = requests.post(svc.url("html-502"), json=MESSAGE, timeout=30)
        return r.json()["umid"]

    svc.main(send)


@shape(likely("http-500"))
def json_error_on_nothing(svc):
    def send():
        r = requests.post(svc.url("empty-500"), json=MESSAGE, timeout=30)
        return r.json()["umid"]

    try:
        send()
    except ValueError:
        svc.log.exception("8x8 answered nonsense")


@shape(likely("1002"))
def assertion(svc):
    def send():
        response = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        assert response.status_code == 200, "not sent"

    svc.main(send)


@shape(likely("1002"))
def raised_by_the_standard_library_below(svc):
    def send():
        response = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        return uuid.UUID(response.json().get("umid", "none"))

    svc.main(send)


@shape(likely("1002"))
def raised_by_c_code_below(svc):
    def send():
        response = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        return datetime.datetime.fromisoformat(response.json().get("sentAt", "never"))

    svc.main(send)


@shape(likely("1002"))
def raised_some_frames_below(svc):
    """The standard library calls itself six times on the way; only the service's function holds the response."""

    def send():
        response = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        return ast.literal_eval("[[[[x]]]]"), response.status_code

    svc.main(send)


@shape(likely("1002"))
def helper_with_the_response_as_argument(svc):
    def complain(response):
        svc.log.error("could not send the sms")

    complain(requests.post(svc.url("1002"), json=MESSAGE, timeout=30))


@shape(likely("1002"))
def helper_that_raises_with_the_response_as_argument(svc):
    def check(response):
        if not response.ok:
            raise SmsError(response.status_code)

    svc.main(lambda: check(requests.post(svc.url("1002"), json=MESSAGE, timeout=30)))


@shape(likely("1002"))
def the_exception_kept_in_a_variable(svc):
    failed = None
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError as error:
        failed = error
    if failed is not None:
        svc.log.error("could not send the sms")


@shape(likely("1300"))
def the_newest_of_two(svc):
    first = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    second = requests.post(svc.url("1300"), json=MESSAGE, timeout=30)
    if not (first.ok or second.ok):
        svc.log.error("neither was sent")


@shape(likely("1002"))
def a_good_one_does_not_count(svc):
    first = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    second = requests.post(svc.url("queued"), json=MESSAGE, timeout=30)
    if not (first.ok and second.ok):
        svc.log.error("one was not sent")


@shape({"number 0": likely("1002"), "number 1": likely("1300")})
def loop_over_numbers(svc):
    for at, answer in enumerate(("1002", "1300")):
        r = requests.post(svc.url(answer), json=MESSAGE, timeout=30)
        if not r.ok:
            svc.log.error(f"could not send number {at}")


@shape(likely("rejected"))
def rejected_inside_200(svc):
    r = requests.post(svc.url("rejected"), json=MESSAGE, timeout=30)
    if r.json()["status"]["code"] == "REJECTED":
        svc.log.error("8x8 did not take the sms")


@shape(likely("1002"))
def coroutine_that_logs(svc):
    async def send():
        r = await asyncio.to_thread(requests.post, svc.url("1002"), json=MESSAGE, timeout=30)
        if not r.ok:
            svc.log.error("could not send the sms")

    asyncio.run(send())


@shape(likely("1002"))
def coroutine_that_raises(svc):
    async def send():
        r = await asyncio.to_thread(requests.post, svc.url("1002"), json=MESSAGE, timeout=30)
        await asyncio.sleep(0)
        if not r.ok:
            raise SmsError(r.text)

    svc.main(lambda: asyncio.run(send()))


@shape(likely("1002"))
def generator_that_raises(svc):
    def send_all():
        for answer in ("queued", "1002"):
            r = requests.post(svc.url(answer), json=MESSAGE, timeout=30)
            if not r.ok:
                raise SmsError(answer)
            yield answer

    svc.main(lambda: list(send_all()))


@shape(likely("1002"))
def method_of_a_class(svc):
    class Client:
        def send(self):
            response = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
            if response.status_code >= 400:
                svc.log.error("could not send the sms")

    Client().send()


@shape(likely("1002"))
def behind_a_decorator(svc):
    def traced(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args)

        return wrapper

    @traced
    def send(answer):
        response = requests.post(svc.url(answer), json=MESSAGE, timeout=30)
        if not response.ok:
            raise SmsError("not sent")

    svc.main(lambda: send("1002"))


@shape(likely("1002"))
def level_by_number(svc):
    r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    if not r.ok:
        svc.log.log(40, "could not send the sms")


@shape(likely("1002"))
def captured_message(svc):
    r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    if not r.ok:
        sentry_sdk.capture_message("could not send the sms", level="warning")


@shape(likely("1002"), only="arguments")
def exc_info_where_nothing_was_raised(svc):
    """structlog 22.1 fails to render this to standard output, with or without us."""
    r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    if not r.ok:
        svc.log.error("could not send the sms", exc_info=True)


@shape(likely("1002"))
def plain_logger_beside_structlog(svc):
    """Half of a service logs through the standard library, whatever the other half does."""
    r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    if not r.ok:
        logging.getLogger("shop.sms").error("could not send the sms: %d", r.status_code)


@shape(likely("1002"), only="logging")
def function_of_the_root_logger(svc):
    r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    if not r.ok:
        logging.error("could not send the sms")


@shape(likely("1002"), only="logging")
def warning_that_logging_captures(svc):
    logging.captureWarnings(True)
    try:
        r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        if not r.ok:
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn("could not send the sms", stacklevel=1)
    finally:
        logging.captureWarnings(False)


@shape(likely("1002"))
def script_without_functions(svc):
    """At module level the variables are the module's globals."""
    script = (
        "import requests\n"
        "r = requests.post(svc.url('1002'), timeout=30)\n"
        "if not r.ok:\n"
        "    svc.log.error('could not send the sms')\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "send.py")
        path.write_text(script)
        runpy.run_path(str(path), {"svc": svc}, "__main__")


@shape(likely("1002"))
def just_young_enough(svc):
    r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    svc.wait(29)
    if not r.ok:
        svc.log.error("could not send the sms")


@shape(likely("1002"), application=("tests.attribution.shapes",))
def application_named(svc):
    r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    if not r.ok:
        svc.log.error("could not send the sms")


@shape(likely("1002"))
def own_function_named_like_a_library(svc):
    def emit():
        r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        if not r.ok:
            svc.log.error("could not send the sms")

    emit()


@shape(likely("1002"))
def unlucky_names(svc):
    """Variables with the names that logging, structlog and Sentry use themselves."""
    event = logger = record = "taken"
    response = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
    if not response.ok:
        svc.log.error(f"could not send: {event} {logger} {record}")


@shape(likely("1002"))
def comprehension_that_logs(svc):
    """Up to Python 3.11 it is a function of its own, later a part of the one around it."""
    [svc.log.error("could not send the sms") for r in [svc.send("1002")] if not r.ok]


@shape(likely("1002"))
def logged_through_a_partial(svc):
    complain = functools.partial(svc.log.error, "could not send the sms")
    r = svc.send("1002")
    if not r.ok:
        complain()


@shape(likely("1002"))
def captured_event(svc):
    r = svc.send("1002")
    if not r.ok:
        sentry_sdk.capture_event({"message": "could not send the sms", "level": "error"})


@shape(likely("1002"))
def raised_in_a_thread_pool_and_logged_by_the_caller(svc):
    def send():
        r = svc.send("1002")
        if not r.ok:
            raise SmsError("not sent")

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        error = pool.submit(send).exception()
    svc.log.error("could not send the sms", exc_info=error)


@shape(likely("1002"), only="logging")
def handed_on_by_a_queue_handler(svc):
    """As services log under load: another thread writes the record, which was attributed where it was made."""
    records = queue.SimpleQueue()
    handler = logging.handlers.QueueHandler(records)
    root = logging.getLogger()
    own, root.handlers = root.handlers, [handler]
    try:
        r = requests.post(svc.url("1002"), json=MESSAGE, timeout=30)
        if not r.ok:
            svc.log.error("could not send the sms")
    finally:
        root.handlers = own

    def write():
        while not records.empty():
            record = records.get()
            for each in own:
                each.handle(record)

    svc.thread(write)
