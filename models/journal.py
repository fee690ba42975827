"""Calls of one step that had ended before its process was killed.

LangGraph records a step when it ends. A step of several requests therefore writes each one that
ends beside the records of its superstep, and finds them there when it is begun again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.constants import CONF, CONFIG_KEY_CHECKPOINTER

from ..records import Call
from .exchange import Sample

CHANNEL = "__ensemble_calls"
"""The name under which calls are written; no graph has a channel of that name."""

RESUMING, DURABILITY = "__pregel_resuming", "__pregel_durability"
"""Where LangGraph says that a run is resumed, and how durable it is to be."""

PAID = ("ok", "cut", "degenerate", "empty")
"""A failed call is made again."""

Made = tuple[list[Sample], list[Call]]


@dataclass(frozen=True)
class Journal:
    """The calls of one step of one run.

    Args:
        saver: The run's checkpointer.
        place: The checkpoint from which the superstep began.
        task: Name of the step in this superstep.
        resumed: Whether the step may have been begun before.
    """

    saver: BaseCheckpointSaver[Any]
    place: RunnableConfig
    task: str
    resumed: bool

    @classmethod
    def of(cls, config: RunnableConfig, checkpoint: str | None, task: str) -> Journal | None:
        """The journal of a step, by its configuration; None if the run records nothing meanwhile.

        Args:
            config: The configuration that LangGraph gave the step.
            checkpoint: The checkpoint from which the superstep began.
            task: LangGraph's name of the step in this superstep.
        """
        inside = config.get(CONF, {})
        saver = inside.get(CONFIG_KEY_CHECKPOINTER)
        if not isinstance(saver, BaseCheckpointSaver) or inside.get(DURABILITY) == "exit":
            return None
        if not checkpoint or not inside.get("thread_id"):
            return None
        # The step's own namespace is that of its graph, and the step.
        graph = str(inside.get("checkpoint_ns", "")).rpartition("|")[0]
        ids = {"thread_id": inside["thread_id"], "checkpoint_id": checkpoint}
        place: RunnableConfig = {CONF: {**ids, "checkpoint_ns": graph}}
        return cls(saver, place, task, bool(inside.get(RESUMING)))

    async def made(self) -> dict[str, Made]:
        """What an earlier try of this step has made, by the names it kept it under."""
        if not self.resumed:
            return {}
        found = await self.saver.aget_tuple(self.place)
        writes = (found.pending_writes if found else None) or []
        kept = [value for _, channel, value in writes if channel == CHANNEL]
        return {each["call"]: _read(each) for each in kept if each["task"] == self.task}

    async def keep(self, call: str, samples: Sequence[Sample], calls: Sequence[Call]) -> None:
        """Write a call that has ended; a failed one is not kept."""
        if not samples or samples[0].status not in PAID:
            return
        value = {
            "task": self.task,
            "call": call,
            "samples": [vars(sample) for sample in samples],
            "calls": list(calls),
        }
        name = str(uuid5(NAMESPACE_OID, f"{self.task} {call}"))
        await self.saver.aput_writes(self.place, [(CHANNEL, value)], name)


def _read(kept: Any) -> Made:
    return [Sample(**sample) for sample in kept["samples"]], kept["calls"]
