"""A calibration in Studio on the bundled models, and the task map that it writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_ensemble import Pool, Profile
from langgraph_sdk import get_sync_client
from whole import Whole

pytest.importorskip("langgraph_api", reason="pip install 'langgraph-ensemble[studio]'")
ROWS = [{"query": f"What is {i} + {i + 2}?", "answer": str(2 * i + 2)} for i in range(2, 8)]
KNOBS = {"samples": 1, "max_tokens": 8}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundled")


@pytest.fixture(scope="module")
def bundled(folder: Path) -> Iterator[Whole]:
    server = Whole({}, folder)
    yield server
    server.stop()


def test_rows_become_a_task_map_and_are_asked_once(bundled: Whole):
    with get_sync_client(url=bundled.url) as client:
        thread = client.threads.create()["thread_id"]
        given: Any = {"data": ROWS}
        parts = list(
            client.runs.stream(
                thread, "calibration", input=given, context=KNOBS, stream_mode=["custom", "values"]
            )
        )
        stages = [part.data["stage"] for part in parts if part.event == "custom"]
        assert list(dict.fromkeys(stages)) == [
            *("load", "embed", "answer", "grade", "cluster", "profile")
        ]
        done = parts[-1].data
        profile = Profile.load(done["profile"])
        assert set(profile.members) == set(Pool.pocket().proposers)
        assert thread in done["profile"]
        calls = done["result"]["calls"]
        assert calls >= len(ROWS)
        again = client.runs.wait(thread, "calibration", input=given, context=KNOBS)
        assert again["result"]["calls"] == calls


def test_questions_of_a_file_stop_before_the_map(bundled: Whole, folder: Path):
    (folder / "questions").mkdir(exist_ok=True)
    path = folder / "questions" / "some.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    with get_sync_client(url=bundled.url) as client:
        thread = client.threads.create()["thread_id"]
        given: Any = {"data": "some.jsonl"}
        client.runs.wait(
            thread, "calibration", input=given, context=KNOBS, interrupt_before=["cluster"]
        )
        state: Any = client.threads.get_state(thread)
        assert state["next"] == ["cluster"]
        assert state["values"]["questions"] == len(ROWS)
        done: Any = client.runs.wait(thread, "calibration", input=None, context=KNOBS)
        assert Profile.load(done["profile"]).members


def test_no_data_is_one_clear_error(bundled: Whole):
    with get_sync_client(url=bundled.url) as client:
        thread = client.threads.create()["thread_id"]
        with pytest.raises(Exception, match="no data: give"):
            client.runs.wait(thread, "calibration", input={"data": None})


def test_files_elsewhere_are_neither_read_nor_betrayed(
    bundled: Whole, folder: Path, tmp_path: Path
):
    (folder / "questions").mkdir(exist_ok=True)
    there = tmp_path / "there.jsonl"
    there.write_text(json.dumps(ROWS[0]) + "\n")
    link = folder / "questions" / "link.jsonl"
    link.symlink_to(there)
    said = set()
    with get_sync_client(url=bundled.url) as client:
        for data in (
            *(str(there), str(tmp_path / "missing.jsonl"), f"../{there.name}"),
            *("link.jsonl", "../conversations.sqlite", "a\0b", "/etc/passwd"),
        ):
            thread = client.threads.create()["thread_id"]
            with pytest.raises(Exception, match="data: ") as caught:
                client.runs.wait(thread, "calibration", input={"data": data})
            said.add(str(caught.value))
        assert all("only a file in this server's folder" in each for each in said), said
        assert len(said) == 1
        thread = client.threads.create()["thread_id"]
        with pytest.raises(Exception, match=r"no file missing\.jsonl"):
            client.runs.wait(thread, "calibration", input={"data": "missing.jsonl"})
        with pytest.raises(Exception, match="unknown knob 'sample'"):
            client.runs.wait(None, "calibration", input={"data": ROWS}, context={"sample": 1})
