"""A view of the task map: one clustering, and the members' records on it."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .capability import Posterior, Tally, posterior, raw_accuracy
from .clustering import descend, nearest

Array = np.ndarray
_SUMS = ("count", "score", "gain", "cost", "priced", "level", "size")


@dataclass(frozen=True)
class View:
    """K clusters with the records of M members.

    Attributes:
        centroids: float32 [K, d].
        roots: Centroids of the families, float32 [F, d]; without them all clusters compete.
        family: The family (coarser cluster) of each cluster, int64 [K].
        record: Sums by cluster and member.
        shrinkage: Pseudo-questions at the root, the families and the clusters.
    """

    centroids: Array
    family: Array
    record: Tally
    shrinkage: tuple[float, float, float]
    roots: Array | None = None

    @cached_property
    def capability(self) -> Posterior:
        """Posterior accuracies, [K, M]."""
        return posterior(self.record, self.family, self.shrinkage)

    @cached_property
    def accuracy(self) -> Array:
        """Plain accuracies, [K, M]."""
        return raw_accuracy(self.record)

    def assign(self, vectors: Array) -> Array:
        """The cluster of each vector, int64 [n]."""
        if self.roots is None:
            return nearest(vectors, self.centroids)
        return descend(vectors, self.roots, self.centroids, self.family)

    def only(self, columns: list[int]) -> "View":
        """Keep some members, in the given order."""
        return replace(self, record=self.record.only(columns))

    def arrays(self, prefix: str) -> dict[str, Array]:
        """The arrays to save, by name."""
        sums = {f"{prefix}.{name}": getattr(self.record, name) for name in _SUMS}
        tops = {} if self.roots is None else {f"{prefix}.roots": self.roots}
        kappa = {f"{prefix}.shrinkage": np.array(self.shrinkage, dtype=np.float64)}
        places = {f"{prefix}.centroids": self.centroids, f"{prefix}.family": self.family}
        return places | tops | kappa | sums

    @classmethod
    def from_arrays(cls, prefix: str, arrays: dict[str, Array]) -> "View":
        """The inverse of `arrays`."""
        record = Tally(**{name: arrays[f"{prefix}.{name}"] for name in _SUMS})
        centroids, family = arrays[f"{prefix}.centroids"], arrays[f"{prefix}.family"]
        root, families, clusters = arrays[f"{prefix}.shrinkage"].tolist()
        shrinkage = (root, families, clusters)
        return cls(centroids, family, record, shrinkage, arrays.get(f"{prefix}.roots"))
