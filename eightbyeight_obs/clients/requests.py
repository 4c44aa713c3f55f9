"""The seams of ``requests``: ``dispatch_hook`` and exceptions for ``install()``, and the transport adapter."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.exceptions import RequestException

from eightbyeight_obs import exchange
from eightbyeight_obs.core.carriers import attach, is_no_answer, no_answer
from eightbyeight_obs.core.hosts import host_of, is_8x8, locate
from eightbyeight_obs.guard import contained

from . import retries
from .answers import expect, note, read_body

__all__ = ["EightByEightAdapter", "wire_answers", "wire_errors"]

_seam = False
_NO_HOOKS: Final[dict[str, Any]] = {"response": []}


def wire_answers() -> Callable[[], None]:
    """Rebind ``requests.sessions.dispatch_hook``; return what undoes it.

    Every session, adapter, mock and cache calls it once per answer, with the answer as the service will get
    it, from requests 2.3 on. Where the name is missing, ``Session.send`` is wrapped instead.
    """
    global _seam  # noqa: PLW0603 - whether answers are seen without the adapter's help
    undo = _wire_dispatch_hook() if hasattr(requests.sessions, "dispatch_hook") else _wire_send()
    _seam = True

    def undo_all() -> None:
        global _seam  # noqa: PLW0603
        _seam = False
        undo()

    return undo_all


def _wire_dispatch_hook() -> Callable[[], None]:
    module: Any = requests.sessions
    original = module.dispatch_hook
    # requests' own hands an answer without hooks back as it is. To do so here instead of passing all arguments
    # on a second time halves what a call to any other host costs.
    is_own = original is requests.hooks.dispatch_hook
    active = True

    def dispatch_hook(key: Any, hooks: Any, hook_data: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            host = host_of(hook_data.url) if active else None
        except Exception:  # noqa: BLE001 - whatever a hand-made adapter has returned
            host = None
        hookless = is_own and hooks == _NO_HOOKS
        if host is None:
            return hook_data if hookless else original(key, hooks, hook_data, **kwargs)
        stream = kwargs.get("stream")
        error = None
        try:
            if not stream:
                error = read_body(hook_data)
            if not hookless:
                expect(hook_data, host)
        except Exception:  # noqa: BLE001
            contained("body of an answer")
        try:
            answer = hook_data if hookless else original(key, hooks, hook_data, **kwargs)
        except Exception:
            try:
                note(hook_data, host, stream, error)  # a hook that raises, e.g. raise_for_status
            except Exception:  # noqa: BLE001
                contained("answer of 8x8")
            raise
        try:
            if answer is not hook_data:
                host = host_of(answer.url)
                error = None if stream or host is None else read_body(answer)
            if host is not None:
                note(answer, host, stream, error)
        except Exception:  # noqa: BLE001
            contained("answer of 8x8")
        return answer

    module.dispatch_hook = dispatch_hook

    def undo() -> None:
        nonlocal active
        active = False
        if module.dispatch_hook is dispatch_hook:
            module.dispatch_hook = original

    return undo


def _wire_send() -> Callable[[], None]:
    original = requests.Session.send
    active = True

    def send(self: Any, request: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        response = original(self, request, **kwargs)
        if active:
            _see(response, kwargs.get("stream", self.stream))
        return response

    requests.Session.send = send  # type: ignore[method-assign]

    def undo() -> None:
        nonlocal active
        active = False
        if requests.Session.send is send:
            requests.Session.send = original  # type: ignore[method-assign]

    return undo


def _see(response: Any, stream: object) -> None:
    """Do all of it for an answer that has passed, or will not pass, the service's hooks. Never raises."""
    try:
        host = host_of(response.url)
        if host is not None:
            note(response, host, stream, None if stream else read_body(response))
    except Exception:  # noqa: BLE001
        contained("answer of 8x8")


def wire_errors() -> Callable[[], None]:
    """Wrap ``RequestException.__init__``; return what undoes it.

    requests makes one such exception for a call that gets no answer, with its request, right before it
    raises it. The wrapper stands on no call path: no frame of ours is in the traceback.
    """
    original = RequestException.__init__
    active = True

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, *args, **kwargs)
        if active and kwargs.get("request") is not None:
            try:
                note_error(self)
            except Exception:  # noqa: BLE001
                contained("exception of requests")

    RequestException.__init__ = __init__  # type: ignore[method-assign]

    def undo() -> None:
        nonlocal active
        active = False
        if RequestException.__init__ is __init__:
            RequestException.__init__ = original  # type: ignore[method-assign]

    return undo


def note_error(error: Any) -> None:
    """Decode an exception of a call that has no response, and tell of it, once per call of the service's."""
    if error.response is not None or not is_no_answer(error):
        return
    place = locate(str(error.request.url), error.request.method)
    if place is None:
        return
    details = retries.exhausted(error) or no_answer(type(error).__name__, place)
    attach(error, details)
    if _is_next_attempt():
        exchange.remember(error, details)
    else:
        exchange.failed(error, details)


_thread = threading.local()


def _is_next_attempt() -> bool:
    """Tell whether an adapter that retries by itself has failed before within the same ``Session.send``.

    The moment at which ``Session.send`` began is a local variable of it; the last one is kept for the thread.
    """
    frame: Any = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "send" and frame.f_globals.get("__name__") == "requests.sessions":
            start = frame.f_locals.get("start")
            again = start is not None and getattr(_thread, "start", None) == start
            _thread.start = start
            return again
        frame = frame.f_back
    return False


class EightByEightAdapter(BaseAdapter):
    """A transport adapter that sees 8x8's failures without anything being patched.

    ``session.mount("https://sms.8x8.com/", EightByEightAdapter(session.get_adapter("https://sms.8x8.com/")))``

    It delegates to the adapter that it wraps, whose retries, pools and TLS settings stay in force. Beside
    ``install()`` it does nothing: a failure is told once.

    Args:
        adapter: The transport adapter to wrap; None for a new ``requests.adapters.HTTPAdapter``.

    Raises:
        TypeError: If ``adapter`` is something else.
    """

    def __init__(self, adapter: BaseAdapter | None = None) -> None:
        if adapter is not None and not callable(getattr(adapter, "send", None)):
            raise TypeError(
                f"adapter={adapter!r} is not a transport adapter; pass one of requests.adapters "
                "(session.get_adapter(url)), or nothing for a new HTTPAdapter"
            )
        super().__init__()
        self.adapter: BaseAdapter = HTTPAdapter() if adapter is None else adapter

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send the request through the wrapped adapter; the answer and every exception are its own."""
        __tracebackhide__ = True
        watch = None
        try:
            if not _seam and is_8x8(request.url):
                watch = _Watch(request)
        except Exception:  # noqa: BLE001
            contained("transport adapter")
        try:
            return self.adapter.send(
                request,
                stream=stream,
                timeout=timeout,
                verify=verify,
                cert=cert,
                proxies=proxies,
            )
        except BaseException as error:
            try:
                if watch is not None:
                    watch.end()
                    if isinstance(error, RequestException):
                        note_error(error)
            except Exception:  # noqa: BLE001
                contained("exception of requests")
            raise

    def close(self) -> None:
        """Close the wrapped adapter."""
        self.adapter.close()

    def __getattr__(self, name: str) -> Any:
        """Answer like the wrapped adapter (``max_retries``, ``poolmanager``)."""
        if name == "adapter" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.adapter, name)


class _Watch:
    """A response hook for one request, put first in line: requests calls it after it has set ``elapsed``."""

    def __init__(self, request: requests.PreparedRequest) -> None:
        self._hooks: Any = {} if request.hooks is None else request.hooks
        self._given: Any = self._hooks.get("response")  # a list, one hook alone, or nothing
        given = [self._given] if callable(self._given) else self._given or ()
        self._line = self._hooks["response"] = [self, *given]

    def __call__(self, response: Any, **kwargs: Any) -> None:
        try:
            self.end()
            _see(response, kwargs.get("stream"))
        except Exception:  # noqa: BLE001
            contained("answer of 8x8")

    def end(self) -> None:
        """Leave the request as it was."""
        line = self._hooks.get("response")
        if line is self._line:
            self._hooks["response"] = self._given
            if self._given is None:
                del self._hooks["response"]
        elif isinstance(line, list) and self in line:  # somebody has put another list there in between
            self._hooks["response"] = [hook for hook in line if hook is not self]
