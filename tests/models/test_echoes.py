"""A server that writes a key into its answer: it reaches nobody, and nothing else is changed."""

from __future__ import annotations

import base64
import random
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from helpers import ask, member, thread
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph_ensemble import (
    EnsembleChatModel,
    Member,
    Pool,
    create_avengers,
    create_moa,
    create_smoa,
)
from langgraph_ensemble.models.echoes import Echoes, EchoStream
from langgraph_ensemble.testing import Model

KEY = "team-7b1f0c93d2e84a65f0"
HIDDEN = "You sent Bearer ***."
MODES = ["values", "updates", "custom", "messages", "checkpoints", "tasks", "debug"]
NAMES = ("ann", "ben", "cat")
GRAPHS = {
    "moa": lambda pool: create_moa(pool, layers=2),
    "smoa": lambda pool: create_smoa(pool, max_rounds=1),
    "avengers": lambda pool: create_avengers(pool, None, samples=6),
    "one sample": lambda pool: create_avengers(pool, None, samples=1, top_n=1),
}


@pytest.fixture
def pool(provider, monkeypatch) -> Pool:
    """Members whose server repeats their key; one of them is a chat model, one asks for several."""
    monkeypatch.setenv("TEAM_KEY", KEY)
    provider.set(*(Model(name, says="Answer: 4", fault="echo", key=KEY) for name in NAMES))
    chat = ChatOpenAI(model="cat", base_url=provider.url, api_key=KEY, max_retries=0)
    native = {"ann": {}, "ben": {"native_n": True}}
    team = [member(provider, n, api_key_env="TEAM_KEY", **more) for n, more in native.items()]
    return Pool([*team, Member(name="cat", model=chat, size=7.0)])


def stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


@pytest.mark.parametrize("name", GRAPHS)
async def test_a_key_in_an_answer_is_kept_and_told_nowhere(
    provider, pool, tmp_path: Path, name: str
) -> None:
    told: list[str] = []
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "db")) as saver:
        graph = GRAPHS[name](pool).compile(checkpointer=saver)
        stream = graph.astream(ask("Why?"), thread("t"), stream_mode=MODES)
        told += [str(each) async for each in stream]
        state = await graph.aget_state(thread("t"))
    told.append(str(state))
    assert "Answer: 4" in state.values["result"]["answer"]
    assert HIDDEN in state.values["result"]["answer"]
    drafts = state.values["result"]["drafts"]
    assert all(HIDDEN in draft["text"] for draft in drafts)
    assert {draft["status"] for draft in drafts} == {"ok"}
    everything = "\n".join(told).encode() + stored(tmp_path)
    assert HIDDEN.encode() in everything
    assert not [at for at in range(len(KEY) - 5) if KEY[at : at + 6].encode() in everything]


def sends(city: str, note: str = "") -> str:
    """Send something to a city."""
    return city + note


async def test_neither_is_a_key_in_the_arguments_of_a_tool(pool) -> None:
    for graph in (create_moa(pool, layers=2), create_avengers(pool, None, samples=3)):
        model = EnsembleChatModel(graph).bind_tools([sends])
        whole: Any = await model.ainvoke("Why?")
        streamed: Any = None
        async for chunk in model.astream("Why?"):
            assert KEY[:6] not in str(chunk)
            streamed = chunk if streamed is None else streamed + chunk
        for said in (whole, streamed):
            assert [call["args"]["note"] for call in said.tool_calls] == [HIDDEN]
            assert KEY[:6] not in str(said)


async def test_any_runnable_is_cleaned(provider, monkeypatch) -> None:
    monkeypatch.setenv("TEAM_KEY", KEY)
    who = Member(
        name="who",
        provider="langchain",
        model=RunnableLambda(lambda _: AIMessage(f"Answer: 4, by {KEY}")),
        api_key_env="TEAM_KEY",
    )
    state = await create_avengers([who], None, samples=1).compile().ainvoke(ask("Why?"))
    assert state["result"]["answer"] == "Answer: 4, by ***"


def streamed(echoes: Echoes, pieces: list[str]) -> list[str]:
    """The contents of a stream behind the filter."""
    stream, found = EchoStream(echoes), []
    for piece in [*pieces, ""]:
        chunk = AIMessageChunk(content=piece)
        if piece == "":
            chunk.chunk_position = "last"
        stream.clean(chunk)
        found.append(str(chunk.content))
    return found


@pytest.mark.parametrize(
    "said",
    [
        KEY,
        f"a {KEY} b {KEY}",
        f"{KEY}{KEY}",
        f"team-7b1{KEY} and team-7b1f",
        quote(f"/{KEY}/", safe=""),
        base64.b64encode(f"Bearer {KEY}".encode()).decode(),
        KEY.encode().hex(),
    ],
)
def test_a_key_is_found_however_a_stream_is_split(said: str) -> None:
    echoes, draw = Echoes({KEY}), random.Random(7)
    text = f"Before it. {said} Behind it."
    assert KEY not in echoes.hide(text)
    for _ in range(300):
        cuts = sorted(draw.sample(range(1, len(text)), draw.randint(1, len(text) // 2)))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
        found = "".join(streamed(echoes, pieces))
        assert found.startswith("Before it. ")
        assert found.endswith(" Behind it.")
        assert "***" in found
        assert not [form for form in echoes.forms if form in found]
        assert KEY[4:12] not in found


@pytest.mark.parametrize("text", ["A team-7 and a team-7b1.", "team", "te", "team-7b", "tteam-7"])
def test_nothing_else_is_lost_or_changed(text: str) -> None:
    echoes = Echoes({KEY, "none", "password", "lm-studio"})
    assert echoes.hide(text) == text
    for size in (1, 2, 3, 5, 50):
        pieces = [text[i : i + size] for i in range(0, len(text), size)]
        assert "".join(streamed(echoes, pieces)) == text
    plain = "The password of lm-studio is none."
    assert Echoes({"password", "lm-studio", "none"}).hide(plain) == plain


def test_a_key_that_a_limit_has_cut_is_hidden() -> None:
    echoes = Echoes({KEY})
    assert echoes.hide(f"It is {KEY[:-3]}") == "It is ***"
    assert "".join(streamed(echoes, ["It is ", KEY[:5], KEY[5:12]])) == "It is ***"


def test_arguments_of_a_tool_that_are_split_come_whole() -> None:
    stream, whole = EchoStream(Echoes({KEY})), None
    given = f'{{"note": "by {KEY}", "end": "team-7b1"}}'
    for start in range(0, len(given), 9):
        piece = tool_call_chunk(name="f", args=given[start : start + 9], id="1", index=0)
        chunk = AIMessageChunk(content="", tool_call_chunks=[piece])
        stream.clean(chunk)
        assert "7b1f0c93" not in str(chunk)
        whole = chunk if whole is None else whole + chunk
    last = AIMessageChunk(content="", chunk_position="last")
    stream.clean(last)
    assert whole is not None
    found: Any = whole + last
    assert found.tool_call_chunks[0]["args"] == '{"note": "by ***", "end": "team-7b1"}'
