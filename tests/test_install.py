"""install(), uninstall() and the handle: what they promise, argument by argument and name by name."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
import sentry_sdk.scope
import structlog
import urllib3

import eightbyeight_obs
from eightbyeight_obs import Installation, install, is_installed, uninstall

ROOT = Path(__file__).parents[1]
PATCHED = {
    "logging.Logger.filter",
    "requests.exceptions.RequestException.__init__",
    "requests.sessions.dispatch_hook",
    "structlog._base.BoundLoggerBase.__init__",
    "structlog.stdlib.ProcessorFormatter.__init__",
    "urllib3.response.HTTPResponse.drain_conn",
}
"""Every name of another library that install() rebinds; a new one is a decision, and has a reason in the code."""


@pytest.fixture(autouse=True)
def fresh_start() -> Iterator[None]:
    install()  # imports what it needs: from here on a difference is a patch
    uninstall()
    BEFORE.clear()
    BEFORE.update(bindings())
    yield
    structlog.reset_defaults()


# --- the handle ------------------------------------------------------------------------------------------------------


def test_the_handle_tells_what_is_hooked():
    """In the order in which it was: sinks first."""
    installation = install()
    assert isinstance(installation, Installation)
    assert (
        "logging",
        "structlog",
        "structlog.ProcessorFormatter",
        "sentry",
        "urllib3.Retry",
        "requests",
        "requests.exceptions",
    ) == installation.wired
    assert f"<eightbyeight_obs installed: {', '.join(installation.wired)}>" == repr(installation)


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({"structlog": False}, {"structlog", "structlog.ProcessorFormatter"}),
        ({"sentry": False}, {"sentry"}),
        ({"structlog": False, "sentry": False}, {"structlog", "structlog.ProcessorFormatter", "sentry"}),
    ],
)
def test_what_is_left_alone_is_not_hooked(options: dict[str, bool], missing: set[str]):
    """structlog=False and sentry=False hook nothing there."""
    everything = set(install().wired)
    uninstall()
    assert missing == everything - set(install(**options).wired)


def test_the_handle_is_a_context_manager():
    """At the end of the block everything is as before, also after an exception, which passes."""
    with install() as installation:
        assert is_installed()
    assert not is_installed()
    assert ("<eightbyeight_obs uninstalled>", ()) == (repr(installation), installation.wired)
    with pytest.raises(LookupError), install():
        raise LookupError
    assert not is_installed()


def test_a_second_install_returns_the_first_handle():
    """The same options, however they are written, change nothing."""
    first = install(hosts={"proxy.internal": "sms"}, ignore=[("api", 1300)])
    names = bindings()
    assert first is install(hosts={"proxy.internal": "sms"}, ignore=iter([("api", "1300")]))
    assert names == bindings()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"title": False}, "title=True, now title=False"),
        ({"log": False, "sub_account": False}, "log=True, now log=False; sub_account=True, now sub_account=False"),
        ({"hosts": {"proxy.internal": "sms"}}, "hosts={}, now hosts={'proxy.internal': 'sms'}"),
        ({"application": ["acme"]}, "application=(), now application=('acme',)"),
    ],
)
def test_a_second_install_with_other_options_is_refused(options: dict[str, Any], said: str):
    """It says which, how to go on, and changes nothing."""
    first = install()
    names = bindings()
    with pytest.raises(RuntimeError) as refused:
        install(**options)
    assert said in str(refused.value)
    assert "eightbyeight_obs.uninstall()" in str(refused.value)
    assert (first, names) == (install(), bindings())


def test_uninstall_without_install_does_nothing():
    """Also twice."""
    names = bindings()
    uninstall()
    uninstall()
    assert (names, False) == (bindings(), is_installed())


def test_an_old_handle_leaves_a_newer_installation_alone():
    """Each handle takes off what it has put on."""
    old = install()
    uninstall()
    new = install()
    old.uninstall()
    assert is_installed()
    new.uninstall()
    assert not is_installed()


def test_threads_that_install_at_once_get_one_handle():
    """Whichever is first, the others get its handle, and nothing is hooked twice."""
    handles: list[Installation] = []
    threads = [threading.Thread(target=lambda: handles.append(install())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (8, 1) == (len(handles), len(set(map(id, handles))))
    uninstall()
    assert set() == changes(BEFORE, bindings())


def test_the_services_own_mapping_is_not_kept():
    """What becomes of it later does not matter."""
    hosts = {"proxy.internal": "sms"}
    install(hosts=hosts)
    hosts.clear()
    assert None is not eightbyeight_obs.decode(400, b"{}", url="https://proxy.internal/api/v1/subaccounts/A/messages")
    uninstall()
    assert None is eightbyeight_obs.decode(400, b"{}", url="https://proxy.internal/api/v1/subaccounts/A/messages")


# --- arguments -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"structlog": 1}, TypeError, ["structlog=1", "True or False"]),
        ({"sentry": None}, TypeError, ["sentry=None", "True or False"]),
        ({"log": "yes"}, TypeError, ["log='yes'", "True or False"]),
        ({"title": 0}, TypeError, ["title=0", "True or False"]),
        ({"capture_unreported": []}, TypeError, ["capture_unreported=[]", "True or False"]),
        ({"capture_unreported": True, "sentry": False}, ValueError, ["capture_unreported=True", "sentry=True"]),
        ({"sub_account": "Acme"}, TypeError, ["sub_account='Acme'", "True or False"]),
        ({"group": "8x8"}, TypeError, ["group='8x8'", "callable", "list of strings"]),
        ({"group": None}, TypeError, ["group=None", "True, False"]),
        ({"hosts": ["proxy"]}, TypeError, ["hosts=['proxy']", "mapping"]),
        ({"hosts": {"proxy": 1}}, TypeError, ["hosts", "'proxy'", "1", "strings"]),
        ({"hosts": {1: "sms"}}, TypeError, ["hosts", "1", "strings"]),
        ({"hosts": {"https://proxy": "sms"}}, ValueError, ["hosts", "'https://proxy'", "without scheme"]),
        ({"hosts": {"proxy/api": "sms"}}, ValueError, ["hosts", "'proxy/api'", "path"]),
        ({"hosts": {"proxy:99999": "sms"}}, ValueError, ["hosts", "'proxy:99999'", "host:port"]),
        ({"hosts": {"": "sms"}}, ValueError, ["hosts", "''", "host"]),
        ({"hosts": {"proxy": "fax"}}, ValueError, ["hosts", "'fax'", "'proxy'", "sms, chatapps"]),
        ({"ignore": "1300"}, TypeError, ["ignore='1300'", '("api", 1300)']),
        ({"ignore": 1300}, TypeError, ["ignore=1300", "pairs"]),
        ({"ignore": {"api": 1300}}, TypeError, ["ignore={'api': 1300}", "pairs"]),
        ({"ignore": [1300]}, TypeError, ["ignore", "1300", "pair"]),
        ({"ignore": [("api", 1300, 1)]}, TypeError, ["ignore", "('api', 1300, 1)", "pair"]),
        ({"ignore": [("sms", 1300)]}, ValueError, ["ignore", "'sms'", "registry", "api"]),
        ({"ignore": [(["api"], 1300)]}, ValueError, ["ignore", "['api']", "registry"]),
        ({"ignore": [("api", True)]}, TypeError, ["ignore", "True", "an int or the string"]),
        ({"ignore": [("api", None)]}, TypeError, ["ignore", "None", "an int or the string"]),
        ({"ignore": [("api", "")]}, TypeError, ["ignore", "''", "an int or the string"]),
        ({"application": "acme"}, TypeError, ["application='acme'", '("acme_service",)']),
        ({"application": [acme := object()]}, TypeError, ["application", repr(acme), "module prefixes"]),
        ({"application": ["acme-sms"]}, ValueError, ["application", "'acme-sms'", "module name"]),
        ({"application": ["acme."]}, ValueError, ["application", "'acme.'", "module name"]),
        ({"application": [""]}, ValueError, ["application", "''", "module name"]),
        ({"on_error": print}, TypeError, ["on_error=", "callables"]),
        ({"on_error": ["count"]}, TypeError, ["on_error", "'count'", "callable"]),
    ],
    ids=lambda value: re.sub(r" at 0x.*", "", str(value)[:40]) if isinstance(value, dict) else "",
)
def test_a_bad_argument_is_named_with_its_value_and_what_is_accepted(
    options: dict[str, Any], error: type[Exception], said: list[str]
):
    """And nothing is installed."""
    with pytest.raises(error) as refused:
        install(**options)
    assert [] == [piece for piece in said if piece not in str(refused.value)], str(refused.value)
    assert type(refused.value) is error
    assert (False, set()) == (is_installed(), changes(BEFORE, bindings()))


def test_arguments_are_named():
    """None is passed by position."""
    with pytest.raises(TypeError, match="positional"):
        install({"proxy": "sms"})  # type: ignore[misc]


def test_unknown_arguments_are_refused():
    """A misspelled option does not pass as the default."""
    with pytest.raises(TypeError, match="ignored"):
        install(ignored=[("api", 1300)])  # type: ignore[call-arg]


# --- what is hooked, and how it is undone ----------------------------------------------------------------------------


def bindings() -> dict[str, int]:
    """Every name in the modules and classes of the libraries that install() could touch, and what it is bound to."""
    names: dict[str, int] = {}
    roots = ("requests", "urllib3", "logging", "structlog", "sentry_sdk")
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] not in roots or not isinstance(module, ModuleType):
            continue
        for name, value in list(vars(module).items()):
            if not name.startswith("__"):
                names[f"{module_name}.{name}"] = id(value)
            if issubclass(type(value), type) and (value.__module__, value.__name__) == (module_name, name):
                names.update((f"{module_name}.{name}.{inner}", id(item)) for inner, item in vars(value).items())
    return names


def changes(before: Mapping[str, int], after: Mapping[str, int]) -> set[str]:
    """The names that are bound to something else, new ones of a class too; an import in between is no change."""
    names = {*before, *(name for name in after if name.rpartition(".")[0] in before)}
    return {name for name in names if after.get(name) != before.get(name) and not name.endswith(IMPLICIT)}


IMPLICIT = ("__annotations__", "__annotations_cache__", "__static_attributes__", "__doc__", "._thread_local")
BEFORE: dict[str, int] = {}
"""The names as they are when a test starts."""


def test_install_rebinds_these_names_and_no_other():
    """Anything else that looks different would be a surprise to the service."""
    install()
    assert PATCHED == changes(BEFORE, bindings())


def test_uninstall_puts_every_name_back():
    """The very objects, not equal ones."""
    for _ in range(3):
        install(capture_unreported=True)
        uninstall()
    assert set() == changes(BEFORE, bindings())


def test_uninstall_puts_structlogs_chain_back():
    """The configured list is the same object with the same processors, while installed and after."""
    processors: list[Any] = [structlog.processors.add_log_level, structlog.processors.JSONRenderer()]
    structlog.configure(processors=processors)
    before = list(processors)
    install()
    assert (3, True) == (len(processors), structlog.get_config()["processors"] is processors)
    uninstall()
    assert before == processors


def test_sentry_is_left_with_a_pass_through():
    """Its SDK has no way to take a global processor away: ours stays, once, and returns every event as it is."""
    for _ in range(3):
        install()
        uninstall()
    ours = [each for each in sentry_sdk.scope.global_event_processors if each.__module__.startswith("eightbyeight_obs")]
    assert 1 == len(ours)
    error = requests.HTTPError("no", response=failing())
    event: dict[str, Any] = {"level": "error", "exception": {"values": [{"type": "HTTPError", "value": "no"}]}}
    assert event is ours[0](event, {"exc_info": (type(error), error, None)})
    assert {"level": "error", "exception": {"values": [{"type": "HTTPError", "value": "no"}]}} == event


def failing() -> requests.Response:
    response = requests.Response()
    response.status_code, response.url = 400, "https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages"
    response._content = b'{"code": 1002}'
    return response


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (requests.sessions, "dispatch_hook"),
        (requests.exceptions.RequestException, "__init__"),
        (urllib3.response.HTTPResponse, "drain_conn"),
        (logging.Logger, "filter"),
        (structlog.BoundLogger.__mro__[1], "__init__"),
        (structlog.stdlib.ProcessorFormatter, "__init__"),
    ],
    ids=["requests", "errors", "retries", "logging", "structlog", "formatter"],
)
def test_a_patch_on_top_of_ours_survives_uninstall(owner: Any, name: str, monkeypatch: pytest.MonkeyPatch):
    """Ours turns into a pass-through below it; a later install() hooks on top of it, once."""
    install()
    calls: list[Any] = []
    ours = getattr(owner, name)

    def theirs(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return ours(*args, **kwargs)

    monkeypatch.setattr(owner, name, theirs)
    uninstall()
    assert theirs is getattr(owner, name)
    lines = run_everything()
    assert calls
    assert [] == lines
    install()
    assert ["8x8.error_response"] == run_everything()
    uninstall()
    assert theirs is getattr(owner, name)


def run_everything() -> list[str]:
    """Use every patched name once, and return the middleware's own events."""

    class InMemory(requests.adapters.BaseAdapter):
        def send(self, request: Any, **kwargs: Any) -> requests.Response:
            return failing()

        def close(self) -> None:
            pass

    own: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            own.append(record.getMessage())

    handler = Handler()
    logger = logging.getLogger("eightbyeight_obs")
    logger.addHandler(handler)
    with requests.Session() as session:
        session.mount("https://", InMemory())
        session.post("https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages")
    logger.removeHandler(handler)
    requests.RequestException("no", request=requests.Request("GET", "https://shop.example/"))
    urllib3.HTTPResponse(body=b"", status=200).drain_conn()
    logging.getLogger("shop").warning("used")
    structlog.get_logger().bind(order=17)
    structlog.stdlib.ProcessorFormatter(processor=structlog.processors.JSONRenderer())
    return own


def test_after_uninstall_nothing_is_told():
    """Not even about a failure from before it."""
    install()
    response = failing()
    uninstall()
    with structlog.testing.capture_logs() as captured:
        structlog.get_logger().error("could not send", response=response)
    assert [["event", "log_level", "response"]] == [sorted(line) for line in captured]


# --- order, import, rooms --------------------------------------------------------------------------------------------

ORDER = """
import io, json, sys, logging
order, hosts = sys.argv[1].split(), json.loads(sys.argv[2])
printed, items = io.StringIO(), []

def do_install():
    import eightbyeight_obs
    eightbyeight_obs.install(hosts=hosts)

def do_configure():
    import structlog
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(printed), cache_logger_on_first_use=True)

def do_bind():
    global bound
    import structlog
    bound = structlog.get_logger().bind(order=17)
    bound.info("ready")

def do_init():
    import sentry_sdk, sentry_sdk.transport
    class Kept(sentry_sdk.transport.Transport):
        def capture_envelope(self, envelope):
            items.extend(item.payload.json for item in envelope.items if item.type == "event")
    sentry_sdk.init(dsn="https://k@sentry.invalid/1", transport=Kept, auto_enabling_integrations=False, release="1")

def do_send():
    import requests, sentry_sdk, structlog
    from requests.adapters import BaseAdapter
    class InMemory(BaseAdapter):
        def send(self, request, **kwargs):
            response = requests.Response()
            response.status_code, response.url, response.request = 400, request.url, request
            response._content = b'{"code": 1002}'
            return response
        def close(self): pass
    session = requests.Session()
    session.mount("https://", InMemory())
    try:
        session.post("https://sms.8x8.com/api/v1/subaccounts/Acme_hq/messages").raise_for_status()
    except requests.HTTPError:
        structlog.get_logger().exception("lazy")
        bound.exception("bound")
        sentry_sdk.capture_exception()

for step in order:
    globals()["do_" + step]()
lines = [json.loads(line) for line in printed.getvalue().splitlines()]
print(json.dumps({
    "lines": {line["event"]: line.get("8x8.code") for line in lines},
    "events": [event.get("tags") for event in items],
}))
"""


@pytest.mark.parametrize(
    "order",
    [
        "install configure bind init send",
        "configure install bind init send",
        "configure bind install init send",
        "configure bind init install send",
        "init configure bind install send",
        "init install configure bind send",
    ],
)
def test_the_order_of_setting_up_does_not_matter(order: str):
    """install() before or after structlog.configure(), sentry_sdk.init() and the first bound logger."""
    done = subprocess.run(
        [sys.executable, "-c", ORDER, order, "{}"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    told = json.loads(done.stdout)
    assert {"ready": None, "8x8.error_response": "1002", "lazy": "1002", "bound": "1002"} == {
        "ready": None,
        **told["lines"],
    }
    assert ["1002"] == [tags["8x8.code"] for tags in told["events"]]


def test_install_alone_works_as_the_first_line_of_a_program():
    """Nothing is configured, no Sentry, no structlog: the own event goes to the standard library."""
    code = "import eightbyeight_obs; print(eightbyeight_obs.install())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.startswith("<eightbyeight_obs installed: logging, structlog")


@pytest.mark.parametrize(
    ("sink", "loaded"),
    [
        ("logging", {"logging"}),
        ("structlog", {"structlog"}),
        ("own_events", set()),
        ("sentry_entry", set()),
        ("scrubbing", set()),
        ("sentry", {"logging", "sentry"}),
    ],
)
def test_sinks_do_not_know_each_other(sink: str, loaded: set[str]):
    """Each loads alone, but for its helpers; Sentry's reads log records as the logging sink does."""
    code = f"import sys; import eightbyeight_obs.core; before = set(sys.modules); import eightbyeight_obs.sinks.{sink}"
    # The package's own __init__ loads structlog's and logging's sinks, hence a package without one.
    blank = (
        "import sys, types; p = types.ModuleType('eightbyeight_obs'); p.__path__ = [sys.argv[1]]; p.__version__ = '0'"
    )
    report = "print(*sorted(n for n in sys.modules if n.startswith('eightbyeight_obs.sinks.')))"
    done = subprocess.run(
        [sys.executable, "-c", f"{blank}; sys.modules['eightbyeight_obs'] = p; {code}; {report}", *PACKAGE],
        capture_output=True,
        text=True,
        check=True,
    )
    found = {name.rpartition(".")[2] for name in done.stdout.split()}
    assert sink in found
    assert loaded == found & {"logging", "sentry", "structlog"}


PACKAGE = [str(Path(eightbyeight_obs.__file__).parent)]
