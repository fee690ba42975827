"""The log of several servers in one file: whole lines, all of them, whoever rotates it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from langgraph_ensemble.studio.telemetry.logs import Log

WRITER = """
import sys, time
from pathlib import Path
from langgraph_ensemble.studio.telemetry import logs
logs.LARGEST, logs.KEPT, logs.EVERY = 40_000, 200, 0.002
log = logs.Log(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    log.tell("line", who=sys.argv[2], number=number, text="é" * (number % 2_000))
    time.sleep(0.0005 * (number % 3))
log.close()
"""


def writer(path: Path, who: str, lines: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), who, str(lines)])


def files(path: Path) -> list[Path]:
    """All files of the log, oldest first."""
    older = [p for p in path.parent.glob(f"{path.name}.*") if p.suffix[1:].isdigit()]
    return [*sorted(older, key=lambda p: -int(p.suffix[1:])), *([path] if path.exists() else [])]


@pytest.mark.timeout(120)
def test_two_processes_lose_no_line_and_mix_none(tmp_path: Path) -> None:
    path, count = tmp_path / "log.jsonl", 1500
    writers = [writer(path, who, count) for who in ("one", "two")]
    assert [each.wait(90) for each in writers] == [0, 0]
    found: dict[str, list[int]] = {"one": [], "two": []}
    for file in files(path):
        for line in file.read_text().splitlines():
            told = json.loads(line)
            found[told["who"]].append(told["number"])
    # Each one's lines are all there, in order, through all files.
    assert found == {"one": [*range(count)], "two": [*range(count)]}
    assert len(files(path)) > 10
    # No file is put aside before it is full.
    assert all(file.stat().st_size > 40_000 for file in files(path)[:-1] if file != path)
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files(path))


def test_half_a_line_of_a_killed_process_stays_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"event": "run", "key": "an')
    log = Log(path)
    log.tell("started")
    log.close()
    half, whole = path.read_text().splitlines()
    assert half == '{"event": "run", "key": "an'
    assert json.loads(whole)["event"] == "started"


@pytest.mark.timeout(60)
def test_a_killed_process_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    victim = writer(path, "one", 100_000)
    ends = time.monotonic() + 40
    while not path.exists() or path.stat().st_size < 10_000:
        assert time.monotonic() < ends
        time.sleep(0.02)
    victim.kill()
    victim.wait()
    log = Log(path)
    log.tell("after")
    log.close()
    assert json.loads(path.read_text().splitlines()[-1])["event"] == "after"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/stdout")
def test_a_log_on_standard_output_is_not_rotated() -> None:
    code = WRITER.replace("40_000", "100")
    done = subprocess.run(
        [sys.executable, "-c", code, "/dev/stdout", "one", "50"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["number"] for line in done.stdout.splitlines()] == [*range(50)]
