"""No regular expression of the package takes more than linear time, whatever the network or a log sends."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from tests.security.patterns import attacks, in_functions, in_modules, patterns

SMALL, LARGE = 10_000, 100_000
LIMIT = 5.0
"""CPU seconds. Linear ones need milliseconds, at most some tenths; quadratic ones need minutes for LARGE."""


def busy(pattern: re.Pattern[Any], text: str) -> float:
    """The CPU seconds of every search in a text."""
    subject: Any = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    start = time.process_time()
    for _ in pattern.finditer(subject):
        pass
    pattern.fullmatch(subject)
    return time.process_time() - start


@pytest.mark.parametrize("place", patterns())
def test_work_grows_with_the_text_and_not_with_its_square(place: str) -> None:
    """Texts made of the pattern's own parts, 10 and 100 kB long, are searched within the limit."""
    pattern = patterns()[place]
    for size in (SMALL, LARGE):
        for text in sorted(attacks(pattern, size, seed=len(place))):
            assert busy(pattern, text) < LIMIT, f"{text[:200]!r}, {len(text):,} characters"


@pytest.mark.parametrize(
    ("pattern", "size"), [(r"(?:a+)+b", 10), (r"authorization:[ \t]*(?=\S*\d)[a-z]{8}", 3_000), (r"\s+$", 1_500)]
)
def test_a_pattern_that_grows_faster_is_found(pattern: str, size: int) -> None:
    """The texts that are made for such a pattern keep it busy, twenty times as long as a linear one of that size."""
    compiled = re.compile(pattern)
    texts = {text for seed in range(3) for text in attacks(compiled, size, seed)}
    usual = min(busy(re.compile("[b-z]"), "a" * 2 * size) for _ in range(5))
    assert max(busy(compiled, text) for text in texts) > 20 * usual


def test_all_of_them_are_looked_at() -> None:
    """Each call of re's has a literal pattern, or is a value of a module: none is out of sight."""
    modules = {pattern.pattern for _, pattern in in_modules()}
    assert len(modules) > 50
    literal = {source for _, source in in_functions() if source is not None}
    assert literal <= {pattern.pattern for pattern in patterns().values()}
    built = [place for place, source in in_functions() if source is None]
    assert [] == [place for place in built if place.split(":")[0] not in BUILT]


BUILT = ("core/redaction.py", "core/urls.py", "core/privacy.py", "cli/sentry/rules.py", "cli/doctor/command.py")
"""Files that put patterns together from named parts: module values, hence found there."""
