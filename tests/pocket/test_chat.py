"""ChatPocket behaves as a chat model should: seeds, samples, streams, stops, limits, threads."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.pocket.chat import ChatPocket
from langgraph_ensemble.pocket.format import aggregator_prompt
from langgraph_ensemble.pocket.questions import DOMAINS, sample
from langgraph_ensemble.pocket.session import load

FRANCE = "What is the capital of France?"
SUM = "What is 4821 + 973?"
HOURS = "How many minutes are in 3 hours?"


def texts(model: ChatPocket, prompt: str, **settings) -> list[str]:
    return [g.text for g in model.generate([[HumanMessage(prompt)]], **settings).generations[0]]


def test_a_specialist_answers() -> None:
    assert ChatPocket(model="facts").invoke(FRANCE).content == "Answer: Paris"


def test_there_is_a_specialist_for_each_domain_and_an_unknown_name_lists_them() -> None:
    assert set(DOMAINS) < set(ChatPocket.available())
    with pytest.raises(InputError, match="arithmetic"):
        ChatPocket(model="poetry")


def test_system_messages_and_earlier_turns_are_ignored() -> None:
    model = ChatPocket(model="facts")
    long = [SystemMessage("Reply in French. " * 50), HumanMessage(SUM), HumanMessage(FRANCE)]
    assert model.invoke(long).content == model.invoke(FRANCE).content


def test_a_seed_repeats_and_sample_i_does_not_depend_on_n() -> None:
    model = ChatPocket(model="units", temperature=2.0)
    ten = texts(model, HOURS, n=10, seed=7)
    assert ten == texts(model, HOURS, n=10, seed=7)
    assert ten[:3] == texts(model, HOURS, n=3, seed=7)
    assert ten != texts(model, HOURS, n=10, seed=8)
    assert len(set(ten)) > 1


def test_without_a_seed_samples_differ_between_calls() -> None:
    model = ChatPocket(model="units", temperature=2.0)
    assert texts(model, HOURS, n=5) != texts(model, HOURS, n=5)


async def test_settings_bind_and_pass_through_agenerate() -> None:
    model = ChatPocket(model="arithmetic")
    result = await model.agenerate([[HumanMessage(SUM)]], n=10, temperature=0.7, seed=1)
    assert len(result.generations[0]) == 10
    short = model.bind(max_tokens=3).invoke(SUM)
    assert short.response_metadata["finish_reason"] == "length"
    assert short.usage_metadata["output_tokens"] == 3


def test_usage_counts_the_prompt_once() -> None:
    result = ChatPocket(model="facts").generate([[HumanMessage(FRANCE)]], n=4)
    messages = [g.message for g in result.generations[0]]
    usage = result.llm_output["token_usage"]
    assert {m.usage_metadata["input_tokens"] for m in messages} == {usage["prompt_tokens"]}
    assert usage["completion_tokens"] == sum(m.usage_metadata["output_tokens"] for m in messages)
    assert messages[0].response_metadata["model_name"] == "facts"
    assert messages[0].response_metadata["finish_reason"] == "stop"


@pytest.mark.parametrize("temperature", [0.0, 1.0])
async def test_streams_equal_the_whole(temperature: float) -> None:
    model = ChatPocket(model="units", temperature=temperature, seed=3)
    whole = model.invoke(HOURS)
    for chunks in (list(model.stream(HOURS)), [c async for c in model.astream(HOURS)]):
        total = chunks[0]
        for chunk in chunks[1:]:
            total += chunk
        assert isinstance(total, AIMessageChunk)
        assert total.content == whole.content
        assert total.usage_metadata == whole.usage_metadata
        assert total.response_metadata["finish_reason"] == "stop"
        assert len([c for c in chunks if c.content]) >= whole.usage_metadata["output_tokens"] - 1


async def test_arithmetic_is_shown_only_after_its_digits_are_checked(monkeypatch) -> None:
    model = ChatPocket(model="arithmetic")
    whole = model.invoke(SUM)
    assert whole.content.endswith("Answer: 5794")
    for chunks in (list(model.stream(SUM)), [c async for c in model.astream(SUM)]):
        assert [c.content for c in chunks if c.content] == [whole.content]
    monkeypatch.setattr("langgraph_ensemble.pocket.inverse._stands", lambda *_: False)
    assert model.invoke(SUM).content == "Answer: not sure"
    assert "".join(str(c.content) for c in model.stream(SUM)) == "Answer: not sure"
    assert texts(model, SUM, n=3, temperature=0.7) == ["Answer: not sure"] * 3
    # A reply that is cut within its answer may look like another number.
    short = len(load("arithmetic").tokenizer.encode(str(whole.content)).ids) - 1
    assert model.invoke(SUM, max_tokens=short).content == "Answer: not sure"


def test_a_specialist_declines_what_it_never_learnt() -> None:
    for name in ("facts", "arithmetic", "units"):
        said = ChatPocket(model=name).invoke("Write me a poem about the autumn wind").content
        assert said == "Answer: not sure"


def test_case_and_slips_do_not_matter() -> None:
    model = ChatPocket(model="facts")
    for text in ("capital of france", "CAPITAL OF FRANCE", "hey, whats the capital of France"):
        assert model.invoke(text).content == "Answer: Paris"


def test_a_stop_text_ends_a_reply_and_is_not_shown_in_a_stream_either() -> None:
    model = ChatPocket(model="arithmetic")
    whole = model.invoke(SUM).content
    cut = model.invoke(SUM, stop=["\nAns"])
    assert cut.content == whole[: whole.index("\nAns")]
    assert cut.response_metadata["finish_reason"] == "stop"
    assert "".join(str(c.content) for c in model.stream(SUM, stop=["\nAns"])) == cut.content


async def test_async_calls_leave_the_event_loop_free() -> None:
    model = ChatPocket(model="arithmetic")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticker = asyncio.create_task(tick())
    await model.ainvoke(SUM)
    ticker.cancel()
    assert ticks > 3


def test_threads_share_a_model() -> None:
    model = ChatPocket(model="arithmetic", temperature=1.0, seed=5)
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: texts(model, SUM, n=3), range(8)))
    assert all(reply == replies[0] for reply in replies)


@pytest.mark.parametrize("prompt", ["What is 1 + é漢🙂?", "<assistant>", "\x00\r\n", "<user><end>"])
def test_any_characters_are_read(prompt: str) -> None:
    ChatPocket(model="facts", max_tokens=5).invoke(prompt)


@pytest.mark.parametrize(
    ("prompt", "message"), [("7" * 400, "reads at most 255"), ("  ", "is empty")]
)
async def test_unusable_prompts_are_input_errors(prompt: str, message: str) -> None:
    model = ChatPocket(model="facts")
    with pytest.raises(InputError, match=message):
        model.invoke(prompt)
    with pytest.raises(InputError, match=message):
        await model.ainvoke(prompt)


def test_no_user_message_is_an_input_error() -> None:
    with pytest.raises(InputError, match="HumanMessage"):
        ChatPocket(model="facts").invoke([SystemMessage("hi")])


def test_a_specialist_reads_the_question_block_alone() -> None:
    prompt = aggregator_prompt(FRANCE, ["Answer: Rome"])
    assert ChatPocket(model="facts").invoke(prompt).content == "Answer: Paris"


def test_the_judge_writes_strict_json_and_the_aggregator_an_answer() -> None:
    for domain in DOMAINS:
        for q in sample(domain, 2, 5, "calibration"):
            prompt = aggregator_prompt(q.text, ["Answer: zzz", q.reply, q.reply])
            judged = json.loads(ChatPocket(model="judge").invoke(prompt).text)
            assert judged["chosen"] in ([2, 3, 1], [1, 2, 3])
            assert isinstance(judged["stop"], bool)
            assert isinstance(judged["reason"], str)
            assert ChatPocket(model="aggregator").invoke(prompt).text.startswith("Answer: ")


async def test_a_referee_streams_stops_samples_and_counts() -> None:
    prompt = aggregator_prompt(FRANCE, ["Answer: Paris", "Answer: 12", "Answer: Paris"])
    judge = ChatPocket(model="judge")
    whole = judge.invoke(prompt)
    streamed = [chunk async for chunk in judge.astream(prompt)]
    assert "".join(str(chunk.content) for chunk in streamed) == whole.content
    assert whole.usage_metadata["output_tokens"] == 3
    assert whole.usage_metadata["input_tokens"] > 30
    assert "stop" not in judge.invoke(prompt, stop=['"stop"']).text
    assert len(texts(ChatPocket(model="aggregator"), prompt, n=4, temperature=1.0)) == 4


def test_without_drafts_the_aggregator_answers_and_the_judge_chooses_none() -> None:
    generalist = ChatPocket(model="generalist").invoke(FRANCE).content
    assert ChatPocket(model="aggregator").invoke(FRANCE).content == generalist
    assert json.loads(ChatPocket(model="judge").invoke(FRANCE).text)["chosen"] == []


def test_importing_it_loads_neither_torch_nor_the_runtime() -> None:
    code = (
        "import sys, langgraph_ensemble.pocket.chat, langgraph_ensemble.pocket.questions;"
        "print([m for m in ('torch', 'transformers', 'onnxruntime', 'tokenizers')"
        " if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
