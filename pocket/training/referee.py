"""Examples for the referee: a question, a draft of a trained model, and whether it is right.

All specialists and the generalist draft for training questions that they have not seen: greedily,
and once at temperature 1, where members make errors on their own domain, too. The referee learns
the verdict at the end, and at each token of the draft whether it is right so far (arXiv
2305.20050), because the position of an error is more informative than the verdict alone.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from ..batch import batch_replies
from ..format import check_prompt, final_answer
from ..questions import DOMAINS, NOT_SURE, OUTSIDE, Question, correct, sample
from ..session import ASSISTANT, END, USER
from .rows import SILENT, Row

_LONGEST = 96
"""Token limit of a draft, because members ramble outside of their domain."""

Drafted = tuple[Question, list[str]]


def referee_rows(
    n: int, seed: int, tokenizer: Tokenizer, weights: Path, each: int = 400
) -> list[Row]:
    """Draw `n` examples from the drafts of `each` questions per domain.

    A question gives up to three right drafts, the wrong drafts of the members that know its domain,
    at least one wrong draft of others, and the right reply to another question. Questions that all
    members of the domain answer right teach only what the domain's answers look like; three in four
    of them are left out.

    Args:
        n: Number of examples; if the drafts give fewer, they are repeated in another order.
        seed: Seed of questions, samples and order.
        tokenizer: The shared tokenizer.
        weights: Folder of the trained models and their `graphs`.
        each: Number of questions of a domain.
    """
    rng = random.Random(f"referee/{seed}")
    drafted = draft_all(each, seed + 1, weights)
    pool: list[Row] = []
    for question, drafts in drafted:
        picked = _pick(rng, question, drafts)
        stray = rng.choice(drafted)[0]
        if picked and stray.answer != question.answer:
            picked.append((stray.reply, False))
        pool += [_row(tokenizer, question, draft, right) for draft, right in picked]
    drawn: list[Row] = []
    while len(drawn) < n:
        drawn += rng.sample(pool, len(pool))
    return drawn[:n]


def _row(tokenizer: Tokenizer, question: Question, draft: str, right: bool) -> Row:
    """The check of a draft; the target after each token is whether the draft is right so far."""
    # The referee reads lower case; see `Recipe.lower`.
    text = check_prompt(question.text, draft).lower()
    known = check_prompt(question.text, question.reply).lower()
    pairs = enumerate(zip(text, known, strict=False))
    same = next((i for i, (a, b) in pairs if a != b), min(len(text), len(known)))
    yes, no = (tokenizer.encode(word).ids[0] for word in ("yes", "no"))
    read = tokenizer.encode(f" {text}")
    labels = []
    for _, end in read.offsets:
        # Offsets count the space before the text. A right answer with other working has no error.
        inside, good = end - 1 > len(question.text), end - 1 <= same
        labels.append(SILENT if not inside or (right and not good) else yes if good else no)
    verdict = yes if right else no
    return [USER, *read.ids, ASSISTANT, verdict, END], [SILENT, *labels, verdict, END]


def draft_all(each: int, seed: int, weights: Path) -> list[Drafted]:
    """Training questions, each with two drafts of every member: greedy ones, then samples."""
    domains = (*DOMAINS, OUTSIDE)
    questions = [q for d in domains for q in sample(d, each, seed, "train", noise=0.2)]
    texts = [question.text for question in questions]
    drafts: list[list[str]] = [[] for _ in questions]
    for temperature in (0.0, 1.0):
        for name in (*DOMAINS, "generalist"):
            made = batch_replies(
                weights / name, texts, temperature=temperature, seed=seed, max_tokens=_LONGEST
            )
            for row, replies in zip(drafts, made, strict=True):
                row += replies
    return list(zip(questions, drafts, strict=True))


def _pick(rng: random.Random, question: Question, drafts: Sequence[str]) -> list[tuple[str, bool]]:
    """(draft, whether it is right) for one question; empty if an easy question is left out."""
    members = (*DOMAINS, "generalist") * 2
    right = [draft for draft in drafts if _right(question, draft)]
    knowing = (question.domain, "generalist")
    near = [
        draft
        for name, draft in zip(members, drafts, strict=True)
        if name in knowing and draft not in right
    ]
    far = [draft for draft in drafts if draft not in right and draft not in near]
    if not near and rng.random() < 0.75:
        return []
    right = rng.sample(right, min(3, len(right)))
    room = max(1, 3 - len(near))
    wrong = near + rng.sample(far, min(room, len(far)))
    return [(draft, True) for draft in right] + [(draft, False) for draft in wrong]


def _right(question: Question, draft: str) -> bool:
    """Whether a draft is right; declining is right if no model can know the answer."""
    if question.domain == OUTSIDE:
        return final_answer(draft) == NOT_SURE
    return correct(question, draft)
