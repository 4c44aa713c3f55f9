"""Sentry's web API: just enough to look whether something is there, to create it and to replace it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from urllib.parse import quote, urlsplit

import requests

from ..console import ExitCode, fail

__all__ = ["DEFAULT_URL", "TOKEN", "Sentry", "endpoints"]

DEFAULT_URL: Final = "https://sentry.io"
TOKEN: Final = "SENTRY_AUTH_TOKEN"  # noqa: S105 - the name of a variable

_TIMEOUT: Final = 30
_PAGES: Final = 50
_ADVICE: Final = {
    401: f"The token in {TOKEN} is not valid. Make one: Sentry, Settings, Developer Settings, Auth Tokens.",
    403: "The token may not do this. It needs the scopes {scopes}.",
    404: "Look at --org, --project and --url: organisations in Europe are at https://de.sentry.io.",
    410: "This Sentry no longer has the endpoint.",
    429: "Too many calls for now. Type it again in a minute.",
}


@dataclass(frozen=True, slots=True)
class endpoints:  # noqa: N801 - read as a name for paths, endpoints(org, project).dashboards
    """The paths of an organisation and a project.

    Attributes:
        organisation: Its slug.
        project: Its slug; may be empty where no path needs it.
    """

    organisation: str
    project: str = ""

    @property
    def dashboards(self) -> str:
        """The organisation's dashboards."""
        return f"/api/0/organizations/{quote(self.organisation, safe='')}/dashboards/"

    @property
    def workflows(self) -> str:
        """The organisation's workflows, which are its alerts."""
        return f"/api/0/organizations/{quote(self.organisation, safe='')}/workflows/"

    @property
    def detectors(self) -> str:
        """The organisation's monitors."""
        return f"/api/0/organizations/{quote(self.organisation, safe='')}/detectors/"

    @property
    def settings(self) -> str:
        """The project itself."""
        return f"/api/0/projects/{quote(self.organisation, safe='')}/{quote(self.project, safe='')}/"

    @property
    def ownership(self) -> str:
        """The project's ownership rules."""
        return f"{self.settings}ownership/"


class Sentry:
    """A connection to one Sentry. What goes wrong ends the command with what to do about it.

    Args:
        url: Of the Sentry, without a path.
        scopes: What the token needs, for the advice.
    """

    def __init__(self, url: str, scopes: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            fail(
                f"--url {url!r} is no address.",
                f"Like {DEFAULT_URL}, https://de.sentry.io or https://sentry.example.com.",
            )
        local = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if parts.scheme == "http" and not local:
            fail(f"--url {url!r} would send the token unencrypted.", "Use https.")
        token = os.environ.get(TOKEN, "").strip()
        if not token:
            fail(
                f"there is no token in the environment variable {TOKEN}.",
                f"Make one with the scopes {scopes} (Sentry, Settings, Developer Settings), then: export {TOKEN}=...",
                ExitCode.MISSING,
            )
        self._url, self._scopes = url.rstrip("/"), scopes
        self._session = requests.Session()
        self._session.trust_env = True
        self._session.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Return the one thing that is there."""
        found = self._read(self._call("GET", path, params=query))
        return found if isinstance(found, dict) else self._no_sentry("no object")

    def number_of(self, path: str) -> int:
        """Return the number of the thing that is there."""
        number = str(self.get(path).get("id"))
        return int(number) if number.isdigit() else self._no_sentry("no id")

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield the members of a list, page by page."""
        for _ in range(_PAGES):
            response = self._call("GET", path, params=query)
            members = self._read(response)
            yield from members if isinstance(members, list) else self._no_sentry("no list")
            following = response.links.get("next", {})
            if following.get("results") != "true" or not following.get("cursor"):
                return
            query["cursor"] = following["cursor"]

    def send(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Create or replace, and return what Sentry made of it."""
        response = self._call(method, path, json=body)
        made = self._read(response) if response.content else {}
        return made if isinstance(made, dict) else {}

    def _call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        try:
            # No redirect: the token is for the host that was named.
            response = self._session.request(
                method, self._url + path, timeout=_TIMEOUT, allow_redirects=False, **arguments
            )
        except requests.RequestException as exc:
            self._no_sentry(exc)
        if response.status_code >= 300:
            self._refused(method, path, response)
        return response

    def _read(self, response: requests.Response) -> Any:
        try:
            return response.json()
        except requests.RequestException as exc:
            self._no_sentry(exc)

    def _no_sentry(self, reason: object) -> NoReturn:
        fail(
            f"{self._url} did not answer as Sentry does: {reason}",
            "Look at --url and at the network.",
            ExitCode.MISSING,
        )

    def _refused(self, method: str, path: str, response: requests.Response) -> NoReturn:
        status = response.status_code
        advice = _ADVICE.get(status, "").format(scopes=self._scopes)
        if 300 <= status < 400:
            advice = f"It points to {response.headers.get('Location')}: give that host as --url."
        elif not advice:
            advice = f"Sentry says: {response.text[:1000]}"
        fail(f"{method} {path} was answered {status}.", advice, ExitCode.MISSING)
