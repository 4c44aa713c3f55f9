"""Exceptions raised from others: explicit causes, implicit contexts, groups."""

from __future__ import annotations

import asyncio
import sys

import requests
import sentry_sdk

from ..catalogue import NONE, certain, likely, related, shape

if sys.version_info < (3, 11):
    from exceptiongroup import ExceptionGroup

Group = ExceptionGroup


class SmsError(Exception):
    """A service's own exception, which keeps nothing."""


@shape(certain("1002"))
def raised_from(svc):
    def send():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError as error:
            raise SmsError("order 17 was not sent") from error

    svc.main(send)


@shape(certain("1002"))
def raised_from_several_deep(svc):
    def post():
        svc.send("1002").raise_for_status()

    def send():
        try:
            post()
        except requests.HTTPError as error:
            raise SmsError("order 17 was not sent") from error

    def confirm():
        try:
            send()
        except SmsError as error:
            raise RuntimeError("order 17 was not confirmed") from error

    def handle():
        try:
            confirm()
        except RuntimeError as error:
            raise LookupError("request 5f7e") from error

    try:
        handle()
    except LookupError:
        svc.log.exception("could not handle request 5f7e")


@shape(certain("1002"))
def raised_from_later(svc):
    """No implicit context on the way: the cause alone tells."""

    def send():
        (error,) = failing(svc, "1002")
        raise SmsError("order 17 was not sent") from error

    svc.main(send)


@shape(likely("1002"))
def raised_from_what_was_raised_while_handling_one_raised_from_it(svc):
    """Explicit, implicit, explicit: as sure as the weakest link."""

    def send():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError as error:
            raise SmsError("order 17 was not sent") from error

    def confirm():
        try:
            send()
        except SmsError:
            raise RuntimeError("order 17 was not confirmed")

    def handle():
        try:
            confirm()
        except RuntimeError as error:
            raise LookupError("request 5f7e") from error

    svc.main(handle)


@shape(likely("1002"))
def raised_while_handling(svc):
    def send():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError:
            raise SmsError("order 17 was not sent")

    svc.main(send)


@shape(likely("1002"))
def raised_while_handling_and_logged(svc):
    def send():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError:
            raise SmsError("order 17 was not sent")

    try:
        send()
    except SmsError:
        svc.log.exception("could not confirm order 17")


@shape(likely("1002"))
def a_bug_in_the_except_block(svc):
    def send():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError as error:
            return error.response.json()["error"]["code"]

    svc.main(send)


@shape(likely("1002"))
def raised_from_one_that_was_raised_while_handling(svc):
    def send():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError:
            raise SmsError("order 17 was not sent")

    def confirm():
        try:
            send()
        except SmsError as error:
            raise RuntimeError("order 17 was not confirmed") from error

    svc.main(confirm)


@shape(likely("1002"))
def raised_in_finally(svc):
    def send():
        try:
            svc.send("1002").raise_for_status()
        finally:
            raise SmsError("the connection could not be given back")

    svc.main(send)


@shape(likely("1002"))
def raised_from_none_by_the_function_that_holds_it(svc):
    def send():
        response = svc.send("1002")
        try:
            response.raise_for_status()
        except requests.HTTPError:
            raise SmsError("order 17 was not sent") from None

    svc.main(send)


@shape(NONE)
def raised_from_none_by_a_function_that_does_not(svc):
    def post():
        svc.send("1002").raise_for_status()

    def send():
        try:
            post()
        except requests.HTTPError:
            raise SmsError("order 17 was not sent") from None

    svc.main(send)


@shape(NONE)
def raised_from_none_by_an_exception_with_attributes(svc):
    class Unsent(Exception):
        def __init__(self, order):
            super().__init__(f"order {order} was not sent")
            self.order = order

    def post():
        svc.send("1002").raise_for_status()

    def send():
        try:
            post()
        except requests.HTTPError:
            raise Unsent(17) from None

    svc.main(send)


@shape(likely("1002"))
def raised_while_handling_an_exception_that_is_false(svc):
    """An exception with a length, and that of zero, is one like any other."""

    class Unsent(Exception):
        def __len__(self):
            return 0

    def post():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError:
            raise Unsent

    def send():
        try:
            post()
        except Unsent:
            raise SmsError("order 17 was not sent")

    svc.main(send)


@shape(certain("1002"))
def raised_from_an_exception_that_is_false(svc):
    class Unsent(Exception):
        def __bool__(self):
            return False

    def post():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError as error:
            raise Unsent from error

    def send():
        try:
            post()
        except Unsent as error:
            raise SmsError("order 17 was not sent") from error

    svc.main(send)


@shape(NONE)
def raised_from_something_else(svc):
    """An explicit cause hides the context: it says what the error is about."""

    def send():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError:
            raise SmsError("order 17 was not sent") from OSError("disk full")

    svc.main(send)


def failing(svc, *answers):
    errors = []
    for answer in answers:
        try:
            svc.send(answer).raise_for_status()
        except requests.HTTPError as error:
            errors.append(error)
    return errors


@shape(related("1002"))
def group_of_two_failures(svc):
    def send_all():
        raise Group("two were not sent", failing(svc, "1002", "1300"))

    svc.main(send_all)


@shape(certain("1002"))
def group_of_one_failure(svc):
    def send_all():
        raise Group("one was not sent", failing(svc, "1002"))

    svc.main(send_all)


@shape(related("1300"))
def group_of_a_failure_and_something_else(svc):
    def send_all():
        raise Group("morning jobs", [OSError("disk full"), *failing(svc, "1300")])

    svc.main(send_all)


@shape(related("1002"))
def group_in_a_group(svc):
    def send_all():
        inner = Group("sms", failing(svc, "1002", "1300"))
        raise Group("morning jobs", [OSError("disk full"), inner])

    svc.main(send_all)


@shape(certain("1002"))
def group_of_one_that_was_raised_from_a_failure(svc):
    def send():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError as error:
            raise SmsError("order 17") from error

    def send_all():
        try:
            send()
        except SmsError as error:
            raise Group("one was not sent", [error]) from None

    svc.main(send_all)


@shape(likely("1002"))
def group_of_one_raised_by_a_function_that_holds_it(svc):
    def send():
        response = svc.send("1002")
        if not response.ok:
            raise SmsError("order 17")

    def send_all():
        errors = []
        try:
            send()
        except SmsError as error:
            errors.append(error)
        raise Group("one was not sent", errors)

    svc.main(send_all)


@shape(related("1002"))
def raised_from_a_group(svc):
    def send_all():
        group = Group("two were not sent", failing(svc, "1002", "1300"))
        raise SmsError("campaign 3") from group

    svc.main(send_all)


@shape(related("1002"))
def group_that_is_logged(svc):
    try:
        raise Group("two were not sent", failing(svc, "1002", "1300"))
    except Group:
        svc.log.exception("campaign 3")


@shape(NONE)
def group_of_other_things(svc):
    def send_all():
        failing(svc, "1002")
        raise Group("morning jobs", [OSError("disk full"), ValueError("no such day")])

    svc.main(send_all)


if sys.version_info >= (3, 11):

    @shape(certain("1002"))
    def task_group(svc):
        def post():
            svc.send("1002").raise_for_status()

        async def main():
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(asyncio.to_thread(post))

        svc.main(lambda: asyncio.run(main()))


@shape(certain("1002"))
def exception_with_a_note(svc):
    def send():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError as error:
            if hasattr(error, "add_note"):
                error.add_note("order 17")
            raise

    try:
        send()
    except requests.HTTPError as error:
        sentry_sdk.capture_exception(error)
