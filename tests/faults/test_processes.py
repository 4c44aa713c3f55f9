"""Whole processes: what is printed and what they exit with is the same with and without us, however they end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from rawserver import RawServer, reply

ROOT = Path(__file__).parents[2]
ERROR = {"code": 1002, "message": "Invalid MSISDN", "errorId": "6f6f0d5c-6c8b-4f1c-9d6a-0d2f6a1f9c11"}
_ADDRESS = re.compile(r"0x[0-9a-f]+|line \d+")

HEAD = """
import os, sys, threading, time, atexit, signal, logging
import requests
logging.getLogger("eightbyeight_obs").addHandler(logging.NullHandler())
logging.getLogger("eightbyeight_obs").propagate = False
URL = "http://{host}/"

def start():
    if {active}:
        import eightbyeight_obs
        return eightbyeight_obs.install(hosts={{"{host}": "sms"}}, capture_unreported={unreported})

def call():
    response = requests.get(URL, timeout=10)
    os.write(1, f"{{response.status_code}} {{len(response.content)}}\\n".encode())
    return response
"""

PROGRAMS = {
    "alive at exit": "start(); kept = [call() for _ in range(3)]",
    "alive in a cycle at exit": "start(); kept = [call()]; kept.append(kept); kept[0].me = kept; del kept",
    "unhandled": "start(); call().raise_for_status()",
    "unhandled in a thread": """
        start()
        thread = threading.Thread(target=lambda: call().raise_for_status()); thread.start(); thread.join()
    """,
    "call at exit": "start(); atexit.register(call)",
    "call at exit, registered before": "atexit.register(call); start()",
    "call in __del__ at exit": """
        class Late:
            def __del__(self):
                try: call()
                except BaseException as error: print(type(error).__name__)
        start(); late = Late(); call()
    """,
    "sys.exit in a hook": """
        start()
        requests.get(URL, hooks={"response": lambda *_, **__: sys.exit(3)}, timeout=10)
    """,
    "os._exit with work under way": """
        start(); threading.Thread(target=call, daemon=True).start(); time.sleep(0.2); call(); os._exit(7)
    """,
    "daemon thread that goes on calling": """
        start()
        def forever():
            while True: requests.get(URL, timeout=10)
        threading.Thread(target=forever, daemon=True).start()
        time.sleep(0.2); print("end", flush=True)
    """,
    "killed": "start(); call(); os.kill(os.getpid(), signal.SIGKILL)",
    "terminated": "start(); call(); os.kill(os.getpid(), signal.SIGTERM)",
    "interrupted": "start(); call(); os.kill(os.getpid(), signal.SIGINT); time.sleep(5)",
    "fork after install": """
        start(); call()
        sys.stdout.flush()
        child = os.fork()
        call()
        if child: print(os.waitpid(child, 0)[1])
    """,
    "fork before install, in both": """
        child = os.fork()
        start(); call()
        if child: print(os.waitpid(child, 0)[1])
    """,
    "fork while other threads call, log and install": """
        start()
        stop = threading.Event()
        def work():
            while not stop.is_set(): requests.get(URL, timeout=10).close(); logging.getLogger("x").warning("w")
        def switch():
            while not stop.is_set():
                if {active}:
                    import eightbyeight_obs
                    eightbyeight_obs.uninstall(); start()
                time.sleep(0.01)  # a fork waits for an install() under way; one after the other would starve it
        threads = [threading.Thread(target=each) for each in (work, work, switch)]
        logging.getLogger("x").addHandler(logging.NullHandler()); logging.getLogger("x").propagate = False
        for thread in threads: thread.start()
        for _ in range(8):
            time.sleep(0.03)
            child = os.fork()
            if not child:
                handle = start()
                requests.get(URL, timeout=10); logging.getLogger("x").warning("w")
                if handle is not None: handle.uninstall()
                os._exit(0)
            pid, status = os.waitpid(child, 0)
            print("child", status, flush=True)
        stop.set()
        for thread in threads: thread.join()
    """,
    "spawn": """
        import multiprocessing
        start(); call()
        process = multiprocessing.get_context("fork").Process(target=call); process.start(); process.join()
        print(process.exitcode)
    """,
    "import inside a function at exit": """
        def late():
            start(); call()
        atexit.register(late)
    """,
    "modules taken away": "start(); call(); sys.modules.pop('logging'); sys.modules.pop('requests'); call()",
    "uninstall at exit": "handle = start(); call(); handle and atexit.register(handle.uninstall)",
}


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer({"/": reply(400, ERROR)}) as server:
        yield server


def run(server: RawServer, program: str, *, active: bool, unreported: bool = False) -> tuple[int, list[str], str]:
    """Run a program; return its exit status, its lines in any order (threads, children), and its errors."""
    values = {"host": server.host, "active": active, "unreported": unreported}
    source = HEAD.format(**values) + textwrap.dedent(program).replace("{active}", str(active))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "NO_PROXY": "*"}
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", source],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
        env=environment,
    )
    errors = [
        line for line in done.stderr.splitlines() if "eightbyeight_obs" not in line and not line.startswith("    ")
    ]
    return done.returncode, sorted(done.stdout.splitlines()), _ADDRESS.sub("", "\n".join(errors))


@pytest.mark.parametrize("unreported", [False, True], ids=["", "unreported"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_process(server: RawServer, name: str, unreported: bool) -> None:
    """A process prints, fails and exits as it does without us."""
    expected = run(server, PROGRAMS[name], active=False)
    assert "400 89" in expected[1] or "end" in expected[1] or expected[0] == 3 or "child 0" in expected[1]
    assert "SyntaxError" not in expected[2]
    assert expected == run(server, PROGRAMS[name], active=True, unreported=unreported)


SUBINTERPRETER = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
code = '''
import sys
sys.path[:0] = {path!r}
import requests, eightbyeight_obs
with eightbyeight_obs.install(hosts={{"{host}": "sms"}}):
    assert requests.get("http://{host}/", timeout=10).status_code == 400
'''
import requests, eightbyeight_obs
make = getattr(interpreters, "create")
with eightbyeight_obs.install(hosts={{"{host}": "sms"}}):
    for _ in range(2):
        try:
            interpreter = make("legacy")
        except TypeError:
            interpreter = make(isolated=False)
        failure = interpreters.run_string(interpreter, code)
        if failure is not None:
            raise RuntimeError(failure)
        interpreters.destroy(interpreter)
    assert requests.get("http://{host}/", timeout=10).status_code == 400
print("well")
"""


def test_in_subinterpreters(server: RawServer) -> None:
    """Each interpreter of a process installs for itself; one that ends takes nothing with it."""
    source = SUBINTERPRETER.format(path=[str(ROOT), *sys.path], host=server.host)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_PROXY": "*"}
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False, timeout=180, env=environment
    )
    assert (0, "well\n") == (done.returncode, done.stdout), done.stderr
