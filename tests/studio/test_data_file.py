"""The file of conversations: where it is, who can read it, and its move from the cache folder."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from langgraph_ensemble import InputError
from langgraph_ensemble.studio import defaults
from langgraph_ensemble.studio.data import file as data_file
from langgraph_ensemble.studio.data.databases import opened
from langgraph_ensemble.studio.page.store import Store

TURN = {"thread": "t", "began": 1.0, "model": "moa", "knobs": {}, "question": "What is 1 + 1?"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folders, all empty."""
    monkeypatch.delenv("ENSEMBLE_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def old(rows: int = 3) -> Path:
    """A file of an earlier version, whose last rows are in its journal, with a calibration."""
    path = data_file.old_file()
    path.parent.mkdir(parents=True)
    ledger = path.parent / "calibrations" / "one" / "ledger.txt"
    ledger.parent.mkdir(parents=True)
    ledger.write_text("paid calls")
    pid = os.fork()
    if not pid:  # Killed with the file open, so that the journal stays.
        db = sqlite3.connect(path)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (x INTEGER PRIMARY KEY, text TEXT)")
        db.executemany("INSERT INTO t VALUES (?, ?)", [(i, "x" * 1000) for i in range(rows)])
        db.commit()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    assert path.with_name(path.name + "-wal").stat().st_size > 0
    return path


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT count(*) FROM t").fetchone()[0]


async def test_it_is_private_and_in_the_data_folder(home: Path) -> None:
    path = Path(defaults.database())
    assert home in path.parents
    assert path != data_file.old_file()
    async with opened(str(path)) as memory, Store.open(memory) as store:
        await store.begin({**TURN, "id": "a"})
        modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.glob("*sqlite*")}
    assert modes.pop(path.name + "-lease") is not None  # It is empty.
    assert set(modes) == {path.name, path.name + "-wal", path.name + "-shm"}
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("same", [True, False])
def test_an_old_file_is_moved_once(home: Path, monkeypatch, same: bool) -> None:
    if not same:
        across_file_systems(monkeypatch)
    before, after = old(), data_file.default_file()
    data_file.prepare(after)
    assert rows(after) == 3
    assert after.stat().st_mode & 0o777 == 0o600
    assert not list(before.parent.glob("*"))
    assert (after.parent / "calibrations" / "one" / "ledger.txt").read_text() == "paid calls"
    # A file that an older version makes later is another one: it stays where it is.
    before.write_text("")
    data_file.prepare(after)
    assert before.exists()
    assert rows(after) == 3


def test_another_file_leaves_the_old_one(home: Path) -> None:
    before = old()
    data_file.prepare(home / "named.sqlite")
    assert before.exists()
    assert not data_file.default_file().exists()


def test_a_file_in_use_is_not_moved(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_file, "_BUSY", 0.1)
    before = old()
    with closing(sqlite3.connect(before)) as server:
        server.execute("SELECT * FROM t").fetchone()
        with pytest.raises(InputError, match=r"another server still uses .*stop that server"):
            data_file.prepare(data_file.default_file())
    assert rows(before) == 3
    data_file.prepare(data_file.default_file())
    assert rows(data_file.default_file()) == 3


async def test_what_is_no_database_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are notes. " * 100)
    with pytest.raises(InputError, match=r"notes.txt cannot be used: file is not a database"):
        async with opened(str(path)):
            pass
    assert path.read_text().startswith("These are notes.")


@pytest.mark.skipif(sys.platform == "win32", reason="the move is forked")
@pytest.mark.parametrize("same", [True, False])
def test_a_killed_move_loses_nothing(home: Path, monkeypatch, same: bool) -> None:
    if not same:
        across_file_systems(monkeypatch)
    before, after = old(4000), data_file.default_file()
    kept = before.parent.with_name("kept")
    before.parent.rename(kept)
    draw, ends = random.Random(1), {"old": 0, "new": 0}
    whole = moving(kept, before, after, 60.0)
    for _ in range(20):
        moving(kept, before, after, draw.uniform(0, whole))
        ends["new" if after.exists() else "old"] += 1
        data_file.prepare(after)  # The next start.
        assert rows(after) == 4000
        assert (after.parent / "calibrations" / "one" / "ledger.txt").read_text() == "paid calls"
    assert ends["old"], ends


def moving(kept: Path, before: Path, after: Path, seconds: float) -> float:
    """Move a copy in a process that is killed after some seconds; how long it took."""
    import shutil

    for folder in (before.parent, after.parent):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, before.parent)
    began = time.perf_counter()
    pid = os.fork()
    if not pid:
        data_file.prepare(after)
        os._exit(0)
    while time.perf_counter() - began < seconds:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return time.perf_counter() - began
        time.sleep(0.0005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return seconds


def across_file_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a rename out of the cache folder fail as it does between two file systems."""
    rename = Path.rename

    def between(self: Path, target: Path) -> Path:
        if data_file.old_file().parent in self.parents:
            raise OSError(18, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", between)
