"""Local Hugging Face weights through langchain-huggingface, tested with the bundled models."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage
from langgraph_ensemble import InputError, Member, Pool, create_moa
from langgraph_ensemble import pocket as pocket_package
from langgraph_ensemble.models.ask import Ask, ask
from langgraph_ensemble.models.huggingface import ChatLocal

WEIGHTS = Path(str(pocket_package.__file__)).parent / "weights"
QUESTION = [HumanMessage("What is the capital of France?")]


def quiet(event: object) -> None:
    """Ignore events."""


def local(name: str, **more: object) -> Member:
    return Member(
        name=name, provider="huggingface", model=str(WEIGHTS / name), max_tokens=40, **more
    )


def test_without_torch_the_error_says_what_to_install() -> None:
    try:
        import torch  # noqa: F401  # pyright: ignore
    except ImportError:
        with pytest.raises(InputError, match=r"pip install 'langgraph-ensemble\[local\]'"):
            ChatLocal(model="somewhere").invoke("Hello")
    else:
        pytest.skip("torch is installed")


@pytest.mark.local
class TestWithTorch:
    """These need the `local` extra."""

    @pytest.fixture(autouse=True)
    def _torch(self) -> None:
        pytest.importorskip("torch", reason="needs the local extra: make test-local")

    async def test_samples_are_one_batch_with_seeds_and_usage(self) -> None:
        what = Ask(local("facts"), QUESTION, "propose", n=4, temperature=0.9, seed=3, max_tokens=24)
        one, two = await ask(what, quiet), await ask(what, quiet)
        assert [s.status for s in one.samples] == ["ok"] * 4
        assert len(one.calls) == 1
        assert [s.text for s in one.samples] == [s.text for s in two.samples]
        assert one.calls[0]["usage"]["total_tokens"] > 4  # pyright: ignore

    async def test_greedy_answers_equal_the_bundled_runtime(self) -> None:
        from langgraph_ensemble.pocket.chat import ChatPocket

        for text in ("What is the capital of France?", "What currency do people use in Japan?"):
            what = Ask(local("facts"), [HumanMessage(text)], "propose", temperature=0.0)
            reply = (await ask(what, quiet)).first.text
            assert reply == ChatPocket(model="facts").invoke(text).text.strip()

    async def test_the_event_loop_stays_free_while_a_model_writes(self) -> None:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.002)
                ticks += 1

        model = ChatLocal(model=str(WEIGHTS / "facts"), max_tokens=24)
        await model.ainvoke(QUESTION)
        clock = asyncio.create_task(tick())
        await model.ainvoke(QUESTION)
        clock.cancel()
        assert ticks >= 1

    def test_stop_words_end_a_reply(self) -> None:
        model = ChatLocal(model=str(WEIGHTS / "facts"), max_tokens=24)
        assert "Answer" not in model.invoke(QUESTION, stop=["Answer"]).text

    async def test_a_graph_over_local_members(self) -> None:
        pool = Pool([local("facts"), local("strings")])
        graph = create_moa(pool, layers=2).compile()
        state = await graph.ainvoke({"messages": QUESTION})
        assert state["result"]["calls"] == 3

    async def test_a_chat_model_of_langchain_huggingface_over_a_pipeline(self) -> None:
        """It has no asynchronous calls for a pipeline, and says so in several ways."""
        from langchain_huggingface import ChatHuggingFace, HuggingFacePipeline

        pipeline = HuggingFacePipeline.from_model_id(
            model_id=str(WEIGHTS / "facts"),
            task="text-generation",
            pipeline_kwargs={"max_new_tokens": 24, "return_full_text": False},
        )
        chat = ChatHuggingFace(llm=pipeline, model_id=str(WEIGHTS / "facts"))
        member = Member.of(chat, name="chat")
        for more in ({"max_tokens": 24}, {"max_tokens": 500}, {"visible": True}):
            reply = await ask(Ask(member, QUESTION, "propose", **more), quiet)  # pyright: ignore
            assert (reply.first.status, reply.first.error) == ("ok", None)
            assert "Paris" in reply.first.text

    def test_a_folder_that_is_not_there_is_a_failed_draft(self) -> None:
        member = Member(name="none", provider="huggingface", model="/nowhere/at/all")
        reply = asyncio.run(ask(Ask(member, QUESTION, "propose"), quiet))
        assert reply.first.status == "failed"
