"""Server-sent events of runs, as chat completions and completions have them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from ...decoding import Told
from ..sse import event
from .errors import described
from .request import StreamOptions
from .runs import Begun, together


async def streamed(
    begun: Begun,
    chunks: Callable[[int, Told], Iterable[bytes]],
    options: StreamOptions | None,
    usage: Callable[[list[Told]], dict[str, Any]],
    first: Iterable[bytes] = (),
) -> AsyncIterator[bytes]:
    """The events of a request's runs; an error is the last one.

    Args:
        begun: The runs.
        chunks: The events of one item of a run.
        options: The request's wishes.
        usage: The piece with the usage of all runs, if it is wished.
        first: The events before those of the runs.
    """
    for each in first:
        yield each
    ends: list[Told] = []
    try:
        async for index, told in together(begun.runs):
            for each in chunks(index, told):
                yield each
            if told.kind == "end":
                ends.append(told)
    except Exception as error:
        _, body = described(error, begun.secrets)
        yield event(body)
    else:
        if options is not None and options.include_usage:
            yield event(usage(ends))
    yield b"data: [DONE]\n\n"
