"""Small numpy forms of two learned routers, on frozen embeddings: their losses and their scores.

They follow the published losses, not the published encoders, so that they need no GPU and no torch:
a linear head on the embedding replaces the encoder that RouterDC trains.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray
Weights = dict[str, Array]

WIDTH, STEPS, BATCH, RATE = 64, 1500, 256, 3e-3
"""Numbers of one question's vector inside, of steps, and of questions in a step; rate of Adam."""
NOISE = 0.02
"""Standard deviation of the noise on embeddings while factors are trained (EmbedLLM)."""
TEMPERATURE = 0.2
"""Temperature of the contrastive loss on cosines; RouterDC has 1 with a trained encoder."""
PULLED = 3
"""Members that are pulled towards a question, and pushed away from it (RouterDC)."""


class Adam:
    """Adam (Kingma & Ba 2015) for a list of arrays."""

    def __init__(self, params: list[Array], rate: float) -> None:
        self.params, self.rate, self.step = params, rate, 0
        self.first: list[Array] = [np.zeros_like(p) for p in params]
        self.second: list[Array] = [np.zeros_like(p) for p in params]

    def update(self, grads: list[Array]) -> None:
        """One step against the gradients."""
        self.step += 1
        for p, g, m, v in zip(self.params, grads, self.first, self.second, strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            scale = np.sqrt(v / (1 - 0.999**self.step)) + 1e-8
            p -= self.rate * (m / (1 - 0.9**self.step)) / scale


def train_factors(vectors: Array, scores: Array, seed: int = 42, steps: int = STEPS) -> Weights:
    """Learn `logit = v . (P_m * (W q)) + b` by cross-entropy on right and wrong (EmbedLLM).

    Args:
        vectors: Embedded questions [n, d].
        scores: [n, M] in [0, 1], NaN for missing ones.
        seed: Seed of weights, batches and noise.
        steps: Number of steps.

    Example:
        >>> q, right = np.eye(2), np.eye(2)
        >>> score_factors(train_factors(q, right, steps=200), q).argmax(axis=1).tolist()
        [0, 1]
    """
    rng = np.random.default_rng(seed)
    m, d = scores.shape[1], vectors.shape[1]
    p = rng.normal(0, 1, (m, WIDTH))
    w = rng.normal(0, 1 / np.sqrt(d), (d, WIDTH))
    v = rng.normal(0, 1 / np.sqrt(WIDTH), WIDTH)
    b = np.zeros(m)
    adam = Adam([p, w, v, b], RATE)
    for _ in range(steps):
        rows = rng.integers(len(vectors), size=BATCH)
        q = vectors[rows] + rng.normal(0, NOISE, (BATCH, d))
        h = q @ w
        logits = (h * v) @ p.T + b
        # A missing score teaches nothing.
        error = np.nan_to_num(1 / (1 + np.exp(-logits)) - scores[rows]) / BATCH
        back = error @ p
        adam.update([error.T @ (h * v), q.T @ (back * v), (h * back).sum(0), error.sum(0)])
    return {"p": p, "w": w, "v": v, "b": b}


def score_factors(weights: Weights, vectors: Array) -> Array:
    """The logit that each member is right, [n, M].

    Example:
        >>> one = {"p": np.ones((1, 2)), "w": np.eye(2), "v": np.ones(2), "b": np.zeros(1)}
        >>> score_factors(one, np.array([[0.5, 0.25]])).tolist()
        [[0.75]]
    """
    return ((vectors @ weights["w"]) * weights["v"]) @ weights["p"].T + weights["b"]


def train_contrast(vectors: Array, scores: Array, seed: int = 42, steps: int = STEPS) -> Weights:
    """Learn a head and member embeddings by RouterDC's sample-LLM loss.

    Each question is pulled to its three best members with a score above 0 and pushed from its three
    worst with one of at most 0.5.

    Args:
        vectors: Embedded questions [n, d].
        scores: [n, M] in [0, 1], NaN for missing ones.
        seed: Seed of weights and batches.
        steps: Number of steps.

    Example:
        >>> q, right = np.eye(2), np.eye(2)
        >>> score_contrast(train_contrast(q, right, steps=200), q).argmax(axis=1).tolist()
        [0, 1]
    """
    rng = np.random.default_rng(seed)
    m, d = scores.shape[1], vectors.shape[1]
    w = rng.normal(0, 1 / np.sqrt(d), (d, WIDTH))
    e = rng.normal(0, 1, (m, WIDTH))
    adam = Adam([w, e], RATE)
    best = np.argsort(np.argsort(-np.nan_to_num(scores, nan=-1.0), axis=1, kind="stable"), axis=1)
    known = np.nan_to_num(scores, nan=2.0)
    last = (known <= 1).sum(axis=1, keepdims=True)
    good = (best < PULLED) & (known > 0) & (known <= 1)
    bad = (best >= last - PULLED) & (known <= 0.5)
    for _ in range(steps):
        rows = rng.integers(len(vectors), size=BATCH)
        adam.update(_contrast(vectors[rows], good[rows], bad[rows], w, e))
    return {"w": w, "e": e}


def score_contrast(weights: Weights, vectors: Array) -> Array:
    """The cosine of each question and each member, [n, M].

    Example:
        >>> one = {"w": np.eye(2), "e": np.eye(2)}
        >>> score_contrast(one, np.array([[2.0, 0.0]])).round(6).tolist()
        [[1.0, 0.0]]
    """
    z, e = vectors @ weights["w"], weights["e"]
    length = np.linalg.norm(z, axis=1, keepdims=True) + 1e-9
    return (z / length) @ (e / np.linalg.norm(e, axis=1, keepdims=True)).T


def _contrast(q: Array, good: Array, bad: Array, w: Array, e: Array) -> list[Array]:
    """Gradients of the mean loss."""
    z = q @ w
    nz, ne = np.linalg.norm(z, axis=1, keepdims=True), np.linalg.norm(e, axis=1, keepdims=True)
    zu, eu = z / (nz + 1e-9), e / (ne + 1e-9)
    sim = zu @ eu.T / TEMPERATURE
    exp = np.exp(sim - sim.max(1, keepdims=True))
    against = (exp * bad).sum(1, keepdims=True)
    share = np.where(good, exp / (exp + against + 1e-12), 0.0)  # of each good member by itself
    grad = np.where(good, share - 1.0, 0.0)
    grad += exp * bad * np.where(good, 1 / (exp + against + 1e-12), 0.0).sum(1, keepdims=True)
    grad /= TEMPERATURE * len(q)
    gz, ge = grad @ eu, grad.T @ zu
    gz = (gz - zu * (gz * zu).sum(1, keepdims=True)) / (nz + 1e-9)
    ge = (ge - eu * (ge * eu).sum(1, keepdims=True)) / (ne + 1e-9)
    return [q.T @ gz, ge]
