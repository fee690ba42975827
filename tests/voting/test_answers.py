"""Reading and comparing short answers."""

from __future__ import annotations

import pytest
from langgraph_ensemble.nodes.judge import by_agreement
from langgraph_ensemble.nodes.vote import count
from langgraph_ensemble.voting.answers import answered, ballots, plurality
from langgraph_ensemble.voting.choices import choices
from langgraph_ensemble.voting.equality import same_mathematics
from langgraph_ensemble.voting.reading import key, read

QUESTION = "Which one?\nA) red\nB) green\nC) blue"


def draft(text: str, member: str = "ann", index: int = 0, **more: object) -> dict:
    fields = {"id": f"1.{member}.{index}", "member": member, "index": index, "status": "ok"}
    return {**fields, "text": text, "answer": None, "layer": 1, **more}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("First 3, no: Answer: 4\nAnswer: 5", "5"),
        ("So **Answer:** 12 km.", "12 km"),
        ("The final answer is $\\boxed{\\frac{1}{2}}$, and that is it.", "\\frac{1}{2}"),
        ("\\boxed{1} then \\boxed{a_{2}}", "a_{2}"),
        ("42", "42"),
        ("I think it depends on many things that nobody here can know for certain at all.", None),
        ("two\nlines", None),
        ("", None),
    ],
)
def test_the_last_marked_answer_counts(text, answer) -> None:
    assert read(text) == answer


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Answer: A", "A"),
        ("Answer: (b)", "B"),
        ("answer is C) blue", "C"),
        ("**Answer: B.**", "B"),
        ("A", "A"),
        ("Answer: D", None),
        ("Answer: both of them", None),
    ],
)
def test_only_an_offered_letter_is_an_answer_to_a_multiple_choice_question(text, letter) -> None:
    assert read(text, QUESTION) == letter


def test_a_question_without_options_offers_none() -> None:
    assert choices("What is A) and why?") == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.5", "\\frac12"),
        ("0.5", "1/2"),
        ("50%", "\\dfrac{1}{2}"),
        ("1,000", "1000.0"),
        ("$12.50", "12.5"),
        ("The Eiffel Tower", "eiffel tower."),
        ("−3", "-3"),
        ("**Paris**", "paris"),
    ],
)
def test_equal_answers_vote_together(one, other) -> None:
    assert key(one) == key(other)


def test_the_option_a_is_not_dropped_as_an_article() -> None:
    assert key("A") == "a"
    assert key("a") != key("b")


def test_mathematical_equality_and_its_guard() -> None:
    assert same_mathematics("2\\sqrt{3}", "\\sqrt{12}")
    assert not same_mathematics("2\\sqrt{3}", "\\sqrt{13}")
    assert not same_mathematics("9^{9^{9^9}}", "9^{9^{9^8}}"), "never computed"
    assert not same_mathematics("100000!", "100000!+1")


def test_unreadable_drafts_abstain_and_do_not_vote_together() -> None:
    drafts = [draft("long story\n" * 3, index=i) for i in range(5)] + [draft("Answer: 7", index=5)]
    tally = count(drafts, [{"member": "ann", "score": 0.9}], "What?")  # pyright: ignore
    assert [(v["answer"], v["count"]) for v in tally["votes"]] == [("7", 1)]
    assert tally["winner"] == "1.ann.5"


def test_ties_go_to_the_better_routed_member_whatever_the_order() -> None:
    ranking = [{"member": "ben", "score": 0.9}, {"member": "ann", "score": 0.5}]
    drafts = [draft("Answer: 1"), draft("Answer: 2", "ben")]
    for order in (drafts, drafts[::-1]):
        tally = count(order, ranking, "What?")  # pyright: ignore
        assert tally["winner"] == "1.ben.0"
        assert tally["margin"] == 0.0


def test_failed_drafts_have_no_vote() -> None:
    drafts = [draft("Answer: 1", status="failed"), draft("Answer: 2", index=1)]
    tally = count(drafts, [{"member": "ann", "score": 0.9}], "What?")  # pyright: ignore
    assert [v["answer"] for v in tally["votes"]] == ["2"]
    assert tally["margin"] == 1.0


def test_nothing_usable_has_no_winner() -> None:
    assert count([draft("", status="empty")], [], "What?")["winner"] is None  # pyright: ignore


def test_plurality_of_essays_is_the_most_alike() -> None:
    texts = ["the cat sat\non a mat", "the cat sat\non the mat", "a dog ran\nfar away from here"]
    assert plurality([draft(t, index=i) for i, t in enumerate(texts)], "Why?")["index"] in (0, 1)  # pyright: ignore


def test_ballots_keep_the_order_of_first_appearance() -> None:
    drafts = [draft("", answer=a, index=i) for i, a in enumerate(["3", "x", "3.0"])]
    assert [(b.answer, len(b.drafts)) for b in ballots(drafts)] == [("3", 2), ("x", 1)]  # pyright: ignore


def test_a_fallback_reads_options_as_a_vote_does() -> None:
    texts = ["Answer: A", "Answer: A", "Answer: B) Paris", "Answer: (B)", "Answer: B."]
    drafts = [draft(text, index=i) for i, text in enumerate(texts)]
    asked = "Which city?\nA) Rome\nB) Paris"
    assert plurality(drafts, asked)["index"] == 2
    assert [len(b.drafts) for b in ballots(answered(drafts, asked))] == [2, 3]
    assert [d["index"] for d in by_agreement(drafts, 2, asked)] == [2, 3]
