"""``eightbyeight-obs explain``: what a code means, who has to act, whether to send again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from ..core.catalogue import CATALOGUE, REGISTRIES, CodeEntry
from ..core.catalogue import explain as look_up
from .advice import REGISTRY_TITLES, STATES, advise, retry_text
from .console import ExitCode, fail, plain, printer, write_json
from .options import JSON, REGISTRY, check_registry

__all__ = ["entry_facts", "explain"]

_NUMBER: Final = re.compile(r"(http-)?-?[0-9]{1,9}")
_STATE_REGISTRY: Final = {True: "transport", False: "no registry"}


def _complete(incomplete: str) -> list[str]:
    """Return the codes that begin so, for the shell's completion."""
    codes = [("http-" if registry == "http" else "") + str(code) for registry, code in CATALOGUE]
    return [code for code in dict.fromkeys([*codes, *STATES]) if code.startswith(incomplete)]


def explain(
    codes: Annotated[
        list[str],
        typer.Argument(
            metavar="CODE",
            help="As it stands in a log line, a tag or a body: 1300, -1007, http-502.",
            autocompletion=_complete,
        ),
    ],
    registry: Annotated[str, REGISTRY] = "",
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Say what a code of 8x8's means, who has to act, and whether to send again.

    The same number means different things in different registries.
    Without --registry every one that knows the code is shown.

    Examples:
      eightbyeight-obs explain 1300
      eightbyeight-obs explain 15 --registry sms_receipt
      eightbyeight-obs explain 2000 http-502 ReadTimeout

    Exit code 1: a code that no table of 8x8's has.
    """
    wanted = check_registry(registry)
    found: list[dict[str, Any]] = []
    unknown: list[str] = []
    for code in codes:
        if code.startswith("-") and not _NUMBER.fullmatch(code):
            fail(f"there is no option {code}.", 'Type "eightbyeight-obs explain --help" for those that there are.')
        facts = list(_explain(code, wanted))
        found += facts
        if not facts:
            unknown.append(code)
    if as_json:
        write_json(found)
    else:
        console = printer()
        for shown in found:
            _show(console, shown)
    if unknown:
        fail(_not_known(unknown, registry), _advice(unknown[0], registry), ExitCode.NOTHING)


def entry_facts(entry: CodeEntry) -> dict[str, Any]:
    """Return a row of the catalogue with what to do about it, as ``--json`` shows it."""
    who, what = advise(entry.category)
    return {
        "code": ("http-" if entry.registry == "http" else "") + str(entry.code),
        "registry": entry.registry,
        "description": entry.description,
        "detail": entry.detail,
        "category": entry.category,
        "failure": entry.failure,
        "retryable": entry.retryable,
        "who_acts": who if entry.failure else None,
        "what_to_do": what if entry.failure else None,
        "retry": retry_text(entry.retryable, entry.registry) if entry.failure else None,
        "documented": entry.documented,
        "provider_code": entry.provider_code,
        "section": entry.section,
        "url": entry.url,
        "source": entry.source,
        "date": entry.date,
    }


def _written(code: str) -> str:
    """Return a code as 8x8.code has it: "HTTP 502", "Rejected" and "readtimeout" are typed from memory."""
    text = code.strip()
    if text in STATES:
        return text
    folded = re.sub(r"^http[ _-]?(?=[0-9])", "http-", re.sub(r"(?<![ -])[ -]+(?=[a-z])", "_", text.casefold()))
    return next((state for state in STATES if state.casefold() == folded), folded)


def _explain(code: str, registries: Sequence[str]) -> Iterable[dict[str, Any]]:
    text = _written(code)
    if text in STATES:
        yield {
            "code": text,
            "registry": "transport" if text[0].isupper() else None,
            "description": STATES[text],
            "retry": retry_text(None, "api"),
        }
        return
    for registry in registries:
        # "http-502" names its registry; a bare 502 is looked up there, too.
        if text.startswith("http-") and registry != "http":
            continue
        entry = look_up(text, registry)
        if entry is None or entry.registry != registry:
            continue
        # Voice's webhooks write a code without its minus; shown to who asks for that registry only.
        if len(registries) == 1 or text.removeprefix("http-") == str(entry.code):
            yield entry_facts(entry)


def _show(console: Console, facts: dict[str, Any]) -> None:
    console.print(plain(f"{facts['code']}  {facts['description']}", "bold"))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    registry = facts["registry"]
    rows = {
        "registry": f"{registry}: {REGISTRY_TITLES[registry]}" if registry else None,
        "part": facts.get("section"),
        "more": facts.get("detail") if facts.get("detail") != facts["description"] else None,
        "category": facts.get("category"),
        "who acts": facts.get("who_acts"),
        "what to do": facts.get("what_to_do"),
        "send again": facts.get("retry"),
        "provider": facts.get("provider_code") and f"{facts['provider_code']} (the channel's own code)",
        "note": None if facts.get("failure", True) else "this is no failure",
        "documented": None if facts.get("documented", True) else _undocumented(registry),
        "page": facts.get("url"),
    }
    for label, value in rows.items():
        if value:
            table.add_row("  " + label, plain(value))
    console.print(table)
    console.print()


def _undocumented(registry: str) -> str:
    if registry == "http":
        return "not on 8x8's page; the meaning is HTTP's own"
    return "only in examples of 8x8's OpenAPI files, not on its page of error codes"


def _not_known(unknown: list[str], registry: str) -> str:
    codes = ", ".join(unknown)
    return f"the registry {registry} has no code {codes}." if registry else f"no table of 8x8's has the code {codes}."


def _advice(code: str, registry: str) -> str:
    if registry:
        others = [entry["registry"] for entry in _explain(code, REGISTRIES)]
        if others:
            return f"It is in {', '.join(others)}: eightbyeight-obs explain {code} --registry {others[0]}"
    if not _NUMBER.fullmatch(code):
        return f'To look for words, type: eightbyeight-obs codes --search "{code}"'
    return 'To see all, type: eightbyeight-obs codes. A code that is not there is shown as "Unknown 8x8 code".'
