"""What Relay, Sentry's own ingestion, does to events about 8x8: nothing that an on-call engineer would miss."""

from __future__ import annotations

from typing import Any

import pytest

import eightbyeight_obs

pytest.importorskip("sentry_relay", reason="`nox -s relay` installs sentry-relay")

from tests.e2e.relay_plugin import DEFAULT_SCRUBBING, Relay

ERROR_ID = "b4478860-b76c-e811-814e-022a35cc1c71"
URL = "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"


def event(status: int = 401, code: int = 1200, message: str = "Request was not authenticated properly") -> Any:
    """An event about a failure, as the middleware writes it."""
    body = f'{{"code": {code}, "message": "{message}", "errorId": "{ERROR_ID}", "timestamp": "2026-11-21T10:00:00Z"}}'
    details = eightbyeight_obs.decode(status, body, url=URL, method="POST")
    assert details is not None
    return {
        "event_id": "a" * 32,
        "level": "error",
        "platform": "python",
        "tags": {**details.tags(), "8x8.match": "certain"},
        "contexts": {"8x8": {**details.context(), "match": "certain"}},
        "fingerprint": details.fingerprint(),
        "exception": {"values": [{"type": "HTTPError", "value": details.title()}]},
    }


@pytest.mark.parametrize("code", sorted({code for registry, code in eightbyeight_obs.CATALOGUE if registry == "api"}))
def test_every_code_of_the_catalogue_arrives_whole(code):
    """Tags, title, fingerprint and context of each of 8x8's codes pass the normaliser and the default scrubbing."""
    assert [] == Relay().problems(event(400, int(code)))


def test_a_sentence_about_authentication_is_blanked_in_the_context_and_nowhere_else():
    """Of a 1200 the default scrubbing takes ``message`` from the context; code, meaning and category stay as tags."""
    relay = Relay()
    stored = relay.stored(event())
    assert "[Filtered]" == stored["contexts"]["8x8"]["message"]
    tags = dict(stored["tags"])
    assert ("1200", "Unauthorized Access", "authentication", ERROR_ID) == tuple(
        tags[f"8x8.{key}"] for key in ("code", "description", "category", "error_id")
    )
    assert stored["exception"]["values"][0]["value"].startswith("8x8 1200 Unauthorized Access (HTTP 401, POST ")


SENTENCE = "Request was not authenticated properly"


def test_the_sentence_is_blanked_for_a_word_in_it_whatever_it_is_called():
    """Why nothing better is done: ``@password`` looks at the value, under any name, at any depth, in any section."""
    sent = event()
    sent["contexts"]["8x8"] = {"said": SENTENCE, "lines": [SENTENCE], "more": {"deeper": SENTENCE}}
    sent["extra"] = {"said": SENTENCE}
    sent["breadcrumbs"] = {"values": [{"category": "8x8", "message": SENTENCE}]}
    stored = Relay().stored(sent)
    gone = "[Filtered]"
    assert {"said": gone, "lines": [gone], "more": {"deeper": gone}, "type": "8x8"} == stored["contexts"]["8x8"]
    assert ({"said": gone}, gone) == (stored["extra"], stored["breadcrumbs"]["values"][0]["message"])
    assert "@password:filter" == stored["_meta"]["contexts"]["8x8"]["said"][""]["rem"][0][0]


def test_tags_titles_and_the_text_of_a_log_line_keep_the_sentence():
    """What default scrubbing leaves alone: there the decoded failure stands."""
    sent = event()
    sent["tags"]["8x8.description"] = SENTENCE
    sent["exception"]["values"][0]["value"] = SENTENCE
    sent["logentry"] = {"message": SENTENCE, "formatted": SENTENCE}
    stored = Relay().stored(sent)
    told = (dict(stored["tags"])["8x8.description"], stored["exception"]["values"][0]["value"])
    assert (SENTENCE, SENTENCE, SENTENCE) == (*told, stored["logentry"]["formatted"])


def test_message_as_a_safe_field_keeps_the_sentence():
    """docs/privacy.md: ``message`` under Safe Fields in the project's settings keeps what 8x8 said."""
    stored = Relay({**DEFAULT_SCRUBBING, "excludeFields": ["message"]}).stored(event())
    assert "Request was not authenticated properly" == stored["contexts"]["8x8"]["message"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sent: sent["tags"].update({"8x8.error_id": "two\nlines"}),
        lambda sent: sent["tags"].update({"8x8.code": ""}),
        lambda sent: sent["tags"].update({"8x8.description": "x" * 201}),
        lambda sent: sent["tags"].update({"8x8.retryable": True}),
        lambda sent: sent["tags"].update({"8x8.odd/key": "x"}),
        lambda sent: sent.update(fingerprint=["8x8", ["api"], "1200"]),
        lambda sent: sent["contexts"]["8x8"].update({"message": "x" * 20_000}),
        lambda sent: sent["contexts"]["8x8"].update({"umid": "my password"}),
        lambda sent: sent["exception"]["values"][0].update(value="x" * 20_000),
    ],
)
def test_the_check_finds_what_relay_would_change(spoil):
    """A control: each of these is told."""
    sent = event()
    spoil(sent)
    assert Relay().problems(sent)
