"""Voting weighted by a verifier (arXiv 2110.14168, 2206.02336).

The referee reads one draft at a time and estimates the probability that it is right. The
probabilities of drafts with the same answer add up, so equally likely drafts simply vote. A model
this small learns to check one draft far better than to compare nine of them or to write a better
one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .format import Role, answer_groups, check_prompt, final_answer
from .knobs import Knobs
from .questions.base import NOT_SURE
from .session import Session, load, read

STOP = 0.9
"""Probability of the likeliest draft from which on the judge stops the debate."""

LIKELY = 0.05
"""An abstention wins only if no other draft has at least this probability."""

Drafts = Sequence[tuple[int, str]]
"""The (number, text) of each draft."""


@dataclass(frozen=True)
class Weighed:
    """The drafts of one question with their probabilities.

    Attributes:
        chances: Probability that each draft is right, in [0, 1].
        groups: The answers, best first, each with the positions of its drafts.
        tokens: Number of tokens that the referee has read.
    """

    chances: tuple[float, ...]
    groups: tuple[tuple[str, tuple[int, ...]], ...]
    tokens: int

    def ranking(self) -> list[int]:
        """The positions of all drafts, best answer first; drafts without an answer come last."""
        order = [i for _, places in self.groups for i in sorted(places, key=self._doubt)]
        return order + [i for i in range(len(self.chances)) if i not in order]

    def sure(self) -> float:
        """The probability of the likeliest draft with the best answer."""
        return max(self.chances[i] for i in self.groups[0][1])

    def _doubt(self, place: int) -> float:
        return -self.chances[place]


def weigh(
    question: str,
    drafts: Sequence[str],
    *,
    temperature: float = 0.0,
    seed: int = 0,
    session: Session | None = None,
) -> Weighed:
    """Estimate the probability of each draft, and rank the answers by their summed probabilities.

    Args:
        question: The question without drafts.
        drafts: At least one whole draft.
        temperature: Above 0 the order of the answers is drawn at random: the probability of an
            answer to come first is proportional to its sum to the power 1 / temperature.
        seed: Seed of that draw.
        session: The referee's session; None takes the bundled one.

    Example:
        >>> weighed = weigh("What is the capital of France?", ["Answer: [3, 1]", "Answer: Paris"])
        >>> weighed.groups[0]
        ('Paris', (1,))
    """
    return rank(drafts, *check(question, drafts, session), temperature=temperature, seed=seed)


def check(
    question: str, drafts: Sequence[str], session: Session | None = None
) -> tuple[tuple[float, ...], int]:
    """The probability that each draft is right, and the number of tokens read."""
    session = session or load("referee")
    prompts = [fitting(session, question, draft) for draft in drafts]
    return tuple(_chance(session, prompt) for prompt in prompts), sum(map(len, prompts))


def rank(
    drafts: Sequence[str],
    chances: tuple[float, ...],
    tokens: int,
    *,
    temperature: float = 0.0,
    seed: int = 0,
) -> Weighed:
    """Rank the answers of checked drafts; see `weigh`.

    `not sure` comes last, or first if no answer has a probability of at least `LIKELY`.
    """
    groups = answer_groups([final_answer(draft) for draft in drafts])
    sums = np.array([sum(chances[i] for i in places) for _, places in groups])
    if temperature > 0:
        # The maximum of logarithms plus Gumbel noise is a draw from their softmax.
        noise = np.random.default_rng(seed).gumbel(size=len(sums))
        sums = np.log(sums + 1e-9) / temperature + noise
    # Abstentions never outvote an answer: they come last, or first if all answers look wrong.
    away = [answer.lower() == NOT_SURE for answer, _ in groups]
    real = [
        chances[i] for (_, places), no in zip(groups, away, strict=True) if not no for i in places
    ]
    declined = np.where(away, -np.inf if max(real, default=0) >= LIKELY else np.inf, 0.0)
    order = np.argsort(-(sums + declined), kind="stable")
    ranked = tuple((groups[i][0], tuple(groups[i][1])) for i in order)
    return Weighed(chances, ranked, tokens)


def fitting(session: Session, question: str, draft: str) -> list[int]:
    """The token ids of a check; a question that is too long is cut at its end."""
    prompt = session.encode(check_prompt(question, draft))
    while len(prompt) >= session.context:
        question = question[: len(question) - (len(prompt) - session.context) - 1]
        prompt = session.encode(check_prompt(question, draft))
    return prompt


def _chance(session: Session, prompt: list[int]) -> float:
    logits = read(session, [prompt])[0][0].astype(np.float64)
    yes, no = (logits[session.tokenizer.token_to_id(word)] for word in ("yes", "no"))
    return float(1 / (1 + np.exp(no - yes)))


class Hearing:
    """One call of the aggregator or the judge, with the interface of `Call`.

    Args:
        role: `aggregator` replies with the best answer, `judge` with JSON.
        question: The question without drafts.
        drafts: The drafts; if there are none, only the judge can reply.
        knobs: The call's settings.
    """

    def __init__(self, role: Role, question: str, drafts: Drafts, knobs: Knobs) -> None:
        self._role, self._question, self._drafts, self._knobs = role, question, drafts, knobs
        self.reasons: list[str] = ["stop"] * knobs.n
        self._texts: list[str] = [""] * knobs.n
        self.input_tokens = 0
        # Each check ends in one token, yes or no.
        self.output_tokens: list[int] = [len(drafts)] + [0] * (knobs.n - 1)

    def tokens(self) -> Iterator[None]:
        """Read every draft once for all samples; the replies are complete after that."""
        for i, reply in enumerate(self._replies()):
            self._texts[i] = self._knobs.cut(reply)
        yield

    def text(self, i: int) -> str:
        """The text of reply `i` up to the first stop text."""
        return self._texts[i]

    def safe_text(self) -> str:
        """The final part of the first reply."""
        return self._texts[0]

    def _replies(self) -> Iterator[str]:
        knobs = self._knobs
        if not self._drafts:
            nothing = {"reason": "there are no drafts", "chosen": [], "stop": False}
            yield from [json.dumps(nothing)] * knobs.n
            return
        texts = [text for _, text in self._drafts]
        chances, self.input_tokens = check(self._question, texts)
        for i in range(knobs.n):
            weighed = rank(
                texts,
                chances,
                self.input_tokens,
                temperature=knobs.temperature,
                seed=knobs.seed + i,
            )
            if self._role == "aggregator":
                yield f"Answer: {weighed.groups[0][0]}"
            else:
                yield verdict(weighed, [number for number, _ in self._drafts])


def verdict(weighed: Weighed, numbers: Sequence[int]) -> str:
    """The judge's JSON: all drafts, best first, and whether the debate may stop."""
    answer, places = weighed.groups[0]
    sure = weighed.sure()
    agree = f", {len(places)} drafts agree" if len(places) > 1 else ""
    return json.dumps(
        {
            "reason": f"{answer} is right with a chance of {sure:.0%}{agree}",
            "chosen": [numbers[i] for i in weighed.ranking()],
            "stop": sure >= STOP,
        }
    )
