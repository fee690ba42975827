"""Accuracy over K, the number of clusters of a task map, from the recorded outcomes of members.

The map is fitted anew for each K, by the rule of the Avengers' paper (arXiv 2505.19797): flat
K-means, each question to the member that proved best in its nearest cluster. The outcomes of the
members are those that are there, so that nobody is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..routing.embedders import Embedder, make
from ..routing.fitting import build_views
from ..routing.ranking import Rule, rank
from ..routing.table import table
from .finished import SINGLE, Array, Finished
from .rows import plain
from .statistics import difference, mean_of
from .votes import spread

SIZES = (1, 2, 4, 8, 16, 32, 64, 128)
"""The numbers of clusters that are tried, as far as there are two questions for each."""
FOLDS = 5
FEWEST = 40
"""Questions below which no map is fitted."""

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Calibration:
    """What the map of each K is fitted on.

    Attributes:
        embedder: Turns questions into vectors: as for `Profile.fit`.
        records: `{"query", "scores"}`, none of them an evaluated question; None: the evaluated
            questions themselves, cross-fitted in five folds.
    """

    embedder: Embedder | str = "lexical"
    records: Sequence[Record] | None = None


def over_clusters(done: Finished, known: Calibration, seed: int = 42) -> dict[str, Any] | None:
    """Accuracy of routing with each K.

    Args:
        done: The outcomes; those of the `single:` systems are replayed.
        known: What the maps are fitted on.
        seed: Seed of the clusterings and of the folds.

    Returns:
        `curve` with `k` and the accuracy; `best`, the K of the largest accuracy; `enough`, the
        smallest K that it does not exceed beyond chance; `single`, the accuracy of the best single
        member; `records`, the number of calibration questions of a map; `folds`, None if the
        calibration's records were given; `questions`. None with fewer than two members alone, or
        too few questions.

    Example:
        >>> from langgraph_ensemble.evaluation.finished import finished
        >>> asked = [{"query": f"add {i}" if i % 2 else f"spell {i}"} for i in range(60)]
        >>> adds, spells = [{"score": i % 2} for i in range(60)], [{"score": 1}, {"score": 0}] * 30
        >>> done = finished({"single:a": adds, "single:b": spells}, asked)
        >>> [(each["k"], each["mean"]) for each in over_clusters(done, Calibration())["curve"][1:3]]
        [(2, 1.0), (4, 1.0)]
    """
    members = [name for name in done.members if _is_known(name, known)]
    places = spread(len(done.questions))
    if len(members) < 2 or len(places) < FEWEST:
        return None
    queries = [str(done.questions[int(place)]["query"]) for place in places]
    scores = np.column_stack([done.scores[f"{SINGLE}{name}"][places] for name in members])
    embedder = make(known.embedder, queries, seed=seed)
    vectors = embedder.embed(queries)
    fits = _fits(queries, scores, members, known.records, embedder, seed)
    fewest = min(len(learnt.vectors) for _, learnt in fits)
    if fewest < FEWEST // 2:
        return None
    picked: dict[int, Array] = {}
    for k in (size for size in SIZES if 2 * size <= fewest):
        choice = np.zeros(len(places), dtype=int)
        for held, learnt in fits:
            choice[held] = learnt.route(vectors[held], k, seed)
        picked[k] = scores[np.arange(len(places)), choice]
    return {
        "curve": [{"k": k, **plain(mean_of(each))} for k, each in picked.items()],
        "best": max(picked, key=lambda k: picked[k].mean()),
        "enough": _enough(picked),
        "single": plain(mean_of(scores[:, scores.mean(axis=0).argmax()])),
        "records": fewest,
        "folds": FOLDS if known.records is None else None,
        "questions": len(places),
    }


def _is_known(name: str, known: Calibration) -> bool:
    return known.records is None or any(name in record["scores"] for record in known.records)


def _fits(
    queries: Sequence[str],
    scores: Array,
    members: list[str],
    records: Sequence[Record] | None,
    embedder: Embedder,
    seed: int,
) -> list[tuple[Array, _Learnt]]:
    """Which questions are routed, and the calibration questions that they are routed by."""
    if records is not None:
        return [(np.ones(len(queries), dtype=bool), _Learnt.of(records, members, embedder))]
    own = [
        {"query": query, "scores": dict(zip(members, row, strict=True))}
        for query, row in zip(queries, scores.tolist(), strict=True)
    ]
    fold = np.random.default_rng(seed).permutation(len(own)) % FOLDS
    fits = []
    for part in range(FOLDS):
        learnt = [own[i] for i in np.flatnonzero(fold != part)]
        fits.append((fold == part, _Learnt.of(learnt, members, embedder)))
    return fits


@dataclass(frozen=True)
class _Learnt:
    """Calibration questions as arrays, for maps of several K."""

    data: Any
    vectors: Array
    members: list[str]

    @classmethod
    def of(cls, records: Sequence[Record], members: list[str], embedder: Embedder) -> _Learnt:
        data = table(records, members)
        return cls(data, embedder.embed(data.queries), members)

    def route(self, vectors: Array, k: int, seed: int) -> Array:
        """The column of the member that each question goes to, int [n]."""
        shape = {"clusters": k, "families": 1, "kappa": 1.0, "views": 1}
        views, flat, _ = build_views(self.data, self.vectors, seed=seed, **shape)
        every, rule = list(range(len(self.members))), Rule("published")
        scores, _ = rank(views, flat, vectors, self.members, every, rule)
        return scores.argmax(axis=1)


def _enough(picked: Mapping[int, Array]) -> int:
    """The smallest K whose deficit to the best K is not beyond chance."""
    best = max(picked.values(), key=lambda each: each.mean())
    return next(k for k, each in picked.items() if difference(best, each).low <= 0)
