"""Give the winning draft as the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langgraph.runtime import Runtime

from .account import account
from .aggregate import NoUsableDraftError, finish, no_answer
from .bridge import Node
from .context import AvengersContext, resolve
from .request import ANSWER


class Replay(BaseChatModel):
    """Streams a text that is already there.

    The winner of a vote is known only when all samples are in. Its text then goes to the message
    stream in pieces like any other answer, at once, so that no client needs a second way to read.
    """

    text: str

    @property
    def _llm_type(self) -> str:
        return "replay"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for piece in re.findall(r"\s*\S+\s*$|\s*\S+", self.text):
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=piece))
            if run_manager:
                run_manager.on_llm_new_token(piece, chunk=chunk)
            yield chunk


def make_answer(schema: type[AvengersContext]) -> Node:
    """The node that ends the run with the winner's text."""

    async def answer(state: Any, runtime: Runtime[Any]) -> dict[str, Any]:
        knobs = resolve(schema, runtime.context)
        tally = state["tally"]
        won = next((d for d in state["drafts"] if d["id"] == tally["winner"]), None)
        if won is None:
            raise NoUsableDraftError(no_answer(state["drafts"]))
        if state["streamed"]:
            message = AIMessage(won["text"], id=state["streamed"])
        else:
            replay = Replay(text=won["text"])
            message = await replay.ainvoke(state["messages"][-1:], {"tags": [ANSWER]})
        final, text = finish(message, "avengers", state["calls"])
        failed = {d["member"]: d["error"] for d in state["drafts"] if d["status"] == "failed"}
        result = account(
            "avengers",
            text,
            state,
            knobs,
            state["calls"],
            votes=tally["votes"],
            margin=tally["margin"],
            stopped=state["stopped"],
            routing={key: state[key] for key in ("cluster", "position", "ranking", "picked")},
            winner=won["id"],
            fell_back=[f"{member}: {error}" for member, error in failed.items()],
        )
        return {"messages": [final], "result": result}

    return answer
