"""What the network sent is masked and escaped before anybody sees it."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import NASTY, bodies, numbers, texts, urls

from eightbyeight_obs.core.decode import decode
from eightbyeight_obs.core.privacy import clean, identifier, mask, message_text, timestamp

SMS = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"

MASKED = {
    "": "",
    "no digits": "no digits",
    "123456": "123456",
    "1234567": "*****67",
    "6591234567": "********67",
    "+6591234567": "+********67",
    "call +65 9123-4567 now": "call +** ****-**67 now",
    "(65) 9123.4567": "(**) ****.**67",
    "(02) 1234-5678": "(**) ****-**78",
    "[65] 9123 4567": "[**] **** **67",
    "65-91-23-45-67": "**-**-**-**-67",
    "123456 and 654321": "123456 and 654321",
    "12345678 and 87654321": "******78 and ******21",
    "123,456,789": "123,456,789",
    "123/4567890": "123/*****90",
    "code 1002, status 400": "code 1002, status 400",
    "'659123456'": "'*******56'",
    "msisdn=6591234567&to=6598765432": "msisdn=********67&to=********32",
    "a1234567b": "a*****67b",
    "2020-12-22": "****-**-22",
    "b4478860-b76c-e811-814e-022a35cc1c71": "b*****60-b76c-e811-814e-022a35cc1c71",
    "６５９１２３４５６７": "********６７",
    "٦٥٩١٢٣٤٥٦٧": "********٦٧",
    "ünïcode 6591234567": "ünïcode ********67",
    "65\u00a09123\u00a04567": "**\u00a0****\u00a0**67",
    "65\u20119123\u20114567": "**\u2011****\u2011**67",
    "9" * 50: "*" * 48 + "99",
}


@pytest.mark.parametrize("text", MASKED, ids=ascii)
def test_a_run_of_seven_digits_keeps_its_last_two(text: str) -> None:
    """Runs of 7 or more digits, with single separators between, are hidden but for the last two; nothing else is."""
    assert MASKED[text] == mask(text)


@given(st.text("abc +/,", max_size=5), numbers(), st.text("xyz ,;", max_size=5))
def test_every_number_is_masked_wherever_it_stands(before: str, number: str, after: str) -> None:
    """However a number is written, two digits of it stay at most; the text around it stays as it was."""
    masked = mask(before + number + after)
    digits = re.sub(r"\D", "", number)
    assert digits[-2:] == re.sub(r"\D", "", masked)
    assert before.rstrip(" ") == masked[: len(before.rstrip(" "))]
    assert len(before + number + after) == len(masked)


@given(texts())
def test_masking_leaves_no_run_and_is_done_once(text: str) -> None:
    """After masking no run of 7 digits is left, the length is the same, and masking again changes nothing."""
    masked = mask(text)
    assert not re.search(r"\d(?:[ .\-()\[\]]?\d){6}", masked)
    assert len(text) == len(masked)
    assert masked == mask(masked)


ESCAPED = {
    "plain": "plain",
    "line\nbreak": "line\\nbreak",
    "\r\n\t": "\\r\\n\\t",
    "nul\x00": "nul\\x00",
    "\x1b[31mred\x1b[0m": "\\x1b[31mred\\x1b[0m",
    "\x7f\x85\x9f": "\\x7f\\x85\\x9f",
    "\u2028\u2029": "\\u2028\\u2029",
    "\u202e\u2066\u200b\ufeff": "\\u202e\\u2066\\u200b\\ufeff",
    "\ud800x\udfff": "\\ud800x\\udfff",
    "<b>&\"'": "<b>&\"'",  # markup is escaped where a page is made, not in a log
    "ünïcode \U0001f4a5": "ünïcode \U0001f4a5",
    "back\\slash": "back\\slash",
}


@pytest.mark.parametrize("text", ESCAPED, ids=ascii)
def test_what_moves_a_cursor_is_written_as_an_escape(text: str) -> None:
    """Control characters, line separators, direction marks and lone surrogates become visible text."""
    assert ESCAPED[text] == clean(text)


@given(texts(1000), st.integers(1, 300))
def test_cleaned_text_is_short_one_line_and_can_be_encoded(text: str, limit: int) -> None:
    """Whatever comes, the result has no control character, no surrogate, and no more than the limit."""
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert "Cc" not in {unicodedata.category(char) for char in cleaned}
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert len(cleaned.splitlines()) <= 1


MESSAGES = {
    "Invalid MSISDN +6591234567": "Invalid MSISDN +********67",
    "two\nlines": "two\\nlines",
    "Bearer abcdef0123456789": "Bearer [Filtered]",
    "authorization: bearer  abc.def_ghi-jkl": "authorization: bearer [Filtered]",
    "BEARER ABCDEF0123": "BEARER [Filtered]",
    "'ann.lee+sms@example.co.id' is no address": "'[Filtered]' is no address",
    "contact <ann@example.com> exists": "contact <[Filtered]> exists",
    "at 10 @ the office": "at 10 @ the office",
    "Basic dXNlcjpwYXNzd29yZA==": "Basic [Filtered]",
    "BASIC dXNlcjpwYXNzd29yZA==": "BASIC [Filtered]",
    "bAsIc dXNlcjpwYXNzd29yZA==": "bAsIc [Filtered]",
    "Basic plan": "Basic plan",
    "x" * 999 + "6591234567": "x" * 999 + "*",
    "x" * 5_000: "x" * 1_000,
}


@pytest.mark.parametrize("text", MESSAGES, ids=lambda text: ascii(text)[:30])
def test_a_message_is_one_masked_line_of_a_thousand_characters(text: str) -> None:
    """The server's words are escaped, their numbers masked before they are cut, their tokens removed."""
    assert MESSAGES[text] == message_text(text)


@pytest.mark.parametrize("value", [None, "", 5, True, b"bytes", ["x"], {"a": 1}], ids=repr)
def test_a_message_that_is_no_text_is_none(value: object) -> None:
    """Anything but a text with something in it is no message, no id and no time."""
    assert (None, None, None) == (message_text(value), identifier(value), timestamp(value))


IDENTIFIERS = {
    "b4478860-b76c-e811-814e-022a35cc1c71": "b4478860-b76c-e811-814e-022a35cc1c71",
    "B4478860B76CE811814E022A35CC1C71": "B4478860B76CE811814E022A35CC1C71",
    "12345678-1234-1234-1234-123456789012": "12345678-1234-1234-1234-123456789012",
    "{12345678-1234-1234-1234-123456789012}": "{12345678-1234-1234-1234-123456789012}",
    "12345678123412341234123456789012": "12345678123412341234123456789012",
    "Acme_hq": "Acme_hq",
    "Demo#1001": "Demo_1001",
    "order-17/6a": "order-17/6a",
    "e 1\n8x8.code=9": "e_1_8x8.code=9",
    "<script>alert(1)</script>": "_script_alert_1_/script_",
    "\x1b[31m": "_31m",
    "6591234567": "********67",
    "+6591234567": "+********67",
    "+65 9123 4567": "+** **** **67",
    "+65-9123-4567": "+**-****-**67",
    "(65) 9123-4567": "(**) ****-**67",
    "123456": "123456",
    "ünïcode": "_n_code",
    "-6591234567": "-********67",
    "..6591234567..": "..********67..",
    "to 6591234567 failed": "to_********67_failed",
    "x" * 500: "x" * 200,
    "9" * 500: "*" * 198 + "99",
}


@pytest.mark.parametrize("text", IDENTIFIERS, ids=lambda text: ascii(text)[:30])
def test_an_id_is_kept_as_sent_where_that_is_safe(text: str) -> None:
    """A UUID goes through untouched, characters that no id has become `_`, a phone number is masked."""
    assert IDENTIFIERS[text] == identifier(text)


TIMES = {
    "2018-08-04T09:25:40.9235752+00:00": True,
    "2020-12-22T05:52:01.85Z": True,
    "2025-11-10T10:30:00Z": True,
    "2025-12-18 10:00:00": True,
    "2018-08-04T09:25:40.9235752+0000": True,
    "yesterday": False,
    "2018-08-04T6591234567": False,
    "2018-08-04T09:25:40.9235752+659123": False,
    "2018-08-04": False,
    "2018-08-04T09:25:40Z\n8x8.code=9": False,
    "٢٠١٨-08-04T09:25:40Z": False,
    "2018-08-04T" + "9" * 40: False,
}


@pytest.mark.parametrize("text", TIMES, ids=ascii)
def test_a_timestamp_is_kept_as_sent_or_not_at_all(text: str) -> None:
    """Every form that 8x8's examples have is kept to the letter; anything else is no time."""
    assert (text if TIMES[text] else None) == timestamp(text)


@pytest.mark.parametrize("nasty", NASTY, ids=ascii)
@pytest.mark.parametrize("field", ["message", "errorId", "timestamp", "code", "umid", "sessionId"])
def test_nothing_nasty_gets_out_of_any_field(field: str, nasty: str) -> None:
    """Control characters, endless numbers and phone numbers in any field of a body reach no view of the details."""
    details = decode(400, json.dumps({"code": 1002, field: f"before {nasty} after"}), url=SMS, method="POST")
    assert details is not None
    views = json.dumps([details.fields(), details.tags(), details.context(), details.title()], ensure_ascii=False)
    assert "Cc" not in {unicodedata.category(char) for char in views}
    assert "Bearer abcdef" not in views
    assert "9123 4567" not in views
    assert "\ud800" not in views
    assert "\u202e" not in views


@given(status=st.integers(200, 599), body=bodies(), url=st.one_of(st.none(), urls()))
def test_every_view_of_every_answer_is_clean(status: int, body: bytes | str, url: str | None) -> None:
    """Whatever answer comes from whatever URL: no exception, no control character, and a message without a number."""
    details = decode(status, body, url=url, method="POST")
    if details is None:
        return
    tags = details.tags()
    assert {True} == {type(value) is str and 1 <= len(value) <= 200 for value in tags.values()}
    views = [*tags.values(), *(str(value) for value in details.fields().values()), details.title()]
    assert [] == [view for view in views if any(unicodedata.category(char) in {"Cc", "Cs"} for char in view)]
    for text in (details.message or "", details.title(), details.endpoint or ""):
        assert not re.search(r"[0-9](?:[ .\-()\[\]]?[0-9]){6}", text.replace(details.code, ""))
