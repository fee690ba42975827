"""The task map in two dimensions: clusters laid out by distance, questions drawn between them."""

import numpy as np

from .clustering import distances

Array = np.ndarray


def layout(centroids: Array) -> Array:
    """Place clusters in the plane, float32 [K, 2] within [-1, 1]: classical scaling of distances.

    Example:
        >>> layout(np.eye(3, dtype=np.float32)).shape
        (3, 2)
    """
    k = len(centroids)
    if k == 1:
        return np.zeros((1, 2), dtype=np.float32)
    square = distances(centroids.astype(np.float64), centroids.astype(np.float64))
    centring = np.eye(k) - 1.0 / k
    values, vectors = np.linalg.eigh(-0.5 * centring @ square @ centring)
    top = np.argsort(-values)[:2]
    points = np.zeros((k, 2))
    points[:, : len(top)] = vectors[:, top] * np.sqrt(np.maximum(values[top], 0.0))
    # An eigenvector's sign is arbitrary: the largest entry points right or up.
    points *= np.where(points[np.abs(points).argmax(0), [0, 1]] < 0, -1.0, 1.0)
    return (points / max(float(np.abs(points).max()), 1e-9)).astype(np.float32)


def place(vectors: Array, centroids: Array, points: Array) -> Array:
    """Place questions between the clusters they are near to, float32 [n, 2]."""
    far = distances(vectors, centroids)
    scale = max(float(np.median(far.min(axis=1, initial=np.inf))), 1e-6) if len(far) > 1 else 0.1
    weight = np.exp(-(far - far.min(axis=1, keepdims=True)) / scale)
    weight /= weight.sum(axis=1, keepdims=True)
    return (weight @ points).astype(np.float32)
