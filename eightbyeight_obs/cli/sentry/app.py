"""``eightbyeight-obs sentry``: its commands, which print by default and write with --push only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Annotated, Any, Final

import typer

from ..console import EXIT_CODES, fail, printer, write_json
from ..options import JSON
from . import push
from .alerts import alerts as make_alerts
from .api import DEFAULT_URL, TOKEN
from .dashboard import TITLE
from .dashboard import dashboard as make_dashboard
from .push import Target
from .rules import fingerprint_rules, ownership_rules

__all__ = ["sentry"]

sentry = typer.Typer(
    name="sentry",
    help="Dashboard, alerts and rules for Sentry, by the middleware's tags: printed, or created with --push.",
    no_args_is_help=True,
    epilog=EXIT_CODES,
)

ORG: Final[Any] = typer.Option("--org", metavar="SLUG", envvar="SENTRY_ORG", help="The organisation.")
PROJECT: Final[Any] = typer.Option("--project", metavar="SLUG", envvar="SENTRY_PROJECT", help="The project.")
URL: Final[Any] = typer.Option("--url", envvar="SENTRY_URL", help="The Sentry.")
PUSH: Final[Any] = typer.Option("--push", help=f"Create it in Sentry, with the token in {TOKEN}.")
DRY_RUN: Final[Any] = typer.Option("--dry-run", help="Show what --push would send, and send nothing.")
REPLACE: Final[Any] = typer.Option("--replace", help="Write over what --push made before.")


def _target(org: str, project: str, url: str, *, wants: bool, dry: bool, replace: bool, as_json: bool) -> Target | None:
    """Return where to push, or None to print only."""
    if not (wants or dry):
        if replace:
            fail("--replace is for --push.", "Type --push --replace, or --dry-run --replace to see it first.")
        return None
    return Target(org=org, project=project, url=url, dry=dry, replace=replace, as_json=as_json)


def _push(target: Target, push_it: Callable[[], None]) -> None:
    try:
        # Nothing is printed meanwhile: rich would send it where its spinner is.
        with printer(stderr=True).status("Asking Sentry ...") if not target.dry else nullcontext():
            push_it()
    finally:
        target.finish()


def _print_rules(block: str, *, as_json: bool) -> None:
    if as_json:
        write_json({"rules": block})
    else:
        typer.echo(block, nl=False)


@sentry.command(epilog=EXIT_CODES)
def dashboard(
    org: Annotated[str, ORG] = "",
    project: Annotated[str, PROJECT] = "",
    url: Annotated[str, URL] = DEFAULT_URL,
    title: Annotated[str, typer.Option("--title", help="Of the dashboard.")] = TITLE,
    wants: Annotated[bool, PUSH] = False,
    dry: Annotated[bool, DRY_RUN] = False,
    replace: Annotated[bool, REPLACE] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Print the dashboard as JSON that Sentry accepts, or create it.

    Failures by code over time, the codes with their meaning, authentication failures, rate limits by endpoint.
    What is new this week, errors at 8x8 by region, and the errorIds to quote.

    Examples:
      eightbyeight-obs sentry dashboard > dashboard.json
      eightbyeight-obs sentry dashboard --push --org acme --dry-run
      SENTRY_AUTH_TOKEN=... eightbyeight-obs sentry dashboard --push --org acme --project shop
    """
    if not title.strip() or len(title) > 255:
        fail("--title is to have 1 to 255 characters.")
    target = _target(org, project, url, wants=wants, dry=dry, replace=replace, as_json=as_json)
    if target is None:
        write_json(make_dashboard(title))
    else:
        _push(target, lambda: push.dashboard(target, title))


@sentry.command(epilog=EXIT_CODES)
def alerts(
    org: Annotated[str, ORG] = "",
    project: Annotated[str, PROJECT] = "",
    url: Annotated[str, URL] = DEFAULT_URL,
    detectors: Annotated[
        list[int] | None,
        typer.Option(
            "--detector-id", metavar="NUMBER", help="A monitor of the project; looked up with --push if not given."
        ),
    ] = None,
    environment: Annotated[str, typer.Option("--environment", help="Only this one.")] = "",
    wants: Annotated[bool, PUSH] = False,
    dry: Annotated[bool, DRY_RUN] = False,
    replace: Annotated[bool, REPLACE] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Print the alerts as JSON that Sentry's workflows accept, or create them.

    A failure that was not there before, a refused API key, rate limits, errors at 8x8; they mail the issue's owners.

    Examples:
      eightbyeight-obs sentry alerts > alerts.json
      SENTRY_AUTH_TOKEN=... eightbyeight-obs sentry alerts --push --org acme --project shop
    """
    target = _target(org, project, url, wants=wants, dry=dry, replace=replace, as_json=as_json)
    if target is None:
        write_json(make_alerts(tuple(detectors or ()), environment or None))
    else:
        _push(target, lambda: push.alerts(target, tuple(detectors or ()), environment or None))


@sentry.command(epilog=EXIT_CODES)
def ownership(
    owners: Annotated[
        list[str] | None,
        typer.Option("--owner", metavar="WHAT=WHO", help="A category, a code or *, and a #team or an address."),
    ] = None,
    org: Annotated[str, ORG] = "",
    project: Annotated[str, PROJECT] = "",
    url: Annotated[str, URL] = DEFAULT_URL,
    wants: Annotated[bool, PUSH] = False,
    dry: Annotated[bool, DRY_RUN] = False,
    replace: Annotated[bool, REPLACE] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Print ownership rules for a project's settings, or add them to it; its other rules stay.

    Examples:
      eightbyeight-obs sentry ownership --owner authentication=#platform --owner 3038=someone@example.com
      eightbyeight-obs sentry ownership --owner template=#marketing --push --org acme --project shop
    """
    block = ownership_rules(owners or ())
    target = _target(org, project, url, wants=wants, dry=dry, replace=replace, as_json=as_json)
    if target is None:
        _print_rules(block, as_json=as_json)
    elif not owners:
        fail("--push needs an owner.", "Like --owner authentication=#platform.")
    else:
        _push(target, lambda: push.rules(target, "ownership", block))


@sentry.command("fingerprint-rules", epilog=EXIT_CODES)
def fingerprints(
    org: Annotated[str, ORG] = "",
    project: Annotated[str, PROJECT] = "",
    url: Annotated[str, URL] = DEFAULT_URL,
    wants: Annotated[bool, PUSH] = False,
    dry: Annotated[bool, DRY_RUN] = False,
    replace: Annotated[bool, REPLACE] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Print fingerprint rules for a project's settings, or add them to it; its other rules stay.

    They group by code on the server, and give issues their title: useful with install(group=False).

    Examples:
      eightbyeight-obs sentry fingerprint-rules
      eightbyeight-obs sentry fingerprint-rules --push --org acme --project shop
    """
    target = _target(org, project, url, wants=wants, dry=dry, replace=replace, as_json=as_json)
    if target is None:
        _print_rules(fingerprint_rules(), as_json=as_json)
    else:
        _push(target, lambda: push.rules(target, "settings", fingerprint_rules()))
