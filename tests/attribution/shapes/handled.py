"""No exception in the event, but one about 8x8 is being handled where it is logged or captured: rule (b)."""

from __future__ import annotations

import contextlib

import requests
import sentry_sdk

from ..catalogue import NONE, certain, likely, shape
from . import chained


class SmsError(Exception):
    """A service's own exception."""


@shape(likely("1002"))
def logged_while_handling(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        svc.log.error("could not send the sms")


@shape(likely("1002"))
def warned_while_handling(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        svc.log.warning("could not send the sms, trying tomorrow")


@shape(likely("1002"))
def text_of_the_exception_logged(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError as error:
        svc.log.error(f"could not send the sms: {error}")


@shape(likely("1002"))
def logged_by_a_helper_while_handling(svc):
    def complain():
        svc.log.error("could not send the sms")

    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        complain()


@shape(likely("1002"))
def message_captured_while_handling(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        sentry_sdk.capture_message("could not send the sms", level="error")


@shape(likely("1300"))
def logged_while_handling_one_raised_from_it(svc):
    def send():
        try:
            svc.send("1300").raise_for_status()
        except requests.HTTPError as error:
            raise SmsError("order 17") from error

    try:
        send()
    except SmsError:
        svc.log.error("order 17 was not confirmed")


@shape(likely("1300"))
def logged_while_handling_one_raised_meanwhile(svc):
    def send():
        try:
            svc.send("1300").raise_for_status()
        except requests.HTTPError:
            raise SmsError("order 17")

    try:
        send()
    except SmsError:
        svc.log.error("order 17 was not confirmed")


@shape({"order 17": likely("1002"), "8x8": certain("1002")}, log=likely("1002"))
def logged_while_handling_and_raised_again(svc):
    def send():
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError:
            svc.log.error("order 17 was not sent")
            raise

    svc.main(send)


@shape(likely("1002"))
def handled_before_held(svc):
    """What is being handled says more than what is held: the newer response was for another order."""
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        second = svc.send("1300")
        svc.log.error("could not send the sms")
        second.close()


@shape(NONE)
def logged_while_handling_a_group(svc):
    """Several failures at once: none of them is the one."""

    def send_all():
        try:
            raise chained.Group("two were not sent", chained.failing(svc, "1002", "1300"))
        except chained.Group:
            svc.log.error("campaign 3 was not sent")

    send_all()


@shape(likely("ConnectionError"))
def logged_while_handling_no_answer(svc):
    try:
        svc.send("hang-up")
    except requests.RequestException:
        svc.log.error("8x8 is not reachable")


@shape(likely("1002"))
def logged_while_handling_a_group_of_one(svc):
    """One member: as that member."""
    try:
        raise chained.Group("one was not sent", chained.failing(svc, "1002"))
    except chained.Group:
        svc.log.error("campaign 3 was not sent")


@shape({"in finally": likely("1002"), "8x8": certain("1002")}, log=likely("1002"))
def logged_in_finally(svc):
    """While an exception passes through, it is being handled."""

    def send():
        try:
            svc.send("1002").raise_for_status()
        finally:
            svc.log.error("giving up, in finally")

    svc.main(send)


@shape(likely("1002"))
def context_manager_that_logs(svc):
    @contextlib.contextmanager
    def told():
        try:
            yield
        except requests.HTTPError:
            svc.log.error("could not send the sms")

    with told():
        svc.send("1002").raise_for_status()


@shape(likely("1002"))
def exit_of_a_class_that_logs(svc):
    """In ``__exit__`` the exception is an argument, and is being handled."""

    class Told:
        def __enter__(self):
            return self

        def __exit__(self, kind, error, traceback):
            svc.log.error("could not send the sms")
            return True

    with Told():
        svc.send("1002").raise_for_status()


@shape(likely("1002"))
def event_captured_while_handling(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        sentry_sdk.capture_event({"message": "could not send the sms", "level": "error"})


@shape(NONE)
def logged_after_handling(svc):
    """The exception is forgotten with the end of its block."""
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        pass
    svc.log.error("disk full")
    sentry_sdk.capture_message("disk full", level="error")


@shape(NONE)
def another_error_handled_inside(svc):
    """The innermost is what is being handled, and its chain leads to 8x8 only if Python says so."""

    def tidy():
        try:
            raise OSError("disk full") from None
        except OSError:
            svc.log.error("disk full")

    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        tidy()
