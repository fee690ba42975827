"""LangGraph's control flow inside a call: what pauses or redirects a run is no failure.

`interrupt()` in a member agent pauses the whole run, a `Command` may address the graph around it, a
server that shuts down drains its runs: each of them travels as an exception that must reach the
graph.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from langgraph import errors
from langgraph.errors import GraphBubbleUp, GraphInterrupt

T = TypeVar("T")

# Releases of LangGraph without it do not check what an interrupt is answered with.
_refused_answer = getattr(errors, "is_invalid_resume", lambda _: False)


class MissingCallError(RuntimeError):
    """A call is not in the record, and no call may be made. It ends the run."""


def passes(error: BaseException) -> bool:
    """Whether an exception belongs to the run and not to the member that raised it.

    A refused answer to an interrupt is such: the person may answer again. And so is a call that is
    missing where nothing may be asked.

    Example:
        >>> passes(GraphInterrupt()), passes(ValueError())
        (True, False)
    """
    return isinstance(error, GraphBubbleUp | MissingCallError) or _refused_answer(error)


async def side_by_side(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Await several calls; all of them end before the first error is raised.

    Where several wait for a person, they are raised as one interrupt, so that all questions are
    seen at once.
    """
    found = await asyncio.gather(*works, return_exceptions=True)
    paused: list[GraphInterrupt] = []
    values: list[T] = []
    for one in found:
        if isinstance(one, GraphInterrupt):
            paused.append(one)
        elif isinstance(one, BaseException):
            raise one
        else:
            values.append(one)
    if paused:
        raise GraphInterrupt([each for one in paused for each in one.args[0]])
    return values
