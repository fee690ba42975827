"""Hostile programs score nothing, change nothing outside, leave no process, and end in time."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hostile_programs import FORGERS, HOGS, PRINTERS, READERS, VANDALS
from langgraph_ensemble.evaluation.sandbox import Limits, Outcome, isolated, run_script, run_tests

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        isolated.mode() is None, reason="bubblewrap cannot isolate here: no user namespaces"
    ),
]
TESTED = {**FORGERS, **READERS, **VANDALS, **HOGS}
SECONDS = 1.0

SECRET = f"secret-{secrets.token_hex(16)}"


class World:
    """What the programs attack: files, servers and an environment that hold the secret."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.reached: list[str] = []
        (home / "key").write_text(SECRET)
        self.inherited = (home / "key").open()
        os.set_inheritable(self.inherited.fileno(), True)
        self.abstract = f"sandbox-{secrets.token_hex(8)}"
        self.servers = [
            self.serve(socket.AF_INET, ("127.0.0.1", 0)),
            self.serve(socket.AF_UNIX, str(home / "socket")),
            self.serve(socket.AF_UNIX, f"\0{self.abstract}"),
        ]

    def serve(self, family: int, address: object) -> socket.socket:
        server = socket.socket(family)
        server.bind(address)
        server.listen()
        threading.Thread(target=self.answer, args=(server,), daemon=True).start()
        return server

    def answer(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            self.reached.append(str(server))
            connection.sendall(SECRET.encode())
            connection.close()

    def fill(self, program: str) -> str:
        port = str(self.servers[0].getsockname()[1])
        for name, value in (
            ("@HOME@", str(self.home)), ("@PORT@", port), ("@ABSTRACT@", self.abstract),
            ("@SOCKET@", str(self.home / "socket")),
        ):  # fmt: skip
            program = program.replace(name, value)
        return program

    def close(self) -> None:
        self.inherited.close()
        for server in self.servers:
            server.shutdown(socket.SHUT_RDWR)
            server.close()


def state(*folders: Path) -> dict[str, tuple[int, float]]:
    """Every file below folders, with size and time of its last change."""
    files = [path for folder in folders for path in folder.rglob("*")]
    return {str(p): (p.lstat().st_size, p.lstat().st_mtime) for p in files}


def confined_processes() -> list[str]:
    """The processes of sandboxes of this test process; another worker's are its own."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            line = (place / "cmdline").read_bytes().decode("utf-8", "replace")
            parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if "inside.program" in line and parent in ("1", str(os.getpid())):
            found.append(line)
    return found


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Every program's outcome, with what they did to the world."""
    home = tmp_path_factory.mktemp("home")
    world = World(home)
    before = state(home, Path(isolated.__file__).parent)
    os.environ["SANDBOX_SECRET"] = SECRET

    def judge(item: tuple[str, str]) -> Outcome:
        name, program = item
        seconds = SECONDS if name in HOGS else 10.0
        limits = Limits(seconds=seconds, memory=1 << 29)
        if name in PRINTERS:
            return run_script(world.fill(program), limits=limits)
        return run_tests(world.fill(program), [f"assert answer() == {SECRET!r}"], limits=limits)

    started = time.monotonic()
    with ThreadPoolExecutor(4) as workers:
        everything = {**TESTED, **PRINTERS}
        outcomes = dict(zip(everything, workers.map(judge, everything.items()), strict=True))
    took = time.monotonic() - started
    del os.environ["SANDBOX_SECRET"]
    after = state(home, Path(isolated.__file__).parent)
    world.close()
    return {"outcomes": outcomes, "world": world, "before": before, "after": after, "took": took}


@pytest.mark.parametrize("name", [*TESTED, *PRINTERS])
def test_it_scores_nothing_and_ends_in_time(judged, name):
    outcome = judged["outcomes"][name]
    assert outcome.status != "passed"
    assert outcome.passed == 0
    assert outcome.seconds < (SECONDS if name in HOGS else 10) + 8
    assert SECRET not in outcome.output
    assert len(outcome.output) <= Limits().output


def test_nothing_outside_has_changed(judged):
    assert judged["before"] == {k: v for k, v in judged["after"].items() if "__pycache__" not in k}
    assert (judged["world"].home / "key").read_text() == SECRET


def test_no_server_was_reached(judged):
    assert judged["world"].reached == []


def test_no_process_is_left(judged):
    assert len(judged["outcomes"]) >= 30
    assert confined_processes() == []


def test_the_attacks_work_without_a_sandbox(tmp_path):
    """Programs that read what they should not do read it in a plain process."""
    world = World(tmp_path)
    names = [name for name in READERS if name not in ("opens a socket of the host",)]
    names = [name for name in names if name != "reads /etc/shadow" or os.geteuid() == 0]
    told = "\nprint('answer', answer())"

    def attack(name: str) -> str:
        line = [
            sys.executable,
            "-c",
            world.fill(READERS[name]).replace("'/tmp/x'", f"'{tmp_path}/x'") + told,
        ]
        held = [world.inherited.fileno()]
        env = {"SANDBOX_SECRET": SECRET}
        # Searching this machine's whole tree would take long: the home is tree enough.
        line[2] = line[2].replace("os.walk('/')", f"os.walk('{tmp_path}')")
        return subprocess.run(line, env=env, pass_fds=held, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(2) as workers:
        said = dict(zip(names, workers.map(attack, names), strict=True))
    world.close()
    assert dict.fromkeys(names, f"answer {SECRET}\n") == said


def test_the_limit_is_named(judged):
    named = judged["outcomes"]["an endless loop"], judged["outcomes"]["prints without end"]
    assert [outcome.detail for outcome in named] == [
        f"it ran for more than {SECONDS:g} s",
        "it wrote more than 1048576 bytes",
    ]


def test_every_attack_got_as_far_as_the_sandbox_let_it(judged):
    """No program failed for want of a module: it did what it is here to do."""
    details = {name: outcome.detail for name, outcome in judged["outcomes"].items()}
    del details["imports the harness"]
    assert {n: d for n, d in details.items() if "ImportError" in d or "ModuleNotFound" in d} == {}


def test_numbers_are_not_answered_by_the_program_that_is_asked():
    program = (
        "class N:\n    def __sub__(self, other): return 0\n    __rsub__ = __add__ = __sub__\n"
        "    def __lt__(self, other): return True\n    __gt__ = __le__ = __ge__ = __lt__\n"
        "    def __contains__(self, item): return True\n    def __float__(self): return 1.0\n"
        "def answer(): return N()"
    )
    for test in (
        "assert abs(answer() - 7.25) < 1e-6",
        "assert abs(7.25 - answer()) < 1e-6",
        "assert answer() > 7 and answer() < 8",
        "assert 7.25 in answer()",
        "import math\nassert math.isclose(answer(), 7.25)",
        "assert answer() in [7.25]",
        "assert not answer() != 7.25",
        "assert {answer(): 1} == {7.25: 1}",
        "assert [answer()] == [7.25]",
    ):
        assert run_tests(program, [test]).status == "failed", test


def test_a_function_of_the_tests_tells_nothing_but_its_value():
    program = (
        "def answer(f):\n    for name in ('__globals__', '__code__', '__closure__'):\n"
        "        got = getattr(f, name)\n        if 'hidden' in str(got): return str(got)\n"
        "    return f(1)"
    )
    setup = "hidden = 'expected'\ndef f(x):\n    hidden\n    return x"
    assert run_tests(program, ["assert hidden in answer(f)"], setup=setup).status == "failed"
    assert run_tests(program, ["assert answer(f) == 1"], setup=setup).status == "passed"


def test_a_run_that_is_killed_leaves_nothing():
    """Whoever runs programs may be killed at any time; the sandbox ends with it."""
    mark = f"{(40 << 20) + secrets.randbelow(1 << 20)}"  # its /tmp has a size of its own
    program = "import os, time\nos.fork()\ntime.sleep(100)"
    code = (
        "from langgraph_ensemble.evaluation.sandbox import Limits, run_script\n"
        f"print('ready', flush=True)\nrun_script({program!r}, limits=Limits(100, files={mark}))"
    )

    def sandboxes() -> list[str]:
        lines = []
        for place in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = place.read_bytes().decode("utf-8", "replace")
            except OSError:
                continue
            lines += [line] if "--size" in line and mark in line else []
        return lines

    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as runner:
        assert runner.stdout is not None
        runner.stdout.readline()
        wait_for(lambda: len(sandboxes()) >= 2)  # bubblewrap, and its first process inside
        runner.kill()
    wait_for(lambda: not sandboxes())


def wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)
