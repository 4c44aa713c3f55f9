"""What --push does: look whether it is there, then create it, or with --replace write over it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from ..console import ExitCode, fail, plain, printer, write_json
from .alerts import alerts as make_alerts
from .api import Sentry, endpoints
from .dashboard import dashboard as make_dashboard
from .rules import merged

__all__ = ["Target", "alerts", "dashboard", "rules"]

_FIELD: Final = {"ownership": "raw", "settings": "fingerprintingRules"}
_MONITORS: Final = ("error", "issue_stream")


@dataclass(frozen=True, slots=True)
class Target:
    """Where to push, and how.

    Attributes:
        org: The organisation's slug.
        project: The project's slug.
        url: The Sentry.
        dry: Show only.
        replace: Write over what is there.
        as_json: Tell what was done as JSON.
        done: What was done: ``action``, ``what``, and the number where Sentry gave one.
    """

    org: str
    project: str
    url: str
    dry: bool
    replace: bool
    as_json: bool = False
    done: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, action: str, what: str, number: object = None, more: str = "") -> None:
        """Keep what was done, for the end."""
        said = f"{action.capitalize()} the {what}" + ("" if number is None else f" (number {number})") + more
        self.done.append({"action": action, "what": what, "id": None if number is None else str(number), "said": said})

    def finish(self) -> None:
        """Print what was done, also when something went wrong after it."""
        if self.dry:
            return
        if self.as_json:
            write_json([{key: value for key, value in each.items() if key != "said"} for each in self.done])
            return
        for each in self.done:
            printer().print(plain(each["said"]), soft_wrap=True)

    def paths(self, *, needs_project: bool) -> endpoints:
        """Return the paths; exits with what to type where a slug is missing."""
        missing = [name for name, value in (("--org", self.org), ("--project", self.project)) if not value]
        if not needs_project:
            missing = [name for name in missing if name == "--org"]
        if missing:
            fail(
                f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
                "Type for example: --org acme --project shop",
            )
        return endpoints(self.org, self.project)


def dashboard(target: Target, title: str) -> None:
    """Create the dashboard."""
    paths = target.paths(needs_project=False)
    if target.dry:
        _show(target, [("POST", paths.dashboards, make_dashboard(title))])
        return
    client = Sentry(target.url, "org:read and org:write" + (", project:read" if target.project else ""))
    projects = (client.number_of(paths.settings),) if target.project else ()
    there = _named(client.pages(paths.dashboards, per_page=100), "title", title)
    _write(
        client, target, paths.dashboards, make_dashboard(title, projects), there, f'dashboard "{title}"', "--title NAME"
    )


def alerts(target: Target, detectors: tuple[int, ...], environment: str | None) -> None:
    """Create the alerts, those that are there only with --replace."""
    paths = target.paths(needs_project=not detectors)
    if target.dry:
        _show(target, [("POST", paths.workflows, body) for body in make_alerts(detectors, environment)])
        return
    client = Sentry(target.url, "alerts:write and project:read")
    bodies = make_alerts(detectors or _monitors(client, paths), environment)
    there = {str(workflow.get("name")): workflow for workflow in client.pages(paths.workflows)}
    known = [body["name"] for body in bodies if body["name"] in there]
    if known and not target.replace:
        # Looked at before the first is created: all or nothing.
        _is_there("alerts " + ", ".join(f'"{name}"' for name in known), "Nothing was changed.", plural=True)
    for body in bodies:
        _write(client, target, paths.workflows, body, there.get(body["name"]), f'alert "{body["name"]}"', "")


def rules(target: Target, place: str, block: str) -> None:
    """Add rules to a project's settings.

    Args:
        target: Where to.
        place: ``"ownership"`` or ``"settings"``.
        block: The rules.
    """
    paths = target.paths(needs_project=True)
    path, name = getattr(paths, place), _FIELD[place]
    if target.dry:
        _show(target, [("PUT", path, {name: f"<the rules that are there>\n{block}"})])
        return
    client = Sentry(target.url, "project:read and project:write")
    existing = client.get(path).get(name) or ""
    text = merged(existing, block, first=place == "ownership", replace=target.replace)
    if text is None:
        _is_there("rules of this command", "They stand between two comments.", plural=True)
    client.send("PUT", path, {name: text})
    target.tell("wrote", f"rules to {path}", more="; the other rules there are as they were" if existing else "")


def _monitors(client: Sentry, paths: endpoints) -> tuple[int, ...]:
    """Return the project's monitors that find errors: an alert sees the issues of those that it is connected to."""
    project = client.number_of(paths.settings)
    found = tuple(
        int(monitor["id"])
        for monitor in client.pages(paths.detectors, project=project)
        if monitor.get("type") in _MONITORS
    )
    if not found:
        fail(
            "the project has no monitor for errors that the token may see.",
            "Give its number: --detector-id NUMBER (it stands in the address of the monitor's page).",
            ExitCode.MISSING,
        )
    return found


def _named(members: Iterable[dict[str, Any]], field: str, name: str) -> dict[str, Any] | None:
    return next((member for member in members if member.get(field) == name), None)


def _write(
    client: Sentry, target: Target, path: str, body: dict[str, Any], there: dict[str, Any] | None, what: str, other: str
) -> None:
    if there is None:
        made = client.send("POST", path, body)
        target.tell("created", what, made.get("id"))
    elif target.replace:
        client.send("PUT", f"{path}{there['id']}/", body)
        target.tell("replaced", what, there["id"])
    else:
        _is_there(what, f"Or give yours another name: {other}" if other else "")


def _is_there(what: str, more: str, *, plural: bool = False) -> NoReturn:
    verb, it = ("are", "them") if plural else ("is", "it")
    fail(f"the {what} {verb} there already.", f"To write over {it}, add --replace.\n{more}", ExitCode.NOTHING)


def _show(target: Target, calls: list[tuple[str, str, dict[str, Any]]]) -> None:
    """Print what would be sent, as JSON; nothing is sent, not even a question."""
    write_json([{"method": method, "url": target.url.rstrip("/") + path, "body": body} for method, path, body in calls])
    console = printer(stderr=True)
    console.print(
        plain(
            "Nothing was sent. What is there already would be left alone"
            + (", or written over, as --replace says." if target.replace else ".")
        ),
        soft_wrap=True,
    )
