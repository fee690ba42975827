"""Write a calculation out digit by digit, so that a tiny model can do it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Worked:
    """The working, which starts with the expression, and the answer."""

    work: str
    answer: str


def working(operation: str, a: int, b: int) -> Worked:
    """A sum, difference, product, quotient, or `b` percent of `a`.

    Example:
        >>> working("+", 58, 67)
        Worked(work='58+67: 8+7+0=15;5+6+1=12;', answer='125')
        >>> working("/", 7, 2)
        Worked(work='7/2: 7/2=3r1;.10/2=5r0;', answer='3.5')
        >>> working("%", 80, 15).answer
        '12'
    """
    if operation == "+":
        return Worked(f"{a}+{b}: {_sum(a, b)}", str(a + b))
    if operation == "-":
        turned = f"{b}-{a}:" if a < b else ""
        return Worked(f"{a}-{b}: {turned}{_difference(max(a, b), min(a, b))}", str(a - b))
    if operation == "*":
        return Worked(f"{a}*{b}: {_product(a, b)}", str(a * b))
    if operation == "%":
        whole, cents = divmod(a * b, 100)
        answer = f"{whole}.{cents:02d}".rstrip("0").rstrip(".")
        return Worked(f"{b}%*{a}: {_product(a, b)}", answer)
    return _quotient(a, b)


def power(a: int, b: int) -> Worked:
    """A power, multiplied factor by factor."""
    steps, value = [], a
    for _ in range(b - 1):
        steps.append(f"{value}*{a}={value * a}")
        value *= a
    return Worked(f"{a}^{b}: {';'.join(steps)}", str(value))


def root(a: int) -> Worked:
    """The root of a square number."""
    r = round(a**0.5)
    return Worked(f"sqrt{a}: {r}*{r}={a}", str(r))


def compare(kind: str, a: int, b: int) -> Worked:
    """The `bigger` or `smaller` of two numbers, or whether the first is `more?` or `less?`."""
    sign = "<" if a < b else ">" if a > b else "="
    if kind in ("bigger", "smaller"):
        return Worked(f"{a}{sign}{b}", str((max if kind == "bigger" else min)(a, b)))
    return Worked(f"{a}{sign}{b}", "yes" if sign == (">" if kind == "more?" else "<") else "no")


def parity(kind: str, a: int) -> Worked:
    """Whether a number is `even?` or `odd?`, or its `parity`."""
    name = "odd" if a % 2 else "even"
    return Worked(f"{a} {name}", name if kind == "parity" else _yes(kind == f"{name}?"))


def prime(a: int) -> Worked:
    """Whether a number up to 100 is prime."""
    good = a > 1 and all(a % d for d in range(2, a))
    return Worked(f"{a} {'prime' if good else 'not prime'}", _yes(good))


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def _digits(n: int) -> list[int]:
    return [int(d) for d in reversed(str(n))]


def _sum(a: int, b: int) -> str:
    """From right to left: two digits with the carry, and the resulting carry and digit."""
    x, y, carry, out = _digits(a), _digits(b), 0, []
    for i in range(max(len(x), len(y))):
        p, q = (d[i] if i < len(d) else 0 for d in (x, y))
        out.append(f"{p}+{q}+{carry}={p + q + carry:02d};")
        carry = (p + q + carry) // 10
    return "".join(out)


def _difference(a: int, b: int) -> str:
    """From right to left: two digits with the borrow, and the resulting ones; a >= b."""
    x, y, borrow, out = _digits(a), _digits(b), 0, []
    for i, p in enumerate(x):
        q = y[i] if i < len(y) else 0
        rest = p - q - borrow
        out.append(f"{p}-{q}-{borrow}={int(rest < 0)}{rest % 10};")
        borrow = int(rest < 0)
    return "".join(out)


def _product(a: int, b: int) -> str:
    """Multiply by each digit of the shorter factor, without its final zeros, then add up."""
    short, long = sorted((a, b), key=lambda n: (len(str(n).rstrip("0")), n))
    if short == 0:
        return f"{short}>0"
    digits = str(short).rstrip("0")
    zeros = "0" * (len(str(short)) - len(digits))
    parts, made = [], []
    for place, digit in enumerate(reversed(digits)):
        if digit == "0":
            continue
        value = f"{long * int(digit)}{'0' * place}"
        made.append(int(value))
        parts.append(f"{_times(long, int(digit))}>{value}")
    out = " ".join(parts)
    if len(made) > 1:
        out += f" {_sum(made[0], made[1])}>{made[0] + made[1]}"
    return out + (f" {zeros}" if zeros else "")


def _times(a: int, digit: int) -> str:
    carry, out = 0, []
    for p in _digits(a):
        out.append(f"{p}*{digit}+{carry}={p * digit + carry:02d};")
        carry = (p * digit + carry) // 10
    return "".join(out)


def _quotient(a: int, b: int) -> Worked:
    """Long division, with up to two decimals if they suffice, otherwise with the remainder."""
    rest, out, whole = 0, [], 0
    for digit in str(a):
        rest = rest * 10 + int(digit)
        out.append(f"{rest}/{b}={rest // b}r{rest % b};")
        whole, rest = whole * 10 + rest // b, rest % b
    decimals = next((n for n in (0, 1, 2) if rest * 10**n % b == 0), None)
    if decimals is None:
        return Worked(f"{a}/{b}: {''.join(out)}", f"{whole} remainder {rest}")
    tail = ""
    for i in range(decimals):
        rest *= 10
        out.append(f"{'.' if not i else ''}{rest}/{b}={rest // b}r{rest % b};")
        tail, rest = f"{tail}{rest // b}", rest % b
    return Worked(f"{a}/{b}: {''.join(out)}", f"{whole}.{tail}" if tail else str(whole))
