"""The options that several commands share, and the check of their values."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final

import typer

from ..core.catalogue import REGISTRIES
from .advice import CATEGORIES
from .console import fail

__all__ = ["CATEGORY", "JSON", "REGISTRY", "check_category", "check_choice", "check_registry"]


def _complete(choices: Sequence[str]) -> Any:
    def complete(incomplete: str) -> list[str]:
        return [choice for choice in choices if choice.startswith(incomplete)]

    return complete


JSON: Final[Any] = typer.Option("--json", help="Print one JSON document instead.")
REGISTRY: Final[Any] = typer.Option(
    "--registry",
    "-r",
    metavar="NAME",
    help=f"Only this table: {', '.join(REGISTRIES)}.",
    autocompletion=_complete(REGISTRIES),
)
CATEGORY: Final[Any] = typer.Option(
    "--category",
    "-c",
    metavar="NAME",
    help=f"Only this category: {', '.join(CATEGORIES)}.",
    autocompletion=_complete(tuple(CATEGORIES)),
)


def check_registry(registry: str) -> Sequence[str]:
    """Return the registries to look at: the one that was named, or all."""
    return (check_choice(registry, REGISTRIES, "--registry"),) if registry else REGISTRIES


def check_category(category: str) -> str:
    """Return the category that was named, or an empty string."""
    return check_choice(category, tuple(CATEGORIES), "--category") if category else ""


def check_choice(value: str, choices: Sequence[str], option: str) -> str:
    """Return the value if it is one of the choices; tell which there are if not."""
    if value not in choices:
        near = [choice for choice in choices if choice.startswith(value)] or get_close_matches(value, choices, 1)
        hint = f"Did you mean {option} {near[0]}?\n" if near else ""
        fail(f"{option} {value!r} is not known.", f"{hint}Accepted: {', '.join(choices)}.")
    return value
