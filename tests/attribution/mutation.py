"""Sabotage of one rule: a function of the middleware gets other code, in place, for a while."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

PACKAGE = "eightbyeight_obs"


@dataclass(frozen=True)
class Mutation:
    """One rule, broken.

    Attributes:
        broken: What the rule says now, in words.
        where: ``"attribution:_held"``, a function, or ``"attribution:_AGE_LIMIT"``, a constant.
        old: The piece of the function's source that holds the rule; of a constant its value.
        new: What stands there instead.
        caught_by: The shape that must fail.
    """

    broken: str
    where: str
    old: str
    new: str
    caught_by: str

    def __str__(self) -> str:
        return self.broken.replace(" ", "_")


@contextlib.contextmanager
def sabotaged(mutation: Mutation) -> Iterator[None]:
    """Break a rule while the block runs. The function object stays the same, so everybody gets the other code."""
    module_name, _, name = mutation.where.partition(":")
    module = importlib.import_module(f"{PACKAGE}.{module_name}")
    owner = module
    for part in name.split(".")[:-1]:
        owner = getattr(owner, part)
    target = getattr(owner, name.rpartition(".")[2])
    if not inspect.isfunction(target):
        assert mutation.old == repr(target), f"{mutation.where} is {target!r}"
        setattr(owner, name, eval(mutation.new))
        try:
            yield
        finally:
            setattr(owner, name, target)
        return
    source = textwrap.dedent(inspect.getsource(target))
    assert source.count(mutation.old) == 1, f"the rule has moved: {mutation.old!r} in {mutation.where}\n{source}"
    names: dict[str, object] = {}
    code = compile(
        "from __future__ import annotations\n" + source.replace(mutation.old, mutation.new), "<mutant>", "exec"
    )
    exec(code, module.__dict__.copy(), names)
    before, target.__code__ = target.__code__, names[target.__name__].__code__  # type: ignore[attr-defined]
    try:
        yield
    finally:
        target.__code__ = before
