"""Right programs with tests that they pass, for the sandbox."""

from __future__ import annotations

STACK = """
class Stack:
    '''A stack.'''
    def __init__(self, items=()):
        self.items = list(items)
    def push(self, item):
        self.items.append(item)
        return self
    def pop(self):
        if not self.items:
            raise Empty("nothing there")
        return self.items.pop()
    def __len__(self):
        return len(self.items)
    def __iter__(self):
        return iter(self.items)
    def __getitem__(self, place):
        return self.items[place]
    def __add__(self, other):
        return Stack(self.items + other.items)
    def __str__(self):
        return f"Stack({self.items})"

class Empty(LookupError):
    pass
"""
# Program, tests: each is right.
RIGHT = {
    "a function": ("def double(n): return 2 * n", ["assert double(4) == 8", "assert double(0) == 0"]),
    "recursion": (
        "def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)", ["assert fib(15) == 610"]
    ),
    "deep recursion": (
        "import sys\nsys.setrecursionlimit(20000)\ndef deep(n): return n and 1 + deep(n - 1)",
        ["assert deep(5000) == 5000"],
    ),
    "the standard library": (
        "import bisect, collections, functools, heapq, itertools, json, math, re, string, ctypes\n"
        "from dataclasses import dataclass\nfrom typing import List\n"
        "@functools.lru_cache\ndef f(n: int) -> List[int]: return heapq.nsmallest(n, [3, 1, 2])\n"
        "@dataclass\nclass P:\n    x: int\ndef g(): return collections.Counter('aab')",
        ["assert f(2) == [1, 2]", "assert P(3).x == 3 and P(3) == P(3)", "assert g() == {'a': 2, 'b': 1}"],
    ),
    "a class": (
        STACK,
        [
            "s = Stack()\ns.push(1).push(2)\nassert len(s) == 2 and s[0] == 1 and list(s) == [1, 2]",
            "assert s.pop() == 2 and str(s) == 'Stack([1])' and isinstance(s, Stack)",
            "assert Stack([1]) + Stack([2]) == Stack([1, 2]) and Stack([1]) != Stack([2])",
            "s.pop()\ntry:\n    s.pop()\n    assert False\nexcept Empty as error:\n"
            "    assert 'nothing' in str(error)",
            "try:\n    s.pop()\n    assert False\nexcept LookupError:\n    pass",
            "s.items = [7]\nassert s.items == [7] and 7 in s",
        ],
    ),
    "a change in place": (
        "def order(items): items.sort()", ["a = [3, 1, 2]\norder(a)\nassert a == [1, 2, 3]"]
    ),
    "a function as an argument": (
        "def each(f, xs): return [f(x) for x in xs]", ["assert each(lambda x: x + 1, [1, 2]) == [2, 3]"]
    ),
    "a function as a result": (
        "def adder(n): return lambda x: x + n", ["assert adder(3)(4) == 7"]
    ),
    "a generator": (
        "def count():\n    n = 0\n    while True:\n        yield n\n        n += 1",
        ["from itertools import islice\nassert list(islice(count(), 4)) == [0, 1, 2, 3]"],
    ),
    "plain values of every kind": (
        "from decimal import Decimal\nfrom fractions import Fraction\nfrom datetime import date\n"
        "from collections import deque, namedtuple\nimport enum\nP = namedtuple('P', 'x y')\n"
        "class E(enum.IntEnum):\n    A = 3\n"
        "def values(): return [None, True, 2 ** 5000, 1.5, float('inf'), 'ä\\udc80', b'x', (1,), {1: 2},\n"
        "  {3}, frozenset([4]), 1j, range(3), deque([5]), Decimal('0.1'), Fraction(1, 3),\n"
        "  date(2020, 1, 2), P(1, 2), E.A]",
        [
            "from decimal import Decimal\nfrom fractions import Fraction\nfrom datetime import date\n"
            "from collections import deque\nassert values() == [None, True, 2 ** 5000, 1.5, float('inf'), "
            "'ä\\udc80', b'x', (1,), {1: 2}, {3}, frozenset([4]), 1j, range(3), deque([5]), "
            "Decimal('0.1'), Fraction(1, 3), date(2020, 1, 2), (1, 2), 3]"
        ],
    ),
    "threads and processes": (
        "import threading, os\ndef both():\n    said = []\n"
        "    t = threading.Thread(target=said.append, args=(1,))\n    t.start(); t.join()\n"
        "    pid = os.fork()\n    if not pid: os._exit(3)\n"
        "    return said + [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])]",
        ["assert both() == [1, 3]"],
    ),
    "files of its own": (
        "def kept():\n    with open('x.txt', 'w') as f: f.write('text')\n"
        "    return open('x.txt').read()",
        ["assert kept() == 'text'"],
    ),
    "a main guard and prints": (
        "def f(): print('working')\nif __name__ == '__main__': raise SystemExit(1)",
        ["assert f() is None"],
    ),
}  # fmt: skip
