"""Take the program out of a model's text.

The published rule looks at the first 100 lines only and keeps the longest run of lines that is
valid Python, so a program after long reasoning is lost, and one with a remark in the middle is cut.
The corrected one takes the last block of code that defines what is asked for.
"""

from __future__ import annotations

import ast
import re
import warnings

from ...records import storable
from ...thoughts import without_thoughts

LONGEST = 200_000
"""Characters of a text that are looked at."""
_LINES = 2000
_STARTS = 1000
_ATTEMPTS = 400

_FENCED = re.compile(
    r"^[ \t]*```[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:^[ \t]*```|\Z)", re.DOTALL | re.MULTILINE
)
_START = re.compile(r"^(?:def|class|import|from|@|async def)\b|^@")
_KEPT = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.Assign, ast.AnnAssign)


def parsed(code: str) -> ast.Module | None:
    """The syntax tree of a program; None if it is no Python.

    Example:
        >>> parsed("x = 1") is None, parsed("x = is") is None
        (False, True)
    """
    found = _tree(code)
    return found if isinstance(found, ast.Module) else None


def _tree(code: str) -> ast.Module | int:
    """The syntax tree of a program, or the line of its first error; 0 where none is known."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except SyntaxError as error:
        return error.lineno or 0
    except (ValueError, RecursionError, MemoryError):
        return 0


def beginning(lines: list[str], before: str = "") -> int:
    r"""How many of some lines are Python, as many as can be; they may continue a program.

    The next shorter run that is tried ends before the first error, because no longer one can be
    Python: a text of any length takes a few attempts.

    Example:
        >>> beginning(["def f(x):", "    return x", "That is it.", "f(1)"])
        2
    """
    end, head = len(lines), before.count("\n")
    for _ in range(_ATTEMPTS):
        if end <= 0:
            break
        found = _tree(before + "\n".join(lines[:end]))
        if isinstance(found, ast.Module):
            return end
        end = min(end - 1, found - 1 - head)
    return 0


def defines(code: str, name: str) -> bool:
    """Whether a program defines a function, class or variable of a name.

    Example:
        >>> defines("def f(): pass", "f"), defines("f(1)", "f")
        (True, False)
    """
    tree = parsed(code)
    return tree is not None and name in _names(tree)


def _names(tree: ast.Module) -> set[str]:
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def program(text: str, name: str = "") -> str:
    r"""The program of a text: its last block of code that defines a name.

    Definitions of earlier blocks that it lacks come before it. Without such a block it is the last
    that is Python, or the lines that are.

    Args:
        text: The text of a model.
        name: What the program must define; by default anything.

    Example:
        >>> program("First\n```python\ndef f(): return 1\n```\nUse it:\n```\nf()\n```", "f")
        'def f(): return 1'
    """
    text = storable(text[-LONGEST:])
    text = without_thoughts(text) or text
    blocks = [_dedented(block) for _, block in _FENCED.findall(text)]
    valid = [block for block in blocks if block.strip() and parsed(block) is not None]
    wanted = [block for block in valid if not name or defines(block, name)]
    if not wanted and parsed(text) is not None and (not name or defines(text, name)):
        return text
    if not wanted:
        return _lines(text, name) or (valid[-1] if valid else "")
    chosen = wanted[-1]
    have = _names(parsed(chosen) or ast.Module([], []))
    return "\n\n".join([*_helpers(valid[: valid.index(chosen)], have), chosen.strip("\n")])


def _dedented(block: str) -> str:
    indent = re.match(r"[ \t]*", block)
    return re.sub(rf"^{indent[0]}", "", block, flags=re.MULTILINE) if indent else block


def _helpers(blocks: list[str], have: set[str]) -> list[str]:
    """Imports and definitions of earlier blocks that a later one lacks."""
    kept = []
    for block in blocks:
        for node in (parsed(block) or ast.Module([], [])).body:
            named = getattr(node, "name", None)
            if isinstance(node, ast.Import | ast.ImportFrom) or (named and named not in have):
                kept.append(ast.unparse(node))
    return kept


def _lines(text: str, name: str) -> str:
    """The program in a text without blocks: from where one begins to where it is Python no more."""
    lines = text.splitlines()
    tried = 0
    starts = [place for place, line in enumerate(lines) if _START.match(line)]
    for start in starts[:_STARTS]:
        if start < tried:
            continue
        tried = start + beginning(lines[start : start + _LINES])
        code = "\n".join(lines[start:tried])
        if code and (not name or defines(code, name)):
            return code
    return ""


def published_program(text: str) -> str:
    r"""The published rule: of the first 100 lines the longest run that is Python, without the rest.

    Of it imports, classes, assignments, and functions that contain `return` are kept.

    Example:
        >>> published_program("Here:\ndef f():\n    return 1\nThat is it.\nf()")
        'def f():\n    return 1'
        >>> published_program("# thinking\n" * 100 + "def f():\n    return 1")
        ''
    """
    tree = parsed(_longest(storable(text[:LONGEST]).splitlines()[:100]))
    body = tree.body if tree is not None else []
    return "\n".join(ast.unparse(node) for node in body if _keeps(node))


def _keeps(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return any(isinstance(part, ast.Return) for part in ast.walk(node))
    return isinstance(node, _KEPT)


def _longest(lines: list[str]) -> str:
    start, most = 0, 0
    for place in range(len(lines)):
        if place + most >= len(lines):
            break  # No later run can be longer.
        if (count := beginning(lines[place:])) > most:
            start, most = place, count
    return "\n".join(lines[start : start + most])
