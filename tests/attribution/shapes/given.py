"""The log call was given the response, the exception or the details."""

from __future__ import annotations

import asyncio
import logging

import requests
import structlog

import eightbyeight_obs

from ..catalogue import NONE, certain, likely, shape


def failing(svc, answer="1002"):
    try:
        svc.send(answer).raise_for_status()
    except requests.HTTPError as error:
        return error


def decoded(response):
    return eightbyeight_obs.decode(response.status_code, response.content)


@shape(certain("1002"), only="positional")
def response_as_argument(svc):
    svc.log.error("could not send the sms: %s", svc.send("1002"))


@shape(certain("1002"), only="positional")
def exception_as_argument(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError as error:
        svc.log.error("could not send the sms: %s", error)


@shape(certain("1002"), only="positional")
def exception_as_argument_later(svc):
    svc.log.error("could not send %s: %s", "order 17", failing(svc))


@shape(certain("1002"), only="logging")
def exception_in_a_mapping_of_arguments(svc):
    svc.log.error("could not send the sms: %(error)s", {"error": failing(svc)})


@shape(certain("1002"), only="logging")
def exception_as_message(svc):
    svc.log.error(failing(svc))


@shape(certain("1002"), only="arguments")
def details_as_argument(svc):
    svc.log.error("could not send the sms: %s", decoded(svc.send("1002")))


@shape(certain("1002"), only="logging")
def response_in_extra(svc):
    svc.log.error("could not send the sms", extra={"response": svc.send("1002")})


@shape(certain("1002"), only="logging")
def exception_in_extra(svc):
    svc.log.warning("could not send the sms", extra={"order": 17, "error": failing(svc)})


@shape(certain("1002"), only="logging")
def response_in_a_logger_adapter(svc):
    log = logging.LoggerAdapter(svc.log, {"response": svc.send("1002")})
    log.error("could not send the sms")


@shape(certain("1002"), only="structlog")
def response_as_key(svc):
    svc.log.error("could not send the sms", order=17, response=svc.send("1002"))


@shape(certain("1002"), only="structlog")
def exception_as_key(svc):
    svc.log.warning("could not send the sms", error=failing(svc))


@shape(certain("1002"), only="structlog")
def exception_as_key_and_exc_info(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError as error:
        svc.log.exception("could not send the sms", error=error)


@shape(certain("1002"), only="structlog")
def details_as_key(svc):
    svc.log.error("could not send the sms", failure=decoded(svc.send("1002")))


@shape(certain("1002"), only="structlog")
def response_bound(svc):
    log = svc.log.bind(response=svc.send("1002"))
    log.error("could not send the sms")


@shape(certain("1002"), only="structlog")
def response_in_contextvars(svc):
    with structlog.contextvars.bound_contextvars(response=svc.send("1002")):
        svc.log.error("could not send the sms")


@shape(certain("1002"), only="structlog")
def given_below_warning(svc):
    svc.log.info("no such number, as expected", response=svc.send("1002"))


@shape(certain("1002"), only="logging")
def given_below_warning_as_argument(svc):
    svc.log.info("no such number, as expected: %s", svc.send("1002"))


@shape(certain("1002"), only="structlog")
def given_one_and_holding_a_newer_one(svc):
    first = svc.send("1002")
    second = svc.send("1300")
    svc.log.error("could not send the first", response=first, status=second.status_code)


@shape(certain("1002"), only="logging")
def given_one_and_holding_a_newer_one_as_argument(svc):
    first = svc.send("1002")
    second = svc.send("1300")
    svc.log.error("could not send the first: %s, %s", first, second.status_code)


@shape(certain("1300"), only="positional")
def given_one_beside_an_exception_that_is_only_likely(svc):
    try:
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError:
            raise LookupError("order 17")
    except LookupError:
        svc.log.error("the second failed too: %s", svc.send("1300"), exc_info=True)


@shape(certain("1300"), only="positional")
def given_one_while_another_is_handled(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        svc.log.error("the second failed too: %s", svc.send("1300"))


@shape(likely("1002"), only="positional")
def only_its_text_is_given(svc):
    response = svc.send("1002")
    svc.log.error("could not send the sms: %s", response.text)


@shape(likely("1002"), only="logging")
def only_its_status_in_extra(svc):
    response = svc.send("1002")
    svc.log.error("could not send the sms", extra={"status": response.status_code})


@shape(certain("1002"), only="positional")
def chained_exception_as_argument(svc):
    try:
        try:
            svc.send("1002").raise_for_status()
        except requests.HTTPError as error:
            raise LookupError("order 17") from error
    except LookupError as error:
        svc.log.error("could not confirm: %r", error)


@shape(certain("ConnectionError"), only="positional")
def no_answer_as_argument(svc):
    try:
        svc.send("hang-up")
    except requests.ConnectionError as error:
        svc.log.error("8x8 is not reachable: %s", error)


if hasattr(structlog.stdlib.BoundLogger, "aerror"):

    @shape(certain("1002"), only="structlog")
    def given_to_an_asynchronous_call(svc):
        async def send():
            response = await asyncio.to_thread(svc.send, "1002")
            await svc.log.aerror("could not send the sms", response=response)

        asyncio.run(send())

    @shape(certain("1002"), only="structlog")
    def asynchronous_exception(svc):
        async def send():
            try:
                (await asyncio.to_thread(svc.send, "1002")).raise_for_status()
            except requests.HTTPError:
                await svc.log.aexception("could not send the sms")

        asyncio.run(send())

    @shape(NONE, only="structlog")
    def held_by_the_caller_of_an_asynchronous_call(svc):
        """structlog logs it from another thread: not covered, and said so."""

        async def send():
            response = await asyncio.to_thread(svc.send, "1002")
            await svc.log.aerror(f"could not send the sms {response.status_code}")

        asyncio.run(send())
