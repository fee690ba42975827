"""The reader on labelled cases and hostile texts, and laws that it must obey."""

from __future__ import annotations

import threading
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph_ensemble import InputError
from langgraph_ensemble.voting import read, same, vote
from langgraph_ensemble.voting.kinds import KINDS
from langgraph_ensemble.voting.reading import abstains, key
from voting_cases import CASES

HOSTILE = [
    "Answer: " + "9" * 5000 + "/7",
    "{" * 100_000,
    "[" * 50_000,
    "Answer: " + "[" * 50_000 + "]" * 50_000,
    "9**9**9**9**9",
    "Answer: $9^{9^{9^{9}}}$",
    "Answer: ((((9^99)^99)^99)^99)",
    "Answer: 99999!!",
    "Answer: " + "-" * 5000 + "1",
    "\\boxed{" * 20_000,
    "answer is " * 20_000,
    "A) " * 50_000,
    "```" * 30_000,
    '{"answer": ' * 20_000,
    "<answer>" * 20_000,
    "<think>" * 20_000,
    "$" * 50_000,
    "\n#" * 50_000,
    " " * 500_000,
    "\n" * 200_000,
    "1," * 50_000,
    "a " * 200_000,
    "\ud800\udfff" * 1000,
    "\0" * 1000 + "Answer: 4",
    "Answer: \\frac{" * 5000,
    "I am sorry, " * 20_000,
    "x = 1 or " * 10_000,
    '"' * 100_000,
    "(" * 3000 + "1" + ")" * 3000,
    "Answer: " + "\\sqrt{" * 30 + "2" + "}" * 30,
]
MATRIX = "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}"
QUESTIONS = ["How many?", "Which? A) x B) y", "[PYTHON] f(1) == ??", "Simplify $x$.", "Who?", ""]


def test_ninety_nine_of_a_hundred_labelled_cases_are_read() -> None:
    assert len(CASES) >= 400
    wrong = [(c, answer) for c in CASES if (answer := read(c.text, c.question, c.kind)) != c.answer]
    assert len(wrong) <= len(CASES) // 100, wrong


@pytest.mark.parametrize(
    ("one", "other", "kind", "equal"),
    [
        ("1, 2", "12", "auto", False),
        ("3,5", "35", "auto", False),
        ("3 1/2", "31/2", "auto", False),
        ("3 1/2", "7/2", "auto", True),
        ("x = 1 or x = 2", "12", "auto", False),
        ("x = 1 or x = 2", "2, 1", "math", True),
        ("x > 3", "(3, \\infty)", "math", True),
        ("(x+1)^2", "x^2+2x+1", "math", True),
        ("(1,2)", "(2,1)", "math", False),
        (MATRIX, MATRIX.replace("1&2", "2&1"), "math", False),
        ("0.333", "1/3", "math", False),
        ("50%", "1/2", "auto", True),
        ("'Ab'", "'ab'", "literal", False),
        ("[1, 2]", "(1, 2)", "literal", False),
        ("{'a': 1.0, 'b': 2}", '{"b": 2, "a": 1}', "literal", True),
        ("true", "True", "literal", True),
        ("'1'", "1", "literal", False),
        ('{"a": 1, "b": [2]}', '{"b":[2.0],"a":1}', "json", True),
        ("def f(x):  # why\n    return x", "def f( x ):\n  return x", "code", True),
        ("def f(x):\n    return x", "def f(x):\n    return -x", "code", False),
        ("The Nile.", "nile", "classification", True),
        ("B", "b", "choice", True),
    ],
)  # fmt: skip
def test_what_is_the_same(one, other, kind, equal) -> None:
    assert same(one, other, kind) is equal
    assert same(other, one, kind) is equal


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_hangs_or_breaks_the_reader(text) -> None:
    done = threading.Event()

    def work() -> None:
        for question in QUESTIONS:
            read(text, question)
        for kind in KINDS:
            if kind != "tool_calls":
                key(text[:60_000], kind)
        vote({"a": text, "b": "Answer: 4"}, question="How many?")
        done.set()

    # A thread, because that is where graphs read; the limit is generous, a hang is minutes.
    threading.Thread(target=work, daemon=True).start()
    assert done.wait(30)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.sampled_from(QUESTIONS))
def test_any_text_is_read_or_abstains(text, question) -> None:
    answer = read(text, question)
    assert answer is None or answer.strip()
    abstains(text)


ATOMS = st.sampled_from(
    ["1", "1.0", "2/2", "50%", "0.5", "\\frac12", "x", "x+0", "A", "a", "the a", "1, 2", "2, 1"]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(ATOMS | st.text(max_size=12), ATOMS, ATOMS, st.sampled_from(["auto", "math", "literal"]))
def test_equality_is_an_equivalence(one, two, three, kind) -> None:
    assert same(one, one, kind)
    assert same(one, two, kind) == same(two, one, kind)
    if same(one, two, kind) and same(two, three, kind):
        assert same(one, three, kind)


def test_an_unknown_kind_is_refused() -> None:
    for call in (lambda: read("4", kind="numbr"), lambda: vote({}, kind="numbr")):
        with pytest.raises(InputError, match="kind must be one of auto, choice"):
            call()


def test_equal_texts_are_equal_in_every_kind() -> None:
    for text, kind in product(["4", "", "a b", "{}", "\ud800"], KINDS):
        if kind != "tool_calls":
            assert same(text, text, kind)
