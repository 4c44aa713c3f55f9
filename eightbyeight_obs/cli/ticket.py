"""``eightbyeight-obs ticket``: the text for 8x8's support, from a log line or by errorId out of whole logs."""

from __future__ import annotations

import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Annotated, Final

import typer

from ..core.ticket import support_ticket
from .console import ExitCode, fail, plain, printer, write_json
from .options import JSON
from .progress import reading
from .reading.files import STDIN, expand, lines_of
from .reading.recognise import Finding, findings_in, in_text

__all__ = ["references", "ticket"]

_REFERENCE: Final = re.compile(r"[A-Za-z0-9._:@+={}/&-]{4,200}")
_LISTED: Final = 10
_KEPT: Final = 10_000
_AROUND: Final = 60


def ticket(
    logs: Annotated[
        list[str] | None,
        typer.Argument(metavar="LOGS", help="Log files, also packed; patterns in quotes; - for what is piped in."),
    ] = None,
    error_id: Annotated[
        str | None,
        typer.Option(
            "--error-id",
            "-e",
            metavar="ID",
            help="Which failure: its errorId, or its umid, batch, request or session id.",
        ),
    ] = None,
    last: Annotated[bool, typer.Option("--last", help="The last failure that the logs hold.")] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Write the text for an inquiry to 8x8's support: errorId, code, time in UTC, place, and nothing private.

    Message texts, phone numbers, keys and request bodies are in no part of it.

    Examples:
      eightbyeight-obs ticket --error-id 1cc1eda1-f5dd-ea11-8288-0263195dd35a app.log "old/*.log.gz"
      grep 8x8.code app.log | eightbyeight-obs ticket --last
      eightbyeight-obs ticket body.json

    Exit code 1: there is no such failure in the logs.
    """
    if error_id is not None and not _REFERENCE.fullmatch(error_id):
        fail(
            f"--error-id {error_id!r} is no id of 8x8's.",
            "It stands in the log line as 8x8.error_id, in a body as errorId.",
        )
    if not logs and sys.stdin.isatty():
        fail(
            "there is nothing to look in.",
            f"Type: eightbyeight-obs ticket {f'--error-id {error_id}' if error_id else '--last'} app.log",
        )
    names = expand(logs or [STDIN])
    if error_id is not None:
        with reading(names) as bar:
            found = _with_reference(names, error_id, bar.move)
        if found is None:
            fail(
                f"{error_id} is not in {', '.join(names[:3])}{' ...' if len(names) > 3 else ''}.",
                "Look in older files, too; packed ones are read as they are.",
                ExitCode.NOTHING,
            )
    else:
        found = _only_one(names, last=last)
    text = support_ticket(_timed(found).details)
    if as_json:
        write_json({"ticket": text, "time": found.time.isoformat() if found.time else None, **found.details.fields()})
    else:
        # Not through rich: this is to be copied, and a wrapped line would not paste as one.
        sys.stdout.write(text)


def references(finding: Finding) -> Iterator[str]:
    """Yield the ids by which support, and who looks for a line, can find a failure."""
    details = finding.details
    for name in ("error_id", "umid", "batch_id", "request_id", "session_id"):
        value = getattr(details, name, None)
        if value:
            yield value


def _with_reference(names: Iterable[str], reference: str, moved: Callable[[int], object]) -> Finding | None:
    """Look for an id line by line; only what stands around it is parsed."""
    needle = reference.casefold().encode()
    for name in names:
        before: deque[bytes] = deque(maxlen=_AROUND)
        lines = lines_of(name, moved)
        for line in lines:
            if needle in line.lower():
                found = _known(in_text(line.decode("utf-8", "replace")), reference)
                if found is None:  # a body or a dump over several lines
                    after = list(islice(lines, _AROUND))
                    found = _known(in_text(b"".join([*before, line, *after]).decode("utf-8", "replace")), reference)
                    before.extend([line, *after])
                if found is not None:
                    return found
            before.append(line)
    return None


def _known(findings: Iterable[Finding], reference: str) -> Finding | None:
    for finding in findings:
        if any(value.casefold() == reference.casefold() for value in references(finding)):
            return finding
    return None


def _only_one(names: list[str], *, last: bool) -> Finding:
    """Return the failure that the input tells of; several are listed, and nothing is chosen."""
    found: dict[tuple[str, ...], Finding] = {}
    with reading(names) as bar:
        for finding in (each for name in names for each in findings_in(name, moved=bar.move)):
            key = (finding.details.registry, finding.details.code, *references(finding))
            found.pop(key, None)  # the newest line of a failure, at the newest place
            found[key] = finding
            if len(found) > _KEPT:
                del found[next(iter(found))]
    if not found:
        fail(
            "there is no failure of 8x8's in this.",
            "A ticket is made from a log line with 8x8.* keys, or from what 8x8 sent.",
            ExitCode.NOTHING,
        )
    findings = list(found.values())
    if len(findings) > 1 and not last:
        console = printer(stderr=True)
        for finding in findings[-_LISTED:]:
            reference = next(references(finding), "(no id)")
            when = finding.time.isoformat(sep=" ", timespec="seconds") if finding.time else ""
            console.print(plain(f"  {reference}  {when}  {finding.details.title()}"), soft_wrap=True)
        many = f"{_KEPT} or more" if len(findings) == _KEPT else str(len(findings))
        fail(f"there are {many} failures in this; the last are above.", "Say which: --error-id ID, or --last.")
    return findings[-1]


def _timed(finding: Finding) -> Finding:
    """Give a failure whose answer had no time the time of its log line."""
    if finding.time is None or finding.details.timestamp is not None:
        return finding
    written = finding.time.strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z"
    return replace(finding, details=replace(finding.details, timestamp=written))
