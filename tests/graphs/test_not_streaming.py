"""A chat model that does not stream still puts its answer into the message stream once."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import ask, member, profile, question
from langchain_core.language_models import BaseChatModel
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from langgraph_ensemble import EnsembleChatModel, Member, create_avengers, create_moa
from langgraph_ensemble.testing import Model
from pydantic import SecretStr

Q = question()


class WholeOnly(BaseChatModel):
    """Implements only `_generate`, as many custom chat models do."""

    inner: ChatOpenAI

    @property
    def _llm_type(self) -> str:
        return "whole"

    def _generate(self, messages: Any, *args: Any, **kwargs: Any) -> ChatResult:
        return ChatResult(generations=self.inner.generate([messages]).generations[0])  # pyright: ignore


@pytest.fixture(params=["disable_streaming", "generate_only"])
def silent(request, provider) -> Member:
    """A member whose chat model does not stream."""
    provider.set(Model("dan", tokens=12))
    inner = ChatOpenAI(
        model="dan", base_url=provider.url, api_key=SecretStr("none"), disable_streaming=True
    )
    model = inner if request.param == "disable_streaming" else WholeOnly(inner=inner)
    return Member.of(model, "dan")


@pytest.fixture(params=["moa", "avengers"])
def graph(request, provider, silent) -> Any:
    """The member writes the answer of MoA, or draws the one sample of the Avengers."""
    pool = [member(provider, "ann"), silent]
    if request.param == "moa":
        return create_moa(pool, layers=2, proposers=["ann"], aggregator="dan").compile()
    return create_avengers(pool, profile(ann=[], dan=["algebra"]), samples=1).compile()


async def test_its_answer_is_used_paid_and_streamed_once(provider, graph) -> None:
    seen, state = [], {}
    async for mode, event in graph.astream(ask(Q.text), stream_mode=["messages", "values"]):
        if mode == "messages":
            seen.append(event[0])
        else:
            state = event
    assert state["messages"][-1].text == "".join(message.text for message in seen).strip() != ""
    assert {message.id for message in seen} == {state["messages"][-1].id}
    assert state["result"]["fell_back"] == []
    assert provider.calls("dan") == 1
    assert provider.log("dan")[0]["stream"] is False
    spent = sum(entry["tokens"] for entry in provider.log())
    assert state["result"]["usage"]["total_tokens"] == spent


async def test_the_ensemble_as_a_chat_model_streams_it_once(graph) -> None:
    said = "".join([chunk.text async for chunk in EnsembleChatModel(graph).astream(Q.text)])
    assert said.count("Answer: ") == 1
