"""Batches of questions, for calibration and benchmarks: prompts of one length share a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .call import CHECKED
from .inverse import checked
from .session import END, Session, load, steps

ROWS = 160
"""The largest number of replies in one batch."""


def batch_replies(
    model: str | Path,
    questions: Sequence[str],
    *,
    n: int = 1,
    temperature: float = 0.0,
    seed: int = 0,
    max_tokens: int = 160,
) -> list[list[str]]:
    """Draw `n` replies of a specialist or the generalist to each question.

    The samples equal those of `ChatPocket` with seed `seed + i` for question `i`.

    Args:
        model: Name of bundled weights, or a folder with the same files.
        questions: The questions, which are answered independently.
        n: Samples of each question.
        temperature: 0 takes the likeliest token.
        seed: Makes sampling repeatable.
        max_tokens: Token limit of a reply.

    Example:
        >>> batch_replies("facts", ["What is the capital of France?"])
        [['Answer: Paris']]
    """
    session = load(model)
    prompts = [session.encode(question.strip()) for question in questions]
    lengths: dict[int, list[int]] = defaultdict(list)
    for i, prompt in enumerate(prompts):
        lengths[len(prompt)].append(i)
    replies: list[list[str]] = [[] for _ in prompts]
    some = max(1, ROWS // n)
    for length, members in lengths.items():
        room = min(max_tokens, session.context - length)
        for start in range(0, len(members), some):
            part = members[start : start + some]
            seeds = [np.random.SeedSequence([seed + i, k]) for i in part for k in range(n)]
            made = np.array(
                list(
                    steps(
                        session,
                        [prompts[i] for i in part],
                        n=n,
                        temperature=temperature,
                        seeds=seeds,
                        max_tokens=room,
                    )
                )
            ).T
            for place, i in enumerate(part):
                replies[i] = [
                    _text(session, ids, questions[i].strip())
                    for ids in made[place * n : (place + 1) * n]
                ]
    return replies


def _text(session: Session, ids: np.ndarray, question: str) -> str:
    """The text up to the end mark, checked like a reply of `ChatPocket`."""
    ends = np.flatnonzero(ids == END)
    text = session.decode((ids[: ends[0]] if ends.size else ids).tolist())
    return checked(question, text) if session.name in CHECKED and "Answer:" in text else text
