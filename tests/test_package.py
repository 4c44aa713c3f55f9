"""The package as a whole: its names, its files, its rooms and what importing it costs."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import eightbyeight_obs
from eightbyeight_obs.core.catalogue import REGISTRIES

PACKAGE = "eightbyeight_obs"
FOLDER = Path(eightbyeight_obs.__file__).parent
ROOT = Path(__file__).parents[1]
PUBLIC = [
    "CATALOGUE",
    "CodeEntry",
    "EightByEightAdapter",
    "EightByEightIntegration",
    "EightByEightProcessor",
    "ErrorDetails",
    "ErrorHook",
    "Installation",
    "WebhookFailure",
    "__version__",
    "decode",
    "decode_webhook",
    "explain",
    "from_exception",
    "from_response",
    "install",
    "is_installed",
    "report",
    "support_ticket",
    "uninstall",
]


def test_the_public_names_are_these() -> None:
    """A name is added or taken away on purpose, with a line in the changelog."""
    assert PUBLIC == eightbyeight_obs.__all__
    assert [] == [name for name in PUBLIC if getattr(eightbyeight_obs, name, None) is None]
    with pytest.raises(AttributeError, match="has no attribute 'unheard_of'"):
        eightbyeight_obs.unheard_of  # noqa: B018


def test_every_public_function_and_class_says_what_it_does() -> None:
    """A docstring whose first word is a verb or, of a class, a noun; one line, then an end."""
    found = [(name, inspect.getdoc(getattr(eightbyeight_obs, name)) or "") for name in PUBLIC]
    silent = [name for name, doc in found if not doc.partition("\n")[0].rstrip(":").endswith((".", "event", "details"))]
    assert {"CATALOGUE", "ErrorHook", "__version__"} >= set(silent)


def test_the_version_is_that_of_the_distribution() -> None:
    """What is built and what the code says are the same, and the changelog knows it."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert [eightbyeight_obs.__version__] == re.findall(r'^version = "(.+)"$', project, re.MULTILINE)
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{eightbyeight_obs.__version__}]" in changelog


def test_the_data_files_are_installed() -> None:
    """The tables and the mark for type checkers lie beside the code, also in a wheel."""
    assert (FOLDER / "py.typed").is_file()
    tables = {path.stem for path in (FOLDER / "core" / "catalogue").glob("*.json")}
    assert set(REGISTRIES) == tables


def test_importing_the_package_loads_neither_structlog_nor_sentry() -> None:
    """The import costs requests and the standard library; the rest is loaded by install()."""
    code = (
        "import sys, sysconfig, requests; sysconfig.get_paths(); before = set(sys.modules); import eightbyeight_obs;"
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before}"
        f" - set(sys.stdlib_module_names) - {{{PACKAGE!r}}}))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == loaded.stdout.strip()


# --- the rooms -------------------------------------------------------------------------------------------------------


def imports(path: Path) -> Iterator[str]:
    """The full names of what a module imports when it runs; what only a type checker sees is left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for branch in node.body
        for inner in ast.walk(branch)
    }
    parts = [PACKAGE, *path.relative_to(FOLDER).parent.parts]
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = parts[: len(parts) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{name}.{alias.name}" for alias in node.names)


def room(name: str) -> list[Path]:
    """The files of a room."""
    return sorted((FOLDER / name).rglob("*.py"))


@pytest.mark.parametrize("path", room("core"), ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_the_core_imports_the_standard_library_and_itself(path: Path) -> None:
    """What an 8x8 failure is needs no library, and nothing else of ours."""
    foreign = [
        name
        for name in imports(path)
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith(f"{PACKAGE}.core.")
    ]
    assert [] == foreign


@pytest.mark.parametrize(
    ("one", "other"), [("clients", "sinks"), ("sinks", "clients"), ("clients", "cli"), ("sinks", "cli")]
)
def test_clients_and_sinks_know_nothing_of_each_other(one: str, other: str) -> None:
    """Failures go from a client to the exchange and on to the sinks; neither names the other, nor the command line."""
    assert [] == [
        (path.name, name)
        for path in room(one)
        for name in imports(path)
        if f"{name}.".startswith(f"{PACKAGE}.{other}.")
    ]


def test_the_library_never_imports_the_command_line() -> None:
    """Typer and rich are the command line's; only `python -m eightbyeight_obs` leads there."""
    outside = [path for path in FOLDER.rglob("*.py") if "cli" not in path.relative_to(FOLDER).parts]
    found = [
        (path.name, name)
        for path in outside
        for name in imports(path)
        if f"{name}.".startswith((f"{PACKAGE}.cli.", "rich.", "typer."))
    ]
    assert {"__main__.py"} >= {name for name, _ in found}
