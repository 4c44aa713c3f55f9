"""What a call came to, as far as a service can tell, in a form that can be compared between runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

import eightbyeight_obs

_PORT = re.compile(r"(port=|127\.0\.0\.1:|localhost:)\d+")
_ADDRESS = re.compile(r"0x[0-9a-f]+")


def outcome(call: Callable[[], requests.Response]) -> dict[str, Any]:
    """What a service can find out: the answer with all that can be asked of it, or the exception with its chain."""
    try:
        response = call()
    except Exception as error:
        return error_outcome(error)
    return response_outcome(response)


def response_outcome(response: requests.Response) -> dict[str, Any]:
    first = _try(lambda: response.content)
    return {
        "status": response.status_code,
        "reason": response.reason,
        "headers": sorted(response.headers.items()),
        "version": getattr(response.raw, "version", None),
        "history": [earlier.status_code for earlier in response.history],
        "first read": first,
        "second read": _try(lambda: response.content),
        "text": _try(lambda: response.text),
        "lines": _try(lambda: list(response.iter_lines())),
        "json": _try(response.json),
        "raises": _try(response.raise_for_status),
        "elapsed": response.elapsed.total_seconds() > 0,
        "hooks": _plain(repr(response.request.hooks)),
        "own attributes": sorted(set(vars(response)) - set(vars(requests.Response()))),
    }


def error_outcome(error: BaseException) -> dict[str, Any]:
    response, request = getattr(error, "response", None), getattr(error, "request", None)
    return {
        "chain": [(type(link).__name__, _plain(str(link))) for link in _chain(error)],
        "args": _plain(repr(error.args)),
        "url": _plain(str(getattr(request, "url", None))),
        "response": None if response is None else response_outcome(response),
        "innermost": _innermost(error),
    }


def _try(question: Callable[[], Any]) -> Any:
    try:
        return question()
    except Exception as error:
        return [(type(link).__name__, _plain(str(link))) for link in _chain(error)]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _innermost(error: BaseException) -> str:
    """Where it was raised: the last frame of the traceback."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    assert traceback is not None
    return f"{traceback.tb_frame.f_globals['__name__']}.{traceback.tb_frame.f_code.co_name}"


def _plain(text: str) -> str:
    return _ADDRESS.sub("0x", _PORT.sub(r"\1", text))


# --- The three ways to run: without us, with install(), with the adapter alone ---------------------------------------


@contextmanager
def bare(_host: str, _session: requests.Session) -> Iterator[None]:
    yield


@contextmanager
def installed(host: str, _session: requests.Session) -> Iterator[None]:
    with eightbyeight_obs.install(hosts={host: "sms"}):
        yield


@contextmanager
def adapter(host: str, session: requests.Session) -> Iterator[None]:
    from eightbyeight_obs.core import hosts

    hosts.use_extra_hosts({host: "sms"})
    for scheme in ("http", "https"):
        url = f"{scheme}://{host}/"
        session.mount(url, eightbyeight_obs.EightByEightAdapter(session.get_adapter(url)))
    yield
    hosts.use_extra_hosts({})


WAYS = {"install": installed, "adapter": adapter}
