"""Ask one question from the command line, showing who is at work."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from ..decoding import RESTART
from ..errors import InputError
from ..nodes.knob import check_knobs
from ..streaming import afollow
from ..studio.catalogue import Catalogue
from .doubt import doubt
from .progress import Progress


def knobs(pairs: list[str]) -> dict[str, Any]:
    """Knobs from `name=value` pairs; values are read as JSON where they can be.

    Raises:
        InputError: A pair without `=`.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark:
            raise InputError(f"--set {pair!r}: write name=value, such as samples=5")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def run(
    question: str,
    catalogue: Catalogue,
    graph: str,
    pairs: list[str],
    *,
    as_json: bool = False,
    quiet: bool = False,
) -> None:
    """Answer on standard output, progress on standard error.

    Raises:
        InputError: No such graph or knob, or nothing to ask.
    """
    compiled = catalogue.graph(graph)
    context = check_knobs(catalogue.knobs(graph), knobs(pairs))
    with Progress(quiet=quiet) as progress:
        result = asyncio.run(_run(compiled, question, context, progress, show=not as_json))
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=2) + "\n")
    progress.close(result)
    if unsure := doubt(result):
        sys.stderr.write(unsure + "\n")


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
            sys.stdout.write(RESTART if told.kind == "restart" else told.data)
            sys.stdout.flush()
            said = True
    if said:
        sys.stdout.write("\n")
        sys.stdout.flush()
    return result
