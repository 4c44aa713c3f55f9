"""The rules of grading are held by the suite: whichever is broken, the shape that is named beside it fails."""

from __future__ import annotations

import pytest

from .catalogue import Shape, named
from .judge import judge
from .mutation import Mutation, sabotaged
from .service import AFTER, WITHOUT, run
from .setups import SETUPS

MUTATIONS = [
    # certain
    Mutation(
        "a given response is likely",
        "attribution:_of_value",
        "Attribution(CERTAIN, [details])",
        "Attribution(LIKELY, [details])",
        "response_as_argument",
    ),
    Mutation(
        "given details are likely",
        "attribution:_of_value",
        "Attribution(CERTAIN, [value])",
        "Attribution(LIKELY, [value])",
        "details_as_key",
    ),
    Mutation(
        "a given exception is not looked at",
        "attribution:_of_value",
        "if issubclass(cls, BaseException):",
        "if False:",
        "exception_as_argument_later",
    ),
    Mutation(
        "what is only likely is not outdone by what is given",
        "attribution:_given",
        "best.grade == CERTAIN",
        "best.grade",
        "given_one_beside_an_exception_that_is_only_likely",
    ),
    Mutation(
        "below warning nothing counts",
        "attribution:attribute",
        "if exception is not None or given else None",
        "if is_warning else None",
        "given_below_warning",
    ),
    Mutation(
        "structlog is not asked",
        "attribution:attribute",
        "raised, values = frames.given_to_structlog(call)",
        "raised, values = None, []",
        "response_as_key",
    ),
    Mutation(
        "structlog is asked only while a failure is alive",
        "attribution:attribute",
        "(is_rendered or (is_warning and failures.alive))",
        "(is_warning and failures.alive)",
        "details_as_key",
    ),
    Mutation(
        "structlog's exc_info is not looked at",
        "frames:given_to_structlog",
        'exception or _exception_of(keys.get("exc_info"))',
        "None",
        "error_with_exc_info",
    ),
    Mutation(
        "structlog's exc_info as a tuple is not looked at",
        "frames:_exception_of",
        "isinstance(exc_info, tuple)",
        "False",
        "error_with_exc_info_tuple_later",
    ),
    Mutation(
        "structlog's bound values are not looked at",
        "frames:_bound_to",
        "values = list(dict(logger._context).values())",
        "values = []",
        "response_bound",
    ),
    Mutation(
        "structlog's contextvars are not looked at",
        "frames:_bound_to",
        "if contextvars is not None and",
        "if False and",
        "response_in_contextvars",
    ),
    # chains and groups
    Mutation(
        "implicit is as good as explicit",
        "core.chains:search",
        "grade = LIKELY",
        "grade = CERTAIN",
        "raised_while_handling",
    ),
    Mutation(
        "causes are not looked at", "core.chains:_chain", "exc.__cause__ is not None", "False", "raised_from_later"
    ),
    Mutation(
        "contexts are not looked at",
        "core.chains:_chain",
        "exc, implicit = exc.__context__, True",
        "return",
        "a_bug_in_the_except_block",
    ),
    Mutation(
        "from None is not heeded",
        "core.chains:_chain",
        "elif exc.__suppress_context__:",
        "elif False:",
        "raised_from_none_by_an_exception_with_attributes",
    ),
    Mutation(
        "an explicit cause does not hide the context",
        "core.chains:_chain",
        "exc = exc.__cause__\n",
        "exc = exc.__context__ or exc.__cause__\n",
        "raised_from_something_else",
    ),
    Mutation(
        "a group is certain",
        "core.chains:search",
        "return RELATED, failures",
        "return CERTAIN, failures",
        "group_of_a_failure_and_something_else",
    ),
    Mutation(
        "a group of one is only related",
        "core.chains:search",
        "if len(members) == 1:",
        "if False:",
        "group_of_one_failure",
    ),
    Mutation(
        "groups in groups are not opened",
        "core.chains:_members",
        "isinstance(inner, tuple)",
        "isinstance(inner, tuple) and group is exc",
        "group_in_a_group",
    ),
    Mutation(
        "of a group of one the member's function is not looked at",
        "core.chains:causes",
        "if len(members) == 1:",
        "if False:",
        "group_of_one_raised_by_a_function_that_holds_it",
    ),
    # rule (b)
    Mutation(
        "what is handled does not matter",
        "attribution:attribute",
        "found = _handled(handled, touched)",
        "pass",
        "logged_while_handling",
    ),
    Mutation(
        "what is handled is certain",
        "attribution:_handled",
        "return Attribution(LIKELY, found.failures)",
        "return Attribution(found.grade, found.failures)",
        "logged_while_handling",
    ),
    Mutation(
        "what is handled matters below warning",
        "attribution:attribute",
        "if found is None and is_warning:",
        "if found is None:",
        "lines_below_warning_while_handling",
    ),
    Mutation(
        "what is held comes before what is handled",
        "attribution:attribute",
        "found = _handled(handled, touched)",
        "found = _held(exception, touched) or _handled(handled, touched)",
        "handled_before_held",
    ),
    Mutation(
        "a group that is handled counts",
        "attribution:_handled",
        "found is None or found.grade == RELATED",
        "found is None",
        "logged_while_handling_a_group",
    ),
    # rule (c)
    Mutation(
        "the age does not matter",
        "attribution:_held",
        "failure.received >= oldest and",
        "",
        "older_than_thirty_seconds",
    ),
    Mutation(
        "the age does not matter for what was raised",
        "attribution:_AGE_LIMIT",
        "30.0",
        "1e9",
        "raised_after_thirty_seconds",
    ),
    Mutation("twenty seconds are too old", "attribution:_AGE_LIMIT", "30.0", "20.0", "just_young_enough"),
    Mutation(
        "the oldest counts",
        "attribution:_held",
        "failure.received > newest.received",
        "failure.received < newest.received",
        "the_newest_of_two",
    ),
    Mutation(
        "what is held is certain",
        "attribution:_held",
        "Attribution(LIKELY, [newest.current()])",
        "Attribution(CERTAIN, [newest.current()])",
        "status_checked_and_logged",
    ),
    Mutation(
        "what is held matters below warning",
        "attribution:attribute",
        "if found is None and is_warning:",
        "if found is None:",
        "message_of_level_info",
    ),
    Mutation(
        "the function that reports is looked at in place of the one that raised",
        "attribution:_held",
        "if exception is None else _raising(exception)",
        "",
        "text_raised_and_captured_by_the_caller",
    ),
    Mutation(
        "the function that catches is looked at in place of the one that raised",
        "frames:outward_from_traceback",
        "yield from reversed(chain)",
        "yield from chain",
        "database_error_caught_by_the_function_that_holds_one",
    ),
    Mutation(
        "only the last exception's function is looked at",
        "attribution:_raising",
        "in causes(exception)",
        "in [exception]",
        "text_raised_and_raised_from",
    ),
    Mutation(
        "three application frames are looked at",
        "frames:visible",
        "if _is_application(frame):",
        "if sum(map(_is_application, looked_at)) == 3:",
        "database_error_two_calls_deeper",
    ),
    Mutation(
        "the caller of the function that logs is looked at too",
        "frames:visible",
        "if _is_application(frame):",
        "if sum(map(_is_application, looked_at)) == 2:",
        "log_helper_that_holds_nothing",
    ),
    Mutation(
        "only the application's frame is looked at",
        "frames:visible",
        "return looked_at\n        if",
        "return [frame]\n        if",
        "tenacity_logs_before_it_sleeps",
    ),
    Mutation("frames without end are looked at", "frames:_FRAME_LIMIT", "20", "10**6", "raised_too_far_below"),
    Mutation("three frames are enough", "frames:_FRAME_LIMIT", "20", "3", "raised_some_frames_below"),
    Mutation(
        "libraries are the application",
        "frames:_is_application",
        "known = _is_application_file.get(path)",
        "return True",
        "raised_by_the_standard_library_below",
    ),
    Mutation(
        "logging reports, not the function that called it",
        "frames:outward_from_report",
        '_machinery(frame.f_globals.get("__name__"))',
        "False",
        "status_checked_and_logged",
    ),
    Mutation(
        "an exception that is held does not count",
        "frames:held",
        "failures.find_by_exception(value) if is_exception else failures.find(value)",
        "failures.find(value)",
        "the_exception_kept_in_a_variable",
    ),
    Mutation(
        "attributes are walked",
        "frames:held",
        "in local_values(frame):",
        "in [v for local in local_values(frame) for v in (local, *getattr(local, '__dict__', {}).values())]:",
        "an_object_that_keeps_one",
    ),
    Mutation(
        "containers are walked",
        "frames:held",
        "in local_values(frame):",
        "in [v for local in local_values(frame) for v in (local, *(local if type(local) in (list, tuple) else ()))]:",
        "containers_that_keep_one",
    ),
    Mutation(
        "closures are walked", "frames:local_values", "if code.co_freevars:", "if False:", "a_closure_that_keeps_one"
    ),
    Mutation(
        "closures are walked where one raised",
        "frames:local_values",
        "if code.co_freevars:",
        "if False:",
        "a_closure_that_raises",
    ),
    Mutation(
        "globals are looked at in functions",
        "frames:local_values",
        "values = list(namespace.values())",
        "values = list({**frame.f_globals, **namespace}.values())",
        "globals_of_a_module_of_functions",
    ),
    Mutation(
        "application= takes the place of what is found",
        "frames:_is_application",
        "return True\n    path",
        "return True\n        return False\n    path",
        "application_of_another_name",
    ),
    # response hooks of the service's
    Mutation(
        "a hook's answer is known only when the hook is done",
        "clients.answers:expect",
        "if details is not None:",
        "if False:",
        "response_hook_of_one_request_that_logs",
    ),
    Mutation(
        "a hook's rejection is known only when the hook is done",
        "clients.answers:expect",
        "if not is_read or",
        "if True or",
        "response_hook_that_sees_a_rejection",
    ),
    # what is known of a failure
    Mutation(
        "a body that is read later stays unknown",
        "failures:Failure.current",
        "if self.partial:",
        "if False:",
        "streamed_and_read_later",
    ),
    Mutation(
        "the last failure is remembered for all",
        "attribution:_held",
        "newest: failures.Failure | None = None",
        "newest = next(reversed(failures.alive.values()), None)",
        "an_object_that_keeps_one",
    ),
]


def problems_of(shape: Shape) -> list[str]:
    """Run a shape with the set-ups where the rules of grading differ most, and return what is wrong."""
    found = []
    for setup in SETUPS:
        if setup.name in ("logging", "structlog>JSONRenderer") and shape.runs_with(setup):
            verdicts, problems = judge(shape, run(shape, setup, WITHOUT), run(shape, setup, AFTER))
            found += problems + [problem for verdict in verdicts for problem in verdict.problems]
    return found


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
@pytest.mark.internal_failure
def test_a_broken_rule_is_noticed(mutation: Mutation):
    """The shape that is named fails with the broken rule, and passes without it."""
    shape = named(mutation.caught_by)
    assert [] == problems_of(shape)
    with sabotaged(mutation):
        assert problems_of(shape)


def test_no_sabotage_is_there_twice():
    """Each mutation says something else."""
    assert len(MUTATIONS) == len({mutation.broken for mutation in MUTATIONS})
