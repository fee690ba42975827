"""Run every graph with canary keys, in a process of its own, and write down all that it tells.

Arguments: the tests' folder, the good server, the echoing server, a folder for files.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, sys.argv[1])

from canaries import KEYS, members
from langchain_core.globals import set_debug
from langchain_core.tracers.base import BaseTracer
from langchain_core.tracers.langchain import wait_for_all_tracers
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph_ensemble import (
    EnsembleChatModel,
    Member,
    Pool,
    create_avengers,
    create_calibration,
    create_moa,
    create_smoa,
)

GOOD, BAD, FOLDER = sys.argv[2], sys.argv[3], Path(sys.argv[4])
ASKED = {"messages": [{"role": "user", "content": "What is 2 + 2? Reply with the number."}]}
MODES = ["values", "updates", "custom", "messages", "checkpoints", "tasks", "debug"]


class Traces(BaseTracer):
    """Keeps all that a tracer is told of each run, at its beginning and at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def _persist_run(self, run: Any) -> None:
        self.seen.append(str(vars(run)))

    def _start_trace(self, run: Any) -> None:
        super()._start_trace(run)
        self.seen.append(str(vars(run)))

    def _end_trace(self, run: Any) -> None:
        self.seen.append(str(vars(run)))
        super()._end_trace(run)


def team() -> list[Member]:
    """A good member and one that is refused for each place of a key."""
    found = [Member(**fields) for fields in members(GOOD, BAD)]
    for name, url in (("gus", GOOD), ("hal", f"{BAD}/v1")):
        chat = ChatOpenAI(
            model="ann",
            api_key=KEYS["object"],  # pyright: ignore[reportArgumentType]
            base_url=url,
            default_headers={"X-Team": KEYS["header"]},
            max_retries=0,
        )
        found.append(Member(name=name, model=chat, size=7.0, retries=0))
    # Its server is OpenAI's own; a proxy that is none keeps the call on this machine.
    return [*found, Member(name="oai", model="gpt-x", size=7.0, retries=0, timeout=5)]


async def tell(seen: list[str], name: str, graph: Any, given: Any, tracer: Traces) -> None:
    """Run a graph, stream it, and write down what it tells, fails with, or keeps."""
    config = {"configurable": {"thread_id": name}, "callbacks": [tracer]}
    try:
        stream = graph.astream(given, config, stream_mode=MODES, subgraphs=True)
        seen.extend([str(each) async for each in stream])
        seen.append(str(await graph.aget_state(config)))
    except Exception as error:
        seen.append(traceback.format_exc() + repr(error) + str(vars(error)))


async def run() -> None:
    pool, bad = team(), team()[3:6]
    data = [{"query": f"What is {i} + 2?", "answer": str(i + 2)} for i in range(3)]
    chat = EnsembleChatModel(create_moa(pool, layers=2))
    graphs = {
        "moa": create_moa(pool, layers=2, aggregator="dan"),
        "smoa": create_smoa(pool, judge="eve", moderator="fay", aggregator="hal"),
        "roles": create_smoa(pool, judge="ann", aggregator="eve", task="Sums"),
        "avengers": create_avengers(pool, None, samples=len(pool)),
        "nested": create_moa([chat, *pool[:2]], layers=2),
        "dead": create_moa(bad, layers=2),
        "dead avengers": create_avengers(bad, None, samples=3),
    }
    seen, tracer = [repr(Pool(pool)), str([m.model_dump() for m in pool])], Traces()
    async with AsyncSqliteSaver.from_conn_string(str(FOLDER / "checkpoints.sqlite")) as saver:
        for name, graph in graphs.items():
            await tell(seen, name, graph.compile(checkpointer=saver), ASKED, tracer)
        learnt = create_calibration(pool, data=data, out=FOLDER / "profile", samples=1)
        await tell(seen, "calibration", learnt.compile(checkpointer=saver), {"data": None}, tracer)
        service = {"kind": "openai", "model": "m", "url": f"{BAD}/v1", "key_env": "EMBED_KEY"}
        learnt = create_calibration(
            pool, data=data, out=FOLDER / "served", samples=1, embedder=service
        )
        await tell(seen, "embedder", learnt.compile(checkpointer=saver), {"data": None}, tracer)
    compiled = graphs["moa"].compile()
    events = compiled.astream_events(ASKED, {"callbacks": [tracer]}, version="v2")
    seen.extend([str(event) async for event in events])
    seen.append(str(await chat.ainvoke("What is 2 + 2?", {"callbacks": [tracer]})))
    (FOLDER / "seen.txt").write_text("\n".join(seen))
    (FOLDER / "traces.txt").write_text("\n".join(tracer.seen))


logging.basicConfig(level=logging.DEBUG, filename=FOLDER / "debug.log", force=True)
set_debug(True)
asyncio.run(run())
wait_for_all_tracers()
