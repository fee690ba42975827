"""Examples for the aggregator and the judge: a question, the drafts' final answers, the best.

Two in three are a team's drafts, one from each member: the right specialist, the generalist, and
specialists of other domains, which end in an answer of their own domain or in rubbish. The rest are
samples of one model, most often right, else a near miss. All are made here, so nothing has to
run first.
"""

from __future__ import annotations

import random
from collections import Counter

from ..format import answer_groups, compact_prompt
from ..questions import DOMAINS, Question, Split, sample

_PIECES = (*"0123456789aeiourstxy;[]*", ", ", ": ", "Answer", " 0", "00", "x=")


def referee_examples(n: int, seed: int, split: Split = "train") -> list[Question]:
    """Draw `n` examples, half for the aggregator and half for the judge, over all domains.

    The best answer is the right one, and among answers of the question's own kind none has more
    drafts. The judge replies with its number, and ``stop`` where more than half of the drafts
    agree on it, else ``go``.
    """
    rng = random.Random(f"referee/{split}/{seed}")
    each = -(-n // len(DOMAINS)) + 1
    noise = 0.5 if split == "train" else 0.0
    pool = {d: sample(d, each, seed + 1, split, noise=noise) for d in DOMAINS}
    return [_example(rng, pool, DOMAINS[i % len(DOMAINS)], i // len(DOMAINS)) for i in range(n)]


def _example(
    rng: random.Random, pool: dict[str, list[Question]], domain: str, place: int
) -> Question:
    question = pool[domain][place]
    make = _team if rng.random() < 0.65 else _samples
    answers = make(rng, pool, question)
    rng.shuffle(answers)
    groups = answer_groups(answers)
    number, places = next(
        (i, places) for i, (answer, places) in enumerate(groups, 1) if answer == question.answer
    )
    role = rng.choice(("aggregator", "judge"))
    reply = f"Answer: {question.answer}"
    if role == "judge":
        reply = f"{number} {'stop' if 2 * len(places) > len(answers) else 'go'}"
    text = compact_prompt(question.text, answers, role)
    return Question(role, text, reply, reply.removeprefix("Answer: "))


def _team(rng: random.Random, pool: dict[str, list[Question]], question: Question) -> list[str]:
    """The right specialist's answer, perhaps the generalist's, and answers of other members."""
    answers = [question.answer]
    if rng.random() < 0.6:
        agrees = rng.random() < 0.7
        answers.append(question.answer if agrees else _near_miss(rng, pool, question))
    others = [d for d in DOMAINS if d != question.domain]
    for domain in rng.sample(others, rng.randint(1, len(others))):
        own_kind = rng.random() < 0.6
        answers.append(rng.choice(pool[domain]).answer if own_kind else _rubbish(rng))
    return answers


def _samples(rng: random.Random, pool: dict[str, list[Question]], question: Question) -> list[str]:
    """Samples of one model: the right answer leads; now and then another model's beside them."""
    right = rng.randint(2, 8)
    answers = [question.answer] * right
    slips: Counter[str] = Counter()
    for _ in range(rng.randint(0, 6)):
        wrong = _near_miss(rng, pool, question)
        slips[wrong] += 1
        if slips[wrong] < right:
            answers.append(wrong)
    if rng.random() < 0.3:
        other = rng.choice([d for d in DOMAINS if d != question.domain])
        answers += [rng.choice(pool[other]).answer] * rng.randint(1, right + 2)
    return answers


def _near_miss(rng: random.Random, pool: dict[str, list[Question]], question: Question) -> str:
    """Another answer of the domain, or this one with a digit or letter changed."""
    answer = question.answer
    places = [i for i, c in enumerate(answer) if c.isdigit()]
    wrong = answer
    while wrong == answer:
        if not places or rng.random() < 0.3:
            wrong = rng.choice(pool[question.domain]).answer
        else:
            i = rng.choice(places)
            wrong = answer[:i] + rng.choice("0123456789") + answer[i + 1 :]
    return wrong


def _rubbish(rng: random.Random) -> str:
    """What a specialist off its domain ends in: a few pieces, often the same one again."""
    text = "".join(rng.choice(_PIECES) * rng.choice((1, 1, 2, 8)) for _ in range(rng.randint(1, 3)))
    return " ".join(text.split())
