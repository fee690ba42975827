"""Choose members that are good and differ, as MoA chooses its layers (arXiv 2406.04692)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np


class Mapped(Protocol):
    """A profile, as far as its clusters are read."""

    @property
    def members(self) -> list[str]:
        """Names of the members."""
        ...

    @property
    def flat(self) -> Any:
        """The clusters with the members' accuracy [K, M] and their sizes."""
        ...


def differences(profile: Mapped, members: Sequence[str]) -> dict[tuple[str, str], float]:
    """How much each two members differ: the mean difference of their accuracy over the clusters.

    The mean is weighted by the clusters' sizes; the largest difference counts 1.

    Example:
        >>> from langgraph_ensemble import Profile
        >>> rows = [{"query": f"add {i} to 2", "scores": {"a": 1.0, "b": 0.0}} for i in range(8)]
        >>> differences(Profile.fit(rows), ["a", "b"])[("a", "b")]
        1.0
    """
    columns = [profile.members.index(name) for name in members]
    accuracy, size = profile.flat.accuracy[:, columns], profile.flat.record.size
    weight = size / size.sum() if size.sum() else np.full(len(size), 1 / len(size))
    apart = np.abs(accuracy[:, :, None] - accuracy[:, None, :])
    means = np.einsum("k,kab->ab", weight, apart)
    means = means / means.max() if means.max() > 0 else means
    return {
        (one, other): float(means[i, j])
        for i, one in enumerate(members)
        for j, other in enumerate(members)
    }


def diverse(
    record: Mapping[str, float],
    apart: Mapping[tuple[str, str], float],
    count: int,
    weight: float,
) -> list[str]:
    """The best member, then one by one who is good and unlike those chosen so far.

    Each next member has the largest `(1 - weight) * record + weight * d`, where d is its difference
    from the chosen member that is most like it.

    Args:
        record: Accuracy of each member on questions like this one, the best first.
        apart: From `differences`.
        count: Number of members to choose.
        weight: Weight of the differences, from 0 to 1.

    Example:
        >>> apart = {("a", "b"): 0.1, ("a", "c"): 1.0, ("b", "c"): 1.0}
        >>> apart |= {(b, a): d for (a, b), d in apart.items()}
        >>> diverse({"a": 0.9, "b": 0.8, "c": 0.6}, apart, 2, 0.5)
        ['a', 'c']
    """
    rest = list(record)
    chosen = rest[:1]
    rest = rest[1:]
    while rest and len(chosen) < count:
        near = {name: min(apart[name, other] for other in chosen) for name in rest}
        best = max(rest, key=lambda name: (1 - weight) * record[name] + weight * near[name])
        chosen.append(best)
        rest.remove(best)
    return chosen
