"""Take the program out of a model's text.

The published rule looks at the first 100 lines only and keeps the longest run of lines that is
valid Python, so a program after long reasoning is lost, and one with a remark in the middle is cut.
The corrected one takes the last block of code that defines what is asked for.
"""

from __future__ import annotations

import ast
import re
import warnings

LONGEST = 200_000
"""Characters of a text that are looked at."""

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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


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
    text = text[-LONGEST:]
    text = re.sub(r"<think(?:ing)?>.*?</think(?:ing)?>", "", text, flags=re.DOTALL)
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
    for start, line in enumerate(lines):
        if not _START.match(line):
            continue
        for end in range(len(lines), max(start, len(lines) - 400), -1):
            code = "\n".join(lines[start:end])
            if parsed(code) is not None:
                if not name or defines(code, name):
                    return code
                break
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
    tree = parsed(_longest(text.splitlines()[:100]))
    body = tree.body if tree is not None else []
    return "\n".join(ast.unparse(node) for node in body if _keeps(node))


def _keeps(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return any(isinstance(part, ast.Return) for part in ast.walk(node))
    return isinstance(node, _KEPT)


def _longest(lines: list[str]) -> str:
    best, most = "", 0
    for start in range(len(lines)):
        # A run that cannot be longer than the best is not tried.
        for end in range(len(lines), start + most, -1):
            code = "\n".join(lines[start:end])
            if parsed(code) is not None:
                best, most = code, end - start
                break
    return best
