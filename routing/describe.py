"""Descriptions of clusters: their characteristic words and nearest questions."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .clustering import distances
from .text import tokens
from .view import View

Array = np.ndarray

#: Words in a larger share of all questions ("the", "which") are not informative.
COMMON = 0.08


def telling_words(
    queries: Sequence[str], labels: Array, k: int, *, count: int = 8
) -> list[list[str]]:
    """The characteristic words of each cluster, by log-odds divided by their standard error.

    These are log-odds ratios with an informative Dirichlet prior (Monroe et al. 2008, Fightin'
    Words) over the questions that hold the word. Adjacent single characters (scripts without
    spaces) count as pairs.

    Example:
        >>> telling_words(["add 2", "add 3", "a poem", "my poem"], np.array([0, 0, 1, 1]), 2)
        [['add'], ['poem']]
    """
    inside = [Counter[str]() for _ in range(k)]
    for query, label in zip(queries, labels, strict=True):
        inside[int(label)].update(set(_words(query)))
    everywhere = Counter[str]()
    for counter in inside:
        everywhere.update(counter)
    total = sum(everywhere.values()) or 1
    usual = COMMON * len(queries) if len(queries) >= 100 else len(queries)
    out = []
    for counter in inside:
        ranked = _rank(counter, everywhere, total)
        rare = [word for word in ranked if everywhere[word] <= usual]
        out.append((rare if len(rare) >= 3 else ranked)[:count])
    return out


def _words(query: str) -> list[str]:
    parts = tokens(query)
    words = [t for t in parts if len(t) > 1 and t.isalnum()]
    pairs = pairwise(parts)
    return words + [a + b for a, b in pairs if _single(a) and _single(b)]


def _single(token: str) -> bool:
    return len(token) == 1 and token.isalpha() and ord(token) > 0xE00


def _rank(counter: Counter[str], everywhere: Counter[str], total: int) -> list[str]:
    mine = sum(counter.values())
    rest = total - mine
    prior = 50.0 / total
    scored = []
    for word, count in counter.items():
        if count < 2:
            continue
        other, expected = everywhere[word] - count, prior * everywhere[word] + 0.01
        here = np.log((count + expected) / max(mine + 50.0 - count - expected, 1e-3))
        there = np.log((other + expected) / max(rest + 50.0 - other - expected, 1e-3))
        scale = np.sqrt(1.0 / (count + expected) + 1.0 / (other + expected))
        if (value := (here - there) / scale) > 0:
            scored.append((-value, word))
    return [word for _, word in sorted(scored)]


def nearest_questions(
    queries: Sequence[str], vectors: Array, centroids: Array, labels: Array, *, count: int = 3
) -> list[list[str]]:
    """The nearest distinct questions of each centroid, cut to 300 characters."""
    out: list[list[str]] = []
    for number, centroid in enumerate(centroids):
        index = np.flatnonzero(labels == number)
        order = index[np.argsort(distances(vectors[index], centroid[None])[:, 0], kind="stable")]
        close = [int(i) for i in order[: 10 * count]]
        texts = dict.fromkeys(clean(queries[i]) for i in close)
        out.append(list(texts)[:count])
    return out


def clean(text: str, limit: int = 300) -> str:
    """One line of valid Unicode, cut to `limit` characters."""
    line = " ".join(text[: 4 * limit].encode("utf-8", "replace").decode("utf-8").split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def describe(
    queries: Sequence[str], vectors: Array, centroids: Array, labels: Array
) -> list[dict[str, Any]]:
    """Words and examples of each cluster, as plain JSON."""
    words = telling_words(queries, labels, len(centroids))
    examples = nearest_questions(queries, vectors, centroids, labels)
    return [{"words": w, "examples": e} for w, e in zip(words, examples, strict=True)]


def record_card(view: View, number: int, members: Sequence[str]) -> dict[str, Any]:
    """Size of a cluster and each member's accuracy on it with its 95% interval, best first.

    If a member answered few questions, its estimate (the questions' level plus a gain) may lie
    outside of its interval; routing compares the estimate, and the card shows it clipped.
    """
    capability, record = view.capability, view.record
    cards = {
        name: {
            "mean": float(
                np.clip(
                    capability.mean[number, m],
                    capability.low[number, m],
                    capability.high[number, m],
                )
            ),
            "low": float(capability.low[number, m]),
            "high": float(capability.high[number, m]),
            "n": int(record.count[number, m]),
        }
        for m, name in enumerate(members)
    }
    estimate = dict(zip(members, capability.mean[number], strict=True))
    ranked = sorted(cards, key=lambda name: -estimate[name])
    return {"size": int(record.size[number]), "members": {name: cards[name] for name in ranked}}
