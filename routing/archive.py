"""A profile's parts as JSON and arrays, and back."""

from typing import Any

import numpy as np

from .embedders import Embedder, restore
from .familiarity import Usual
from .levels import Levels
from .view import View

Array = np.ndarray


def pack(
    embedder: Embedder,
    views: list[View],
    flat: View,
    levels: Levels,
    points: Array,
    usual: Usual | None,
) -> tuple[dict[str, Any], dict[str, Array]]:
    """Numeric parts as arrays, all other parts as plain JSON."""
    data, own = embedder.state()
    arrays = {f"embedder.{k}": a for k, a in own.items()}
    for number, view in enumerate(views):
        arrays |= view.arrays(f"view{number}")
    arrays |= {**flat.arrays("flat"), "points": points}
    arrays |= {"levels.keys": levels.keys, "levels.values": levels.values}
    arrays |= usual.arrays() if usual else {}
    return {"embedder": embedder.spec(), "embedder_data": data, "views": len(views)}, arrays


def unpack(
    data: dict[str, Any], arrays: dict[str, Array], embedder: Any
) -> tuple[Embedder, list[View], View, Levels, Array, Usual | None]:
    """The inverse of `pack`; `embedder` is as for `embedders.restore`."""
    own = {k[9:]: a for k, a in arrays.items() if k.startswith("embedder.")}
    restored = restore(data["embedder"], data["embedder_data"], own, embedder)
    views = [View.from_arrays(f"view{i}", arrays) for i in range(data["views"])]
    levels = Levels(arrays["levels.keys"], arrays["levels.values"])
    flat, usual = View.from_arrays("flat", arrays), Usual.from_arrays(arrays)
    if restored.dim not in (0, size := flat.centroids.shape[1]):
        raise ValueError(f"the embedder's vectors have {restored.dim} numbers, not {size}")
    return restored, views, flat, levels, arrays["points"], usual
