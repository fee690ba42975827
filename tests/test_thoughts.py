"""Private thinking is left out, what a text says about it is not, and no thought is an answer."""

from __future__ import annotations

import pytest
from helpers import ask, member
from langgraph_ensemble import NoUsableDraftError, create_avengers, create_moa
from langgraph_ensemble.models.raw import visible_text
from langgraph_ensemble.testing import Model
from langgraph_ensemble.thoughts import never_answers, without_thoughts
from langgraph_ensemble.voting import read

CODE = """Use this template:

```
<think>
{thoughts}
</think>
{answer}
```

Then the reply is parsed. Answer: 4"""
KEPT = [
    "Reasoning models write <think> before they answer. Answer: 4",
    "Put it between `<think>` and `</think>`. Answer: 4",
    "The tag\n<think>\nopens a thought, and it may never be closed. Answer: 4",
    "It ends with </think>. Answer: 4",
    "Say I <thinking> aloud. Answer: 4",
    CODE,
]


@pytest.mark.parametrize("text", KEPT)
def test_a_text_that_speaks_of_thoughts_is_kept(text: str) -> None:
    assert without_thoughts(text) == visible_text(text) == text
    assert not never_answers(text)
    assert read(text, "How many?") == "4"


@pytest.mark.parametrize(
    "text",
    [
        "<think>Is it 5?</think>Answer: 4",
        "\n <THINK>\nAnswer: 5\n</think>\n\nAnswer: 4",
        "<thinking>5</thinking><think>or 6</think> Answer: 4",
        "<think></think>\nAnswer: 4",
        "<think>Write <think> first? 5.</think>\nAnswer: 4",
    ],
)
def test_a_thought_is_left_out(text: str) -> None:
    assert visible_text(text) == "Answer: 4"
    assert read(text, "How many?") == "4"


def test_a_thought_between_two_parts_of_an_answer_is_left_out() -> None:
    text = "First I look it up.\n<think>Where?\nAnswer: 5</think>\nAnswer: 4"
    assert visible_text(text) == "First I look it up.\n\nAnswer: 4"


@pytest.mark.parametrize(
    "text", ["<think>", " <think>Is it 5?", "<think>a</think><think>Answer: 5"]
)
def test_a_thought_without_an_end_is_no_answer(text: str) -> None:
    assert never_answers(text)
    assert visible_text(text) == ""
    assert read(text, "How many?") is None


@pytest.mark.parametrize(
    "text",
    [
        "<think>" * 140_000,
        "\n<think>" * 120_000,
        "```" + "\n<think>" * 120_000 + "</think>",
        "\n<think></think>" * 60_000,
        "<think></think>" * 60_000,
        " " * 1_000_000,
    ],
)
def test_hostile_texts_are_read_once(text: str) -> None:
    """In quadratic time each of them would take hours, and pytest's limit is two minutes."""
    assert len(without_thoughts(text)) <= len(text)


async def test_a_draft_that_never_stops_thinking_says_so(provider) -> None:
    provider.set(
        Model("ann", says="<think> " + " ".join(f"w{i * i}" for i in range(300))),
        Model("ben", says="<think> I begin, and that is all."),
        Model("cat", says="<think> hm </think> Answer: 4"),
    )
    team = [member(provider, "ann", max_tokens=100), member(provider, "ben")]
    team.append(member(provider, "cat"))
    graph = create_moa(team, layers=2, aggregator="cat").compile()
    result = (await graph.ainvoke(ask("Why?")))["result"]
    told = {draft["member"]: (draft["status"], draft["error"]) for draft in result["drafts"]}
    limit = "it reached its token limit while it was still thinking: raise max_tokens"
    ended = "it ended while it was still thinking: its <think> is never closed"
    assert told == {"ann": ("empty", limit), "ben": ("empty", ended), "cat": ("ok", None)}
    assert result["answer"] == "Answer: 4"
    with pytest.raises(NoUsableDraftError, match="raise max_tokens"):
        await create_avengers(team[:1], None, samples=1).compile().ainvoke(ask("Why?"))
