"""Texts that abstain, and answers that only look similar."""

from __future__ import annotations

import pytest
from langgraph_ensemble.nodes.vote import count
from langgraph_ensemble.voting.reading import abstains, read

CHOICES = "Who wrote it?\nA) Homer\nB) Sappho\nC) unknown"


@pytest.mark.parametrize(
    "text",
    [
        "Answer: not sure",
        "**Answer: Not sure.**",
        "Let me see…\nAnswer: I am not sure",
        "Answer: I don't know.",
        "Answer: unknown",
        "\\boxed{\\text{unknown}}",
        "not sure",
        "Unsure.",
        "I don’t know",
        "I don't know the answer to this question.",
        "I do not know who that is.",
        "I am not sure about that one, sorry.",
        "I'm not sure what you mean by this.",
        "I cannot answer this question.",
        "Cannot answer",
        "No idea!",
        "I have no idea",
        "I'm sorry, but I can't help with that.",
        "I'm sorry, I cannot assist with that request.",
        "Sorry, I can't answer that.",
        "As an AI language model, I cannot provide real-time weather.",
        "Unfortunately, I don't have enough information to answer.",
        "I am unable to determine the answer.",
    ],
)
def test_abstentions(text) -> None:
    assert abstains(text)
    assert read(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Answer: 5",
        "The author of this poem is unknown to historians.",
        "Answer: The Unknown Soldier",
        "Answer: C) unknown",
        "C",
        "I'm not sure, but probably Paris",
        "I am not sure. I think it is Paris.",
        "I don't know for certain; however, most say 42",
        "I don't know.\nAnswer: 42",
        "Not sure at first, then I computed it.\nAnswer: 12",
        "Sorry for the wait. The capital is Oslo.",
        "I can help with that: 12",
        "The song 'I don't know why' is by Norah Jones",
        "Answer: sure",
        "I cannot answer in one word. " + "There is much to tell about this. " * 12,
    ],
)
def test_answers_that_only_look_like_it(text) -> None:
    assert not abstains(text)


def test_a_lettered_option_that_says_unknown_is_a_vote() -> None:
    assert read("Answer: C) unknown", CHOICES) == "C"
    assert read("Answer: not sure", CHOICES) is None


def draft(text: str, index: int = 0, **more: object) -> dict:
    fields = {"id": f"1.ann.{index}", "member": "ann", "index": index, "status": "ok"}
    return {**fields, "text": text, "answer": None, "layer": 1, **more}


RANKING = [{"member": "ann", "score": 0.9}]


def test_the_vote_counts_abstentions_and_elects_none() -> None:
    texts = ["Answer: not sure"] * 3 + ["Answer: 7"]
    tally = count([draft(t, i) for i, t in enumerate(texts)], RANKING, "What?")  # pyright: ignore
    assert (tally["abstained"], tally["winner"], tally["share"]) == (3, "1.ann.3", 0.25)
    assert [(v["answer"], v["count"]) for v in tally["votes"]] == [("7", 1)]


def test_if_all_abstain_the_winner_says_so() -> None:
    tally = count([draft("I don't know", i) for i in range(3)], RANKING, "What?")  # pyright: ignore
    assert (tally["abstained"], tally["winner"], tally["share"]) == (3, "1.ann.0", 0.0)
    assert tally["votes"] == []


def test_an_essay_wins_over_those_who_do_not_know() -> None:
    drafts = [draft("I don't know", i) for i in range(3)] + [draft("long story\n" * 9, 3)]
    tally = count(drafts, RANKING, "What?")  # pyright: ignore
    assert (tally["winner"], tally["share"]) == ("1.ann.3", 0.25)


def test_nothing_said_counts_against_the_share_and_a_failure_does_not() -> None:
    drafts = [draft("Answer: 7"), draft("", 1, status="empty"), draft("", 2, status="failed")]
    assert count(drafts, RANKING, "What?")["share"] == 0.5  # pyright: ignore
