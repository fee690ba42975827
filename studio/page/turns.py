"""Turns in progress, which run independently of the pages that watch them.

A page that is reloaded in the middle of an answer reads the running turn from its beginning. Each
turn is a LangGraph thread of its own, whose checkpoints are kept until it is done: the store has
the conversation, so that it can go on from any turn.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

from langchain_core.runnables import RunnableConfig

from ...events import lean
from ...streaming import afollow
from ..catalogue import Catalogue
from ..problems import plain_words
from .branches import path_to
from .conversation import messages
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

    def busy(self, thread: str, panel: str | None = None) -> bool:
        """Whether a turn of the thread is in progress.

        A thread has at most one, or the turns of one `panel`, which answer a question side by side.
        """
        abouts = [turn.about for turn in self._running.values()]
        mine = [each for each in abouts if each["thread"] == thread]
        return any(panel is None or each["panel"] != panel for each in mine)

    def start(self, about: dict[str, Any]) -> Turn:
        """Begin a turn.

        Args:
            about: Its `thread`, `model`, `knobs` and `question`; also `parent`, the turn before it,
                `panel`, `images`, and `id`, if the page has chosen it.
        """
        first = {"id": uuid.uuid4().hex, "began": time.time()}
        whole = {**first, "parent": None, "panel": None, "images": [], **about}
        return self._launch(whole, resumes=False)

    def resume(self, before: dict[str, Any]) -> Turn:
        """Resume a turn that was stopped or broke off, or repeat one that failed.

        A stopped turn keeps its finished drafts. A failed turn starts again, because its failed
        drafts must be requested again.
        """
        keys = ("id", "thread", "began", "model", "knobs", "question", "parent", "panel", "images")
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

    async def stop_thread(self, thread: str) -> None:
        """End all turns of a thread."""
        for turn in list(self._running.values()):
            if turn.about["thread"] == thread:
                await self.stop(turn.about["id"])

    async def close(self) -> None:
        """End all turns."""
        for name in list(self._running):
            await self.stop(name)

    def _launch(self, about: dict[str, Any], *, resumes: bool) -> Turn:
        turn = Turn(about)
        self._running[about["id"]] = turn
        # The page has the images already.
        turn.tell("turn", {key: value for key, value in about.items() if key != "images"})
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
        saver = self._catalogue.checkpointer
        if outcome["status"] == "done" and saver is not None:
            await saver.adelete_thread(name)

    async def _followed(self, turn: Turn, *, resumes: bool) -> dict[str, Any]:
        about = turn.about
        graph = self._catalogue.graph(about["model"], remembers=True)
        thread: RunnableConfig = {"configurable": {"thread_id": about["id"]}}
        given: dict[str, Any] | None = None
        if resumes:
            state = await graph.aget_state(thread)
            # Without messages it was stopped before its first step, so it starts again.
            resumes = bool(state.next and state.values.get("messages"))
        if not resumes:
            given = await self._input(about, graph, thread)
        async for told in afollow(graph, given, thread, context=about["knobs"], events=True):
            if told.kind == "end":
                message, result = told.data["message"], told.data["result"]
                return {"status": "done", "answer": str(message.text), "result": result}
            turn.tell(told.kind, lean(told.data) if told.kind == "event" else told.data)
        return {"status": "failed", "error": "the run ended without an answer"}

    async def _input(
        self, about: dict[str, Any], graph: Any, thread: RunnableConfig
    ) -> dict[str, Any]:
        """The input of a run: the conversation on the branch that ends in this turn."""
        before: list[dict[str, Any]] = []
        if about["parent"] is not None:
            before = path_to(await self._store.turns(about["thread"]), about["parent"])
        if before and "picked" in graph.channels:
            # The router prefers the members of the turn before.
            routing = (before[-1]["result"] or {}).get("routing") or {}
            update = {"picked": routing.get("picked") or []}
            await graph.aupdate_state(thread, update, as_node="prepare")
        system = about.get("system")
        if system is None:
            known = await self._store.branches.about(about["thread"])
            system = known["system"] if known else ""
        return {"messages": messages(before, about, system)}


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
