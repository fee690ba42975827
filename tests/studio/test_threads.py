"""Threads of the page: branches, the bin, files of earlier versions, checkpoints."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from langgraph_ensemble import InputError, Pool
from langgraph_ensemble.studio import defaults
from langgraph_ensemble.studio.catalogue import Catalogue
from langgraph_ensemble.studio.data.memory import Memory
from langgraph_ensemble.studio.page import branches
from langgraph_ensemble.studio.page.conversation import MOST_BYTES, checked_images
from langgraph_ensemble.studio.page.store import Store
from langgraph_ensemble.studio.page.turns import Turns
from langgraph_ensemble.testing import Model, Provider

THREAD = "a" * 32


def about(name: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    whole = {"id": name, "thread": THREAD, "began": time.time(), "model": "moa-lite"}
    return {**whole, "knobs": {}, "question": f"{name}?", "parent": parent, **more}


async def test_turns_of_earlier_versions_follow_one_another(tmp_path: Path):
    async with (
        Memory.open(tmp_path / "file.sqlite") as memory,
        Store.open(memory) as store,
    ):
        for name in "abc":
            await store.begin(about(name))
        await memory.write(lambda db: db.execute("DELETE FROM ensemble_branches"))
        await store.begin(about("d", "b", images=["data:"], panel="p"))
        turns = await store.turns(THREAD)
        assert [turn["parent"] for turn in turns] == [None, "a", "b", "b"]
        assert (turns[3]["panel"], turns[3]["images"]) == ("p", ["data:"])
        assert [each["id"] for each in branches.path_to(turns, "d")] == ["a", "b", "d"]


async def test_a_deleted_thread_can_be_restored_until_the_bin_is_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with (
        Memory.open(tmp_path / "file.sqlite") as memory,
        Store.open(memory) as store,
    ):
        await store.begin(about("a"))
        await store.branches.instruct(THREAD, "Be brief.")
        await store.branches.discard(THREAD)
        assert await store.branches.threads() == []
        assert await store.branches.about(THREAD) is None
        assert await store.branches.expired() == []
        assert await store.branches.restore(THREAD)
        known = await store.branches.about(THREAD)
        assert known is not None
        assert (known["title"], known["system"]) == ("a?", "Be brief.")
        # A question that another tab asks meanwhile keeps the thread.
        await store.branches.discard(THREAD)
        await store.begin(about("b", "a"))
        assert await store.branches.about(THREAD)
        await store.branches.discard(THREAD)
        monkeypatch.setattr(branches, "KEPT", -1.0)
        assert await store.branches.expired() == [THREAD]
        await store.delete(THREAD)
        assert not await store.branches.restore(THREAD)
        assert await store.turns(THREAD) == []
        assert await store.branches.expired() == []


async def test_a_turn_goes_on_from_its_parent_and_keeps_checkpoints_until_it_is_done(
    tmp_path: Path, provider: Provider, pool: Pool
):
    async with (
        Memory.open(tmp_path / "file.sqlite") as memory,
        Store.open(memory) as store,
    ):
        turns = Turns(Catalogue(pool, None, memory), store)

        async def run(**about: Any) -> dict[str, Any]:
            whole = {"thread": THREAD, "model": "moa-lite", "knobs": {}, "system": "Be kind."}
            turn = turns.start({**whole, **about})
            assert turn.task is not None
            await turn.task
            kept = await store.turn(turn.about["id"])
            assert kept is not None
            return kept

        def threads() -> list[str]:
            found = memory.conn.execute("SELECT DISTINCT thread_id FROM checkpoints")
            return [row[0] for row in found]

        first = await run(question="First?")
        await run(question="Second?", parent=first["id"])
        provider.reset()
        await run(question="Instead of the second?", parent=first["id"])
        sent = [m["content"] for m in provider.log()[0]["messages"]]
        assert "Be kind." in sent[0]
        assert "First?" in sent
        assert "Second?" not in sent
        assert threads() == []
        provider.set(*(Model(name, fault="dead") for name in pool.names))
        failed = await run(question="Third?", parent=first["id"])
        assert failed["status"] == "failed"
        assert threads() == [failed["id"]]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("data:image/png;base64,aGk=", "as a list"),
        (["data:image/png;base64,aGk="] * 5, "at most 4"),
        (["https://example.com/a.png"], "data URL"),
        (["data:image/svg+xml;base64,aGk="], "data URL"),
        ([f"data:image/png;base64,{'A' * MOST_BYTES}"], "larger than 8 MB"),
    ],
)
def test_what_is_no_image_is_refused(given: Any, said: str):
    with pytest.raises(InputError, match=said):
        checked_images(given, seen=True)


async def test_a_later_turn_prefers_the_members_of_its_parent(tmp_path: Path):
    async with (
        Memory.open(tmp_path / "file.sqlite") as memory,
        Store.open(memory) as store,
    ):
        turns = Turns(Catalogue(*defaults.resources(), memory), store)

        async def picked(question: str, parent: str | None, sticky: float) -> tuple[str, list[str]]:
            turn = turns.start(
                {
                    "thread": THREAD,
                    "model": "avengers-cheap",
                    "knobs": {"sticky": sticky},
                    "question": question,
                    "parent": parent,
                    "system": "",
                }
            )
            assert turn.task is not None
            await turn.task
            kept = await store.turn(turn.about["id"])
            assert kept is not None
            return kept["id"], kept["result"]["routing"]["picked"]

        first, members = await picked("How much is 4821 plus 973?", None, 0)
        other = "What is the capital of Portugal?"
        assert members == ["arithmetic"]
        assert (await picked(other, first, 0))[1] == ["facts"]
        assert (await picked(other, first, 1))[1] == members
