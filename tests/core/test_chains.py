"""search(): causes, contexts and groups lead to the failure, and say how sure it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raising import BaseExceptionGroup, ExceptionGroup, SmsError, failure, with_cause, with_context

from eightbyeight_obs.core.carriers import from_exception
from eightbyeight_obs.core.chains import CERTAIN, LIKELY, RELATED, causes, is_bare, search


def code(exc: BaseException) -> str | None:
    """The code of the failure that the exception is about."""
    details = from_exception(exc)
    return details.code if details else None


def found(exc: BaseException | None) -> tuple[str, list[str]] | None:
    """The grade and the codes that search() finds, with responses only."""
    answer = search(exc, lambda each: from_exception(each) if hasattr(each, "response") else None)
    return answer and (answer[0], [details.code for details in answer[1]])


def test_what_was_raised_from_it_is_about_it() -> None:
    """One `from` or several: the nearest failure counts, and it is certain."""
    with pytest.raises(RuntimeError) as raised:
        try:
            try:
                raise failure(1002)
            except Exception as error:
                raise SmsError("inner") from error
        except SmsError as error:
            raise RuntimeError("outer") from error
    assert ("1002", (CERTAIN, ["1002"])) == (code(raised.value), found(raised.value))
    assert (CERTAIN, ["1300"]) == found(with_cause(failure(1300), failure(1002)))


def test_an_implicit_context_is_not_enough() -> None:
    """Raised while handling the failure is likely at most, and the pure function says nothing then."""
    with pytest.raises(SmsError) as raised:
        try:
            raise failure()
        except Exception:
            raise SmsError("could not send")
    assert (None, (LIKELY, ["1002"])) == (code(raised.value), found(raised.value))


def test_from_none_hides_the_context() -> None:
    """`raise ... from None` says that the two have nothing to do with each other."""
    with pytest.raises(SmsError) as raised:
        try:
            raise failure()
        except Exception:
            raise SmsError("could not send") from None
    assert (None, None) == (code(raised.value), found(raised.value))


def test_a_cause_below_a_context_is_likely() -> None:
    """Once an implicit link lay on the way, what follows is likely at most, also by `from`."""
    with pytest.raises(RuntimeError) as raised:
        try:
            try:
                raise failure()
            except Exception as error:
                raise SmsError("inner") from error
        except SmsError:
            raise RuntimeError("outer")
    assert (None, (LIKELY, ["1002"])) == (code(raised.value), found(raised.value))


GROUPS = {
    "one failure": (lambda: ExceptionGroup("g", [failure(1002)]), CERTAIN, ["1002"]),
    "one, nested": (lambda: ExceptionGroup("g", [ExceptionGroup("h", [failure(1002)])]), CERTAIN, ["1002"]),
    "one and another": (lambda: ExceptionGroup("g", [ValueError(), failure(1002)]), RELATED, ["1002"]),
    "several": (lambda: ExceptionGroup("g", [failure(1002), failure(1300)]), RELATED, ["1002", "1300"]),
    "several, nested": (
        lambda: ExceptionGroup("g", [ExceptionGroup("h", [failure(1002), OSError()]), failure(1300)]),
        RELATED,
        ["1002", "1300"],
    ),
    "with BaseException": (lambda: BaseExceptionGroup("g", [KeyboardInterrupt(), failure(1002)]), RELATED, ["1002"]),
    "member raised from it": (lambda: ExceptionGroup("g", [with_cause(SmsError(), failure(1002))]), CERTAIN, ["1002"]),
    "raised from a group": (lambda: with_cause(SmsError(), ExceptionGroup("g", [failure(1002)])), CERTAIN, ["1002"]),
    "raised while handling a group": (
        lambda: with_context(SmsError(), ExceptionGroup("g", [failure()])),
        LIKELY,
        ["1002"],
    ),
    "group raised from it": (lambda: with_cause(ExceptionGroup("g", [OSError()]), failure(1002)), CERTAIN, ["1002"]),
    "likely member": (lambda: ExceptionGroup("g", [with_context(SmsError(), failure(1002))]), LIKELY, ["1002"]),
    "none": (lambda: ExceptionGroup("g", [OSError(), ValueError()]), None, []),
}


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_is_as_its_one_member_or_related(name: str) -> None:
    """A group of one is that one; of several it is related, first failure first."""
    make, grade, codes = GROUPS[name]
    assert (grade and (grade, codes)) == found(make())
    expected = codes[0] if grade in (CERTAIN, RELATED) else None
    assert expected == code(make())


def test_chains_that_lead_in_circles_come_to_an_end() -> None:
    """A cause of itself, two causes of each other, a member whose cause is its group."""
    itself = SmsError()
    itself.__cause__ = itself
    one, two = SmsError(), SmsError()
    one.__cause__, two.__cause__ = two, one
    member = SmsError()
    member.__cause__ = ExceptionGroup("g", [member, SmsError()])
    assert [None, None, None, None] == [found(each) for each in (itself, one, member, member.__cause__)]
    assert [one, two] == list(causes(one))


def test_causes_are_those_that_an_exception_was_raised_from() -> None:
    """The exception, what it was raised from, and no context that came by itself."""
    first, second, third = SmsError("1"), SmsError("2"), SmsError("3")
    with_cause(first, with_context(second, third))
    assert [first, second] == list(causes(first))
    assert [] == list(causes(None))


def test_a_wide_and_deep_graph_is_looked_at_once() -> None:
    """Groups of causes of groups do not multiply: each exception is asked once, and not more than some hundred."""
    asked = []
    deep: BaseException = failure(1002)
    for _ in range(30):
        deep = ExceptionGroup("g", [with_cause(SmsError(), deep) for _ in range(2)])
    assert search(deep, asked.append) is None
    assert len(asked) == len({id(exc) for exc in asked}) <= 200
    long: BaseException = failure(1002)
    for _ in range(10_000):
        long = with_cause(SmsError(), long)
    assert code(long) is None


@given(
    st.lists(st.tuples(st.sampled_from(["cause", "context", "none", "group"]), st.integers(0, 9)), max_size=9),
    st.integers(0, 9),
)
def test_any_graph_of_exceptions_is_searched_to_an_end(links: list[tuple[str, int]], start: int) -> None:
    """However exceptions lead to each other, the answer is None or the code of the one failure among them."""
    nodes: list[BaseException] = [failure(1002)] + [SmsError() for _ in links]
    for at, (kind, to) in enumerate(links, 1):
        target = nodes[to % len(nodes)]
        if kind == "cause":
            nodes[at].__cause__ = target
        elif kind == "context" and target is not nodes[at]:
            nodes[at].__context__ = target
        elif kind == "group":
            nodes[at].__cause__ = ExceptionGroup("g", [target, SmsError()]) if isinstance(target, Exception) else None
    assert code(nodes[start % len(nodes)]) in {"1002", None}


class WithSlot(Exception):
    """Keeps the response in a slot: its dictionary stays empty."""

    __slots__ = ("response",)


class WithProperty(Exception):
    """Computes the response."""

    @property
    def response(self) -> object:
        return failure(1002).response


class Answering(Exception):
    """Answers for attributes that it does not have."""

    def __getattr__(self, name: str) -> object:
        return getattr(failure(1002), name)


class Forwarding(Exception):
    """Answers for every attribute."""

    def __getattribute__(self, name: str) -> object:
        return failure(1002).response if name == "response" else super().__getattribute__(name)


class Closed(Exception):
    """Does not let anyone look at its attributes."""

    def __getattribute__(self, name: str) -> object:
        if name == "__dict__":
            raise RuntimeError("not now")
        return super().__getattribute__(name)


def in_slot() -> WithSlot:
    error = WithSlot()
    error.response = failure(1002).response
    return error


def test_an_exception_that_raises_when_looked_at_hides_no_cause() -> None:
    """Its class is asked first: of one with a `__getattribute__` of its own the attributes are not looked at."""
    carrying = with_cause(Closed(), failure(1002))
    assert not is_bare(carrying)
    assert (CERTAIN, ["1002"]) == found(carrying)


@pytest.mark.parametrize("make", [in_slot, WithProperty, Answering, Forwarding])
def test_the_quick_answer_sees_every_way_to_have_a_response(make: Callable[[], Exception]) -> None:
    """An exception without a dictionary of its own may carry a response all the same."""
    assert not is_bare(with_cause(KeyError("id"), make()))
    assert (CERTAIN, ["1002"]) == found(with_cause(KeyError("id"), make()))


def test_the_quick_answer_is_for_plain_exceptions() -> None:
    """Nothing attached along the chain: nothing to search. A circle is left to the search."""
    circle = KeyError("id")
    circle.__context__ = ValueError()
    circle.__context__.__cause__ = circle
    noted = KeyError("id")
    noted.__notes__ = ["a note is an attribute"]  # type: ignore[attr-defined]
    chain = with_cause(KeyError("id"), with_context(ValueError(), TypeError()))
    assert [True, True, False, False] == [is_bare(exc) for exc in (KeyError(), chain, circle, noted)]
