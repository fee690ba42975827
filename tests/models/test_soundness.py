"""Texts that run away, and sound texts that look similar."""

from __future__ import annotations

import time

import pytest
from langgraph_ensemble.models.raw import visible_text
from langgraph_ensemble.models.soundness import Watch, fault, looping, sound_beginning

# What real models below a billion parameters wrote (SmolLM2-135M and Qwen2.5-Coder-0.5B, greedy).
DWARFS = (
    "The Seven Dwarfs:\n\n1. Elendil: The Elendil dwarves were the sons of Elminster, the son of "
    "Elminster the Wise.\n\n2. Eriol: The Eriol dwarves were the sons of Eriol the Wise. They were "
    "the sons of Eriol and Elwynn.\n\n"
) + "".join(
    f"{i}. Eriol-Elwynn: The Eriol-Elwynn dwarves were the sons of Eriol-Elwynn and Elwynn. They "
    "were the sons of Eriol-Elwynn and Elwynn.\n\n"
    for i in range(3, 12)
)
MAX = "Max was walking through a park when he saw a group of dogs. " + (
    "Max was surprised and asked if they were interested in Max. " * 30
)
BASE = "Question: What is a mammal?\nAnswer: A whale is a mammal.\n\n" * 12
BARK = "The dog said " + "bark " * 80

PRIMES = "Here they are:\n" + "\n".join(
    f"{i}. {n}"
    for i, n in enumerate((n for n in range(2, 700) if all(n % d for d in range(2, n))), 1)
)
TABLE = "<table>\n" + "".join(
    f"  <tr>\n    <td>{country}</td>\n    <td>{city}</td>\n  </tr>\n"
    for country, city in {
        "Peru": "Lima", "Chile": "Santiago", "Ghana": "Accra", "Kenya": "Nairobi",
        "Oman": "Muscat", "Italy": "Rome", "Spain": "Madrid", "Japan": "Tokyo",
        "Nepal": "Kathmandu", "Cuba": "Havana",
    }.items()
) + "</table>"  # fmt: skip
MATRIX = "\n".join(" ".join("0" for _ in range(12)) for _ in range(12))
POEM = (
    "The waves come in, the waves go out,\nthe sea is wide and deep.\n\n"
    "A gull is calling from the mast,\nthe harbour lies asleep.\n"
    "The waves come in, the waves go out,\nthe sea is wide and deep.\n\n"
    "The lamp goes round above the bay\nand counts the hours of dark.\n"
    "The waves come in, the waves go out,\nthe sea is wide and deep."
)
TESTS = "".join(
    f"def test_{name}():\n    stack = Stack()\n    {body}\n\n"
    for name, body in {
        "push": "stack.push(1)\n    assert stack.top() == 1",
        "pop": "stack.push(2)\n    assert stack.pop() == 2",
        "empty": "assert stack.empty()",
        "size": "stack.push(3)\n    assert len(stack) == 1",
        "order": "stack.push(4)\n    stack.push(5)\n    assert stack.pop() == 5",
    }.items()
)


@pytest.mark.parametrize("text", [DWARFS, MAX, BASE, BARK], ids=["dwarfs", "max", "base", "bark"])
def test_a_real_loop_is_stopped_soon_and_keeps_its_beginning(text: str) -> None:
    watch = Watch("Name the seven dwarfs and describe each.")
    for start in range(0, len(text), 5):
        found = watch.add(text[start : start + 5])
        if found:
            break
    else:
        pytest.fail("the loop was not seen")
    assert found.kind == "loop"
    assert len(watch.text) < 0.75 * len(text)
    assert text.startswith(found.sound)
    assert len(found.sound) < len(watch.text)


@pytest.mark.parametrize(
    "text",
    [PRIMES, TABLE, MATRIX, POEM, TESTS],
    ids=["primes", "table", "matrix", "poem", "tests"],
)
def test_lists_tables_and_refrains_are_sound(text: str) -> None:
    watch = Watch("Write it.")
    assert all(watch.add(text[i : i + 7]) is None for i in range(0, len(text), 7))
    assert watch.end() is None


@pytest.mark.parametrize(
    ("question", "text", "kind"),
    [
        ("Why is the sky blue?", "因为空气分子散射蓝光比散射红光更多，所以是蓝色的。", "script"),
        ("Why is the sky blue?", "Потому что воздух рассеивает синий свет сильнее.", "script"),
        ("How do you say hello in Russian?", "Здравствуйте, а среди друзей привет.", None),
        ("Translate to Greek: good morning", "Καλημέρα σας, φίλοι μου", None),
        ("天空为什么是蓝色的？", "因为空气散射蓝光。", None),
        ("天空为什么是蓝色的？", "Because air scatters blue light.", None),
        ("Was ist 2 + 2?", "Vier, λ = 4", None),
        ("What is 12 + 30?", "what is 12 + 30", "echo"),
        ("Is the sun a star or a planet?", "Is the sun a star or a planet", "echo"),
        ("Is the sun a star or a planet?", "A star", None),
        ("Which one?\nA) Rome\nB) Oslo", "B", None),
        ("hi", "Hi!", None),
    ],
)  # fmt: skip
def test_scripts_and_echoes(question: str, text: str, kind: str | None) -> None:
    found = fault(text, question)
    assert (found.kind if found else None) == kind


def test_the_beginning_ends_with_a_whole_sentence() -> None:
    assert sound_beginning("One. Two! Three is not do") == "One. Two!"
    assert sound_beginning("no sentence at all") == "no sentence at all"
    assert sound_beginning("") == ""


@pytest.mark.slow
def test_a_long_text_costs_little() -> None:
    words = " ".join(f"word{i * 7919 % 1009}" for i in range(6000))
    began = time.process_time()
    watch = Watch("Write much.")
    for start in range(0, len(words), 40):
        watch.add(words[start : start + 40])
    assert time.process_time() - began < 20
    assert looping("a" * 1_000_000) is not None


def test_marks_of_a_turns_end_are_no_part_of_the_text_and_no_loop() -> None:
    """Several servers pass `</s>` on as text until the token limit; the answer before it counts."""
    watch, seen = Watch("How many are 2 + 2?"), None
    for piece in ["Two and two.\n", "Answer: 4", *["</s>"] * 100]:
        seen = seen or watch.add(piece)
    assert seen is not None
    assert (seen.kind, seen.sound) == ("end", "Two and two.\nAnswer: 4")
    for ending in ("</s>", "<|im_end|>\n", "<|eot_id|><|eot_id|>", "<end_of_turn>\n" * 80):
        assert visible_text("Answer: 4" + ending) == "Answer: 4"
    for kept in ("<s>old</s>", "`<|im_end|>` ends a turn.", "a </s> b"):
        assert visible_text(kept) == kept


def test_saying_all_once_again_is_no_loop_saying_it_a_third_time_is() -> None:
    once = " ".join(
        f"step {word} follows from what stood before it here" for word in "abcdefghijkl"
    )
    assert fault(f"{once}.\n{once}. So it is 4.") is None
    again = fault(f"{once}.\n{once}.\n{once}.")
    assert again is not None
    assert again.kind == "loop"
