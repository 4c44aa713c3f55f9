"""Every regular expression of the package, found by looking, and texts made from each to keep it busy."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import eightbyeight_obs

if sys.version_info >= (3, 11):
    from re import _constants as constants
    from re import _parser as parser
else:
    import sre_constants as constants
    import sre_parse as parser

__all__ = ["attacks", "in_functions", "in_modules", "patterns"]

ROOT = Path(eightbyeight_obs.__file__).parent
_FUNCTIONS = {"compile", "findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"}
_LONGEST = 2000  # how often a sample repeats what has an upper bound
_ALPHABET = [chr(code) for code in range(32, 127)] + ["\n", "\t", "\u00a0", "é", "\u2028", "\x00"]


def in_modules() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield the patterns that are values of modules or stand in tuples, lists and dictionaries of them."""
    for info in pkgutil.walk_packages([str(ROOT)], "eightbyeight_obs."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            for found in _patterns_in(value):
                yield f"{info.name.removeprefix('eightbyeight_obs.')}.{name}", found


def _patterns_in(value: object, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, (tuple, list, set, frozenset)):
        for part in value:
            yield from _patterns_in(part, depth - 1)
    elif depth and isinstance(value, dict) and len(value) < 500:
        for part in value.values():
            yield from _patterns_in(part, depth - 1)


def in_functions() -> Iterator[tuple[str, str | bytes | None]]:
    """Yield the first argument of every call of ``re``'s in a source file; None where it is no literal."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            function = getattr(node, "func", None)
            if not isinstance(node, ast.Call) or not isinstance(function, ast.Attribute):
                continue
            if isinstance(function.value, ast.Name) and function.value.id == "re" and function.attr in _FUNCTIONS:
                first = node.args[0]
                place = f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
                yield place, first.value if isinstance(first, ast.Constant) else None


@cache
def patterns() -> dict[str, re.Pattern[Any]]:
    """Every pattern once, by the first place where it was found."""
    found: dict[Any, tuple[str, re.Pattern[Any]]] = {}
    for place, pattern in in_modules():
        found.setdefault((pattern.pattern, pattern.flags), (place, pattern))
    known = {pattern for pattern, _ in found}
    for place, source in in_functions():
        if source is not None and source not in known:
            found.setdefault((source, 0), (place, re.compile(source)))
    return {f"{number:02} {place}": pattern for number, (place, pattern) in enumerate(found.values())}


def attacks(pattern: re.Pattern[Any], size: int, seed: int) -> set[str]:
    """Return texts of about this size: each part of the pattern again and again, with and without what precedes it."""
    random = Random(seed)
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    nodes = list(parser.parse(source, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else 0))
    made: set[str] = set()
    for before, repeated in _repeats(nodes, "", random):
        for piece in {repeated, before + repeated, before, repeated * 50 + before}:
            if piece:
                many = piece * (size // len(piece))
                made |= {many, before + many, before + many + "\x00", before + many + "\n!"}
    whole = _sample(nodes, random)
    for end in range(1, len(nodes) + 1):
        piece = _sample(nodes[:end], random) or "x"
        made.add(piece * (size // len(piece)))
    made |= {character * size for character in set(whole[:50]) | {" ", "\n", "\\", "0"}}
    return {text[: 2 * size] for text in made}


def _repeats(nodes: Sequence[Any], before: str, random: Random) -> Iterator[tuple[str, str]]:
    """Yield what leads to each repetition in the pattern, and one sample of what it repeats."""
    for at, (op, value) in enumerate(nodes):
        here = before + _sample(nodes[:at], random)
        name = str(op)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            if value[1] > 1:
                yield here, _sample(value[2], random)
            yield from _repeats(list(value[2]), here, random)
        elif name == "SUBPATTERN":
            yield from _repeats(list(value[-1]), here, random)
        elif name == "ATOMIC_GROUP":
            yield from _repeats(list(value), here, random)
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from _repeats(list(value[1]), here, random)
        elif name == "BRANCH":
            for branch in value[1]:
                yield from _repeats(list(branch), here, random)


def _sample(nodes: Any, random: Random) -> str:
    """Return a text that the nodes match, mostly; of what may repeat, few or very many."""
    return "".join(_one(str(op), value, random) for op, value in nodes)


def _one(name: str, value: Any, random: Random) -> str:
    if name == "LITERAL":
        return chr(value)
    if name == "NOT_LITERAL":
        return "x" if value != ord("x") else "y"
    if name == "ANY":
        return random.choice("x \\'\"")
    if name == "IN":
        return _member(value, random)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        low, high, inner = value
        count = low if random.random() < 0.5 else min(int(high), max(low, random.choice((1, 3, 40))), _LONGEST)
        return _sample(inner, random) * count
    if name == "SUBPATTERN":
        return _sample(value[-1], random)
    if name == "ATOMIC_GROUP":
        return _sample(value, random)
    if name == "BRANCH":
        return _sample(random.choice(value[1]), random)
    return ""  # places, groups that are repeated, and what is only looked at


def _member(items: Any, random: Random) -> str:
    """Return a character of a class, tried out: classes are written in too many ways to be read."""
    inside = [
        character
        for character in _ALPHABET
        if any(_is_in(item, character) for item in items) != (str(items[0][0]) == "NEGATE")
    ]
    return random.choice(inside) if inside else "x"


def _is_in(item: Any, character: str) -> bool:
    name, value = str(item[0]), item[1]
    if name == "LITERAL":
        return value == ord(character)
    if name == "RANGE":
        return bool(value[0] <= ord(character) <= value[1])
    if name == "CATEGORY":
        kinds = {
            constants.CATEGORY_DIGIT: r"\d",
            constants.CATEGORY_NOT_DIGIT: r"\D",
            constants.CATEGORY_SPACE: r"\s",
            constants.CATEGORY_NOT_SPACE: r"\S",
            constants.CATEGORY_WORD: r"\w",
            constants.CATEGORY_NOT_WORD: r"\W",
        }
        return bool(re.match(kinds[value], character))
    return False
