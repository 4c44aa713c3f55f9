"""8x8's own OpenAPI files over HTTP: every documented answer through the real requests, from a loopback server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import documented
import pytest
import requests
from documented_checks import Wire, call, check_error, own_lines, sentry

import eightbyeight_obs
from eightbyeight_obs.core import hosts as known_hosts
from eightbyeight_obs.core.decode import decode


@pytest.fixture(scope="module")
def host_of() -> Iterator[dict[str, str]]:
    """A server for every file."""
    servers = {file: documented.serving(file) for file in documented.PRODUCTS}
    yield {file: server.__enter__() for file, server in servers.items()}
    for server in servers.values():
        server.__exit__(None, None, None)


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        yield made


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with sentry() as started:
        yield started


@pytest.fixture
def hosts(host_of: dict[str, str]) -> dict[str, str]:
    return {host: documented.PRODUCTS[file] for file, host in host_of.items()}


@pytest.mark.parametrize("answer", documented.errors(), ids=str)
def test_every_documented_error_is_told_rightly(answer, host_of, hosts, session, wire):
    """Registry, code, errorId, status, product and endpoint template are those of the documentation."""
    eightbyeight_obs.install(hosts=hosts)
    check_error(host_of[answer.operation.file], answer, session, wire)


ONE_PER_STATUS = {(answer.operation.file, answer.status): answer for answer in documented.errors()}


@pytest.mark.parametrize("answer", ONE_PER_STATUS.values(), ids=str)
def test_the_adapter_alone_tells_the_same(answer, host_of, hosts, session, wire):
    """EightByEightAdapter and EightByEightIntegration, without install(), tell what install() tells."""
    known_hosts.use_extra_hosts(hosts)
    host = host_of[answer.operation.file]
    session.mount(f"http://{host}/", eightbyeight_obs.EightByEightAdapter())
    check_error(host, answer, session, wire)


@pytest.mark.parametrize("answer", documented.successes(), ids=str)
def test_of_documented_successes_the_rejections_are_told_and_no_others(answer, host_of, hosts, session):
    """A failure inside a 2xx answer gives one log event with its code; a real success gives none."""
    eightbyeight_obs.install(hosts=hosts)
    host = host_of[answer.operation.file]
    with own_lines() as lines:
        response = call(host, answer, session)
    assert answer.status == response.status_code
    known = decode(answer.status, response.content, url=response.url, method=answer.operation.method)
    told = [(record.getMessage(), vars(record)["8x8.code"]) for record in lines]
    assert ([("8x8.rejected", known.code)] if known else []) == told


def test_the_files_document_what_these_tests_count_on():
    """The table is not empty by accident: 69 operations, 200 errors and more, five failures inside a 2xx."""
    rejected = [
        answer
        for answer in documented.successes()
        if decode(answer.status, json.dumps(answer.body), url="https://" + answer.operation.host + "/")
    ]
    assert 69 == len(documented.operations())
    assert len(documented.errors()) >= 200
    assert 5 == len({answer.operation for answer in rejected})
