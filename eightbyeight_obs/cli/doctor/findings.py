"""What the doctor concludes: every reason why something would not arrive, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from .tried import HINT, PRINTING, PROBLEM, Finding, from_tries

__all__ = ["LOWEST", "findings"]

LOWEST: Final = {"requests": (2, 28), "sentry-sdk": (2, 15), "structlog": (22, 1)}
_OURS: Final = "eightbyeight_obs.sinks.structlog"
# Processors that use up exc_info, or hand the event over as it is: ours has to stand before them.
_CONSUMERS: Final = (
    "ExceptionRenderer", "format_exc_info", "dict_tracebacks", "ExceptionPrettyPrinter", "SentryProcessor",
    "render_to_log_kwargs", "wrap_for_formatter", "JSONRenderer", "ConsoleRenderer", "KeyValueRenderer",
    "LogfmtRenderer",
)  # fmt: skip
_UNHOOKED: Final = ("httpx", "aiohttp", "niquests")
_ERRORS: Final = ("HTTPError", "RequestException", "OSError", "IOError", "Exception", "RetryError")


def findings(found: dict[str, Any]) -> list[Finding]:
    """Return what follows from one process's look and tries."""
    look, tries = found.get("look") or {}, found.get("tries") or []
    concluded: list[Finding] = []
    if look:
        for rule in (_installation, _versions, _structlog, _logging, _sentry):
            concluded += rule(look)
        concluded += from_tries(look, tries)
    if found.get("exit_code"):
        concluded.append(
            Finding(
                HINT if look.get("installation", {}).get("installed") else PROBLEM,
                f"the service ended by itself, with exit code {found['exit_code']}",
                "Start it as it starts in production, with the same Python and environment.",
            )
        )
    concluded += [
        Finding(HINT, f"the doctor could not look at everything: {text}", "") for text in found.get("broken", ())
    ]
    return sorted(concluded, key=lambda finding: finding.level != PROBLEM)


def _installation(look: dict[str, Any]) -> Iterator[Finding]:
    installation = look["installation"]
    if not look["imported"]["eightbyeight_obs"]:
        advice = "Call eightbyeight_obs.install() once, anywhere in the start-up."
        if "eightbyeight-obs" not in look["packages"]:
            advice = f"In this Python ({look['executable']}), type: pip install eightbyeight-obs. {advice}"
        yield Finding(PROBLEM, "eightbyeight_obs is not imported in this process", advice)
    elif look["switch"].strip().lower() in ("off", "0", "false", "no"):
        yield Finding(
            PROBLEM, f"EIGHTBYEIGHT_OBS={look['switch']} turns the middleware off", "Take it out of the environment."
        )
    elif not installation["installed"]:
        yield Finding(
            HINT,
            "install() was not called in this process",
            "Right if you use EightByEightAdapter, EightByEightProcessor or EightByEightIntegration by hand.",
        )
    for name, value in installation["options"].items():
        if name in ("log", "structlog", "sentry") and value == "False":
            yield Finding(HINT, f"install({name}=False) leaves that part alone", "")
    if not look["imported"]["requests"]:
        yield Finding(
            HINT, "requests is not in use in this process", "Watch the process that calls 8x8, a worker for example."
        )
    for name in _UNHOOKED:
        if look["imported"].get(name):
            yield Finding(
                HINT,
                f"{name} is in use, too: its calls to 8x8 are not seen",
                "Only requests is hooked. from_response(response) and from_exception(error) decode what httpx answers.",
            )


def _versions(look: dict[str, Any]) -> Iterator[Finding]:
    for name, lowest in LOWEST.items():
        version = look["packages"].get(name)
        numbers = tuple(int(part) for part in (version or "").split(".")[:2] if part.isdigit())
        if version and numbers < lowest:
            wanted = ".".join(map(str, lowest))
            yield Finding(PROBLEM, f"{name} {version} is older than {wanted}", f"Type: pip install '{name}>={wanted}'")


def _structlog(look: dict[str, Any]) -> Iterator[Finding]:
    structlog = look["structlog"]
    if structlog is None:
        return
    if not structlog["configured"]:
        yield Finding(
            HINT, "structlog.configure() was not called", "The middleware's own lines go to the standard library."
        )
    factory = structlog["factory"].rpartition(".")[2]
    sentry_processor = any(name.endswith("SentryProcessor") for name in structlog["processors"])
    if factory in PRINTING and structlog["configured"] and not sentry_processor:
        yield Finding(
            PROBLEM,
            f"structlog prints ({factory}): what is only logged never reaches Sentry",
            "Use logger_factory=structlog.stdlib.LoggerFactory(), or structlog-sentry's SentryProcessor.",
        )
    wired = look["installation"]["installed"] and "structlog" in look["installation"]["wired"]
    if structlog["configured"]:
        yield from _processors(structlog, wired=wired)
    sentry = look["sentry"]
    if sentry_processor and sentry and sentry["log_events_from"] and factory not in PRINTING:
        yield Finding(
            PROBLEM,
            "structlog-sentry and Sentry's LoggingIntegration both make an event of one line",
            "Pass LoggingIntegration(event_level=None) to sentry_sdk.init().",
        )


def _processors(structlog: dict[str, Any], *, wired: bool) -> Iterator[Finding]:
    names = structlog["processors"]
    ours = next((at for at, name in enumerate(names) if name.startswith(_OURS)), None)
    if ours is None:
        if not wired:
            return
        kind = "" if structlog["kind"] == "list" else f"; the processors are a {structlog['kind']}, make them a list"
        yield Finding(
            PROBLEM,
            f"the middleware is not in structlog's chain{kind}",
            "Add EightByEightProcessor() before the renderer.",
        )
        return
    before = [name.rpartition(".")[2] for name in names[:ours]]
    consumed = [name for name in before if name.startswith(_CONSUMERS)]
    if consumed:
        yield Finding(
            PROBLEM,
            f"{consumed[0]} stands before the middleware in structlog's chain: the exception is gone by then",
            "Put EightByEightProcessor() before it, or leave the place to install().",
        )


def _logging(look: dict[str, Any]) -> Iterator[Finding]:
    logging = look["logging"]
    if not logging["ours_enabled"]:
        yield Finding(
            PROBLEM,
            f"the level of logging ({logging['level']}) or logging.disable() keeps the middleware's warnings out",
            'logging.getLogger("eightbyeight_obs").setLevel(logging.WARNING)',
        )
    if not logging["handlers"] and not (look["structlog"] or {}).get("configured"):
        yield Finding(
            HINT,
            "the root logger has no handler: the keys of a line are written by none",
            "logging.basicConfig(), or structlog.",
        )
    elif any(name == "logging.Formatter" for name in logging["formatters"]):
        yield Finding(
            HINT,
            "a plain logging.Formatter shows the message only, not the 8x8.* keys of the record",
            "Use a JSON formatter (python-json-logger) or structlog's ProcessorFormatter.",
        )


def _sentry(look: dict[str, Any]) -> Iterator[Finding]:
    sentry = look["sentry"]
    if sentry is None or not sentry["active"]:
        yield Finding(
            HINT, "Sentry is not initialised in this process", "sentry_sdk.init(dsn=...), before or after install()."
        )
        return
    if not sentry["host"]:
        yield Finding(PROBLEM, "Sentry has no DSN: nothing is sent", "Pass dsn= or set SENTRY_DSN.")
    rate = sentry["sample_rate"]
    if isinstance(rate, (int, float)) and rate < 1:
        yield Finding(
            HINT, f"sample_rate={rate} drops {round(100 * (1 - rate))} of 100 events, whatever is in them", ""
        )
    if sentry["error_sampler"]:
        yield Finding(HINT, "error_sampler decides which events are sent", 'It sees event["tags"]["8x8.code"].')
    ignored = [name for name in sentry["ignore_errors"] if name.rpartition(".")[2] in _ERRORS]
    if ignored:
        yield Finding(
            PROBLEM,
            f"ignore_errors has {ignored[0]}: such events are dropped before anything sees them",
            "Take it out.",
        )
    if sentry["log_events_from"] is None and "logging" not in sentry["integrations"]:
        yield Finding(HINT, "Sentry's LoggingIntegration is off: what is only logged is no event", "")
    if sentry["data_collection"] or not sentry["scrubber"]:
        why = "data_collection= turns it off" if sentry["data_collection"] else "event_scrubber is None"
        yield Finding(
            HINT,
            f"Sentry's EventScrubber is off ({why})",
            "The middleware scrubs events about 8x8; in all others a variable named password is sent as it is.",
        )
