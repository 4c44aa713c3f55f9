"""What must stay as it was: every event and line that is about something else."""

from __future__ import annotations

import ast
import concurrent.futures
import sqlite3

import requests
import responses
import sentry_sdk
from sentry_sdk.crons import capture_checkin

from ..catalogue import NONE, certain, likely, shape
from ..service import MESSAGE


class SmsError(Exception):
    """A service's own exception."""


@shape(NONE)
def no_call_at_all(svc):
    svc.log.error("disk full")
    svc.main(lambda: 1 // 0)


@shape(NONE)
def the_next_error_after_a_handled_failure(svc):
    def send():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError:
            return False

    send()
    svc.log.error("disk full")
    svc.main(lambda: 1 // 0)


@shape({"sms": certain("1002"), "disk full": NONE, "division": NONE})
def the_next_error_after_a_logged_failure(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        svc.log.exception("could not send the sms")
    svc.log.error("disk full")
    svc.main(lambda: 1 // 0)


@shape(NONE)
def the_next_error_after_a_failure_that_was_returned_from(svc):
    def send():
        response = svc.send("1002")
        return response.ok

    if not send():
        svc.log.error("disk full")


@shape(NONE)
def lines_below_warning(svc):
    response = svc.send("1002")
    svc.log.info(f"answered {response.status_code}")
    svc.log.debug("done")


@shape(NONE)
def lines_below_warning_while_handling(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        svc.log.info("no such number, as expected")
        sentry_sdk.capture_message("no such number, as expected")


@shape(NONE)
def message_of_level_info(svc):
    response = svc.send("1002")
    sentry_sdk.capture_message(f"answered {response.status_code}")


@shape(NONE)
def another_host_with_the_same_json(svc):
    def send():
        response = requests.post(svc.url("1002", "other"), json=MESSAGE, timeout=30)
        svc.log.error(f"the shop said {response.json()['message']}")
        response.raise_for_status()

    svc.main(send)


@shape(NONE, only="positional")
def another_host_given(svc):
    response = requests.post(svc.url("1002", "other"), json=MESSAGE, timeout=30)
    svc.log.error("the shop said: %s", response)


@shape(NONE)
def another_host_without_an_answer(svc):
    try:
        requests.post(svc.url("hang-up", "other"), json=MESSAGE, timeout=30)
    except requests.ConnectionError:
        svc.log.exception("the shop is closed")


@shape(NONE)
def another_host_of_8x8(svc):
    """api.8x8.com is another product: a phone system, with other errors."""
    with responses.RequestsMock() as mock:
        mock.get("https://api.8x8.com/analytics/work/v1/cdr", json={"code": 1002, "message": "no"}, status=400)
        try:
            requests.get("https://api.8x8.com/analytics/work/v1/cdr", timeout=30).raise_for_status()
        except requests.HTTPError:
            svc.log.exception("no call records")


@shape(NONE)
def a_host_that_only_looks_like_8x8(svc):
    with responses.RequestsMock() as mock:
        mock.post("https://sms.8x8.com.evil.example/", json={"code": 1002}, status=400)
        response = requests.post("https://sms.8x8.com.evil.example/", timeout=30)
        svc.log.error(f"answered {response.status_code}")


@shape(NONE)
def another_host_while_8x8_failed_earlier(svc):
    """The failure of 8x8's was handled; what is raised and logged is about the shop."""

    def send():
        return svc.send("1002").ok

    def order():
        response = requests.post(svc.url("1300", "other"), json=MESSAGE, timeout=30)
        response.raise_for_status()

    send()
    try:
        order()
    except requests.HTTPError:
        svc.log.exception("could not order")


@shape(NONE)
def database_error_two_calls_deeper(svc):
    """The caller holds the response; the function that raised does not."""

    def execute(database, statement):
        database.execute(statement)

    def save(database, status):
        execute(database, f"insert into sent values ({status})")

    def send():
        response = svc.send("1002")
        database = sqlite3.connect(":memory:")
        try:
            save(database, response.status_code)
        finally:
            database.close()

    svc.main(send)


@shape(NONE)
def database_error_caught_by_the_function_that_holds_one(svc):
    """The function that logs holds the response; the one that raised the error does not."""

    def save(status):
        database = sqlite3.connect(":memory:")
        try:
            database.execute(f"insert into sent values ({status})")
        finally:
            database.close()

    response = svc.send("1002")
    try:
        save(response.status_code)
    except sqlite3.Error:
        svc.log.exception("could not save")


@shape(NONE)
def raised_too_far_below(svc):
    """More than twenty frames of the standard library lie between the error and the service."""

    def send():
        response = svc.send("1002")
        return ast.literal_eval("[" * 30 + "x" + "]" * 30), response.status_code

    svc.main(send)


@shape(NONE)
def database_error_logged_deeper(svc):
    def save(status):
        database = sqlite3.connect(":memory:")
        try:
            database.execute(f"insert into sent values ({status})")
        except sqlite3.Error:
            svc.log.exception("could not save")
            svc.log.error("could not save it")
        finally:
            database.close()

    def send():
        response = svc.send("1002")
        save(response.status_code)

    send()


@shape(NONE)
def log_helper_that_holds_nothing(svc):
    def complain(text):
        svc.log.error(text)

    response = svc.send("1002")
    if not response.ok:
        complain("disk full")


@shape(NONE)
def worker_below_one_that_holds(svc):
    """The function that holds the response runs a pool, whose thread has its own stack."""
    response = svc.send("1002")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(svc.log.error, f"disk full, {response.status_code}").result()


class Client:
    """A long-lived object that keeps its last response."""

    def __init__(self):
        self.last = None
        self.history = []

    def send(self, svc, answer):
        self.last = svc.send(answer)
        self.history.append(self.last)

    def tidy(self, svc):
        svc.log.error("disk full")
        raise OSError("disk full")


@shape(NONE)
def an_object_that_keeps_one(svc):
    client = Client()
    client.send(svc, "1002")
    svc.log.error("the cache is cold")
    svc.main(lambda: client.tidy(svc))


@shape(NONE)
def containers_that_keep_one(svc):
    kept = [svc.send("1002")]
    by_order = {17: kept[0]}
    pair = (17, kept[0])
    svc.log.error(f"disk full {len(kept)} {len(by_order)} {len(pair)}")


@shape(NONE)
def a_closure_that_keeps_one(svc):
    response = svc.send("1002")

    def tidy():
        svc.log.error("disk full")
        return response

    def other():
        return tidy()

    other()


@shape(NONE)
def a_closure_that_raises(svc):
    response = svc.send("1002")

    def tidy():
        raise OSError(f"disk full {response.status_code}")

    svc.main(tidy)


LAST = []


@shape(NONE)
def globals_of_a_module_of_functions(svc):
    """A global of the module counts at module level only."""
    global LAST
    LAST = svc.send("1002")
    try:
        svc.log.error("disk full")
    finally:
        LAST = []


@shape(NONE)
def older_than_thirty_seconds(svc):
    response = svc.send("1002")
    svc.wait(31)
    svc.log.error(f"disk full {response.status_code}")


@shape(NONE)
def raised_after_thirty_seconds(svc):
    def send():
        response = svc.send("1002")
        svc.wait(31)
        raise OSError(f"disk full {response.status_code}")

    svc.main(send)


@shape(NONE)
def transaction_and_check_in(svc):
    with sentry_sdk.start_transaction(name="send", op="task"):
        response = svc.send("1002")
        capture_checkin(monitor_slug="morning", status="error", duration=response.status_code)


@shape(NONE)
def transaction_while_handling(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        with sentry_sdk.start_transaction(name="send", op="task"):
            capture_checkin(monitor_slug="morning", status="error")


@shape(NONE, sentry={"tidying": NONE, "could not": certain("1002")}, log={"tidying": NONE, "sms": certain("1002")})
def the_scope_stays_clean(svc):
    with sentry_sdk.new_scope():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError:
            svc.log.exception("could not send the sms")
        svc.log.error("tidying failed")
    sentry_sdk.capture_message("tidying failed", level="error")


@shape(NONE)
def a_response_that_is_none(svc):
    """An exception that merely has an attribute named response."""

    class Refused(Exception):
        response = "no"

    def send():
        svc.send("1002")
        raise Refused("closed")

    svc.main(send)


@shape(NONE, application=("somewhere.else",), log=likely("1002"), sentry=likely("1002"))
def application_of_another_name(svc):
    """``application=`` adds to what is the application anyway."""
    response = svc.send("1002")
    svc.log.error(f"could not send the sms {response.status_code}")


@shape(NONE)
def an_exception_that_was_never_raised(svc):
    """No function has raised it, so none is asked: the one that captures may hold anything."""
    response = svc.send("1002")
    sentry_sdk.capture_exception(OSError(f"disk full {response.status_code}"))


@shape({"not sent": likely("1002"), "disk full": NONE})
def a_good_answer_in_the_same_variable(svc):
    """The failing one is gone when the name is bound to the next."""
    response = svc.send("1002")
    svc.log.error("not sent")
    response = svc.send("queued")
    svc.log.error(f"disk full {response.status_code}")


@shape(NONE)
def a_variable_that_was_deleted(svc):
    response = svc.send("1002")
    del response
    svc.log.error("disk full")
    svc.main(lambda: 1 // 0)
