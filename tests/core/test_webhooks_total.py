"""decode_webhook() is total: any input gives a failure whose views work, or None."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import pytest
import webhook_bodies as bodies
from hypothesis import given
from webhook_strategies import content_types, webhooks, written

from eightbyeight_obs.core.details import WebhookFailure
from eightbyeight_obs.core.ticket import support_ticket
from eightbyeight_obs.core.webhooks import decode_webhook

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]")
REGISTRIES = {"sms_receipt", "chatapps_receipt", "voice_session", "reason_code"}


def check(failure: WebhookFailure | None) -> None:
    """What every failure promises, whatever it was made of."""
    if failure is None:
        return
    assert failure.registry in REGISTRIES
    assert failure == pickle.loads(pickle.dumps(failure))
    for value in failure.tags().values():
        assert 1 <= len(value) <= 200
    for shown in (failure.title(), *failure.fingerprint(), *map(str, failure.fields().values())):
        assert not CONTROL.search(shown), shown
    assert support_ticket(failure).startswith("To: ")


@given(webhooks())
def test_any_mapping_gives_a_failure_or_none(body: dict[str, Any]) -> None:
    """8x8's shapes with anything in any place."""
    check(decode_webhook(body))


@given(written(), content_types())
def test_any_body_gives_a_failure_or_none(body: bytes | str, content_type: Any) -> None:
    """Any text or bytes under any Content-Type."""
    check(decode_webhook(body, content_type=content_type))


@given(webhooks())
def test_a_mapping_and_its_json_say_the_same(body: dict[str, Any]) -> None:
    """Reading the body first changes nothing, where JSON can say what the mapping says."""
    body = json.loads(json.dumps(body))
    assert repr(decode_webhook(body)) == repr(decode_webhook(json.dumps(body)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        "",
        b"null",
        b"[]",
        b"15",
        b'"undelivered"',
        b"{",
        b"{}{}",
        b"[" * 100_000,
        '{"payload":' * 100_000,
        b'{"namespace":' + b"1" * 5000 + b"}",
        b'{"namespace": NaN}',
        b"\xff\xfe",
        b"\xfe\xff\x00",
        b"\x80abc",
        "\ud800",
        b'{"a": "\xff"}',
        None,
        15,
        1.5,
        object(),
        [bodies.sms()],
        {1: 2},
        {"payload": {}},
        iter(()),
    ],
    ids=lambda body: repr(body).partition(" at 0x")[0][:40],
)
@pytest.mark.parametrize("content_type", [None, "application/json", "text/xml"])
def test_what_is_no_webhook_is_none(body: Any, content_type: str | None) -> None:
    """Nothing, noise, nesting, huge numbers, wrong encodings, wrong types."""
    assert None is decode_webhook(body, content_type=content_type)


class Hostile(Mapping[str, Any]):
    """A mapping whose every method raises."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    def __getitem__(self, key: str) -> NoReturn:
        raise self.error(key)

    def __iter__(self) -> Iterator[str]:
        raise self.error

    def __len__(self) -> int:
        raise self.error


@pytest.mark.parametrize("error", [RuntimeError, RecursionError, MemoryError, ValueError])
def test_a_mapping_that_raises_is_none(error: type[Exception]) -> None:
    """Any Exception of the mapping's own is contained, at the top and inside."""
    assert None is decode_webhook(Hostile(error))
    assert None is decode_webhook(bodies.sms() | {"payload": Hostile(error)})


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_passes(error: type[BaseException]) -> None:
    """What ends a program is not ours to contain."""
    with pytest.raises(error):
        decode_webhook(Hostile(error))
