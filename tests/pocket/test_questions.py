"""The generators: answers are checked independently, and splits share no phrasing."""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import random
import re
import string

import pytest
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.pocket import questions
from langgraph_ensemble.pocket.inverse import checked
from langgraph_ensemble.pocket.questions import (
    DOMAINS,
    NOT_SURE,
    OUTSIDE,
    SPLITS,
    correct,
    declined,
    facts,
    lists,
    logic,
    outside,
    sample,
    snippets,
    tracing,
)
from langgraph_ensemble.pocket.questions import sentiment as mood
from langgraph_ensemble.pocket.questions.base import expand, phrase, skeleton, split_of
from langgraph_ensemble.pocket.questions.surface import dress, undress

MODULES = [*questions._MODULES, outside]
N = 150


def fields(patterns) -> dict[str, str]:
    """Every field of some patterns, filled with itself."""
    names = {f for p in patterns for _, f, _, _ in string.Formatter().parse(p) if f}
    return {name: f"{{{name}}}" for name in names}


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


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__.rpartition(".")[2])
def test_no_phrasing_is_in_two_splits(module) -> None:
    rng = random.Random(1)
    for patterns in module.PHRASINGS.values():
        drawn = {
            split: {undress(skeleton(rng, patterns, split)) for _ in range(40)} for split in SPLITS
        }
        for one, two in itertools.combinations(SPLITS, 2):
            assert not drawn[one] & drawn[two]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__.rpartition(".")[2])
def test_training_noise_never_makes_a_held_out_phrasing(module) -> None:
    rng = random.Random(11)
    for operation, patterns in module.PHRASINGS.items():
        held_out = {
            undress(skeleton(rng, patterns, split)) for split in SPLITS[1:] for _ in range(60)
        }
        for _ in range(100):
            slots = fields(patterns)
            text = phrase(rng, module.PHRASINGS, operation, "train", 1.0, lower=False, **slots)
            assert undress(text) not in held_out, text


def test_what_is_typed_around_a_phrasing_makes_it_no_other_phrasing() -> None:
    rng = random.Random(2)
    same = 0
    for _ in range(400):
        text, _ = dress(rng, "what is the capital of {k}")
        same += split_of(text) == split_of("what is the capital of {k}")
        assert "{k}" in text
    assert same >= 0.9 * 400  # the others have a typing error


def test_there_are_thousands_of_phrasings() -> None:
    rng = random.Random(3)
    for module in questions._MODULES:
        phrasings = {
            undress(expand(rng, rng.choice(patterns)))
            for patterns in module.PHRASINGS.values()
            for _ in range(150)
        }
        assert len(phrasings) >= (100 if module in (snippets, mood) else 400), module.DOMAIN


def test_arithmetic_is_right() -> None:
    for q in sample("arithmetic", 4 * N, 5, "train"):
        expression = re.split(r":|\n", q.reply)[0]
        # Typing errors may hide a word such as "half"; then the check abstains.
        assert (
            checked(
                re.sub("[<>=]| odd| even| prime", " and ", expression).replace("sqrt", "root "),
                q.reply,
            )
            == q.reply
        )
        if re.fullmatch(r"[\d+*()-]+", expression):
            assert int(q.answer) == eval(expression)  # noqa: S307 - our own text
        elif match := re.fullmatch(r"(\d+)/(\d+)", expression):
            a, b = map(int, match.groups())
            whole = [int(n) for n in re.findall(r"\d+", q.answer)]
            exact = "." in q.answer or len(whole) == 1
            assert (float(q.answer) * b == a) if exact else (whole == list(divmod(a, b)))


def test_string_answers_use_the_letters_of_the_word() -> None:
    assert questions.strings.apply("reverse", "Garden", "a", 2, "x")[0] == "nedraG"
    for q in sample("strings", 2 * N, 5):
        quoted = re.findall(r"['\"](\w{3,})['\"]", q.text)
        if "backward" in q.text and quoted:
            assert list(q.answer) == list(reversed(quoted[0]))
        if q.answer.isupper() and quoted and "-" not in q.answer and len(q.answer) > 2:
            assert q.answer.lower() == quoted[0].lower()


def test_formulas_are_what_python_says() -> None:
    checked = 0
    for q in sample("logic", 4 * N, 5):
        if match := re.search(r"\(.*\)", q.text):
            formula = match[0].lower().replace("true", "True").replace("false", "False")
            if re.fullmatch(r"[TrueFalsandot() ]+", formula):
                assert str(eval(formula)).lower() == q.answer  # noqa: S307 - our own text
                checked += 1
    assert checked > 20


def test_knights_and_knaves_have_one_solution() -> None:
    kinds = ("knave", "knight")
    checked = 0
    for q in sample("logic", 4 * N, 5):
        said = re.findall(r"(\w+) says: ([^.]+\.)", q.text)
        if len(said) != 2 or q.text == q.text.lower():
            continue
        checked += 1
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
    assert checked > 10


def test_the_book_has_hundreds_of_facts_and_no_question_has_two_answers() -> None:
    assert len(facts.ALL) >= 2000
    rng = random.Random(4)
    for relation, book in facts.FACTS.items():
        known: dict[str, str] = {}
        for key, answer in book.items():
            assert answer
            for _ in range(6):
                asked = expand(rng, key).lower()
                assert known.setdefault(asked, answer) == answer, (relation, asked)


def test_list_answers_come_from_the_list() -> None:
    for operation, check in {
        "ascending": sorted,
        "unique": lambda n: list(dict.fromkeys(n)),
    }.items():
        for _ in range(20):
            numbers = [random.Random(operation).randint(0, 50) for _ in range(5)]
            assert ast.literal_eval(lists.apply(operation, numbers)[0]) == check(numbers)
    for q in sample("lists", N, 5):
        if re.fullmatch(r"[\d, ]+", q.answer) and "," in q.answer:
            given = re.findall(r"\d+", q.text)
            assert set(re.findall(r"\d+", q.answer)) <= set(given)


def test_units_are_right() -> None:
    from langgraph_ensemble.pocket.questions.calendar_words import MONTHS, WEEKDAYS
    from langgraph_ensemble.pocket.questions.units import RATIOS

    named = {(large, small): ratio for large, small, ratio in RATIOS}
    checked = 0
    for q in sample("units", 4 * N, 5):
        if q.answer in (*WEEKDAYS, *MONTHS):
            assert q.answer.lower() not in q.text.lower() or "7" in q.reply or "12" in q.reply
        for (large, small), ratio in named.items():
            match = re.search(rf"(?<![\d.])(\d+) {large}\b", q.text)
            if match and q.answer.endswith(f" {small}") and "in" in q.text:
                assert int(match[1]) * ratio == int(q.answer.split()[0])
                checked += 1
    assert checked > 5


def test_programs_print_what_python_prints() -> None:
    rng = random.Random(5)
    for _ in range(60):
        code, answer, _ = tracing.program(rng)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(code, {})  # noqa: S102 - our own text
        assert out.getvalue().strip() == answer
    for _ in range(60):
        code, _ = snippets._snippet(rng)
        assert snippets.run(code)


def test_the_mood_of_a_review_is_that_of_its_last_judgement() -> None:
    for q in sample("sentiment", 2 * N, 5):
        words = [w for w in re.findall(r"\w+", q.text.lower()) if w in {*mood.GOOD, *mood.BAD}]
        judged = q.reply.rpartition("\nAnswer")[0]
        assert q.answer in ("positive", "negative")
        if judged.endswith(("+", "-")):
            assert judged.endswith("+" if q.answer == "positive" else "-")
            assert judged[:-1].split()[-1] in words
            assert ("not" in judged) == (
                judged[:-1].split()[-1] in (mood.BAD if q.answer == "positive" else mood.GOOD)
            )


@pytest.mark.parametrize("domain", [*DOMAINS, "all"])
def test_what_must_be_declined_is_never_right(domain: str) -> None:
    for q in declined(domain, 40, 2):
        assert q.answer == NOT_SURE
        assert not correct(q, q.reply)
    assert sample(OUTSIDE, 9, 1, "calibration") != sample(OUTSIDE, 9, 1, "test")
    assert not any(correct(q, q.reply) for q in sample(OUTSIDE, 40, 1))


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="arithmetic"):
        sample("algebra", 1, 0)
    with pytest.raises(InputError, match="calibration"):
        sample("facts", 1, 0, "dev")  # type: ignore[arg-type]
