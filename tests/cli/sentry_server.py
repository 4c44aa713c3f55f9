"""As much of Sentry's web API as the commands use, kept in memory; and its published schema."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "sentry-api" / "openapi-subset.json").read_text())
ORGANISATION = "/api/0/organizations/{organization_id_or_slug}/"
TOKEN = "token-that-must-not-show"


def check(body: Any, path: str, method: str = "post") -> None:
    """Check a body against the published schema, in which every key must be named."""
    schema = SCHEMA["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    jsonschema.validate(body, _strict(schema))


def _strict(schema: Any) -> Any:
    """Turn OpenAPI 3.0 into JSON Schema: nullable types; no key that the schema does not name."""
    if isinstance(schema, list):
        return [_strict(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    if "allOf" in schema and len(schema["allOf"]) == 1:
        schema = {**schema["allOf"][0], **{key: value for key, value in schema.items() if key != "allOf"}}
    strict = {key: _strict(value) for key, value in schema.items() if key not in ("description", "nullable")}
    if "properties" in schema:
        strict["properties"] = {name: _strict(value) for name, value in schema["properties"].items()}
        strict["additionalProperties"] = False
    if schema.get("nullable") and "type" in strict:
        strict["type"] = [strict["type"], "null"]
    return strict


class SentryServer(ThreadingHTTPServer):
    """Keeps what was created, and every request."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, Any]] = []
        self.answers: dict[tuple[str, str], tuple[int, dict[str, str], bytes]] = {}
        self.lists: dict[str, list[dict[str, Any]]] = {"dashboards": [], "workflows": [], "detectors": []}
        self.project: dict[str, Any] = {"id": "77", "slug": "shop", "fingerprintingRules": ""}
        self.ownership: dict[str, Any] = {"raw": None}
        super().__init__(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def written(self) -> list[tuple[str, str, Any]]:
        """The requests that change something."""
        return [request for request in self.requests if request[0] != "GET"]

    def stop(self) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: SentryServer

    def _handle(self) -> None:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.requests.append((self.command, self.path, body))
        if (self.command, path) in self.server.answers:
            self._answer(*self.server.answers[self.command, path])
            return
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer(401, {}, b'{"detail": "Invalid token"}')
            return
        status, found, headers = self._find(path, query, body)
        self._answer(status, headers, json.dumps(found).encode())

    def _find(self, path: str, query: str, body: Any) -> tuple[int, Any, dict[str, str]]:
        parts = path.strip("/").split("/")[2:]
        if parts == ["projects", "acme", "shop"]:
            self.server.project.update(body or {})
            return 200, self.server.project, {}
        if parts == ["projects", "acme", "shop", "ownership"]:
            self.server.ownership.update(body or {})
            return 200, self.server.ownership, {}
        if parts[:2] != ["organizations", "acme"] or parts[2] not in self.server.lists:
            return 404, {"detail": "The requested resource does not exist"}, {}
        members = self.server.lists[parts[2]]
        if self.command == "GET":
            # One member a page, so that whoever reads has to turn pages.
            at = int(query.partition("cursor=")[2].partition("&")[0] or 0)
            more = "true" if at + 1 < len(members) else "false"
            link = f'<{self.server.url}{path}?cursor={at + 1}>; rel="next"; results="{more}"; cursor="{at + 1}"'
            return 200, members[at : at + 1], {"Link": link}
        if self.command == "POST":
            members.append({**body, "id": str(len(members) + 1)})
            return 201, members[-1], {}
        number = next(at for at, member in enumerate(members) if member["id"] == parts[3])
        members[number] = {**body, "id": parts[3]}
        return 200, members[number], {}

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _handle

    def log_message(self, *args: Any) -> None:
        pass
