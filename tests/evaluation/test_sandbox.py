"""Honest programs pass in every kind of isolation, wrong ones fail, and what cannot run is told."""

from __future__ import annotations

import os

import pytest
from honest_programs import RIGHT
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

pytestmark = pytest.mark.slow
needs_bubblewrap = pytest.mark.skipif(
    isolated.mode() is None, reason="bubblewrap cannot isolate here: no user namespaces"
)
needs_monty = pytest.mark.skipif(
    not portable.installed(), reason="pydantic-monty is not installed (the sandbox extra)"
)


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
    hog = (
        "import os, time\nfor _ in range(500):\n    if not os.fork(): time.sleep(60)\n"
        "time.sleep(60)"
    )
    # Where its user is root outside, only the watch bounds the number of processes.
    bounded = ("failed", "processes", "memory", "timeout")
    assert isolated.script(hog, "", Limits(seconds=2), mode).status in bounded


@needs_bubblewrap
def test_files_count_as_memory():
    program = "import os\nwhile True: os.mknod(f'/tmp/{os.urandom(6).hex()}')"
    outcome = run_script(program, limits=Limits(seconds=20, memory=64 << 20))
    assert outcome.status == "memory"


@needs_monty
def test_monty_grades_what_it_can_run_and_tells_what_it_cannot():
    def grade(name: str) -> str:
        program, tests = RIGHT[name]
        try:
            return run_tests(program, tests, isolate="monty", limits=Limits(seconds=5)).status
        except NotGradableError as error:
            return "not gradable" if "bubblewrap" in str(error) else str(error)

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
