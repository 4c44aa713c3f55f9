"""Every function of the package, how to put something else in its place, and what that something is."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import eightbyeight_obs

PACKAGE = "eightbyeight_obs"
NO_PART = (f"{PACKAGE}.cli", f"{PACKAGE}.testing", f"{PACKAGE}.__main__")
"""What no service runs in its request path: the command line and the helpers for tests."""


class Broken(RuntimeError):
    """What a sabotaged function raises."""


class Hostile:
    """A value with which nothing can be done: every question to it raises."""

    def _raise(self, *_: object) -> Any:
        raise Broken("hostile value")

    __bool__ = __eq__ = __hash__ = __iter__ = __len__ = __str__ = __getattr__ = __call__ = _raise  # type: ignore[assignment]
    __getitem__ = __contains__ = __lt__ = __int__ = __index__ = __enter__ = __exit__ = _raise

    def __repr__(self) -> str:
        return "<hostile>"


def raises(*_: object, **__: object) -> Any:
    raise Broken("sabotaged")


WAYS: dict[str, Callable[..., Any]] = {
    "raises": raises,
    "returns None": lambda *_, **__: None,
    "returns rubbish": lambda *_, **__: Hostile(),
}


class Target(NamedTuple):
    """A function: where it is defined, the class that it belongs to, if any, and its name."""

    module: str
    owner: str
    name: str

    def __str__(self) -> str:
        place = self.module.removeprefix(f"{PACKAGE}.")
        return ".".join(part for part in (place, self.owner, self.name) if part)


def modules() -> list[Any]:
    """Every module of the package that may run inside a service."""
    names = [info.name for info in pkgutil.walk_packages(eightbyeight_obs.__path__, PACKAGE + ".")]
    parts = [name for name in names if not any(name == part or name.startswith(part + ".") for part in NO_PART)]
    return [eightbyeight_obs, *map(importlib.import_module, parts)]


def targets() -> list[Target]:
    """Every function, method and property that is written in the package."""
    return sorted({target for module in modules() for target in _of_module(module)})


def _of_module(module: Any) -> Iterator[Target]:
    for name, value in vars(module).items():
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(value):
            for attribute, member in vars(value).items():
                if _is_written_in(_function(member), module):
                    yield Target(module.__name__, value.__name__, attribute)
        elif _is_written_in(_function(value), module):
            yield Target(module.__name__, "", name)


def _function(value: Any) -> Any:
    if isinstance(value, property):
        value = value.fget
    elif isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    return inspect.unwrap(value) if callable(value) and not inspect.isclass(value) else value


def _is_written_in(function: Any, module: Any) -> bool:
    """Tell a function of the source from those that dataclasses generate."""
    return inspect.isfunction(function) and function.__code__.co_filename == module.__file__


def forget_caches() -> None:
    """Empty every cache of the package: what a broken function has put there must not outlive it."""
    for module in modules():
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def outermost(frame: Any) -> str:
    """The function of the package through which a call came in: the last one on the way out."""
    name = ""
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == PACKAGE or module.startswith(PACKAGE + "."):
            name = f"{module}.{frame.f_code.co_name}"
        frame = frame.f_back
    return name


@contextmanager
def replaced(target: Target, by: Callable[..., Any]) -> Iterator[list[Any]]:
    """Put `by` in the place of a function under every name that it has in the package; note who called it."""
    callers: list[Any] = []

    def stand_in(*arguments: Any, **options: Any) -> Any:
        callers.append(outermost(sys._getframe(1)))
        return by(*arguments, **options)

    module = sys.modules[target.module]
    undo: list[tuple[Any, str, Any]] = []
    if target.owner:
        owner = getattr(module, target.owner)
        original = vars(owner)[target.name]
        new: Any = stand_in
        if isinstance(original, property):
            new = property(stand_in)
        elif isinstance(original, (staticmethod, classmethod)):
            new = type(original)(stand_in)
        undo.append((owner, target.name, original))
        setattr(owner, target.name, new)
    else:
        original = getattr(module, target.name)
        functools.update_wrapper(stand_in, inspect.unwrap(original))
        if hasattr(original, "cache_clear"):
            stand_in.cache_clear = original.cache_clear  # type: ignore[attr-defined]
        for other in [each for name, each in sys.modules.items() if name.startswith(PACKAGE)]:
            for name, value in list(vars(other).items()):
                if value is original:
                    undo.append((other, name, original))
                    setattr(other, name, stand_in)
    try:
        yield callers
    finally:
        for owner, name, original in undo:
            setattr(owner, name, original)
