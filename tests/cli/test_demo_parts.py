"""The demo's parts: the fake 8x8, and issues by Sentry's rules."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from eightbyeight_obs.cli.demo.grouping import group_key, title
from eightbyeight_obs.cli.fake_8x8 import Answer, Fake8x8


def test_fake_answers_as_told() -> None:
    """Each product answers on a port of its own, with the status, headers and body that it was given."""
    with Fake8x8(["sms", "voice"]) as fake:
        fake.will_answer("sms", Answer(429, {"code": 429}, {"Retry-After": "1"}))
        fake.will_answer("voice", Answer(502, "<html>"))
        sms, voice = (requests.post(fake.urls[name] + "/any", json={}, timeout=5) for name in ("sms", "voice"))
    assert (429, {"code": 429}, "1") == (sms.status_code, sms.json(), sms.headers["Retry-After"])
    assert (502, "<html>", "text/html") == (voice.status_code, voice.text, voice.headers["Content-Type"])


def test_fake_is_on_loopback_only() -> None:
    """The fake listens on 127.0.0.1, and says so in the form that install(hosts=...) takes."""
    with Fake8x8(["lookup"]) as fake:
        assert ["lookup"] == list(fake.hosts.values())
        assert {f"http://{host}" for host in fake.hosts} == set(fake.urls.values())
        assert all(host.startswith("127.0.0.1:") for host in fake.hosts)


def test_late_answer_does_not_hold_up_the_end() -> None:
    """A client that gave up is forgotten; leaving does not wait for the answer that nobody wants."""
    with Fake8x8(["verify"]) as fake:
        fake.will_answer("verify", Answer(200, {}, delay=3600))
        with pytest.raises(requests.ReadTimeout):
            requests.get(fake.urls["verify"], timeout=0.1)
    with pytest.raises(requests.ConnectionError):
        requests.get(fake.urls["verify"], timeout=1)


def _error(kind: str, value: str, function: str | None = None) -> dict[str, Any]:
    frames = [{"in_app": True, "module": "shop", "function": function, "context_line": "  raise"}] if function else []
    return {"exception": {"values": [{"type": kind, "value": value, "stacktrace": {"frames": frames}}]}}


def test_same_stack_is_one_issue() -> None:
    """Exceptions of one type from one place are one issue, whatever their text."""
    assert group_key(_error("HTTPError", "400", "send")) == group_key(_error("HTTPError", "401", "send"))
    assert group_key(_error("HTTPError", "400", "send")) != group_key(_error("HTTPError", "400", "other"))


def test_without_a_stack_the_text_counts() -> None:
    """Without an application frame type and text decide."""
    assert group_key(_error("KeyError", "a")) != group_key(_error("KeyError", "b"))


def test_explicit_fingerprint() -> None:
    """A fingerprint decides alone; its {{ default }} stands for what would have decided."""
    first, second = _error("A", "1", "f"), _error("B", "2", "g")
    for event in (first, second):
        event["fingerprint"] = ["8x8", "api", "1002"]
    assert group_key(first) == group_key(second) == ("8x8", "api", "1002")
    split = _error("A", "1", "f") | {"fingerprint": ["{{ default }}", "8x8", "api", "1002"]}
    assert (*group_key(_error("A", "1", "f")), "8x8", "api", "1002") == group_key(split)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("order 17 failed", "order 18 failed"),
        ("id 1cc1eda1-f5dd-ea11-8288-0263195dd35a", "id 2e9fcee8-b629-5fce-8eb8-8b0c5a95e27b"),
        ("at 2026-11-21T22:33:41.123Z", "at 2026-11-20T01:02:03Z"),
        ("no answer of http://127.0.0.1:41891/a", "no answer of http://127.0.0.1:5/a"),
    ],
)
def test_numbers_in_messages_do_not_count(one: str, other: str) -> None:
    """Messages that differ in numbers, ids, times or URLs are one issue."""
    assert group_key({"logentry": {"message": one}}) == group_key({"logentry": {"message": other}})


def test_titles() -> None:
    """The headline is type and value of the last exception, else the message."""
    assert "KeyError: 'umid'" == title(_error("KeyError", "'umid'"))
    assert "failed" == title({"logentry": {"message": "%s", "formatted": "failed"}})
    assert "" == title({})
