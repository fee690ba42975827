"""Clusters of queries by scikit-learn, of which only the centroids are kept.

For every method, a query at run time belongs to the cluster with the nearest centroid, so a profile
holds K x D numbers and no fitted object.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InputError

Array = np.ndarray

#: Spectral and Ward clustering need memory quadratic in the queries. Beyond this number they are
#: fitted on a sample, and the other queries join the nearest centroid.
QUADRATIC_LIMIT = 4_000

#: Number of random starts of K-means; the best result is kept.
RESTARTS: Any = 2


def _kmeans(vectors: Array, k: int, seed: int) -> Array:
    from sklearn.cluster import KMeans

    return KMeans(k, random_state=seed, n_init=RESTARTS, max_iter=300).fit_predict(vectors)


def _published(vectors: Array, k: int, seed: int) -> Array:
    """K-means with the settings of the Avengers' code (core/generate_rank_router.py)."""
    from sklearn.cluster import KMeans

    settings: dict[str, Any] = {"init": "k-means++", "n_init": "auto", "max_iter": 1000}
    return KMeans(k, random_state=seed, algorithm="elkan", **settings).fit_predict(vectors)


def _minibatch(vectors: Array, k: int, seed: int) -> Array:
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(k, random_state=seed, n_init=RESTARTS, batch_size=1024)
    return model.fit_predict(vectors)


def _ward(vectors: Array, k: int, seed: int) -> Array:
    from sklearn.cluster import AgglomerativeClustering

    return AgglomerativeClustering(k, linkage="ward").fit_predict(vectors)


def _gmm(vectors: Array, k: int, seed: int) -> Array:
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(k, covariance_type="diag", n_init=2, random_state=seed, reg_covar=1e-4)
    return model.fit_predict(vectors.astype(np.float64))


def _spectral(vectors: Array, k: int, seed: int) -> Array:
    from sklearn.cluster import SpectralClustering

    model = SpectralClustering(k, affinity="rbf", gamma=1.0, random_state=seed, n_init=4)
    return model.fit_predict(vectors.astype(np.float64))


def _birch(vectors: Array, k: int, seed: int) -> Array:
    from sklearn.cluster import Birch

    return Birch(n_clusters=k, threshold=0.3).fit_predict(vectors)


METHODS: dict[str, Callable[[Array, int, int], Array]] = {
    "kmeans": _kmeans,
    "published": _published,
    "minibatch": _minibatch,
    "ward": _ward,
    "gmm": _gmm,
    "spectral": _spectral,
    "birch": _birch,
}


def cluster(
    vectors: Array, k: int, *, method: str = "kmeans", seed: int = 42
) -> tuple[Array, Array]:
    """Cluster vectors and keep the centroids.

    Args:
        vectors: float32 [n, d].
        k: Number of clusters; the result has fewer if the vectors do not differ enough.
        method: One of `METHODS`.
        seed: Seed of the method.

    Returns:
        The centroids, float32 [K, d], and the nearest centroid of each vector, int64 [n].

    Raises:
        InputError: The method is unknown, or `k` is below one.

    Example:
        >>> centroids, labels = cluster(np.eye(4, dtype=np.float32), 2)
        >>> centroids.shape, labels.shape
        ((2, 4), (4,))
    """
    if method not in METHODS:
        raise InputError(f"unknown clustering '{method}': use one of {', '.join(METHODS)}")
    if k < 1:
        raise InputError(f"clusters must be 'auto' or at least 1, not {k}")
    distinct = len(np.unique(vectors, axis=0))
    k = min(k, distinct)
    sample = vectors
    if method in ("ward", "spectral") and len(vectors) > QUADRATIC_LIMIT:
        rng = np.random.default_rng(seed)
        sample = vectors[np.sort(rng.choice(len(vectors), QUADRATIC_LIMIT, replace=False))]
    labels = np.zeros(len(sample), dtype=np.int64)
    if k > 1:
        with warnings.catch_warnings():
            # Warnings of convergence and of fewer clusters do not matter: the result is a map.
            warnings.simplefilter("ignore")
            labels = METHODS[method](sample, k, seed)
    kept = np.unique(labels)
    centroids = np.stack([sample[labels == c].mean(axis=0) for c in kept]).astype(np.float32)
    return settle(vectors, centroids)


def settle(vectors: Array, centroids: Array) -> tuple[Array, Array]:
    """Drop centroids without vectors, and assign each vector to its nearest centroid."""
    while True:
        labels = nearest(vectors, centroids)
        used = np.unique(labels)
        if len(used) == len(centroids):
            return centroids, labels
        centroids = centroids[used]


def distances(vectors: Array, centroids: Array) -> Array:
    """Squared Euclidean distances, float32 [n, K].

    Example:
        >>> distances(np.zeros((1, 2)), np.array([[3.0, 4.0]])).tolist()
        [[25.0]]
    """
    squares = (vectors**2).sum(1)[:, None] + (centroids**2).sum(1)[None]
    return np.maximum(squares - 2.0 * (vectors @ centroids.T), 0.0)


def nearest(vectors: Array, centroids: Array) -> Array:
    """The nearest centroid of each vector, int64 [n]; the first one in ties."""
    return distances(vectors, centroids).argmin(axis=1)


def families(centroids: Array, sizes: Array, wanted: int) -> Array:
    """Join clusters into `wanted` families by Ward's criterion on the weighted centroids.

    The cost of joining a and b is `|a||b| / (|a|+|b|) * ||c_a - c_b||^2` (Ward 1963).

    Returns:
        The family of each cluster, int64 [K].

    Example:
        >>> families(np.array([[0.0], [0.1], [9.0]]), np.array([5, 5, 5]), 2).tolist()
        [0, 0, 1]
    """
    groups: list[list[int]] = [[i] for i in range(len(centroids))]
    centres = centroids.astype(np.float64)
    weights = np.maximum(np.asarray(sizes, dtype=np.float64), 1.0)
    while len(groups) > max(1, wanted):
        joint = weights[:, None] * weights[None] / (weights[:, None] + weights[None])
        cost = distances(centres, centres) * joint
        np.fill_diagonal(cost, np.inf)
        a, b = sorted(divmod(int(cost.argmin()), len(groups)))
        total = weights[a] + weights[b]
        centres[a] = (weights[a] * centres[a] + weights[b] * centres[b]) / total
        weights[a] = total
        groups[a] += groups.pop(b)
        centres, weights = np.delete(centres, b, axis=0), np.delete(weights, b)
    out = np.zeros(len(centroids), dtype=np.int64)
    for number, group in enumerate(groups):
        out[group] = number
    return out


def nested(
    vectors: Array, k: int, roots: int, *, method: str = "kmeans", seed: int = 42
) -> tuple[Array, Array, Array, Array]:
    """Cluster twice: into `roots` families, and each family into its share of `k` clusters.

    A query belongs to the family with the nearest root, and to the nearest cluster of that family.

    Returns:
        The roots, float32 [F, d], the centroids, float32 [K, d], the family of each cluster, int64
        [K], and the cluster of each vector, int64 [n].
    """
    tops, labels = cluster(vectors, min(roots, k), method=method, seed=seed)
    centroids, family = [], []
    for number in range(len(tops)):
        rows = vectors[labels == number]
        share = max(1, round(k * len(rows) / len(vectors)))
        inside, _ = cluster(rows, share, method=method, seed=seed)
        centroids.append(inside)
        family += [number] * len(inside)
    leaves, families_of = np.concatenate(centroids), np.array(family, dtype=np.int64)
    return tops, leaves, families_of, descend(vectors, tops, leaves, families_of)


def descend(vectors: Array, roots: Array, centroids: Array, family: Array) -> Array:
    """The nearest cluster of each vector within the family of the nearest root, int64 [n]."""
    top = nearest(vectors, roots)
    far = distances(vectors, centroids)
    return np.where(family[None] == top[:, None], far, np.inf).argmin(axis=1)
