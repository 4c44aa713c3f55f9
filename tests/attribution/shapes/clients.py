"""Sessions, adapters, mocks and caches of every kind, older and younger than the middleware."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

import requests
import requests_cache
import requests_mock
import responses
import vcr
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.util.retry import Retry

from ..catalogue import NONE, certain, likely, shape
from ..service import MESSAGE

SMS = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
ERROR = {"code": 1002, "message": "Invalid MSISDN", "errorId": "11111111-1111-4111-8111-111111111111"}


@shape(likely("1002"))
def session_older_than_the_middleware(svc):
    response = svc.session.post(svc.url("1002"), json=MESSAGE, timeout=30)
    if not response.ok:
        svc.log.error("could not send the sms")


@shape(likely("1002"))
def bound_method_older_than_the_middleware(svc):
    response = svc.post(svc.url("1002"), json=MESSAGE, timeout=30)
    if not response.ok:
        svc.log.error("could not send the sms")


@contextlib.contextmanager
def older_session():
    """A session with everything on it that a service configures at import."""
    retry = Retry(total=1, backoff_factor=0, allowed_methods=None, status_forcelist=[429, 502])
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=retry))
        OLDER.append(session)
        yield
        OLDER.clear()


OLDER: list[requests.Session] = []


@shape(certain("1400", attempts=1), around=older_session)
def retries_older_than_the_middleware(svc):
    try:
        OLDER[0].post(svc.url("1400"), json=MESSAGE, timeout=30)
    except requests.exceptions.RetryError:
        svc.log.exception("gave up")


@shape({"8x8 said no": likely("1002"), "HTTPError": certain("1002")}, around=older_session)
def hook_and_caller_both_report(svc):
    """The session's own hook and then the caller: two reports of one failure."""

    def check(response, **kwargs):
        if not response.ok:
            svc.log.warning("8x8 said no")

    OLDER[0].hooks["response"].append(check)
    svc.main(lambda: OLDER[0].post(svc.url("1002"), json=MESSAGE, timeout=30).raise_for_status())


@shape(certain("1002"))
def prepared_request(svc):
    with requests.Session() as session:
        prepared = session.prepare_request(requests.Request("POST", svc.url("1002"), json=MESSAGE))
        try:
            session.send(prepared, timeout=30).raise_for_status()
        except requests.HTTPError:
            svc.log.exception("could not send the sms")


@shape(likely("1002"))
def adapter_subclass(svc):
    class Timeouts(HTTPAdapter):
        def send(self, request, **kwargs):
            kwargs["timeout"] = kwargs.get("timeout") or 30
            return super().send(request, **kwargs)

    with requests.Session() as session:
        session.mount("http://", Timeouts())
        response = session.post(svc.url("1002"), json=MESSAGE)
        if not response.ok:
            svc.log.error("could not send the sms")


class InMemory(BaseAdapter):
    """An adapter made by hand, as test suites and sandboxes have it."""

    def send(self, request, **kwargs):
        response = requests.Response()
        response.status_code, response.url, response.request = 400, request.url, request
        response._content = json.dumps(ERROR).encode()
        return response

    def close(self):
        pass


@shape(likely("1002"))
def adapter_made_by_hand(svc):
    with requests.Session() as session:
        session.mount("https://", InMemory())
        response = session.post(SMS, json=MESSAGE)
        if not response.ok:
            svc.log.error("could not send the sms")


@shape(certain("1002"))
def adapter_made_by_hand_that_raises(svc):
    with requests.Session() as session:
        session.mount("https://", InMemory())
        svc.main(lambda: session.post(SMS, json=MESSAGE).raise_for_status())


@shape(likely("1002"))
def session_subclass(svc):
    class Client(requests.Session):
        def request(self, method, url, **kwargs):
            kwargs.setdefault("timeout", 30)
            return super().request(method, url, **kwargs)

    with Client() as client:
        response = client.post(svc.url("1002"), json=MESSAGE)
        if not response.ok:
            svc.log.error("could not send the sms")


@shape(certain("1002"))
def redirected(svc):
    try:
        svc.send("redirect-1002").raise_for_status()
    except requests.HTTPError:
        svc.log.exception("could not send the sms")


@shape(likely("1002"))
def redirected_and_status_checked(svc):
    response = svc.send("redirect-1002")
    if not response.ok:
        svc.log.error("could not send the sms")


@shape(likely("1002"))
def streamed_and_read_later(svc):
    with requests.Session() as session:
        response = session.post(svc.url("1002"), json=MESSAGE, timeout=30, stream=True)
        if response.json()["code"]:
            svc.log.error("could not send the sms")


@shape({"not read": likely("http-400"), "read now": likely("1002")})
def streamed_and_told_before_it_is_read(svc):
    with requests.Session() as session:
        response = session.post(svc.url("1002"), json=MESSAGE, timeout=30, stream=True)
        svc.log.error("not read yet")
        body = response.text
        svc.log.error(f"read now: {body}")


@shape(certain("1002"))
def streamed_read_and_raised(svc):
    def send():
        with requests.Session() as session:
            response = session.post(svc.url("1002"), json=MESSAGE, timeout=30, stream=True)
            if response.content:
                response.raise_for_status()

    svc.main(send)


@shape(certain("1002"))
def mocked_by_responses(svc):
    with responses.RequestsMock() as mock:
        mock.post(SMS, json=ERROR, status=400)
        try:
            requests.post(SMS, json=MESSAGE, timeout=30).raise_for_status()
        except requests.HTTPError:
            svc.log.exception("could not send the sms")


@contextlib.contextmanager
def responses_before():
    with responses.RequestsMock() as mock:
        mock.add_passthru("http://127.0.0.1")
        mock.post(SMS, json=ERROR, status=400)
        yield


@shape(likely("1002"), around=responses_before)
def mocked_by_responses_before_the_middleware(svc):
    response = requests.post(SMS, json=MESSAGE, timeout=30)
    if not response.ok:
        svc.log.error("could not send the sms")


@shape(certain("1002"))
def mocked_by_requests_mock(svc):
    with requests_mock.Mocker() as mock:
        mock.post(SMS, json=ERROR, status_code=400)
        try:
            requests.post(SMS, json=MESSAGE, timeout=30).raise_for_status()
        except requests.HTTPError:
            svc.log.exception("could not send the sms")


@contextlib.contextmanager
def requests_mock_before():
    with requests_mock.Mocker() as mock:
        mock.post(SMS, json=ERROR, status_code=400)
        yield


@shape(likely("1002"), around=requests_mock_before)
def mocked_by_requests_mock_before_the_middleware(svc):
    response = requests.post(SMS, json=MESSAGE, timeout=30)
    if not response.ok:
        svc.log.error("could not send the sms")


CASSETTE = """interactions:
- request:
    body: '{}'
    headers: {}
    method: POST
    uri: https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages
  response:
    body: {string: '{"code": 1002, "message": "Invalid MSISDN", "errorId": "11111111-1111-4111-8111-111111111111"}'}
    headers:
      Content-Type: [application/json]
    status: {code: 400, message: Bad Request}
version: 1
"""


@contextlib.contextmanager
def cassette():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sms.yaml")
        path.write_text(CASSETTE)
        with vcr.use_cassette(str(path), record_mode="none"):
            yield


@shape({"could not": likely("1002"), "": NONE})
def replayed_by_vcr(svc):
    with cassette():
        response = requests.post(SMS, json={}, timeout=30)
        if not response.ok:
            svc.log.error("could not send the sms")


@shape({"could not": certain("1002"), "HTTPError": certain("1002"), "": NONE}, around=cassette)
def replayed_by_vcr_before_the_middleware(svc):
    try:
        requests.post(SMS, json={}, timeout=30).raise_for_status()
    except requests.HTTPError:
        svc.log.exception("could not send the sms")


@shape({"first": likely("1002"), "again": likely("1002")})
def cached_by_requests_cache(svc):
    """The answer from the cache is a response like any other."""
    with requests_cache.CachedSession(
        backend="memory", allowable_methods=["POST"], allowable_codes=[400], expire_after=60
    ) as session:
        first = session.post(svc.url("1002"), json=MESSAGE, timeout=30)
        svc.log.error(f"first: {first.status_code}")
        again = session.post(svc.url("1002"), json=MESSAGE, timeout=30)
        svc.log.error(f"again: {again.status_code}")


@contextlib.contextmanager
def cache_installed_before():
    requests_cache.install_cache(backend="memory", allowable_methods=["POST"], allowable_codes=[400])
    try:
        yield
    finally:
        requests_cache.uninstall_cache()


@shape(certain("1002"), around=cache_installed_before)
def cache_installed_before_the_middleware(svc):
    try:
        svc.send("1002").raise_for_status()
    except requests.HTTPError:
        svc.log.exception("could not send the sms")


@shape(NONE)
def good_answers_of_every_kind(svc):
    with requests.Session() as session:
        response = session.post(svc.url("queued"), json=MESSAGE, timeout=30)
        svc.log.error(f"disk full after {response.status_code}")
