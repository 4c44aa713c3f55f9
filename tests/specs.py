"""8x8's own data, copied into tests/data: its hosts and paths, and every example body of its OpenAPI files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

DATA = Path(__file__).parent / "data"
HOSTS = json.loads((DATA / "hosts.json").read_text(encoding="utf-8"))
NOT_AN_API = "common-models.json"
"""A file of shared schemas; its one path is a placeholder of the editor that 8x8 uses."""


class Operation(NamedTuple):
    """One method of one path, on the first server that its file names."""

    file: str
    host: str
    method: str
    path: str


class Example(NamedTuple):
    """One example body of one documented answer."""

    operation: Operation
    status: int
    name: str
    body: Any

    def __str__(self) -> str:
        where = self.operation
        return f"{where.file}:{where.method} {where.path} {self.status} {self.name}"


def files() -> list[str]:
    """The OpenAPI files that describe an API."""
    return sorted(path.name for path in (DATA / "openapi").glob("*.json") if path.name != NOT_AN_API)


@cache
def spec(file: str) -> Any:
    """One OpenAPI file as a value."""
    return json.loads((DATA / "openapi" / file).read_text(encoding="utf-8"))


def deref(file: str, value: Any) -> Any:
    """What a `$ref` points to, or the value itself."""
    while isinstance(value, dict) and "$ref" in value:
        found = spec(file)
        for part in unquote(value["$ref"]).removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


def operations() -> list[Operation]:
    """Every operation of every file."""
    found = []
    for file in files():
        server = spec(file)["servers"][0]["url"]
        for path, item in spec(file)["paths"].items():
            for method, operation in item.items():
                if method in {"get", "put", "post", "delete", "patch"}:
                    url = operation.get("servers", [{"url": server}])[0]["url"]
                    found.append(Operation(file, str(urlsplit(url).hostname), method.upper(), path))
    return found


def examples() -> list[Example]:
    """Every example of an answer with a status: those of the answer and those of its schema."""
    return [example for operation in operations() for example in _of(operation)]


def _of(operation: Operation) -> Iterator[Example]:
    file = operation.file
    responses = spec(file)["paths"][operation.path][operation.method.lower()]["responses"]
    for status, response in responses.items():
        for media in deref(file, response).get("content", {}).values():
            if "example" in media:
                yield Example(operation, int(status), "example", media["example"])
            for name, example in media.get("examples", {}).items():
                yield Example(operation, int(status), name, deref(file, example)["value"])
            schema = deref(file, media.get("schema", {}))
            if "example" in schema:
                yield Example(operation, int(status), "schema", schema["example"])


def errors() -> list[Example]:
    """The examples of answers of 400 and above."""
    return [example for example in examples() if example.status >= 400]


def url_of(operation: Operation) -> str:
    """A URL of the operation, each placeholder filled with a value of the kind that belongs there."""
    values = {
        "{subAccountId}": "Acme_hq",
        "{accountId}": "6b9c1f5e-5a7f-4a8e-9a4e-0d2f6a1f9c11",
        "{phoneNumber}": "+6591234567",
        "{msisdn}": "+6591234567",
        "{number}": "6591234567",
        "{webhook-type}": "VCA",
    }
    segments = [
        values.get(part, "f2ea5276-a824-e711-8146-022a22cc1c71") if part.startswith("{") else part
        for part in operation.path.split("/")
    ]
    return f"https://{operation.host}" + "/".join(segments)
