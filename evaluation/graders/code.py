"""Programs: taken out of a text and run with the tests of the data set, in the sandbox."""

from __future__ import annotations

import ast
import collections
import itertools
import typing
from collections.abc import Callable, Sequence

from ...records import storable
from ..sandbox import Limits, run_script, run_tests
from .sanitizing import LONGEST, beginning, defines, parsed, program, published_program

_MODULES = frozenset(
    """bisect collections copy datetime functools hashlib heapq itertools json math operator random
    re statistics string sys""".split()  # noqa: SIM905
)
_NAMES = {
    name: module.__name__
    for module in (collections, itertools, typing)
    for name in getattr(module, "__all__", dir(module))
    if not name.startswith("_")
}
"""What the published scripts import with `*`."""

SECONDS = 10.0
"""The published limit for a program."""
PUBLISHED_SECONDS = 3.0
"""The published limit of MMAU, for all inputs of a kind; here for each."""
TOLERANCE = 1e-4
"""MMAU's tolerance for numbers."""


def functions(
    text: str,
    tests: Sequence[str],
    *,
    name: str = "",
    context: str = "",
    setup: str = "",
    published: bool = False,
) -> float:
    r"""1 if the program of a text passes every test; otherwise 0.

    Args:
        text: The text of a model.
        tests: The tests; each is a statement.
        name: The function that the tests call.
        context: The program that the text continues (HumanEval); what it defines beside `name`
            comes before the model's program, and belongs to the tests as well.
        setup: What the data set runs before the tests.
        published: Whether to take the program by the published rule.

    Raises:
        InputError: Programs cannot be isolated here.
        NotGradableError: The isolation at hand cannot run the program.

    Example:
        >>> functions("```python\ndef f(x): return x + 1\n```", ["assert f(1) == 2"], name="f")
        1.0
    """
    helpers = beside(context, name)
    code = published_program(text) if published else program(text, name)
    if not published and context and not defines(code, name):
        code = continued(context, text) or code
    whole = "\n".join([lacking(f"{helpers}\n{code}"), helpers, code])
    before = "\n".join([lacking("\n".join([helpers, setup, *tests])), helpers, setup])
    outcome = run_tests(whole, list(tests), setup=before, limits=Limits(seconds=SECONDS))
    return float(outcome.status == "passed")


def lacking(code: str) -> str:
    r"""The imports that a program uses and lacks, of those that the published scripts put first.

    They put all of them first, and numpy, which the sandbox lacks.

    Example:
        >>> lacking("import re\ndef f(x: List[int]): return math.prod(x)")
        'import math\nfrom typing import List'
    """
    nodes = list(ast.walk(parsed(code) or ast.Module([], [])))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    used = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    made = {node.id for node in names} - used
    for node in nodes:
        made |= {getattr(node, "name", None) or "", getattr(node, "arg", None) or ""}
        if isinstance(node, ast.Import | ast.ImportFrom):
            made |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    missing = sorted(used - made)
    whole = [f"import {name}" for name in missing if name in _MODULES]
    parts = [f"from {_NAMES[name]} import {name}" for name in missing if name in _NAMES]
    return "\n".join([*whole, *parts])


def beside(context: str, name: str) -> str:
    r"""What a prompt defines beside the function that it asks for.

    Example:
        >>> beside("import math\ndef help(): return 1\ndef f():\n    'Do it.'", "f")
        'import math\ndef help():\n    return 1'
    """
    tree = parsed(context)
    body = tree.body if tree is not None else []
    return "\n".join(ast.unparse(node) for node in body if getattr(node, "name", "") != name)


def continued(context: str, text: str) -> str:
    r"""The program of a prompt and of a text that continues it; "" if they make none.

    Example:
        >>> continued("def f(x):\n", "    return x\n\nThat is all.")
        'def f(x):\n    return x\n'
    """
    lines = storable(text[:LONGEST]).splitlines()
    count = beginning(lines, context)
    return context + "\n".join(lines[:count]) if count else ""


def scripts(text: str, cases: Sequence[tuple[str, str]]) -> float:
    r"""1 if a program's output is right for every input; otherwise 0.

    Words are compared; where the expected one is a decimal number, to 1e-4 of its value.

    Args:
        text: The text of a model.
        cases: Pairs of standard input and expected standard output.

    Example:
        >>> scripts("```python\nprint(int(input()) * 2)\n```", [("2", "4"), ("5", "10\n")])
        1.0
    """
    return _passed(program(text), cases, SECONDS, _same_words)


def _same_words(said: str, wanted: str) -> bool:
    one, other = said.split(), wanted.split()
    return len(one) == len(other) and all(map(_same_word, one, other))


def _same_word(said: str, wanted: str) -> bool:
    if said == wanted or "." not in wanted:
        return said == wanted
    try:
        return abs(float(said) - float(wanted)) <= TOLERANCE * max(1.0, abs(float(wanted)))
    except ValueError:
        return False


def published_scripts(text: str, cases: Sequence[tuple[str, str]]) -> float:
    r"""The published rule of MMAU: the first block, the output without spaces, 3 s.

    Example:
        >>> published_scripts("```python\nprint('1 2')\n```", [("", "12")])
        1.0
    """
    _, _, after = text.partition("```python")
    lines = (after or text).partition("```")[0].splitlines()
    main = next((n for n, line in enumerate(lines) if "if __name__" in line), len(lines))
    code = "\n".join([*lines[:main], *(line[4:] for line in lines[main + 1 :])])
    return _passed(code, cases, PUBLISHED_SECONDS, _same_without_spaces)


def _same_without_spaces(said: str, wanted: str) -> bool:
    return said.strip().replace(" ", "") == wanted.strip().replace(" ", "")


def _passed(
    code: str,
    cases: Sequence[tuple[str, str]],
    seconds: float,
    same: Callable[[str, str], bool],
) -> float:
    if not code.strip() or not cases:
        return 0.0
    for given, wanted in cases:
        outcome = run_script(code, given, limits=Limits(seconds=seconds))
        if outcome.status != "passed" or not same(outcome.output, wanted):
            return 0.0
    return 1.0
