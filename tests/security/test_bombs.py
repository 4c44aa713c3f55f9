"""Small inputs that grow: packed bodies, brackets, numbers, names, entities. None takes time or memory to speak of."""

from __future__ import annotations

import gzip
import io
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
import urllib3

import eightbyeight_obs
from eightbyeight_obs.cli.reading.recognise import in_text
from eightbyeight_obs.clients import retries
from eightbyeight_obs.core.envelopes import ERROR_BODY_LIMIT
from tests.fuzz.outputs import check_details

URL = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
MEGABYTE = 1024 * 1024
SECONDS = 5.0
"""CPU. The promise is 50 ms; what grows faster than the input takes minutes or all memory for these."""

BOMBS: dict[str, bytes] = {
    "brackets": b"[" * 200_000,
    "closed brackets": b"[" * 100_000 + b"]" * 100_000,
    "braces": b'{"a":' * 40_000,
    "closed braces": b'{"code":' * 20_000 + b"1" + b"}" * 20_000,
    "digits": b'{"code": ' + b"9" * 200_000 + b"}",
    "digits of the longest int": b'{"code": ' + b"9" * 4300 + b"}",
    "exponent": b'{"code": 1e999999999}',
    "fraction": b'{"code": 1.' + b"9" * 200_000 + b"}",
    "infinity": b'{"code": Infinity, "timestamp": -Infinity}',
    "NaN": b'{"code": NaN, "rejectedCount": NaN}',
    "the same key": b'{"code": 1, ' + b'"code": 1002, ' * 15_000 + b'"code": 1300}',
    "many keys": b"{" + b", ".join(b'"k%d": 1' % number for number in range(18_000)) + b"}",
    "keys that collide": json.dumps({str(number * (2**61 - 1)): 1 for number in range(8_000)}).encode(),
    "escapes": b'{"message": "' + b"\\u0000" * 40_000 + b'"}',
    "surrogates": b'{"message": "' + b"\\ud83d" * 40_000 + b'"}',
    "quotes": b'{"message": "' + b'\\"' * 100_000 + b'"}',
    "bearer": b'{"code": 2000, "message": "' + b"bearer " * 30_000 + b'"}',
    "separators": b'{"code": 2000, "errorId": "' + b"1 - " * 50_000 + b'"}',
    "rejected": b'{"rejectedCount": 1, "messages": [' + b'{"status": {"state": "rejected"}},' * 100_000 + b"{}]}",
    "not rejected": b'{"rejectedCount": 1, "messages": [' + b"{}," * MEGABYTE + b"{}]}",
    "blanks": b" " * 3 * MEGABYTE + b"{}",
    "open texts": b'{"' * 200_000,
    "webhook of brackets": b'{"namespace": "SMS", "payload": ' + b"[" * 200_000,
    "nested payload": b'{"namespace":"SMS","eventType":"outbound_message_status_changed","payload":{"status":'
    b'{"state":"undelivered","errorMessage":"x"},"content":' + b'{"a":' * 500 + b"1" + b"}" * 502,
}
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "'
    + "x" * 1000
    + '">'
    + "".join(f'<!ENTITY {chr(98 + number)} "{f"&{chr(97 + number)};" * 100}">' for number in range(8))
)
XML = {
    "a billion laughs": LAUGHS + "]><r>&i;</r>",
    "one large entity often": LAUGHS + "]><r>" + "&a;" * 30_000 + "</r>",
    "in an attribute": LAUGHS + ']><r a="&i;"/>',
    "an entity of itself": '<!DOCTYPE r [<!ENTITY a "&a;">]><r>&a;</r>',
    "parameter entities": "<!DOCTYPE r [<!ENTITY % a \"<!ENTITY b 'x'>\"> %a;]><r>&b;</r>",
    "a file": '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r><status>&a;</status></r>',
    "a file by inclusion": '<r xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="/etc/passwd"/></r>',
    "elements": "<r>" + "<a/>" * 60_000 + "</r>",
    "depth": "<a>" * 80_000,
    "attributes": "<r " + " ".join(f'a{number}="1"' for number in range(20_000)) + "/>",
    "attributes that collide": "<r " + " ".join(f'a{"b" * (number % 7)}{number}="1"' for number in range(20_000)) + ">",
    "name": "<" + "a" * 250_000 + "/>",
    "open text": "<r>" + "x" * 250_000,
    "sections": "<r>" + "<![CDATA[x]]>" * 19_000 + "</r>",
    "instructions": "<?a b?>" * 36_000 + "<r/>",
    "references": "<r>" + "&#120;" * 40_000 + "</r>",
}


def within(task: Callable[[], object]) -> object:
    """The result of a task, if it took little CPU and little memory."""
    tracemalloc.start()
    start = time.process_time()
    try:
        result = task()
        took, (_, most) = time.process_time() - start, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert took < SECONDS
    assert most < 100 * MEGABYTE
    return result


@pytest.mark.parametrize("name", BOMBS)
def test_json_that_grows(name: str) -> None:
    """As an error, as a success, as a webhook and on the command line: soon done, and as clean as anything."""
    for status in (400, 200):
        check_details(within(lambda status=status: eightbyeight_obs.decode(status, BOMBS[name], url=URL)))
    check_details(within(lambda: eightbyeight_obs.decode_webhook(BOMBS[name])))
    text = BOMBS[name].decode("utf-8", "replace")[: 32 * 1024]
    for finding in within(lambda: list(in_text(text))):
        check_details(finding.details)


@pytest.mark.parametrize("name", XML)
def test_xml_that_grows(name: str) -> None:
    """No entity is expanded and no file is read; the rest ends at its bounds."""
    assert None is within(lambda: eightbyeight_obs.decode_webhook(XML[name], content_type="text/xml"))


def test_of_a_key_that_is_there_twice_the_last_counts() -> None:
    """As everywhere in Python; a service that reads the body itself sees the same code."""
    body = b'{"code": 1002, "errorId": "a", "code": 1300, "errorId": "b"}'
    details = eightbyeight_obs.decode(400, body)
    assert details is not None
    assert (str(json.loads(body)["code"]), "b") == (details.code, details.error_id)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_an_answer_that_unpacks_to_megabytes(pack: Callable[[bytes], bytes]) -> None:
    """Of an answer that urllib3 throws away no more is unpacked than an error body may have."""
    packed = pack(b'{"code": 1002, "message": "' + b"a" * 20 * MEGABYTE)
    encoding = {"Content-Encoding": "gzip" if pack is gzip.compress else "deflate"}
    answer = urllib3.HTTPResponse(body=io.BytesIO(packed), headers=encoding, preload_content=False)
    unpacked = within(lambda: retries._body(answer))
    assert isinstance(unpacked, bytes)
    assert len(unpacked) == ERROR_BODY_LIMIT + 1
