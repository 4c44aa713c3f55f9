"""install() and uninstall() in any order with each other and with the tools that patch the same places."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import requests
from peers import PEERS
from rawserver import RawServer, reply
from urllib3 import HTTPConnectionPool

import eightbyeight_obs

ERROR = {"code": 1002, "message": "Invalid MSISDN"}
US = "us"
# Some of the peers warn about what they find in their surroundings; that is theirs.
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer({"/": reply(400, ERROR)}) as server:
        yield server


THEIRS = [
    (requests.sessions.Session, "send"),
    (requests.sessions.Session, "request"),
    (requests.sessions.Session, "get_adapter"),
    (requests.adapters.HTTPAdapter, "send"),
    (HTTPConnectionPool, "urlopen"),
]
"""What peers patch and we do not."""


class Run:
    """Switches tools on and off, and counts after each step how often a call is seen."""

    def __init__(self, server: RawServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.off: dict[str, Any] = {}
        self.seen: list[str] = []
        self.theirs = [(owner, name, getattr(owner, name)) for owner, name in THEIRS]
        self.early = requests.Session()  # made before everything
        self.early.trust_env = False

    def toggle(self, tool: str) -> None:
        if tool in self.off:
            self.off.pop(tool)()
        elif tool == US:
            hosts = {self.server.host: "sms"}
            self.off[US] = eightbyeight_obs.install(
                hosts=hosts, on_error=[lambda details: self.seen.append(details.code)]
            ).uninstall
        else:
            self.off[tool] = PEERS[tool](self.server.url("/"), self.folder)

    def times_seen(self) -> list[int]:
        """How often a call was seen: of an early session, of a new one, of requests' own function."""
        found = []
        late = requests.Session()
        late.trust_env = False
        for post in (self.early.post, late.post, requests.post):
            self.seen.clear()
            response = post(self.server.url("/"), timeout=5)
            assert (400, ERROR) == (response.status_code, response.json())
            found.append(len(self.seen))
        late.close()
        return found

    def end(self) -> None:
        for off in reversed(list(self.off.values())):
            off()
        self.early.close()
        # Peers that were switched off in another order than on have put each other's patches back for good.
        for owner, name, original in self.theirs:
            setattr(owner, name, original)


@pytest.fixture
def run(server: RawServer, tmp_path: Path) -> Iterator[Run]:
    run = Run(server, tmp_path)
    yield run
    run.end()


def orders(tools: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every order in which each of the tools is switched on once and off once."""
    return sorted(set(itertools.permutations(tools * 2)))


@pytest.mark.parametrize("order", orders((US, "it")), ids="-".join)
@pytest.mark.parametrize("peer", PEERS)
def test_seen_once_in_every_order(run: Run, peer: str, order: tuple[str, ...]) -> None:
    """While installed a failure is seen once, else not at all, whoever patched before or on top."""
    for step in order:
        run.toggle(peer if step == "it" else step)
        assert [int(US in run.off)] * 3 == run.times_seen()
    assert {} == run.off


@pytest.mark.parametrize("peer", PEERS)
def test_the_peer_is_as_it_was(run: Run, peer: str) -> None:
    """Taken off in the order of a stack, everything is the very object that it was."""

    def world() -> list[Any]:
        return [
            requests.Session,
            requests.sessions.Session.send,
            requests.sessions.Session.request,
            requests.sessions.dispatch_hook,
            requests.adapters.HTTPAdapter.send,
            requests.RequestException.__init__,
        ]

    run.toggle(peer)  # some patch at import, for good
    run.toggle(peer)
    before = world()
    for step in (peer, US, US, peer, US, peer, peer, US):
        run.toggle(step)
    assert before == world()


@pytest.mark.parametrize("seed", range(12))
def test_all_of_them_in_any_order(run: Run, seed: int) -> None:
    """With all tools together, switched in a random order, a failure is seen once or not at all."""
    order = random.Random(seed).choices([US, *PEERS], [3] + [1] * len(PEERS), k=14)
    mocks = {"responses", "requests-mock", "VCR"}
    for step in order:
        if step in mocks and step not in run.off and mocks & set(run.off):
            continue  # two mocks at a time are at odds with each other
        run.toggle(step)
        assert [int(US in run.off)] * 3 == run.times_seen(), (seed, step, sorted(run.off))


def test_many_installs_and_uninstalls(run: Run) -> None:
    """The hundredth install() is like the first: nothing piles up."""
    before = requests.sessions.dispatch_hook
    for _ in range(100):
        run.toggle(US)
        run.toggle(US)
    assert before is requests.sessions.dispatch_hook
    run.toggle(US)
    assert [1, 1, 1] == run.times_seen()


def test_fifty_threads_install(server: RawServer) -> None:
    """Fifty threads that install at the same time get one handle, and a failure is seen once."""
    seen: list[Any] = []
    handles: list[Any] = []
    hooks = [seen.append]
    barrier = threading.Barrier(50)

    def install() -> None:
        barrier.wait()
        handles.append(eightbyeight_obs.install(hosts={server.host: "sms"}, on_error=hooks))
        requests.post(server.url("/"), timeout=20)

    before = requests.sessions.dispatch_hook
    run_all([install] * 50)
    assert 1 == len(set(map(id, handles)))
    assert 50 == len(handles) == len(seen)
    eightbyeight_obs.uninstall()
    assert before is requests.sessions.dispatch_hook


def test_threads_that_install_uninstall_and_call(server: RawServer) -> None:
    """While some threads install and uninstall the others get their answers, each seen once at most."""
    seen: list[int] = []
    answers: list[bytes] = []
    stop = threading.Event()
    hooks = [lambda details: seen.append(id(details))]

    def switch() -> None:
        while not stop.is_set():
            eightbyeight_obs.install(hosts={server.host: "sms"}, on_error=hooks)
            eightbyeight_obs.uninstall()

    def call() -> None:
        with requests.Session() as session:
            session.trust_env = False
            answers.extend(session.post(server.url("/"), timeout=20).content for _ in range(30))

    switches = [threading.Thread(target=switch) for _ in range(3)]
    for thread in switches:
        thread.start()
    run_all([call] * 4)
    stop.set()
    for thread in switches:
        thread.join()
    eightbyeight_obs.uninstall()
    assert [b'{"code":1002,"message":"Invalid MSISDN"}'] * 120 == answers
    assert len(seen) <= 120
    assert not eightbyeight_obs.is_installed()


def run_all(functions: list[Any]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


GEVENT = """
{first}
import gevent, requests
import eightbyeight_obs
seen = []
handle = eightbyeight_obs.install(hosts={{"{host}": "sms"}}, on_error=[lambda details: seen.append(details.code)])
{second}
def call(_):
    with requests.Session() as session:
        session.trust_env = False
        return session.post("http://{host}/", timeout=20).status_code
from gevent.pool import Pool
answers = Pool(10).map(call, range(40))
handle.uninstall()
call(0)
print(set(answers), len(seen), set(seen))
"""
PATCH = "from gevent import monkey; monkey.patch_all()"


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.skipif(find_spec("gevent") is None, reason="gevent is not installed here; the session `peers` has it")
def test_gevent(server: RawServer, order: str) -> None:
    """With gevent's patches before or after install() forty calls of ten greenlets are seen forty times."""
    source = GEVENT.format(
        host=server.host, first=PATCH if order == "before" else "", second=PATCH if order == "after" else ""
    )
    command = [sys.executable, "-W", "ignore", "-c", source]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "{400} 40 {'1002'}\n" == done.stdout, done.stderr
