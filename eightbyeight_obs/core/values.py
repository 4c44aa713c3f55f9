"""Frozen, slotted dataclasses, made without importing ``dataclasses``: that was half of our own import.

The module brings ``inspect``, ``ast`` and ``dis`` along, and compiles a dozen functions for a class. Type checkers
see the real decorator. So does who asks for ``dataclasses.fields``, ``asdict`` or ``replace`` of such a value: what
they look for is taken from a real dataclass of the same fields, made at that moment.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "draft_of", "replace"]


class _Value:
    """What every such class can do; the decorator copies it into the class, as ``dataclasses`` does."""

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


def _init(names: tuple[str, ...], defaults: dict[str, Any], line: str, known: dict[str, Any]) -> Any:
    """Compile an ``__init__`` of one line for each field."""
    known |= {f"default_{name}": value for name, value in defaults.items()}
    parameters = ", ".join(f"{name}=default_{name}" if name in defaults else name for name in names)
    lines = "".join(line.format(name) for name in names)
    exec(f"def __init__(self, {parameters}):{lines}", known)  # noqa: S102 - the fields of our own classes
    return known["__init__"]


def _frozen(cls: Any) -> Any:
    body = dict(vars(cls))
    names = tuple(body["__annotations__"])
    defaults = {name: body.pop(name) for name in names if name in body}
    for name in ("__dict__", "__weakref__"):  # they are there before a class has slots
        body.pop(name, None)
    body |= {name: function for name, function in vars(_Value).items() if callable(function)}
    made: Any = type(cls)(cls.__name__, cls.__bases__, {**body, "__slots__": names, "__match_args__": names})
    # Past __setattr__, by the slots themselves: half of what a frozen dataclass pays.
    slots = {f"set_{name}": getattr(made, name).__set__ for name in names}
    made.__init__ = _init(names, defaults, "\n set_{0}(self, {0})", slots)
    made.__init__.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__init__.__annotations__ = {**body["__annotations__"], "return": "None"}
    for name in ("__dataclass_fields__", "__dataclass_params__"):
        setattr(made, name, _OfTheRealOne(name, made, defaults))
    return made


class _OfTheRealOne:
    """An attribute of the class that is not there before someone looks for it."""

    def __init__(self, name: str, made: type, defaults: dict[str, Any]) -> None:
        self._name, self._made, self.defaults = name, made, defaults

    def __get__(self, instance: object, owner: type) -> Any:
        from dataclasses import field, make_dataclass

        facts = [
            (name, kind, field(default=self.defaults[name]) if name in self.defaults else field())
            for name, kind in self._made.__annotations__.items()
        ]
        return getattr(make_dataclass(owner.__name__, facts, frozen=True), self._name)


def draft_of(cls: Any) -> Any:
    """Return a class with the same fields that is not frozen, for :meth:`~object.__class__` to be changed when filled.

    Even so a frozen class pays a call for each field: with 28 of them as much as parsing the body. Plain
    assignments, and then one to ``__class__``, are a third of it.
    """
    names, defaults = cls.__match_args__, vars(cls)["__dataclass_fields__"].defaults
    body = {"__slots__": names, "__doc__": cls.__doc__, "__init__": _init(names, defaults, "\n self.{0} = {0}", {})}
    return type(f"{cls.__name__}Draft", cls.__bases__, body)


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
