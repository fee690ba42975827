"""The names that tests need of a program."""

from __future__ import annotations

import ast
import builtins


def wanted(code: str) -> set[str]:
    r"""The names that tests use and do not define: those of the program.

    Example:
        >>> sorted(wanted("x = double(2)\nassert x == four"))
        ['double', 'four']
    """
    used, defined = set(), set(dir(builtins))
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else defined).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.arg):
            defined.add(node.arg)
        elif isinstance(node, ast.alias):
            defined.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            defined.add(node.name)
    return used - defined
