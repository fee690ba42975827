"""Many questions at once, for calibration and measuring: prompts of one length share a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .call import CHECKED
from .inverse import checked
from .session import END, Session, load, steps

ROWS = 160
"""How many replies are made at once, at most."""


def batch_replies(
    model: str | Path,
    questions: Sequence[str],
    *,
    n: int = 1,
    temperature: float = 0.0,
    seed: int = 0,
    max_tokens: int = 160,
) -> list[list[str]]:
    """What a specialist or the generalist replies to each question, `n` times.

    Samples are those of `ChatPocket` with seed ``seed + i`` for question `i`.

    Args:
        model: name of bundled weights, or a folder like theirs.
        questions: each on its own.
        n: samples of each question.
        temperature: 0 takes the likeliest token.
        seed: makes sampling repeatable.
        max_tokens: the most tokens of a reply.

    Example:
        >>> batch_replies("facts", ["What is the capital of France?"])
        [['Answer: Paris']]
    """
    session = load(model)
    prompts = [session.encode(question.strip()) for question in questions]
    lengths: dict[int, list[int]] = defaultdict(list)
    for i, prompt in enumerate(prompts):
        lengths[len(prompt)].append(i)
    found: list[list[str]] = [[] for _ in prompts]
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
                found[i] = [
                    _text(session, ids, questions[i].strip())
                    for ids in made[place * n : (place + 1) * n]
                ]
    return found


def _text(session: Session, ids: np.ndarray, question: str) -> str:
    """The text up to the end mark, checked as `ChatPocket` does."""
    ends = np.flatnonzero(ids == END)
    text = session.decode((ids[: ends[0]] if ends.size else ids).tolist())
    return checked(question, text) if session.name in CHECKED and "Answer:" in text else text
