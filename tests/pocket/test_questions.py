"""The generators: answers checked another way, splits that share no phrasing."""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import re

import pytest
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.pocket import questions
from langgraph_ensemble.pocket.questions import DOMAINS, SPLITS, correct, facts, logic, sample
from langgraph_ensemble.pocket.questions import sentiment as mood
from langgraph_ensemble.pocket.questions.base import CLOSERS, OPENERS

MODULES = questions._MODULES
N = 150


def numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"\d+", text)]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_seed_gives_the_same_questions_and_another_seed_others(domain: str) -> None:
    assert sample(domain, 20, 1) == sample(domain, 20, 1)
    assert sample(domain, 20, 1) != sample(domain, 20, 2)
    assert sample(domain, 20, 1) != sample(domain, 20, 1, "train")


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_every_reply_ends_in_its_answer(domain: str, split: questions.Split) -> None:
    for q in sample(domain, N, 3, split):
        assert re.findall(r"Answer:\s*(.+)$", q.reply)[-1] == q.answer
        assert correct(q, q.reply)
        assert not correct(q, q.reply + "x")
        assert q.domain == domain


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.DOMAIN)
def test_no_phrasing_is_in_two_splits(module) -> None:
    for operation in module.PHRASINGS.values():
        for one, two in itertools.combinations(SPLITS, 2):
            assert not {t.lower() for t in operation[one]} & {t.lower() for t in operation[two]}


def test_openers_closers_and_review_frames_are_in_one_split_only() -> None:
    for family in (OPENERS, CLOSERS, mood.FRAMES):
        for one, two in itertools.combinations(SPLITS, 2):
            assert not set(family[one]) & set(family[two])


def _slots(template: str) -> str:
    """A pattern of the texts a template makes; a number, name or unit is one word."""
    keys = "|".join(re.escape(key) for book in facts.FACTS.values() for key in book)
    template = template.replace(r"\{k\}", f"(?:{keys})")
    return re.sub(r"\\{[scfrpq]\\}", ".+", re.sub(r"\\{[nuvabdmxy]\\}", r"\\S+", template))


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.DOMAIN)
def test_training_noise_never_makes_a_held_out_phrasing(module) -> None:
    held_out = [
        re.compile(_slots(re.escape(template)), re.I | re.S)
        for operation in module.PHRASINGS.values()
        for split in ("calibration", "test")
        for template in operation[split]
    ]
    # A training phrasing may itself contain one, as "Sort {s}." does in "Sort the list {s}.".
    plain = {
        (i, template)
        for i, pattern in enumerate(held_out)
        for operation in module.PHRASINGS.values()
        for template in operation["train"]
        if pattern.fullmatch(template)
    }
    allowed = {i for i, _ in plain}
    for q in sample(module.DOMAIN, 3000, 11, "train", noise=1.0):
        for i, pattern in enumerate(held_out):
            assert i in allowed or not pattern.fullmatch(q.text), q.text


def test_arithmetic_is_right() -> None:
    for q in sample("arithmetic", N, 5, "train"):
        a, b = numbers(q.text)
        assert int(q.answer) in (a + b, abs(a - b), a * b)
        word = {"plus": a + b, "minus": a - b, "times": a * b}
        for name, value in word.items():
            if name in q.text:
                assert int(q.answer) == value


def test_string_answers_use_the_letters_of_the_word() -> None:
    for q in sample("strings", N, 5):
        word = re.findall(r"'(\w+)'", q.text)[0]
        if "revers" in q.text or "backwards" in q.text:
            assert list(q.answer) == list(reversed(word))
        if "capital" in q.text or "upper" in q.text:
            assert q.answer.lower() == word
            assert q.answer.isupper()
        if "alphabetical" in q.text or "sort" in q.text:
            assert sorted(word) == list(q.answer)
        if "vowels" in q.text:
            assert q.answer == re.sub("[aeiou]", "", word)


def test_formulas_are_what_python_says() -> None:
    found = 0
    for q in sample("logic", N, 5):
        if match := re.search(r"\(.*\)", q.text):
            formula = match[0].replace("true", "True").replace("false", "False")
            assert str(eval(formula)).lower() == q.answer  # noqa: S307 - our own text
            found += 1
    assert found > 20


def test_knights_and_knaves_have_one_solution() -> None:
    kinds = ("knave", "knight")
    for q in sample("logic", N, 5):
        said = re.findall(r"(\w+) says: ([^.]+\.)", q.text)
        if not said:
            continue
        fits = []
        for world in itertools.product((False, True), repeat=2):
            truths = []
            for speaker in (0, 1):
                other, claim = said[1 - speaker][0], said[speaker][1]
                rule = next(r for text, r in logic.CLAIMS if text.format(o=other) == claim)
                truths.append(rule(world[speaker], world[1 - speaker]) == world[speaker])
            if all(truths):
                fits.append(world)
        assert len(fits) == 1
        (x, _), (y, _) = said
        assert q.answer == f"{x} {kinds[fits[0][0]]}, {y} {kinds[fits[0][1]]}"


def test_every_fact_is_asked_in_every_split() -> None:
    assert len(facts.ALL) >= 140
    for split in SPLITS:
        asked = sample("facts", 3000, 5, split)
        assert {q.answer for q in asked} == {
            a for book in facts.FACTS.values() for a in book.values()
        }


def test_list_answers_come_from_the_list() -> None:
    for q in sample("lists", N, 5):
        given = ast.literal_eval(re.findall(r"\[.*?\]", q.text)[0])
        got = ast.literal_eval(q.answer)
        if isinstance(got, int):
            extreme = max if "maximum" in q.text or "largest" in q.text else min
            assert got == extreme(given)
        elif "even" in q.text or "odd" in q.text:
            assert got == [x for x in given if x % 2 == 0]
        elif "duplicates" in q.text or "repeated" in q.text:
            assert len(got) == len(set(given))
            assert set(got) == set(given)
        else:
            assert sorted(got) == sorted(given)


def test_units_are_right() -> None:
    from langgraph_ensemble.pocket.questions.units import MONTHS, RATIOS, WEEKDAYS

    for q in sample("units", N, 5):
        n = numbers(q.text)[0]
        for names in (WEEKDAYS, MONTHS):
            if q.answer in names:
                start = next(i for i, name in enumerate(names) if name in q.text)
                assert names[(start + n) % len(names)] == q.answer
        if q.answer[0].isdigit():
            value, unit = q.answer.split()
            assert any(
                small == unit and large in q.text and n * ratio == int(value)
                for large, small, ratio in RATIOS
            )


def test_programs_print_what_python_prints() -> None:
    for q in sample("code", 60, 5):
        program = q.text[q.text.index("\nx = ") + 1 :].split("print(")
        source = program[0] + "print(" + program[1][:2]
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(source, {})  # noqa: S102 - our own text
        assert out.getvalue().strip() == q.answer


def test_the_mood_of_a_review_is_that_of_its_last_judgement() -> None:
    for q in sample("sentiment", N, 5):
        words = [w for w in re.findall(r"\w+", q.text) if w in {*mood.GOOD, *mood.BAD}]
        good = [w in mood.GOOD for w in words]
        assert good
        if "not" not in q.text and "never" not in q.text:
            assert q.answer == ("positive" if good[-1] else "negative")


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="arithmetic"):
        sample("algebra", 1, 0)
    with pytest.raises(InputError, match="calibration"):
        sample("facts", 1, 0, "dev")  # type: ignore[arg-type]
