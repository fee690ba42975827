"""A synchronous run's checkpointer for the agents in it, which run asynchronously.

A step of `graph.invoke` runs in the background loop, and so does a graph that is a member there. It
inherits the run's checkpointer, which may know synchronous calls alone, as `SqliteSaver` does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.constants import CONF, CONFIG_KEY_CHECKPOINTER


class ThreadedSaver(BaseCheckpointSaver[Any]):
    """A checkpointer whose asynchronous calls are the synchronous ones of another, in a thread.

    Args:
        saver: The other one.
    """

    def __init__(self, saver: BaseCheckpointSaver[Any]) -> None:
        super().__init__(serde=saver.serde)
        self._saver = saver

    def with_allowlist(self, extra_allowlist: Collection[tuple[str, ...]]) -> ThreadedSaver:
        """The same over a saver that may load further types."""
        return ThreadedSaver(self._saver.with_allowlist(extra_allowlist))

    def get_next_version(self, current: Any, channel: None) -> Any:
        """The saver's own."""
        return self._saver.get_next_version(current, channel)

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The saver's own."""
        return self._saver.get_tuple(config)

    def list(self, config: RunnableConfig | None, **wanted: Any) -> Iterator[CheckpointTuple]:
        """The saver's own."""
        return self._saver.list(config, **wanted)

    def put(
        self, config: RunnableConfig, checkpoint: Any, metadata: Any, new_versions: Any
    ) -> RunnableConfig:
        """The saver's own."""
        return self._saver.put(config, checkpoint, metadata, new_versions)

    def put_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """The saver's own."""
        self._saver.put_writes(config, writes, task_id, task_path)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """`get_tuple` in a thread."""
        return await asyncio.to_thread(self._saver.get_tuple, config)

    async def alist(
        self, config: RunnableConfig | None, **wanted: Any
    ) -> AsyncIterator[CheckpointTuple]:
        """`list` in a thread."""
        for found in await asyncio.to_thread(lambda: [*self._saver.list(config, **wanted)]):
            yield found

    async def aput(
        self, config: RunnableConfig, checkpoint: Any, metadata: Any, new_versions: Any
    ) -> RunnableConfig:
        """`put` in a thread."""
        return await asyncio.to_thread(self._saver.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """`put_writes` in a thread."""
        await asyncio.to_thread(self._saver.put_writes, config, writes, task_id, task_path)

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, Any]:
        """`get_delta_channel_history` in a thread."""
        return await asyncio.to_thread(
            self._saver.get_delta_channel_history, config=config, channels=channels
        )


def threaded(config: RunnableConfig) -> RunnableConfig:
    """The configuration of a synchronous node with its checkpointer, if any, made asynchronous."""
    inside = config.get(CONF, {})
    saver = inside.get(CONFIG_KEY_CHECKPOINTER)
    if not isinstance(saver, BaseCheckpointSaver) or isinstance(saver, ThreadedSaver):
        return config
    return {**config, CONF: {**inside, CONFIG_KEY_CHECKPOINTER: ThreadedSaver(saver)}}
