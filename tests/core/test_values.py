"""The frozen classes are dataclasses to everyone who asks, although the module has made none of them."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from typing import Any

import pytest

from eightbyeight_obs.core.catalogue import CodeEntry
from eightbyeight_obs.core.details import Draft, ErrorDetails, WebhookDraft, WebhookFailure, freeze, freeze_webhook
from eightbyeight_obs.core.values import dataclass, replace


@dataclass(frozen=True, slots=True)
class Ours:
    """A value.

    With a docstring of its own.
    """

    code: str
    count: int = 3
    text: str | None = None

    @property
    def double(self) -> int:
        return 2 * self.count


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """The same, made by the module."""

    code: str
    count: int = 3
    text: str | None = None


MADE = [CodeEntry, ErrorDetails, Ours, WebhookFailure]


class Lazy(Ours):
    """A subclass as a service might write it."""

    def title(self) -> str:
        return f"{self.code} x {self.count}"


def described(cls: Any) -> list[tuple[Any, ...]]:
    return [(f.name, f.type, f.default, f.init, f.repr, f.compare, f.kw_only) for f in dataclasses.fields(cls)]


def test_the_fields_are_those_that_the_module_would_make() -> None:
    """Names, types as written, defaults and flags; the signature; the parameters."""
    assert described(Theirs) == described(Ours)
    assert str(inspect.signature(Theirs)) == str(inspect.signature(Ours))
    assert dataclasses.is_dataclass(Ours)
    ours, theirs = Ours.__dataclass_params__, Theirs.__dataclass_params__  # type: ignore[attr-defined]
    assert [True, True, True] == [ours.frozen, ours.eq, ours.repr]
    assert theirs.order == ours.order
    assert Theirs.__match_args__ == Ours.__match_args__


def test_what_the_module_looks_for_is_made_once() -> None:
    """It takes milliseconds: replace() in a loop must not pay them each time."""
    assert Ours.__dataclass_fields__ is Ours.__dataclass_fields__  # type: ignore[attr-defined]
    assert Ours.__dataclass_params__ is Ours("1").__dataclass_params__  # type: ignore[attr-defined]


def test_the_docstring_the_name_and_the_properties_stay() -> None:
    """What a reader, a help text or Sphinx sees of the class is what stands in the source."""
    assert ("Ours", "Ours", __name__) == (Ours.__name__, Ours.__qualname__, Ours.__module__)
    assert str(Ours.__doc__).startswith("A value.\n")
    assert {"code": "str", "count": "int", "text": "str | None"} == Ours.__annotations__
    assert 8 == Ours("x", 4).double


@pytest.mark.parametrize("given", [("1",), ("1", 4), ("1", 4, "x")], ids=len)
def test_a_value_looks_compares_and_hashes_as_theirs_does(given: Any) -> None:
    """The same text, equal by all fields, the same hash for equal ones, never equal to another class."""
    ours, theirs = Ours(*given), Theirs(*given)
    assert repr(theirs).replace("Theirs", "Ours") == repr(ours)
    assert dataclasses.asdict(theirs) == dataclasses.asdict(ours)
    assert dataclasses.astuple(theirs) == dataclasses.astuple(ours)
    assert Ours(*given) == ours
    assert hash(Ours(*given)) == hash(ours)
    assert ours != Ours("2")
    assert ours != theirs
    assert (ours == given) is False
    assert NotImplemented is ours.__eq__(theirs)  # type: ignore[comparison-overlap]


def test_another_value_of_the_same_facts() -> None:
    """`dataclasses.replace`, `copy.replace` of Python 3.13, and our own; an unknown name is an error."""
    ways: list[Any] = [dataclasses.replace, replace]
    if sys.version_info >= (3, 13):
        ways.append(copy.replace)
    for way in ways:
        assert Ours("1", 9, "x") == way(Ours("1", 3, "x"), count=9)
        with pytest.raises(TypeError):
            way(Ours("1"), counts=9)


def test_a_match_statement_takes_it_apart() -> None:
    match Ours("1", 4):
        case Ours(code, count, text=None):
            assert ("1", 4) == (code, count)
        case _:
            pytest.fail("no match")


@pytest.mark.parametrize("arguments", [((), {}), (("1", 2, "x", "y"), {}), (("1",), {"other": 1})], ids=str)
def test_a_wrong_call_is_told_as_usual(arguments: Any) -> None:
    """The error names the class and the argument."""
    positional, named = arguments
    with pytest.raises(TypeError) as theirs:
        Theirs(*positional, **named)
    with pytest.raises(TypeError) as ours:
        Ours(*positional, **named)
    assert str(theirs.value).replace("Theirs", "Ours") == str(ours.value)


@pytest.mark.parametrize("cls", MADE, ids=lambda cls: cls.__name__)
def test_nothing_can_be_changed(cls: Any) -> None:
    """As in a frozen dataclass: the module's own error, for every field, and for any other name."""
    value = cls(*["1"] * len(cls.__match_args__))
    for name in (*cls.__match_args__, "other"):
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot assign to field '{name}'"):
            setattr(value, name, "2")
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot delete field '{name}'"):
            delattr(value, name)
    assert {"1"} == {getattr(value, name) for name in cls.__match_args__}
    assert not hasattr(value, "__dict__")


def test_a_subclass_works() -> None:
    """One without fields, and a dataclass of the module's with one more: both are values, neither is its base."""

    @dataclasses.dataclass(frozen=True)
    class More(Ours):
        more: str = "m"

    assert "1 x 3" == Lazy("1").title()
    assert Lazy("1") != Ours("1")
    assert Lazy("1") == pickle.loads(pickle.dumps(Lazy("1"))) == copy.deepcopy(Lazy("1"))
    assert ("1", 3, None, "m") == dataclasses.astuple(More("1"))
    assert ["code", "count", "text", "more"] == [field.name for field in dataclasses.fields(More)]


@pytest.mark.parametrize(
    ("draft", "freezing", "cls"),
    [(Draft, freeze, ErrorDetails), (WebhookDraft, freeze_webhook, WebhookFailure)],
    ids=["error", "webhook"],
)
def test_a_draft_becomes_the_value_that_the_constructor_makes(draft: Any, freezing: Any, cls: Any) -> None:
    """The quick way gives an equal value of the same class, the defaults and later assignments included."""
    made = draft("1002", "api", "Invalid MSISDN", category="validation")
    made.umid = "u-1"
    value = freezing(made)
    assert cls("1002", "api", "Invalid MSISDN", "validation", umid="u-1") == value
    assert cls is type(value)
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.umid = "u-2"


def test_neither_dataclasses_nor_inspect_is_imported() -> None:
    """They take longer to import than all of this package; in a small script nobody else has done it."""
    code = "import sys, requests; known = set(sys.modules); import eightbyeight_obs; print(*set(sys.modules) - known)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "eightbyeight_obs.core.values" in loaded
    assert set() == loaded & {"dataclasses", "inspect", "ast", "dis"}
