"""Frozen, slotted dataclasses, made without importing ``dataclasses``: that was two fifths of our own import.

The module brings ``inspect``, ``ast`` and ``dis`` along, and compiles a dozen functions for a class. Type checkers
see the real decorator. So does who asks for ``dataclasses.fields``, ``asdict`` or ``replace`` of such a value: what
they look for is taken from a real dataclass of the same fields, made at that moment.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "draft_of", "replace"]


def draft_of(cls: Any) -> Any:
    """Return a class with the same fields that is not frozen, whose instances can be given the frozen class.

    A frozen ``__init__`` makes one call for each field; 28 of them cost as much as parsing a body. A draft is
    filled by plain assignments, and then by one to its ``__class__``: a third of that.
    """
    names = cls.__match_args__
    init = _init(names, cls.__init__.__defaults__, "self.{0} = {0}")
    return type(f"{cls.__name__}Draft", cls.__bases__, {"__slots__": names, "__init__": init})


class _Value:
    """What an instance can do. The decorator copies it, as ``dataclasses`` does: a draft has the same bases."""

    __slots__ = ()
    __match_args__: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        return _facts(self) == _facts(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(_facts(self))

    def __repr__(self) -> str:
        facts = zip(self.__match_args__, _facts(self), strict=True)
        return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in facts)})"

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), _facts(self)

    def __replace__(self, /, **changes: Any) -> Any:
        return type(self)(**{**dict(zip(self.__match_args__, _facts(self), strict=True)), **changes})

    def __setattr__(self, name: str, value: object) -> None:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {name!r}")


def _facts(value: Any) -> tuple[Any, ...]:
    facts: tuple[Any, ...] = attrgetter(*value.__match_args__)(value)
    return facts


def _frozen(cls: Any) -> Any:
    body = dict(vars(cls))
    names = tuple(cls.__annotations__)
    defaults = tuple(body.pop(name) for name in names if name in body)
    for name in ("__dict__", "__weakref__"):  # of a class that has no slots yet
        body.pop(name, None)
    body |= {name: function for name, function in vars(_Value).items() if callable(function)}
    body |= {"__annotations__": cls.__annotations__, "__slots__": names, "__match_args__": names}
    made: Any = type(cls)(cls.__name__, cls.__bases__, body)
    # Past __setattr__, by the slots themselves: half of what a real frozen dataclass pays.
    made.__init__ = _init(
        names, defaults, "{0}_(self, {0})", {f"{name}_": getattr(made, name).__set__ for name in names}
    )
    made.__init__.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__init__.__annotations__ = {**cls.__annotations__, "return": None}
    for name in ("__dataclass_fields__", "__dataclass_params__"):
        setattr(made, name, _OfTheRealOne(name, made))
    return made


def _init(names: tuple[str, ...], defaults: tuple[Any, ...], line: str, known: dict[str, Any] | None = None) -> Any:
    """Compile an ``__init__`` with one line for each field; the last fields have the defaults."""
    known = known or {}
    lines = "".join("\n " + line.format(name) for name in names)
    exec(f"def __init__(self, {', '.join(names)}):{lines}", known)  # noqa: S102 - the fields of our own classes
    init = known.pop("__init__")
    init.__defaults__ = defaults
    return init


class _OfTheRealOne:
    """An attribute of the class that is not there before someone looks for it."""

    def __init__(self, name: str, made: Any) -> None:
        self._name, self._made = name, made

    def __get__(self, instance: object, owner: type) -> Any:
        from dataclasses import field, make_dataclass

        made, defaults = self._made, self._made.__init__.__defaults__
        given: list[Any] = [field() for _ in range(len(made.__match_args__) - len(defaults))]
        given += [field(default=value) for value in defaults]
        facts = [(*fact, each) for fact, each in zip(made.__annotations__.items(), given, strict=True)]
        found = getattr(make_dataclass(made.__name__, facts, frozen=True), self._name)
        setattr(made, self._name, found)  # from now on it is there
        return found


if TYPE_CHECKING:
    from dataclasses import dataclass, replace
else:

    def dataclass(*, frozen: bool, slots: bool) -> Any:
        """Return the decorator; ``frozen=True, slots=True`` is the one form that there is of it here."""
        assert frozen
        assert slots
        return _frozen

    def replace(value: Any, /, **changes: Any) -> Any:
        """Return the value with other facts."""
        return value.__replace__(**changes)
