"""Records for a routing profile, made by running the bundled models.

Example:
    >>> from langgraph_ensemble import Profile
    >>> from langgraph_ensemble.pocket.calibration import SETTINGS, calibration_records
    >>> from langgraph_ensemble.pocket.training.embedder import routing_embedder
    >>> records = calibration_records()  # doctest: +SKIP
    >>> Profile.fit(records, embedder=routing_embedder(), **SETTINGS)  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypedDict

from .batch import batch_replies
from .questions import DOMAINS, OUTSIDE, Split, correct, sample

MEMBERS: tuple[str, ...] = DOMAINS
"""The team: a specialist for each domain. The generalist is its baseline."""

PROFILE = Path(__file__).parent / "profile"
"""The shipped profile of the pool, for `Profile.load`."""

SETTINGS: dict[str, Any] = {
    "clusters": 160,
    "families": 1,
    "kappa": 1.0,
    "views": 5,
}
"""How the shipped profile is fitted: with many small clusters, because no specialist is useful
outside its domain, and little shrinkage, because the records on their domains have little noise."""


class Record(TypedDict):
    """One calibration question and each member's score on it, in [0, 1]."""

    query: str
    scores: dict[str, float]
    dataset: str


def calibration_records(
    *,
    n: int = 220,
    outside: int = 500,
    seed: int = 0,
    split: Split = "calibration",
    members: Sequence[str] = MEMBERS,
    samples: int = 2,
) -> Iterator[Record]:
    """Ask every member `n` questions of every domain, and some that none of them can answer.

    The map then has clusters on which no member is good, which reveal questions outside of the
    team's domains.

    Args:
        n: Questions of each domain.
        outside: Number of questions that no bundled model can answer.
        seed: Seed of the questions, and of the samples if there are any.
        split: Split of the phrasings; keep `test` for the benchmark.
        members: Names of pocket models.
        samples: Number of samples at temperature 0.7; a member's score is the share that is right.
            0 scores the greedy reply instead.

    Yields:
        One record per question, domain after domain.
    """
    times, temperature = (samples, 0.7) if samples else (1, 0.0)
    asked = [question for domain in DOMAINS for question in sample(domain, n, seed, split)]
    asked += sample(OUTSIDE, outside, seed, split)
    texts = [question.text for question in asked]
    scores: list[dict[str, float]] = [{} for _ in asked]
    for name in members:
        # Right replies are almost never longer.
        made = batch_replies(
            name, texts, n=times, temperature=temperature, seed=seed, max_tokens=128
        )
        for question, replies, row in zip(asked, made, scores, strict=True):
            row[name] = sum(correct(question, reply) for reply in replies) / len(replies)
    for question, row in zip(asked, scores, strict=True):
        yield Record(query=question.text, scores=row, dataset=question.domain)


def build_profile(path: Path = PROFILE) -> None:
    """Run the models, fit the profile with `SETTINGS` and save it in a folder."""
    from ..profiles import Profile
    from .training.embedder import routing_embedder

    Profile.fit(calibration_records(), embedder=routing_embedder(), **SETTINGS).save(path)


if __name__ == "__main__":
    build_profile()
