"""Exceptions that carry the response themselves: uncaught, captured, logged."""

from __future__ import annotations

import asyncio
import gc
import queue
import sys

import requests
import sentry_sdk

from ..catalogue import certain, shape


class SmsError(Exception):
    """A service's own exception that keeps the response, as many do."""

    def __init__(self, text, response=None):
        super().__init__(text)
        self.response = response


@shape(certain("1002"))
def uncaught_in_main(svc):
    def main():
        requests.post(svc.url("1002"), timeout=30).raise_for_status()

    svc.main(main)


@shape(certain("1300"))
def uncaught_in_a_thread(svc):
    def work():
        svc.send("1300").raise_for_status()

    svc.thread(work)


@shape(certain("1002"))
def uncaught_in_an_asyncio_task(svc):
    async def send():
        response = await asyncio.to_thread(svc.send, "1002")
        response.raise_for_status()

    async def main():
        task = asyncio.create_task(send())
        await asyncio.wait([task])
        del task
        gc.collect()  # asyncio tells then: "Task exception was never retrieved"

    asyncio.run(main())


@shape(certain("2000"))
def celery_style_worker(svc):
    tasks = queue.SimpleQueue()
    tasks.put("2000")
    tasks.put(None)

    def execute(answer):
        svc.send(answer).raise_for_status()

    while (answer := tasks.get()) is not None:
        try:
            execute(answer)
        except Exception as error:
            svc.log.error("Task shop.tasks.execute raised unexpected: %r" % error, exc_info=True)


@shape(certain("1002"))
def capture_exception(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        sentry_sdk.capture_exception()


@shape(certain("1002"))
def capture_exception_later(svc):
    errors = []

    def collect():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError as error:
            errors.append(error)

    collect()
    for error in errors:
        sentry_sdk.capture_exception(error)


@shape(certain("1002"))
def logging_exception(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        svc.log.exception("could not send the sms")


@shape(certain("1002"))
def error_with_exc_info(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        svc.log.error("could not send the sms", exc_info=True)


@shape(certain("1002"))
def warning_with_exc_info(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        svc.log.warning("could not send the sms, trying tomorrow", exc_info=True)


@shape(certain("1002"))
def critical_with_the_exception_as_exc_info(svc):
    def collect():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError as error:
            return error

    svc.log.critical("could not send the sms", exc_info=collect())


@shape(certain("1002"))
def error_with_exc_info_tuple(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        svc.log.error("could not send the sms", exc_info=sys.exc_info())


@shape(certain("1002"))
def error_with_exc_info_tuple_later(svc):
    def collect():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError:
            return sys.exc_info()

    svc.log.error("could not send the sms", exc_info=collect())


@shape(certain("1002"))
def info_with_exc_info(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        svc.log.info("no such number, as expected", exc_info=True)


@shape(certain("1002"))
def own_exception_with_the_response(svc):
    def send():
        response = svc.send("1002")
        if not response.ok:
            raise SmsError("order 17 was not sent", response)

    svc.main(send)


@shape({"order 17": certain("1002"), "8x8": certain("1002")}, log=certain("1002"))
def logged_and_raised_again(svc):
    def send():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError:
            svc.log.exception("order 17 was not sent")
            raise

    svc.main(send)


@shape(certain("http-502"))
def html_from_a_gateway(svc):
    try:
        svc.send("html-502").raise_for_status()
    except requests.HTTPError:
        svc.log.exception("could not send the sms")


@shape(certain("ConnectionError"))
def no_answer(svc):
    try:
        svc.send("hang-up")
    except requests.ConnectionError:
        svc.log.exception("could not send the sms")


@shape(certain("ConnectionError"))
def no_answer_uncaught(svc):
    svc.main(lambda: svc.send("hang-up"))


@shape(certain("ReadTimeout"))
def timeout(svc):
    try:
        requests.post(svc.url("silence"), timeout=(30, 0.05))
    except requests.Timeout:
        svc.log.exception("could not send the sms in time")


@shape({"first": certain("1002"), "second": certain("1300")})
def two_failures_one_after_the_other(svc):
    for answer, name in (("1002", "first"), ("1300", "second")):
        try:
            svc.send(answer).raise_for_status()
        except requests.HTTPError:
            svc.log.exception(f"could not send the {name}")


@shape(certain("1002"), only="logging")
def logged_by_a_framework(svc):
    """As Django and Flask log what a view has not caught."""
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        svc.log.error(
            "Internal Server Error: %s", "/orders/17", exc_info=sys.exc_info(), extra={"status_code": 500, "request": 1}
        )


@shape(certain("1002"))
def product_with_another_host(svc):
    try:
        requests.post(svc.url("1002", "chatapps"), timeout=30).raise_for_status()
    except requests.HTTPError:
        svc.log.exception("could not send the message")
