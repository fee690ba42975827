"""Small numpy versions of learned routers on frozen embeddings.

They follow the published losses, not the published encoders: a linear head replaces the
278M-parameter model that RouterDC trains, so they show what the losses add over the same features.
"""

import numpy as np

from .data import Split
from .simple import Router

Array = np.ndarray


class Knn(Router):
    """Mean scores of the k nearest training questions by cosine (EmbedLLM's baseline, k = 131)."""

    name = "kNN, k=131 (our small version)"

    def __init__(self, k: int = 131) -> None:
        self.k = k

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        self.vectors, self.scores = vectors, train.scores

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        out = []
        for part in np.array_split(vectors, max(1, len(vectors) // 500)):
            near = np.argpartition(-(part @ self.vectors.T), self.k, axis=1)[:, : self.k]
            out.append(self.scores[near].mean(1).argmax(1))
        return np.concatenate(out)


class Adam:
    """Adam (Kingma & Ba 2015) for a list of arrays."""

    def __init__(self, params: list[Array], rate: float) -> None:
        self.params, self.rate, self.step = params, rate, 0
        self.first = [np.zeros_like(p) for p in params]
        self.second = [np.zeros_like(p) for p in params]

    def update(self, grads: list[Array]) -> None:
        """One step against the gradients."""
        self.step += 1
        for p, g, m, v in zip(self.params, grads, self.first, self.second, strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            scale = np.sqrt(v / (1 - 0.999**self.step)) + 1e-8
            p -= self.rate * (m / (1 - 0.9**self.step)) / scale


class MatrixFactorisation(Router):
    """EmbedLLM: logit = w . (P_m * (W q)) + b, trained by cross-entropy on right and wrong."""

    name = "EmbedLLM-style MF (our small version)"

    def __init__(self, width: int = 64, steps: int = 1500, noise: float = 0.02) -> None:
        self.width, self.steps, self.noise = width, steps, noise

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        rng = np.random.default_rng(seed)
        m, d = len(train.members), vectors.shape[1]
        self.p = rng.normal(0, 1, (m, self.width))
        self.w = rng.normal(0, 1 / np.sqrt(d), (d, self.width))
        self.v = rng.normal(0, 1 / np.sqrt(self.width), self.width)
        self.b = np.zeros(m)
        adam = Adam([self.p, self.w, self.v, self.b], 3e-3)
        for _ in range(self.steps):
            rows = rng.integers(len(vectors), size=256)
            q = vectors[rows] + rng.normal(0, self.noise, (256, d))
            h = q @ self.w
            logits = (h * self.v) @ self.p.T + self.b
            error = (1 / (1 + np.exp(-logits)) - train.scores[rows]) / 256
            back = error @ self.p
            gv = (h * back).sum(0)
            adam.update([error.T @ (h * self.v), q.T @ (back * self.v), gv, error.sum(0)])

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        return (((vectors @ self.w) * self.v) @ self.p.T + self.b).argmax(1)


class Contrastive(Router):
    """RouterDC's sample-LLM loss on a linear head: pull 3 good members close, push 3 bad away."""

    name = "RouterDC-style contrastive head (our small version)"

    def __init__(self, width: int = 64, steps: int = 1500, temperature: float = 0.2) -> None:
        self.width, self.steps, self.temperature = width, steps, temperature

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        rng = np.random.default_rng(seed)
        m, d = len(train.members), vectors.shape[1]
        self.w = rng.normal(0, 1 / np.sqrt(d), (d, self.width))
        self.e = rng.normal(0, 1, (m, self.width))
        adam = Adam([self.w, self.e], 3e-3)
        top = np.argsort(np.argsort(-train.scores, axis=1, kind="stable"), axis=1)
        good = (top < 3) & (train.scores > 0)
        bad = (top >= m - 3) & (train.scores <= 0.5)
        for _ in range(self.steps):
            rows = rng.integers(len(vectors), size=256)
            adam.update(self._gradients(vectors[rows], good[rows], bad[rows]))

    def _gradients(self, q: Array, good: Array, bad: Array) -> list[Array]:
        z, e = q @ self.w, self.e
        nz, ne = np.linalg.norm(z, axis=1, keepdims=True), np.linalg.norm(e, axis=1, keepdims=True)
        zu, eu = z / (nz + 1e-9), e / (ne + 1e-9)
        sim = zu @ eu.T / self.temperature
        exp = np.exp(sim - sim.max(1, keepdims=True))
        against = (exp * bad).sum(1, keepdims=True)
        share = np.where(good, exp / (exp + against + 1e-12), 0.0)  # of each good member by itself
        grad = np.where(good, share - 1.0, 0.0)
        grad += exp * bad * np.where(good, 1 / (exp + against + 1e-12), 0.0).sum(1, keepdims=True)
        grad /= self.temperature * len(q)
        gz, ge = grad @ eu, grad.T @ zu
        gz = (gz - zu * (gz * zu).sum(1, keepdims=True)) / (nz + 1e-9)
        ge = (ge - eu * (ge * eu).sum(1, keepdims=True)) / (ne + 1e-9)
        return [q.T @ gz, ge]

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        z = vectors @ self.w
        return (z @ (self.e / np.linalg.norm(self.e, axis=1, keepdims=True)).T).argmax(1)
