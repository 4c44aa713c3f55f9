"""The chains and groups that lead from an exception to the one that carries a failure of 8x8's, and the grades."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, TypeAlias

from .details import ErrorDetails

__all__ = ["CERTAIN", "LIKELY", "RELATED", "Carry", "causes", "is_bare", "search"]

CERTAIN: Final = "certain"
LIKELY: Final = "likely"
RELATED: Final = "related"

_CHAIN_LIMIT: Final = 50
_MEMBER_LIMIT: Final = 100
_SEARCH_LIMIT: Final = 200
_CARRYING: Final = ("response", "request", "exceptions", "_eightbyeight_obs", "__getattr__")

Carry: TypeAlias = Callable[[BaseException], "ErrorDetails | None"]
"""What tells whether one exception carries a failure."""


def search(
    exc: BaseException | None, carry: Carry, seen: set[int] | None = None
) -> tuple[str, list[ErrorDetails]] | None:
    """Find the failure that an exception is about, and how sure that is.

    Args:
        exc: The exception of an event.
        carry: What tells whether one exception carries a failure.
        seen: The exceptions that were looked at on the way here: each is looked at once, so that members,
            causes and groups that lead to each other come to an end.

    Returns:
        ``certain``: it carries one, or was raised ``from`` one that does, or is a group of one such.
        ``likely``: an implicit ``__context__`` on the way does. ``related``: a group with more members, with
        the failures of them. None: nothing found.
    """
    grade = CERTAIN
    seen = set() if seen is None else seen
    for link, implicit in _chain(exc, seen):
        if implicit:
            grade = LIKELY
        kind: Any = type(link)  # mypy takes a class of exceptions for unhashable
        if _is_bare_class(kind) and not link.__dict__:  # the class first: its __getattribute__ may be its own
            continue  # nearly every exception
        details = carry(link)
        if details is not None:
            return grade, [details]
        members = _members(link)
        if len(members) == 1:
            found = search(members[0], carry, seen)
            if found:
                return (found[0] if grade == CERTAIN else grade), found[1]
        elif members:
            failures = [found[1][0] for found in (search(member, carry, seen) for member in members) if found]
            if failures:
                return RELATED, failures
    return None


def is_bare(exc: BaseException) -> bool:
    """Tell quickly that ``search`` will find nothing; False: it has to look."""
    link: BaseException | None = exc
    for _ in range(_CHAIN_LIMIT):
        if link is None:
            return True
        kind: Any = type(link)
        if not _is_bare_class(kind) or link.__dict__:
            return False
        context = None if link.__suppress_context__ else link.__context__
        link = context if link.__cause__ is None else link.__cause__
    return False


@lru_cache(maxsize=256)
def _is_bare_class(cls: Any) -> bool:
    """Tell that a class of exceptions has no attribute that could carry a failure."""
    return cls.__getattribute__ is BaseException.__getattribute__ and not any(hasattr(cls, name) for name in _CARRYING)


def causes(exc: BaseException | None, seen: set[int] | None = None) -> Iterator[BaseException]:
    """Yield an exception and those that it was raised ``from``, nearest first; of a group of one the member too."""
    seen = set() if seen is None else seen
    for link, implicit in _chain(exc, seen):
        if implicit:
            return
        yield link
        members = _members(link)
        if len(members) == 1:
            yield from causes(members[0], seen)


def _chain(exc: BaseException | None, seen: set[int]) -> Iterator[tuple[BaseException, bool]]:
    """Yield the chain as Python prints it, each link with True once an implicit one lay on the way."""
    implicit = False
    for _ in range(_CHAIN_LIMIT):
        if exc is None or id(exc) in seen or len(seen) >= _SEARCH_LIMIT:
            return
        seen.add(id(exc))
        yield exc, implicit
        if exc.__cause__ is not None:
            exc = exc.__cause__
        elif exc.__suppress_context__:
            return
        else:
            exc, implicit = exc.__context__, True


def _members(exc: BaseException) -> list[BaseException]:
    """Return the exceptions in a group, groups in it opened; empty for what is no group.

    By shape, not by class: Python 3.10 has groups from the package ``exceptiongroup`` only.
    """
    kind: Any = type(exc)  # mypy takes a class of exceptions for unhashable
    if not _is_group_class(kind):
        return []  # nearly every exception
    leaves: list[BaseException] = []
    waiting = [exc]
    while waiting and len(leaves) < _MEMBER_LIMIT:
        group = waiting.pop(0)
        cls: Any = type(group)
        inner = getattr(group, "exceptions", None) if _is_group_class(cls) else None
        if isinstance(inner, tuple):
            waiting[:0] = [member for member in inner[:_MEMBER_LIMIT] if isinstance(member, BaseException)]
        elif group is not exc:
            leaves.append(group)
    return leaves


@lru_cache(maxsize=256)
def _is_group_class(cls: type) -> bool:
    return any(base.__name__ in ("BaseExceptionGroup", "ExceptionGroup") for base in cls.__mro__)
