"""Exceptions as services link them: causes, contexts and groups, in long chains and in circles."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from raising import Carrying, ExceptionGroup, SmsError, failure, response

__all__ = ["Graph", "graphs"]


@dataclass
class Graph:
    """An exception to look at, and the codes of all that can be reached from it in any way."""

    top: BaseException
    codes: set[str]
    size: int


def _node(kind: str, code: int, made: list[BaseException]) -> BaseException:
    if kind == "failure":
        return failure(code)
    if kind == "carrying":
        return Carrying(response(code))
    if kind == "foreign":
        return Carrying(response(code, "https://other.example/"))
    if kind == "group" and made:
        return ExceptionGroup("several", [each for each in made[-3:] if isinstance(each, Exception)])
    return SmsError(f"order {code}")


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to twelve exceptions, made longer by plain ones in between, linked at random."""
    kinds = draw(
        st.lists(st.sampled_from(["failure", "carrying", "foreign", "group", "plain"]), min_size=1, max_size=12)
    )
    made: list[BaseException] = []
    codes = set()
    for at, kind in enumerate(kinds):
        made.append(_node(kind, 1001 + at, made))
        codes |= {str(1001 + at)} if kind in ("failure", "carrying") else set()
    links = draw(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.sampled_from("cxsn")), max_size=20))
    for source, target, how in links:
        link, to = made[source % len(made)], made[target % len(made)]
        if how == "c":
            link.__cause__ = to
        elif how == "x":
            link.__context__ = to
        else:
            link.__suppress_context__ = how == "s"
    top = made[-1]
    for number in range(draw(st.sampled_from([0, 0, 0, 40, 60, 3000]))):
        above = SmsError(str(number))
        above.__cause__ = top
        top = above
    return Graph(top, codes, len(made))
