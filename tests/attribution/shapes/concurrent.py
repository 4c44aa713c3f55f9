"""Threads, executors, event loops, processes: the failure is where its response is, not where the clock is."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import multiprocessing
import threading

import requests
import sentry_sdk

from .. import loopback
from ..catalogue import NONE, certain, likely, related, shape
from . import chained


class SmsError(Exception):
    """A service's own exception."""


def post(url):
    """Run in another process, which has no middleware."""
    requests.post(url, timeout=30).raise_for_status()


def answer_to(url):
    """Run in another process: return the response."""
    return requests.post(url, timeout=30)


@shape(certain("1002"), only="logging")
def pickled_through_a_process_pool(svc):
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            pool.submit(post, svc.url("1002")).result()
        except requests.HTTPError:
            svc.log.exception("could not send the sms")


@shape(certain("1002"), only="structlog>JSONRenderer")
def response_pickled_through_a_process_pool(svc):
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        response = pool.submit(answer_to, svc.url("1002")).result()
    svc.log.error("could not send the sms", response=response)


@shape(likely("1002"))
def to_thread_then_log(svc):
    async def send():
        response = await asyncio.to_thread(svc.send, "1002")
        if not response.ok:
            svc.log.error("could not send the sms")

    asyncio.run(send())


@shape(certain("1002"))
def to_thread_that_raises(svc):
    def post():
        svc.send("1002").raise_for_status()

    async def send():
        try:
            await asyncio.to_thread(post)
        except requests.HTTPError:
            svc.log.exception("could not send the sms")

    asyncio.run(send())


@shape(likely("1002"))
def executor_result(svc):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        response = pool.submit(svc.send, "1002").result()
    if not response.ok:
        svc.log.error("could not send the sms")


@shape(likely("1002"))
def executor_that_raises_a_text(svc):
    def send():
        response = svc.send("1002")
        if not response.ok:
            raise SmsError("not sent")

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        try:
            pool.submit(send).result()
        except SmsError as error:
            sentry_sdk.capture_exception(error)


@shape({"the 1002 one": likely("1002"), "the 1300 one": likely("1300")})
def map_over_an_executor(svc):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for answer, response in zip(("1002", "1300"), pool.map(svc.send, ("1002", "1300")), strict=True):
            if not response.ok:
                svc.log.error(f"could not send the {answer} one")


@shape({"the 1002 one": likely("1002"), "the 1300 one": likely("1300")})
def two_coroutines_at_once(svc):
    """Both hold their own response when the first of them logs."""

    async def send(answer, turn, next_turn):
        response = await asyncio.to_thread(svc.send, answer)
        await turn.wait()
        svc.log.error(f"could not send the {answer} one: {response.status_code}")
        next_turn.set()

    async def main():
        first, second, end = (asyncio.Event() for _ in range(3))
        tasks = [asyncio.create_task(send("1002", first, second)), asyncio.create_task(send("1300", second, end))]
        while len(loopback.answers()) < 2:  # noqa: ASYNC110 - the server knows no event loop
            await asyncio.sleep(0.001)
        first.set()
        await asyncio.gather(*tasks)

    asyncio.run(main())


@shape({"the 1002 one": certain("1002"), "the 1300 one": certain("1300")})
def gathered_exceptions(svc):
    def post(answer):
        svc.send(answer).raise_for_status()

    async def main():
        found = await asyncio.gather(
            *(asyncio.to_thread(post, answer) for answer in ("1002", "1300")), return_exceptions=True
        )
        for answer, error in zip(("1002", "1300"), found, strict=True):
            svc.log.error(f"could not send the {answer} one", exc_info=error)

    asyncio.run(main())


@shape(NONE)
def another_coroutine_meanwhile(svc):
    """One coroutine waits in its except block while another one logs."""

    async def send(handling, done):
        try:
            (await asyncio.to_thread(svc.send, "1002")).raise_for_status()
        except requests.HTTPError:
            handling.set()
            await done.wait()

    async def tidy(handling, done):
        await handling.wait()
        svc.log.error("disk full")
        sentry_sdk.capture_message("disk full", level="error")
        done.set()

    async def main():
        handling, done = asyncio.Event(), asyncio.Event()
        await asyncio.gather(send(handling, done), tidy(handling, done))

    asyncio.run(main())


@shape(NONE)
def another_thread_meanwhile(svc):
    """A thread holds a failing response and is handling its exception while another one logs."""
    handling, done = threading.Event(), threading.Event()

    def send():
        response = svc.send("1002")
        try:
            response.raise_for_status()
        except requests.HTTPError:
            handling.set()
            done.wait()

    def tidy():
        handling.wait()
        svc.log.error("disk full")
        try:
            raise OSError("disk full")
        except OSError:
            sentry_sdk.capture_exception()
        done.set()

    threads = [threading.Thread(target=send), threading.Thread(target=tidy)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@shape(NONE)
def the_same_worker_thread_next(svc):
    """A worker thread that has failed goes on with a task of another kind."""

    def send():
        response = svc.send("1002")
        return response.status_code

    def tidy():
        svc.log.error("disk full")
        raise OSError("disk full")

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(send).result()
        try:
            pool.submit(tidy).result()
        except OSError as error:
            sentry_sdk.capture_exception(error)


@shape(NONE)
def the_same_context_next(svc):
    """Nothing is kept in the context: the next function in it has nothing to do with 8x8."""

    def send():
        response = svc.send("1002")
        return response.status_code

    context = contextvars.copy_context()
    context.run(send)
    context.run(svc.log.error, "disk full")


@shape(related("1002"))
def gathered_into_one_message(svc):
    """A group that a service makes of what its threads raised."""
    errors = []

    def send(answer):
        try:
            svc.send(answer).raise_for_status()
        except requests.HTTPError as error:
            errors.append(error)

    for answer in ("1002", "1300"):
        svc.thread(lambda answer=answer: send(answer))
    svc.main(lambda: raise_group(errors))


def raise_group(errors):
    raise chained.Group("not all were sent", errors)
