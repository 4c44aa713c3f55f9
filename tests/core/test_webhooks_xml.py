"""The XML twin of the SMS receipt: read like JSON, and safely."""

from __future__ import annotations

import pytest
import webhook_bodies as bodies
from hypothesis import given
from webhook_strategies import xml_documents

from eightbyeight_obs.core.webhooks import decode_webhook
from eightbyeight_obs.core.webhooks.xml import parse_xml


@pytest.mark.parametrize(
    "content_type", ["application/xml", "text/xml; charset=utf-8", "TEXT/XML", "application/a+xml"]
)
def test_the_xml_twin_says_what_the_json_says(content_type: str) -> None:
    """The page's own document, as text and as bytes, equals its JSON twin."""
    expected = decode_webhook(bodies.sms())
    assert expected is not None
    assert expected == decode_webhook(bodies.SMS_XML, content_type=content_type)
    assert expected == decode_webhook(bodies.SMS_XML.encode(), content_type=content_type)


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "us-ascii"])
def test_the_declared_encoding_is_honoured(encoding: str) -> None:
    """Bytes in the encoding of their declaration."""
    document = bodies.SMS_XML.replace("UTF-8", encoding.upper())
    failure = decode_webhook(document.encode(encoding), content_type="text/xml")
    assert failure is not None
    assert "15" == failure.code


@pytest.mark.parametrize(
    "content_type", [None, "", "application/json", "application/json; note=text/xml", "xml", b"text/xml", 5]
)
def test_xml_is_read_only_where_the_header_says_so(content_type: object) -> None:
    """Without the header it is a body that is no JSON."""
    assert None is decode_webhook(bodies.SMS_XML, content_type=content_type)  # type: ignore[arg-type]


def test_a_legacy_receipt_may_be_xml() -> None:
    """Flat elements under the root."""
    document = "<dlr><umid>u-1</umid><status>TRASHED</status><reasonCode> 401 </reasonCode></dlr>"
    failure = decode_webhook(document, content_type="text/xml")
    assert failure is not None
    assert "8x8 401 Unauthorized (SMS receipt)" == failure.title()


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE root [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(20))
    + "]>"
)


@pytest.mark.parametrize(
    "head",
    [
        BILLION_LAUGHS,
        '<!DOCTYPE root [<!ENTITY a "undelivered">]>',
        '<!DOCTYPE root [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE root [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>',
        '<!DOCTYPE root SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE root PUBLIC "-//x//y" "x.dtd">',
        "<!DOCTYPE root>",
    ],
    ids=lambda head: head[:60],
)
def test_a_document_type_is_refused(head: str) -> None:
    """No entity is declared, none expands, none is fetched: the document is not read at all."""
    plain = bodies.SMS_XML.partition("?>")[2]
    assert None is decode_webhook(head + plain, content_type="text/xml")
    assert None is decode_webhook(head + plain.replace("undelivered", "&a;"), content_type="text/xml")


@pytest.mark.parametrize(
    "document",
    [
        "",
        "   ",
        "not xml",
        '{"namespace": "SMS"}',
        "<a>text only</a>",
        "<a/>",
        "<a><b></a>",
        "<a>&undeclared;</a>",
        "<a>\ud800</a>",
        "<a>" * 17 + "</a>" * 17,
        "<a>" * 100_000,
        "<a>" + "<b/>" * 1001 + "</a>",
        "<a><b>" + "x" * (256 * 1024) + "</b></a>",
        b"<a>\xff</a>",
        b'<?xml version="1.0" encoding="no-such"?><a><b>c</b></a>',
        b'<?xml version="1.0" encoding="rot13"?><a><b>c</b></a>',
        b"\x00",
    ],
    ids=lambda document: repr(document[:30]),
)
def test_what_cannot_be_read_is_none(document: str | bytes) -> None:
    """Broken, empty, too deep, too wide, too long, in an encoding of nobody's."""
    assert None is parse_xml(document)
    assert None is decode_webhook(document, content_type="text/xml")


def test_of_equal_elements_the_first_counts() -> None:
    """A second one does not overwrite it; entities of XML itself and CDATA are text."""
    expected = {"a": "1", "b": {"c": "<&>"}, "d": ""}
    assert expected == parse_xml("<r>mixed<a>1</a><a>2</a><b>x<c>&lt;&amp;<![CDATA[>]]></c></b><d/></r>")


@given(xml_documents())
def test_any_document_gives_a_failure_or_none(document: str) -> None:
    """No exception whatever comes, and reading twice gives the same."""
    assert decode_webhook(document, content_type="text/xml") == decode_webhook(document, content_type="text/xml")
