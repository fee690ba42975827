"""Short Python programs of assignments and one loop, traced line by line."""

from __future__ import annotations

import random

NAMES = ("x", "y")


def program(rng: random.Random) -> tuple[str, str, str]:
    """A program of four to six lines, whose values stay between 0 and 99.

    Returns:
        The program, its output, and the working.
    """
    while True:
        lines, steps, values = _program(rng)
        if all(0 <= value < 100 for value in steps):
            break
    answer = str(values[rng.choice(NAMES)])
    shown = next(name for name in NAMES if str(values[name]) == answer)
    return "\n".join([*lines, f"print({shown})"]), answer, ";".join(trace(lines))


def _program(rng: random.Random) -> tuple[list[str], list[int], dict[str, int]]:
    """Random lines, all values of the variables, and the last value of each variable."""
    lines = [f"{name} = {rng.randint(1, 12)}" for name in NAMES]
    lines += [_line(rng) for _ in range(rng.randint(1, 3))]
    values: dict[str, int] = {}
    steps = []
    for step in trace(lines):
        name, *_, value = step.split("=")
        values[name] = int(value)
        steps.append(int(value))
    return lines, steps, values


def _line(rng: random.Random) -> str:
    target = rng.choice(NAMES)
    source, other = rng.sample(NAMES, 2)
    kind = rng.choice(("constant", "variable", "twice", "loop"))
    if kind == "constant":
        return f"{target} = {source} {rng.choice('+-')} {rng.randint(1, 12)}"
    if kind == "variable":
        return f"{target} = {source} {rng.choice('+-')} {other}"
    if kind == "twice":
        return f"{target} = {source} * {rng.randint(2, 3)}"
    return f"for i in range({rng.randint(2, 3)}): {target} = {target} + {rng.randint(1, 9)}"


def trace(lines: list[str]) -> list[str]:
    """The assignments in order of execution, with the numbers filled in.

    Example:
        >>> trace(["x = 2", "for i in range(2): x = x + 3"])
        ['x=2', 'x=2+3=5', 'x=5+3=8']
    """
    values: dict[str, int] = {}
    steps = []
    for line in lines:
        repeats, body = 1, line
        if line.startswith("for"):
            head, body = line.split(": ")
            repeats = int(head.removeprefix("for i in range(").removesuffix(")"))
        for _ in range(repeats):
            target, expression = body.split(" = ")
            filled = "".join(str(values.get(p, p)) for p in expression.split(" "))
            values[target] = _value(expression, values)
            work = "" if filled.isdigit() else f"{filled}="
            steps.append(f"{target}={work}{values[target]}")
    return steps


def _value(expression: str, values: dict[str, int]) -> int:
    """The value of `a`, `a + b`, `a - b` or `a * b`."""
    parts = [values.get(p, p) for p in expression.split(" ")]
    if len(parts) == 1:
        return int(parts[0])
    left, right = int(parts[0]), int(parts[2])
    return {"+": left + right, "-": left - right, "*": left * right}[str(parts[1])]
