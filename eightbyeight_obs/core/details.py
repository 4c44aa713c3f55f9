"""ErrorDetails, WebhookFailure, and the one table of keys: log key = Sentry tag = span attribute."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeAlias

from .catalogue import CodeEntry, explain
from .values import dataclass, draft_of

__all__ = [
    "KEYS",
    "PREFIX",
    "Draft",
    "ErrorDetails",
    "Fact",
    "Key",
    "WebhookDraft",
    "WebhookFailure",
    "freeze",
    "freeze_webhook",
    "slug",
]

PREFIX: Final = "8x8."
Fact: TypeAlias = str | int | bool
"""What a log value can be."""


class Key(NamedTuple):
    """One row of the vocabulary: where a fact is kept and what it is called outside."""

    attribute: str
    name: str
    tag: bool


# The order is the order in a log line and in the Sentry context.
_TAGS: Final = (
    "code",
    "registry",
    "description",
    "category",
    "retryable",
    "error_id",
    "http_status",
    "product",
    "region",
    "endpoint",
    "match",
    "umid",
)
_NO_TAGS: Final = (
    "sub_account",
    "message",
    "timestamp",
    "batch_id",
    "request_id",
    "session_id",
    "rejected_count",
    "accepted_count",
    "rejected_reasons",
    "rejected_umids",
    "state",
    "channel",
    "provider_code",
    "retry_after",
    "attempts",
)
KEYS: Final = tuple(
    [Key(name, PREFIX + name, tag=True) for name in _TAGS] + [Key(name, PREFIX + name, tag=False) for name in _NO_TAGS]
)
"""Every key that a sink may write; no sink spells one itself."""

_TAG_LIMIT: Final = 200
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """Return ``text`` as one lower-case word: ``"Text value is missing"`` -> ``"text-value-is-missing"``."""
    return _NOT_WORD.sub("-", text.lower()).strip("-")


class _Facts:
    """The views that the sinks take of a failure; the two classes below differ in their fields only."""

    __slots__ = ()
    _names: tuple[str, ...] = ()
    _tag_names: tuple[str, ...] = ()
    _values: Callable[[_Facts], tuple[Any, ...]]  # under these names, in one step: half of what a loop costs
    # Declared for the type checker; the dataclasses below define them.
    code: str
    registry: str
    description: str

    @property
    def entry(self) -> CodeEntry | None:
        """The catalogue's row for this code, or None: what ``explain(code, registry)`` returns."""
        return explain(self.code, self.registry)

    def fields(self) -> dict[str, Fact]:
        """Return the log view: every known fact by its key (``"8x8.code"``), with its own type."""
        values = zip(self._names, self._values(self), strict=True)
        return {name: value for name, value in values if value is not None}

    def tags(self) -> dict[str, str]:
        """Return the Sentry tags: strings of 1 to 200 characters; booleans as ``"true"`` and ``"false"``."""
        tags: dict[str, str] = {}
        for name, value in zip(self._tag_names, self._values(self), strict=False):  # the tags come first
            if value is True or value is False:
                tags[name] = "true" if value else "false"
            elif value is not None and value != "":
                tags[name] = str(value)[:_TAG_LIMIT]
        return tags

    def context(self) -> dict[str, Fact]:
        """Return the Sentry context named ``8x8``: the log view with the prefix taken off the keys."""
        return {name[len(PREFIX) :]: value for name, value in self.fields().items()}

    def fingerprint(self) -> list[str]:
        """Return the Sentry fingerprint: ``["8x8", registry, code]``, one issue per JSON code.

        A rejection without a number has the slug of its documented reason as a fourth element.
        """
        fingerprint = ["8x8", self.registry, self.code]
        if self.code == "rejected" and self.description != "Rejected":
            fingerprint.append(slug(self.description))
        return fingerprint


@dataclass(frozen=True, slots=True)
class ErrorDetails(_Facts):
    """One failed exchange with 8x8, decoded.

    Attributes:
        code: The JSON code as a string (``"1002"``); ``"http-502"`` without one; a state (``"rejected"``) or,
            with no answer at all, the exception's class (``"ConnectTimeout"``).
        registry: The table that the code belongs to, or ``"transport"``.
        description: The catalogue's text for the code.
        category: Who has to act.
        retryable: True only where 8x8 surely did not accept the request; None where that is not known.
        error_id: 8x8's ``errorId``, which its support asks for.
        http_status: The status of the answer; None without an answer.
        product: ``"sms"``, ``"chatapps"``, ``"verify"``, ``"lookup"``, ``"contacts"``, ``"automation"``, ``"voice"``.
        region: ``"apac"``, ``"us"``, ``"eu"``, ``"id"``.
        endpoint: Method and path template, never an id or a number.
        match: How sure it is that an event is about this failure; None from the pure functions.
        sub_account: The sub-account id of the URL.
        message: The server's own words, digit runs masked, e-mail addresses removed, 1,000 characters at most.
        timestamp: As sent.
        umid: The message id of a rejected message.
        batch_id: The batch id of an answer to a batch.
        request_id: Voice's ``callFlowRequestId``, Lookup's ``requestId``.
        session_id: A verification or voice session.
        rejected_count: How many messages of a batch were rejected.
        accepted_count: How many messages of a batch were accepted.
        rejected_reasons: Of a batch: the counts by reason, most frequent first, as one line of text.
        rejected_umids: Of a batch: the first rejected umids, as one line of text.
        state: A receipt's state.
        channel: A receipt's channel.
        provider_code: Meta's or Viber's own code.
        retry_after: Seconds to wait, from ``Retry-After``.
        attempts: How many answers ``urllib3.Retry`` saw before the last one.
        host: The host as called, without port; used in the title only.
    """

    code: str
    registry: str
    description: str
    category: str
    retryable: bool | None = None
    error_id: str | None = None
    http_status: int | None = None
    product: str | None = None
    region: str | None = None
    endpoint: str | None = None
    match: str | None = None
    umid: str | None = None
    sub_account: str | None = None
    message: str | None = None
    timestamp: str | None = None
    batch_id: str | None = None
    request_id: str | None = None
    session_id: str | None = None
    rejected_count: int | None = None
    accepted_count: int | None = None
    rejected_reasons: str | None = None
    rejected_umids: str | None = None
    state: str | None = None
    channel: str | None = None
    provider_code: str | None = None
    retry_after: int | None = None
    attempts: int | None = None
    host: str | None = None

    def title(self) -> str:
        """Return the one line that names the failure.

        ``8x8 1002 Invalid MSISDN (HTTP 400, POST sms.8x8.com/api/v1/subaccounts/{subAccountId}/messages)``
        """
        where = []
        if self.http_status is not None:
            where.append(f"HTTP {self.http_status}")
        if self.host:
            method, _, path = (self.endpoint or "").rpartition(" ")
            where.append(f"{method} {self.host}{path}" if method else self.host + path)
        place = f" ({', '.join(where)})" if where else ""
        return f"8x8 {self.code} {self.description}{place}"


@dataclass(frozen=True, slots=True)
class WebhookFailure(_Facts):
    """A failure that 8x8 told by webhook: an undelivered message, a voice session that broke, a rejected template.

    Attributes:
        code: The receipt's number as a string, or its state in snake case (``"undelivered"``) without one.
        registry: ``"sms_receipt"``, ``"chatapps_receipt"``, ``"voice_session"``, ``"reason_code"``.
        description: The catalogue's text for the code, or the state in words without one.
        category: Who has to act.
        retryable: None as a rule: 8x8 accepted the message, a resend is another message.
        product: ``"sms"``, ``"chatapps"``, ``"voice"``.
        match: How sure it is that an event is about this failure; None from ``decode_webhook``.
        umid: The message id to quote to support.
        sub_account: The sub-account id.
        message: The receipt's ``errorMessage``, digit runs masked, e-mail addresses, the message's own texts and
            parties removed.
        timestamp: As sent.
        batch_id: The batch id.
        request_id: The ``eventId`` of a business-management event.
        session_id: The voice session.
        state: In snake case: ``"undelivered"``, ``"rejected_by_carrier"``, ``"error"``, ``"upload_failed"``, ...
        channel: ``"sms"``, ``"whatsapp"``, ``"viber"``, ... in lower case, where the webhook names one.
        provider_code: Meta's or Viber's own code.
        kind: What arrived, for the title: ``"SMS receipt"``, ``"ChatApps receipt"``, ``"voice session"``,
            ``"voice recording"``, ``"template update"``, ``"account update"``.
    """

    code: str
    registry: str
    description: str
    category: str
    retryable: bool | None = None
    product: str | None = None
    match: str | None = None
    umid: str | None = None
    sub_account: str | None = None
    message: str | None = None
    timestamp: str | None = None
    batch_id: str | None = None
    request_id: str | None = None
    session_id: str | None = None
    state: str | None = None
    channel: str | None = None
    provider_code: str | None = None
    kind: str = "receipt"

    def title(self) -> str:
        """Return the one line that names the failure: ``8x8 15 Invalid destination (SMS receipt)``."""
        return f"8x8 {self.code} {self.description} ({self.kind})"

    # A hook of install(on_error=...) gets both classes. What an answer has and a webhook lacks is None.
    @property
    def error_id(self) -> None:
        """None: a webhook has no errorId; its umid or session id is what to quote."""

    @property
    def http_status(self) -> None:
        """None: there was no answer."""

    @property
    def region(self) -> None:
        """None: a webhook does not tell its region."""

    @property
    def endpoint(self) -> None:
        """None: nothing was called."""


def _set_views(cls: type[_Facts]) -> None:
    keys = [key for key in KEYS if key.attribute in cls.__slots__]
    cls._names = tuple(key.name for key in keys)
    cls._tag_names = tuple(key.name for key in keys if key.tag)
    cls._values = attrgetter(*[key.attribute for key in keys])


_set_views(ErrorDetails)
_set_views(WebhookFailure)


Draft: Final[Any] = draft_of(ErrorDetails)
WebhookDraft: Final[Any] = draft_of(WebhookFailure)


def freeze(draft: Any) -> ErrorDetails:
    """Turn a ``Draft(...)`` into the ErrorDetails of the same facts, in place."""
    draft.__class__ = ErrorDetails
    details: ErrorDetails = draft
    return details


def freeze_webhook(draft: Any) -> WebhookFailure:
    """Turn a ``WebhookDraft(...)`` into the WebhookFailure of the same facts, in place."""
    draft.__class__ = WebhookFailure
    failure: WebhookFailure = draft
    return failure
