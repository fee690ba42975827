"""The task map in two dimensions: clusters by similarity, and questions between them."""

from typing import Any

import numpy as np

from .clustering import distances

Array = np.ndarray


def layout(centroids: Array, *, seed: int = 42) -> Array:
    """Place clusters in the plane, float32 [K, 2] within [-1, 1].

    Eight or more clusters are placed by t-SNE (van der Maaten & Hinton 2008), which keeps
    neighbours together and uses the whole plane; fewer by classical scaling of their distances.

    Example:
        >>> layout(np.eye(3, dtype=np.float32)).shape
        (3, 2)
    """
    if len(centroids) == 1:
        return np.zeros((1, 2), dtype=np.float32)
    points = _scaled(centroids)
    if len(centroids) >= 8:
        from sklearn.manifold import TSNE

        start = 1e-2 * points / max(float(points.std()), 1e-9)
        near = min(8.0, (len(centroids) - 1) / 3)
        options: dict[str, Any] = {"init": start.astype(np.float32), "random_state": seed}
        model = TSNE(2, perplexity=near, **options)
        points = model.fit_transform(centroids.astype(np.float32))
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.maximum(high - low, 1e-9)
    return (2.0 * (points - low) / span - 1.0).astype(np.float32)


def _scaled(centroids: Array) -> Array:
    """Classical scaling (Torgerson 1952) of the distances between centroids, [K, 2]."""
    k = len(centroids)
    square = distances(centroids.astype(np.float64), centroids.astype(np.float64))
    centring = np.eye(k) - 1.0 / k
    values, vectors = np.linalg.eigh(-0.5 * centring @ square @ centring)
    top = np.argsort(-values)[:2]
    points = np.zeros((k, 2))
    points[:, : len(top)] = vectors[:, top] * np.sqrt(np.maximum(values[top], 0.0))
    # An eigenvector's sign is arbitrary, so the largest entry is made positive.
    return points * np.where(points[np.abs(points).argmax(0), [0, 1]] < 0, -1.0, 1.0)


def place(vectors: Array, centroids: Array, points: Array) -> Array:
    """Place questions around their nearest clusters, float32 [n, 2].

    A question lies between its clusters by softmax of the distances, shifted by the residual of its
    vector along two fixed directions. Its position depends on nothing else.
    """
    if not len(vectors):
        return np.zeros((0, 2), dtype=np.float32)
    far = distances(vectors, centroids)
    scale, room = 0.1, 0.2
    if len(centroids) > 1:
        hidden = np.diag(np.full(len(centroids), np.inf))
        scale = _typical(distances(centroids, centroids) + hidden) / 4.0
        room = 0.75 * np.sqrt(_typical(distances(points, points) + hidden))
    weight = np.exp(-(far - far.min(axis=1, keepdims=True)) / max(scale, 1e-6))
    weight /= weight.sum(axis=1, keepdims=True)
    rest = vectors - weight @ centroids
    aside = rest @ np.random.default_rng(0).normal(size=(vectors.shape[1], 2))
    return (weight @ points + room * np.tanh(aside)).astype(np.float32)


def _typical(square: Array) -> float:
    """Median of the rows' smallest entries."""
    return float(np.median(square.min(axis=1)))
