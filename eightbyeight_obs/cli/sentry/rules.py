"""Rules in a project's settings: who owns which failures, and grouping for services without the fingerprint.

Both are text with one rule per line. Ours stand between two comments, so that they can be found again and the
project's other rules stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from ...core.catalogue import explain
from ..advice import CATEGORIES, STATES
from ..console import fail

__all__ = ["fingerprint_rules", "merged", "ownership_rules"]

_BEGIN: Final = "# eightbyeight-obs: begin"
_END: Final = "# eightbyeight-obs: end"
_BLOCK: Final = re.compile(rf"(?ms)^{re.escape(_BEGIN)}$.*?^{re.escape(_END)}$\n?")
_OWNER: Final = re.compile(r"#[A-Za-z0-9_-]{1,50}|[^\s@=]{1,100}@[^\s@=]{1,100}")
_CODE: Final = re.compile(r"-?[0-9]{1,9}\*?|http-[0-9]{3}|[0-9]{1,3}\*")

_TITLE: Final = 'title="8x8 {{ tags.8x8.code }} {{ tags.8x8.description }}"'
# The elements are those that the middleware sends, so that issues stay what they are. A rejection without a number
# is told apart by its reason there, which a rule cannot know: it is left to the middleware.
_FINGERPRINTS: Final = (
    "!tags.8x8.code:rejected tags.8x8.match:certain -> 8x8, {{ tags.8x8.registry }}, {{ tags.8x8.code }} " + _TITLE,
    "!tags.8x8.code:rejected tags.8x8.match:likely -> {{ default }}, 8x8, {{ tags.8x8.registry }}, {{ tags.8x8.code }}",
)  # fmt: skip


def fingerprint_rules() -> str:
    """Return rules that group by registry and code on the server, and give the issues of certain events their title.

    For projects whose services set the tags with ``group=False``, and for titles: the SDK cannot set an
    issue's title, a rule can.
    """
    return _block(_FINGERPRINTS)


def ownership_rules(owners: Iterable[str]) -> str:
    """Return rules that give failures to their owners.

    Args:
        owners: ``"authentication=#platform"``: a category, a code (``1300``, ``30*``) or ``*``, and a team
            or an e-mail address; several owners with blanks between them. Without any: every category,
            commented out, to fill in.
    """
    rules = [_rule(text) for text in owners]
    if not rules:
        rules = [f"# tags.8x8.category:{category} #team-or-someone@example.com" for category in CATEGORIES]
    return _block(rules)


def merged(existing: str, block: str, *, first: bool, replace: bool) -> str | None:
    """Return the project's rules with ours in them, or None where they are there already and may not be replaced.

    Others' lines are never touched, and win over ours.

    Args:
        existing: The rules that are there.
        block: Ours.
        first: Put ours before the others: of ownership rules the last that fits wins, of fingerprint rules the first.
        replace: Write over what an earlier call put there.
    """
    # As a function: a block holds braces and backslashes that a template would read.
    if _BLOCK.search(existing):
        return _BLOCK.sub(lambda _: block, existing, count=1) if replace else None
    if not existing.strip():
        return block
    return block + existing if first else existing.rstrip("\n") + "\n" + block


def _block(rules: Iterable[str]) -> str:
    return "\n".join([_BEGIN, *rules, _END]) + "\n"


def _rule(text: str) -> str:
    what, equals, who = text.partition("=")
    what, owners = what.strip(), who.split()
    if not equals or not owners or not all(_OWNER.fullmatch(owner) for owner in owners):
        fail(f"--owner {text!r} is not WHAT=WHO.", "Like authentication=#platform, or 1300=someone@example.com.")
    if what == "*":
        return f"tags.8x8.code:* {' '.join(owners)}"
    if what in CATEGORIES:
        return f"tags.8x8.category:{what} {' '.join(owners)}"
    if not _CODE.fullmatch(what) and what not in STATES:
        near = get_close_matches(what, CATEGORIES, 1)
        hint = f"Did you mean {near[0]}={who}?\n" if near else ""
        fail(f"--owner {text!r}: {what!r} is no category and no code.", f"{hint}Categories: {', '.join(CATEGORIES)}.")
    if what.isdigit() and explain(what) is None and len(what) == 4:
        fail(f"--owner {text!r}: the registry api has no code {what}.", "See them with: eightbyeight-obs codes")
    return f"tags.8x8.code:{what} {' '.join(owners)}"
