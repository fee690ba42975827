"""Honest programs pass in every kind of isolation, wrong ones fail, and what cannot run is told."""

from __future__ import annotations

import os

import pytest
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.evaluation.sandbox import (
    Limits,
    NotGradableError,
    bubblewrap,
    isolated,
    isolation,
    portable,
    run_script,
    run_tests,
)

needs_bubblewrap = pytest.mark.skipif(
    isolated.mode() is None, reason="bubblewrap cannot isolate here: no user namespaces"
)
needs_monty = pytest.mark.skipif(
    not portable.installed(), reason="pydantic-monty is not installed (the sandbox extra)"
)

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


@needs_bubblewrap
@pytest.mark.parametrize("name", RIGHT)
def test_an_honest_program_passes(name):
    program, tests = RIGHT[name]
    outcome = run_tests(program, tests, isolate="bubblewrap")
    assert (outcome.status, outcome.passed, outcome.detail) == ("passed", len(tests), "")


@needs_bubblewrap
def test_a_wrong_program_fails_where_it_is_wrong():
    tests = ["assert f(1) == 1", "assert f(2) == 2", "assert f(3) == 5", "assert f(4) == 4"]
    outcome = run_tests("def f(n): return n", tests)
    assert (outcome.status, outcome.passed) == ("failed", 2)
    assert "AssertionError" in outcome.detail
    assert "SyntaxError" in run_tests("def f(:", tests).detail
    assert "'f' is not defined" in run_tests("g = 1", tests).detail
    assert "ZeroDivisionError" in run_tests("def f(n): return 1 / 0", tests).detail


@needs_bubblewrap
def test_scripts_read_their_input_and_are_judged_by_their_end():
    outcome = run_script("import sys\nprint(sum(map(int, sys.stdin.read().split())))", "1 2\n3\n")
    assert (outcome.status, outcome.output) == ("passed", "6\n")
    assert run_script("print(1)\nraise ValueError('no')").detail == "ValueError: no"
    assert run_script("print(1)\nraise SystemExit(2)").detail == "exit code 2"
    assert run_script("print(open(0).read())", "ä\n").output == "ä\n\n"


@needs_bubblewrap
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root has both ways")
@pytest.mark.parametrize("proc", [True, False])
def test_a_user_namespace_isolates_as_well(proc):
    mode = bubblewrap.Mode(drop=False, proc=proc)
    program, tests = RIGHT["the standard library"]
    try:
        assert isolated.tests(program, "", tests, Limits(), mode).status == "passed"
    except OSError:
        pytest.skip("no user namespaces here")
    reader = "import os\nprint(os.getuid(), sorted(os.listdir('/')), os.path.exists('/etc/passwd'))"
    said = isolated.script(reader, "", Limits(), mode).output
    assert said.startswith("65534 ")
    assert said.endswith(" False\n")
    assert "'proc'" in said if proc else "'proc'" not in said
    hog = "import os, time\nfor _ in range(500):\n    if not os.fork(): time.sleep(60)\ntime.sleep(60)"
    assert isolated.script(hog, "", Limits(seconds=2), mode).status in (
        "failed",
        "processes",
        "timeout",
    )


@needs_monty
def test_monty_grades_what_it_can_run_and_tells_what_it_cannot():
    def grade(name: str) -> str:
        program, tests = RIGHT[name]
        try:
            return run_tests(program, tests, isolate="monty", limits=Limits(seconds=5)).status
        except NotGradableError as error:
            assert "bubblewrap" in str(error)
            return "not gradable"

    grades = {name: grade(name) for name in RIGHT}
    assert set(grades.values()) == {"passed", "not gradable"}
    assert [grades[n] for n in ("a function", "recursion")] == ["passed", "passed"]
    assert [grades[n] for n in ("a class", "a generator", "a change in place")] == [
        "not gradable"
    ] * 3
    script = run_script("print(int(input()) + int(input()))", "1\n2\n", isolate="monty")
    assert (script.status, script.output) == ("passed", "3\n")


@needs_monty
@pytest.mark.parametrize(
    "program",
    [
        "def f(n): return n + 1",
        "def f(n):\n    while True: pass",
        "def f(n): return [0] * 10 ** 10",
        "raise ValueError('no')",
        "def f(n): return f(n)",
        "def g(n): return n",
        "def f(:",
    ],
)
def test_monty_fails_what_is_wrong(program):
    limits = Limits(seconds=1)
    outcome = run_tests(program, ["assert f(1) == 1"], isolate="monty", limits=limits)
    assert outcome.status in ("failed", "timeout", "memory")
    assert outcome.passed == 0


@needs_monty
def test_an_object_that_equals_everything_is_not_equal_in_monty():
    program = "class A:\n    def __eq__(self, other): return True\ndef f(n): return A()"
    with pytest.raises(NotGradableError, match="do not cross"):
        run_tests(program, ["assert f(1) == 1"], isolate="monty")


def test_without_isolation_nothing_runs(monkeypatch):
    monkeypatch.setattr(isolated, "mode", lambda: None)
    monkeypatch.setattr(portable, "installed", lambda: False)
    with pytest.raises(InputError, match=r"langgraph-ensemble\[sandbox\]"):
        run_tests("x = 1", ["assert x == 1"])
    with pytest.raises(InputError, match="auto, bubblewrap or monty"):
        isolation("docker")
