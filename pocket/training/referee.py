"""Examples for the aggregator and the judge: a question, the drafts' final answers, the best.

A draft of a member from another domain ends in an answer of that domain; a slip of the right
member ends in a near miss. Both are made here, so nothing has to run first.
"""

from __future__ import annotations

import random
from collections import Counter

from ..format import MAX_DRAFTS, compact_prompt
from ..questions import DOMAINS, Question, Split, sample


def referee_examples(n: int, seed: int, split: Split = "train") -> list[Question]:
    """Draw `n` examples, half for the aggregator and half for the judge, over all domains.

    The best answer is the right one. It has more drafts behind it than any other answer of the
    question's own domain, so that the question says which kind of answer to look for and the
    drafts say which one. The judge replies with the number of the first draft with it, and
    ``stop`` where more than half of the drafts agree on it, else ``go``.
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
    count = rng.randint(2, MAX_DRAFTS)
    right = rng.randint(1, count)
    answers = [question.answer] * right
    slips: Counter[str] = Counter()
    while len(answers) < count:
        if rng.random() < 0.4 and right > 1:
            wrong = _near_miss(rng, question.answer, rng.choice(pool[domain]).answer)
            if slips[wrong] + 1 >= right or wrong == question.answer:
                continue
            slips[wrong] += 1
        else:
            other = rng.choice([d for d in DOMAINS if d != domain])
            wrong = rng.choice(pool[other]).answer
            if wrong == question.answer:
                continue
        answers.append(wrong)
    rng.shuffle(answers)
    role = rng.choice(("aggregator", "judge"))
    reply = f"Answer: {question.answer}"
    if role == "judge":
        stop = "stop" if 2 * right > count else "go"
        reply = f"{answers.index(question.answer) + 1} {stop}"
    text = compact_prompt(question.text, answers, role)
    return Question(role, text, reply, reply.removeprefix("Answer: "))


def _near_miss(rng: random.Random, answer: str, other: str) -> str:
    """Another answer of the domain, or this one with a digit or letter changed."""
    places = [i for i, c in enumerate(answer) if c.isdigit()]
    if not places or rng.random() < 0.3:
        return other
    i = rng.choice(places)
    return answer[:i] + rng.choice("0123456789") + answer[i + 1 :]
