"""Turns in progress, which run independently of the pages that watch them.

A page that is reloaded in the middle of an answer reads the running turn from its beginning.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig

from ..events import lean
from ..streaming import afollow
from .catalogue import Catalogue
from .problems import plain_words
from .store import Store

Item = dict[str, Any]


class Turn:
    """One turn in progress, with all its items so far."""

    def __init__(self, about: dict[str, Any]) -> None:
        self.about = about
        self.items: list[Item] = []
        self.over = False
        self.task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    def tell(self, kind: str, data: Any, *, last: bool = False) -> None:
        """Add an item and wake the watchers."""
        self.items.append({"kind": kind, "data": data})
        self.over: bool = last
        self._news.set()
        self._news = asyncio.Event()

    async def watch(self) -> AsyncIterator[list[Item]]:
        """All items from the beginning, in batches as they arrive."""
        seen = 0
        while True:
            news, batch = self._news, self.items[seen:]
            if batch:
                seen += len(batch)
                yield merged(batch)
            if self.over and seen == len(self.items):
                return
            if not batch:
                await news.wait()


class Turns:
    """All turns in progress."""

    def __init__(self, catalogue: Catalogue, store: Store) -> None:
        self._catalogue = catalogue
        self._store = store
        self._running: dict[str, Turn] = {}

    def find(self, name: str) -> Turn | None:
        """The turn in progress of that id."""
        return self._running.get(name)

    def busy(self, thread: str) -> bool:
        """Whether a turn of the thread is in progress; a thread has at most one."""
        return any(turn.about["thread"] == thread for turn in self._running.values())

    def start(self, thread: str, model: str, knobs: dict[str, Any], question: str) -> Turn:
        """Begin a turn."""
        about = {
            "id": uuid.uuid4().hex,
            "thread": thread,
            "began": time.time(),
            "model": model,
            "knobs": knobs,
            "question": question,
        }
        return self._launch(about, resumes=False)

    def resume(self, before: dict[str, Any]) -> Turn:
        """Resume a turn that was stopped or broke off, or repeat one that failed.

        A stopped turn keeps its finished drafts. A failed turn starts again, because its failed
        drafts must be requested again.
        """
        keys = ("id", "thread", "began", "model", "knobs", "question")
        about = {key: before[key] for key in keys}
        return self._launch(about, resumes=before["status"] != "failed")

    async def stop(self, name: str) -> bool:
        """End a turn; False if it is not in progress."""
        turn = self._running.get(name)
        if turn is None or turn.task is None:
            return False
        turn.task.cancel()
        await asyncio.wait({turn.task})
        return True

    async def close(self) -> None:
        """End all turns."""
        for name in list(self._running):
            await self.stop(name)

    def _launch(self, about: dict[str, Any], *, resumes: bool) -> Turn:
        turn = Turn(about)
        self._running[about["id"]] = turn
        turn.tell("turn", about)
        turn.task = asyncio.create_task(self._run(turn, resumes=resumes))
        return turn

    async def _run(self, turn: Turn, *, resumes: bool) -> None:
        about, began = turn.about, time.perf_counter()
        outcome: dict[str, Any] = {"status": "failed"}
        # The first words must not wait for the disk.
        begun = asyncio.create_task(self._store.begin(about))
        try:
            outcome = await self._followed(turn, resumes=resumes)
        except asyncio.CancelledError:
            outcome = {"status": "stopped"}
        except Exception as error:
            _, text = plain_words(error, self._catalogue.pool.secrets)
            outcome = {"status": "failed", "error": text}
        finally:
            outcome["seconds"] = round(time.perf_counter() - began, 3)
            said = "".join(i["data"] for i in _since_restart(turn.items) if i["kind"] == "token")
            outcome.setdefault("answer", said)
            events = [i["data"] for i in turn.items if i["kind"] == "event"]
            kept = [event for event in events if event["type"] != "token"]
            await asyncio.shield(self._kept(begun, about["id"], events=kept, **outcome))
            del self._running[about["id"]]
            turn.tell("over", outcome, last=True)

    async def _kept(self, begun: asyncio.Task[None], name: str, **outcome: Any) -> None:
        await begun
        await self._store.end(name, **outcome)

    async def _followed(self, turn: Turn, *, resumes: bool) -> dict[str, Any]:
        about = turn.about
        graph = self._catalogue.graph(about["model"], remembers=True)
        # The id lets a second attempt replace the question instead of asking it twice.
        messages = [HumanMessage(about["question"], id=about["id"])]
        given: dict[str, Any] | None = {"messages": messages}
        thread: RunnableConfig = {"configurable": {"thread_id": about["thread"]}}
        if resumes:
            state = await graph.aget_state(thread)
            # It was stopped before the first checkpoint, so it starts from the beginning.
            given = None if state.next else given
        async for told in afollow(graph, given, thread, context=about["knobs"], events=True):
            if told.kind == "end":
                message, result = told.data["message"], told.data["result"]
                return {"status": "done", "answer": str(message.text), "result": result}
            turn.tell(told.kind, lean(told.data) if told.kind == "event" else told.data)
        return {"status": "failed", "error": "the run ended without an answer"}


def merged(items: list[Item]) -> list[Item]:
    """Join adjacent tokens of one draft or of the answer into one item, for fewer messages."""
    joined: list[Item] = []
    for item in items:
        before = joined[-1] if joined else None
        if before is not None and _same_stream(before, item):
            if item["kind"] == "token":
                joined[-1] = {"kind": "token", "data": before["data"] + item["data"]}
            else:
                text = before["data"]["text"] + item["data"]["text"]
                joined[-1] = {"kind": "event", "data": {**item["data"], "text": text}}
        else:
            joined.append(item)
    return joined


def _same_stream(one: Item, other: Item) -> bool:
    if one["kind"] != other["kind"]:
        return False
    if one["kind"] == "token":
        return True
    if one["kind"] != "event" or one["data"]["type"] != "token":
        return False
    keys = ("type", "stage", "layer", "member", "role", "index")
    return all(one["data"].get(key) == other["data"].get(key) for key in keys)


def _since_restart(items: list[Item]) -> list[Item]:
    starts = [i for i, item in enumerate(items) if item["kind"] == "restart"]
    return items[starts[-1] :] if starts else items
