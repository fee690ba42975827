"""Ask one question from the command line, and show the members at work."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from ..decoding import RESTART
from ..errors import InputError
from ..nodes.knob import check_knobs
from ..records import printable
from ..streaming import afollow
from ..studio.catalogue import Catalogue
from .doubt import doubt
from .progress import Progress
from .terminal import json_text


def knobs(pairs: list[str]) -> dict[str, Any]:
    """Knobs from `name=value` pairs; values are read as JSON if they are valid JSON.

    Raises:
        InputError: A pair has no `=`.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark:
            raise InputError(f"--set {pair!r}: write name=value, such as samples=5")
        try:
            values[name] = json.loads(value)
        except ValueError:
            values[name] = value
    return values


def run(
    question: str,
    catalogue: Catalogue,
    graph: str,
    pairs: list[str],
    *,
    as_json: bool = False,
    quiet: bool = False,
) -> None:
    """Ask, with the answer on standard output and progress on standard error.

    Raises:
        InputError: There is no such graph or knob, or the question is empty.
    """
    compiled = catalogue.graph(graph)
    context = check_knobs(catalogue.knobs(graph), knobs(pairs))
    with Progress(quiet=quiet) as progress:
        result = asyncio.run(_run(compiled, question, context, progress, show=not as_json))
    if as_json:
        sys.stdout.write(json_text(result))
    progress.close(result)
    if unsure := doubt(result):
        sys.stderr.write(printable(unsure) + "\n")


async def _run(
    graph: Any, question: str, context: dict[str, Any], progress: Progress, *, show: bool
) -> dict[str, Any]:
    said, result = False, {}
    async for told in afollow(graph, question, context=context, events=True):
        if told.kind == "event":
            progress.tell(told.data)
        elif told.kind == "end":
            result = told.data["result"]
        elif show:
            progress.pause()
            sys.stdout.write(RESTART if told.kind == "restart" else printable(told.data))
            sys.stdout.flush()
            said = True
    if said:
        sys.stdout.write("\n")
        sys.stdout.flush()
    return result
