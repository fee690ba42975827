"""Choosing among drafts: how each text is read, and how members are weighted."""

from __future__ import annotations

import pytest
from helpers import ask, member, prompt
from langgraph_ensemble import InputError, Member, Pool, create_moa, create_smoa
from langgraph_ensemble.cli.pool_judges import advice, judging
from langgraph_ensemble.member import Member as PoolMember
from langgraph_ensemble.models.model_names import size_in
from langgraph_ensemble.nodes.choose import agreed, elect, ending_of, weights
from langgraph_ensemble.nodes.verdict import Unreadable, read_letter
from langgraph_ensemble.records import Draft, best_of
from langgraph_ensemble.testing import Model as ProviderModel
from langgraph_ensemble.voting import read

CHOICE = "Which is a mammal?\nA) shark\nB) whale\nC) trout\nD) frog"
COUNT = "Ann has 3 apples and buys 4. How many apples has she?"


def draft(member: str, text: str, status: str = "ok", layer: int = 1) -> Draft:
    return {"id": f"{layer}.{member}", "member": member, "layer": layer, "text": text,
            "status": status, "index": 0, "error": None}  # pyright: ignore  # fmt: skip


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        ("The mammal is B) whale.", CHOICE, "B"),
        ("b) is wrong. The answer is (B).", CHOICE, "B"),
        ("**B**", CHOICE, "B"),
        ("A shark is a fish, so it must be the whale.", CHOICE, None),
        ("It must be the whale.", CHOICE, "B"),
        ("I do not know.", CHOICE, None),
        ("3 + 4 = 7, so she has 7 apples.", COUNT, "7"),
        ("She has $1,200 now.", "How much has she?", "1200"),
        ("Answer: 7 apples", COUNT, "7"),
        ("It is blue.", "What colour is the sky?", "It is blue"),
    ],
)
def test_what_the_question_asks_for_is_read(text: str, question: str, answer: str | None) -> None:
    assert read(text, question) == answer


def test_a_weak_majority_does_not_outvote_a_strong_member() -> None:
    members = [Member(name="big", model="x-0.9B"), Member(name="a", model="x-100M"),
               Member(name="b", model="x-100M")]  # fmt: skip
    weight = weights(members)
    drafts = [draft("big", "B) whale"), draft("a", "A) shark"), draft("b", "A) shark")]
    won, votes, margin = elect(drafts, weight, CHOICE)
    assert won["member"] == "big"
    assert [vote["answer"] for vote in votes] == ["B", "A"]
    assert margin is not None
    assert margin > 0
    # Where the strong member's drafts differ, the weak ones decide between them.
    split = [draft("big", "B) whale"), draft("big", "A) shark", layer=2), draft("a", "A) shark")]
    assert elect(split, weight, CHOICE)[1][0]["answer"] == "A"


def test_a_text_is_no_vote_the_strongest_members_first_draft_wins() -> None:
    weight = weights([Member(name="big", model="x-0.9B"), Member(name="a", model="x-100M")])
    essays = [draft("a", "One.\nTwo words."), draft("big", "Three.\nFour words.")]
    assert elect(essays, weight, "Describe the sea.")[0]["member"] == "big"


def test_whole_drafts_go_before_cut_ones_and_those_before_loops() -> None:
    ok, cut = draft("a", "whole"), draft("b", "begun", "cut")
    loop, failed = draft("c", "sound", "degenerate"), draft("d", "", "failed")
    assert best_of([loop, cut, ok, failed]) == [ok]
    assert best_of([loop, cut, failed]) == [cut]
    assert best_of([loop, failed]) == [loop]
    assert best_of([failed]) == []


def test_agreement_needs_two_drafts_that_say_the_same() -> None:
    assert agreed([draft("a", "B) whale"), draft("b", "The answer is B.")], CHOICE)
    assert not agreed([draft("a", "B) whale")], CHOICE)
    assert not agreed([draft("a", "B) whale"), draft("b", "C) trout")], CHOICE)


def test_sizes_come_from_names() -> None:
    names = ["Qwen2.5-Coder-0.5B", "SmolLM2-135M-Instruct", "qwen2.5:7b", "mixtral:8x7b", "gpt-4o"]
    assert [size_in(name) for name in names] == [0.5, 0.135, 7.0, 56.0, None]
    assert PoolMember(name="a", model="my-model", size=0.3).small


def test_the_aggregators_size_decides_how_a_graph_ends() -> None:
    small = Pool([Member(name="q", model="qwen-0.5B"), Member(name="s", model="smol-135M")])
    large = Pool([Member(name="q", model="qwen-7b"), Member(name="s", model="smol-135M")])
    for create in (create_moa, create_smoa):
        assert "choose" in create(small).nodes
        assert "aggregate" not in create(small).nodes
        assert "aggregate" in create(large).nodes
        assert "choose" in create(large, finish="choose").nodes
    assert "judge" not in create_smoa(small).nodes
    assert "judge" in create_smoa(small, judge=Member(name="j", model="judge-8b")).nodes
    with pytest.raises(InputError, match="finish must be one of auto, write, choose"):
        ending_of("rewrite", small[0])  # pyright: ignore


def test_a_letter_is_read_with_its_probabilities() -> None:
    tops = [{"token": t, "logprob": p} for t, p in (("B", -0.2), (" A", -2.0), ("Z", -1.0))]
    said = {"logprobs": {"content": [{"token": "B", "top_logprobs": tops}]}}
    assert read_letter("B", said, 3).chosen == [2, 1]
    assert read_letter("The best is C.", {}, 3).chosen == [3]
    for text in ("", "none of them", "D"):
        with pytest.raises(Unreadable):
            read_letter(text, {}, 3)


async def test_a_judge_may_be_asked_for_one_letter(provider) -> None:
    provider.set(ProviderModel("dan", says="B"))
    team = [member(provider, name) for name in ("ann", "ben", "cat")]
    judge = member(provider, "dan", structured="letter", size=0.4)
    graph = create_smoa(Pool(team, judge=judge), k=1, max_rounds=1).compile()
    state = await graph.ainvoke(ask("Why do cats purr?"))
    entry = provider.log("dan")[0]
    assert entry["max_tokens"] == 4
    assert "Reply with its letter" in prompt(entry)
    assert '<draft id="B">' in prompt(entry)
    assert len(state["result"]["selected"]) == 1
    assert not state["result"]["fell_back"]


async def test_pool_check_examines_judges(provider) -> None:
    provider.set(ProviderModel("dan", says="A"))
    counts = await judging(member(provider, "dan", size=0.4))
    # It always says A, which is right only where the right draft stands first.
    assert counts["letter"] == 3
    assert len(provider.log("dan")) == 12
    assert advice({"letter": 3, "json_schema": 4}) == "name another judge"
    assert advice({"letter": 5, "json_schema": 5}) == "structured: json_schema"
