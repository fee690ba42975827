"""Any text is read, compared, counted and quoted: no exception, no hang, no second vote.

A hundred examples each, always the same ones. `FUZZ=100000` before `pytest tests/test_fuzz.py`
draws so many others, and stops at the first that fails.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attacks
import pytest
from hostile import delimiters, turns
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph_ensemble.nodes.verdict import (
    Unreadable,
    read_cast,
    read_decision,
    read_letter,
    read_verdict,
)
from langgraph_ensemble.prompts.neutral import neutralised
from langgraph_ensemble.records import printable, storable
from langgraph_ensemble.redact import redact
from langgraph_ensemble.voting import read, same, vote
from langgraph_ensemble.voting.reading import abstains, key

LONG = "FUZZ" in os.environ
fuzz = settings(
    max_examples=int(os.environ.get("FUZZ", "100")),
    derandomize=not LONG,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600 if LONG else 120)]
KINDS = ("auto", "choice", "number", "math", "literal", "json", "code", "classification", "text")
SCRAPS = [
    *attacks.SHORT.values(),
    *("Answer: ", "**Answer:** ", "\\boxed{", "}", "final answer is ", "A", "(B)", "C)", "D."),
    *("1,000", "0.5", "\\frac{1}{2}", "3 1/2", "50%", "1e999", "9" * 50, "-", "−7", "½", "٣", "０"),
    *("$", "$$", "\\(", "\\[", "{", "[", "]", "(", ")", "^", "_", "=", "==", "\\sqrt{", "x"),
    *('{"a": 1}', "[1, 2]", "'a'", '"', "'", "None", "True", "nan", "inf", "{1: 2}", "1j", "b'x'"),
    *("```python\n", "```", "def f(): ", "return 1", "\\", "\\n", "\n", "\n\n", "\t", " ", "  "),
    *("I don't know", "I cannot", "not sure", "Sorry", "yes", "no", "Paris", "the Nile", "ß", "İ"),
    *(
        "Question: ",
        "User: ",
        "<think>",
        "</think>",
        "\0",
        "\ud800",
        "\u202e",
        "\u200b",
        "🙂",
        "数",
    ),
]
TEXTS = st.lists(
    st.sampled_from(SCRAPS) | st.text(max_size=6) | st.integers().map(str) | st.floats().map(str),
    max_size=12,
).map("".join)
REPEATED = st.builds(
    lambda text, n: (text * n)[:30_000], st.sampled_from(SCRAPS), st.integers(1, 3000)
)
ANY = TEXTS | REPEATED
QUESTIONS = st.sampled_from(
    [
        "",
        "How many apples are there?",
        "Which is it? A) bird B) fish C) stone D) none",
        "Write a Python function that adds.",
        "Give JSON with the keys a and b.",
        "What is \\frac{1}{2} + x?",
        "Is it true? Answer yes or no.",
        "What does print([1]) output?",
        "Tell me a story.",
    ]
)
CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.text(max_size=4),
            "args": st.dictionaries(st.text(max_size=3), st.none() | st.floats() | st.text()),
        }
    ),
    max_size=2,
)


@contextmanager
def at_once() -> Iterator[None]:
    """Not a measurement: what hangs takes much longer."""
    began = time.perf_counter()
    yield
    assert time.perf_counter() - began < 5


def kept(text: str) -> None:
    """What is read can be stored."""
    assert storable(text) == text
    json.dumps(text).encode()


@fuzz
@given(ANY, QUESTIONS, st.sampled_from(KINDS))
def test_any_text_is_read(text: str, question: str, kind: str) -> None:
    with at_once():
        found = read(text, question, kind)
        abstains(text)
    assert found == read(text, question, kind)
    if found is not None:
        kept(found)
        with at_once():
            assert same(found, found, "auto" if kind == "auto" else kind)


@fuzz
@given(ANY, ANY, ANY, st.sampled_from(KINDS))
def test_sameness_is_an_equivalence(one: str, other: str, third: str, kind: str) -> None:
    with at_once():
        assert same(one, one, kind)
        assert same(one, other, kind) == same(other, one, kind)
        if same(one, other, kind) and same(other, third, kind):
            assert same(one, third, kind)
        assert isinstance(key(one, kind), str)


@fuzz
@given(
    st.dictionaries(
        st.sampled_from(["ann", "ben", "cat", "evil"]),
        ANY | CALLS | st.lists(TEXTS, max_size=3),
        max_size=4,
    ),
    QUESTIONS,
    st.sampled_from(KINDS),
)
def test_any_drafts_are_counted_each_member_once(
    drafts: dict[str, Any], question: str, kind: str
) -> None:
    with at_once():
        found = vote(drafts, question=question, kind=kind)
    assert sum(found.tally.values()) <= len(drafts) + 1e-6
    assert all(0 <= count <= len(drafts) for count in found.tally.values())
    assert found.member is None or found.member in drafts
    assert found.margin is None or 0 <= found.margin <= 1
    again = vote(dict(reversed(drafts.items())), question=question, kind=kind)
    # An answer is told in the words of the first who gave it.
    assert sorted(again.tally.values()) == sorted(found.tally.values())


@fuzz
@given(ANY, st.integers(1, 6))
def test_any_judgement_is_read_or_refused(text: str, count: int) -> None:
    with at_once():
        for reader in (
            lambda: read_verdict(text, count),
            lambda: read_decision(text),
            lambda: read_cast(text, count),
            lambda: read_letter(text, {}, count),
        ):
            try:
                found = reader()
            except Unreadable as error:
                assert "\n" not in str(error)  # noqa: PT017 - any of two outcomes is right
                continue
            if isinstance(found, list):
                assert len(found) == count
                [kept(role) for role in found]
                continue
            kept(found.reason)
            chosen = getattr(found, "chosen", [])
            assert len(set(chosen)) == len(chosen)
            assert all(1 <= place <= count for place in chosen)


@fuzz
@given(ANY, ANY)
def test_nothing_opens_a_turn_in_a_prompt(text: str, other: str) -> None:
    with at_once():
        found = neutralised(text + other)
    assert neutralised(found) == found
    assert delimiters(found) == {}
    assert turns(found) == []


@fuzz
@given(ANY, st.sampled_from(["correct-horse-battery", "abc", "p@ss/w+rd=1", "ключ-секретный"]))
def test_nothing_printed_is_obeyed_and_no_key_shown(text: str, secret: str) -> None:
    with at_once():
        assert printable(printable(text)) == printable(text)
        printable(text).encode()
        shown = redact(f"{text}{secret}{text}", {secret})
    assert secret not in shown or len(secret) < 4
