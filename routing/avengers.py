"""Read the artefacts that the Avengers publish, without their pickled normaliser.

A folder holds `ranking_centers_*.npy` (K x D), `ranking_*.json` ({cluster: {total, scores: {id:
accuracy}, ranking: [ids]}}) and `map_*.json` (id -> name, or name -> id, because their generator
inverts it). The joblib normaliser beside them is plain L2 and is never loaded.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from .capability import Tally
from .clustering import families
from .fitting import default_shape
from .npz import BROKEN, load_npy
from .view import View

Array = np.ndarray


def read_artefacts(folder: str | Path) -> tuple[list[str], View]:
    """Read members and their records on the published clusters.

    Raises:
        InputError: A file is missing, ambiguous, damaged, or does not fit the others.
    """
    folder = Path(folder)
    centroids = _centroids(_single(folder, "ranking_centers_*.npy"))
    ranking_file = _single(folder, "ranking_*.json")
    ranking = _clusters(ranking_file, len(centroids))
    ids = sorted({str(i) for entry in ranking for i in entry["scores"]})
    names = _names(_single(folder, "map_*.json"), ids)
    record = _tally(ranking, ids, ranking_file)
    shape = default_shape(len(centroids))
    family = families(centroids, record.size, shape.families)
    order = sorted(range(len(ids)), key=lambda i: names[i])
    view = View(centroids, family, record.only(order), shape.shrinkage)
    return [names[i] for i in order], view


def _single(folder: Path, pattern: str) -> Path:
    files = sorted(folder.glob(pattern))
    if len(files) != 1:
        count = "no" if not files else str(len(files))
        raise InputError(f"{folder}: {count} files named {pattern}; the folder needs exactly one")
    return files[0]


def _centroids(path: Path) -> Array:
    with path.open("rb") as file:
        pointer = file.read(24).startswith(b"version https://git-lfs")
    if pointer:
        raise InputError(f"{path} is a git-LFS pointer, not data: run 'git lfs pull' there")
    try:
        centroids = load_npy(path)
    except BROKEN as error:
        raise InputError(f"{path}: not a numeric npy array") from error
    if centroids.ndim != 2 or not np.isfinite(centroids).all() or not len(centroids):
        raise InputError(f"{path}: expected finite centres [clusters, dimensions]")
    return centroids.astype(np.float32)


def _json(path: Path) -> Any:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        hint = "a git-LFS pointer? run 'git lfs pull' there"
        raise InputError(f"{path}: not valid JSON ({hint})") from error
    if not isinstance(data, dict):
        raise InputError(f"{path}: expected a JSON object")
    return data


def _clusters(path: Path, k: int) -> list[dict[str, Any]]:
    data = _json(path)
    if set(data) != {str(i) for i in range(k)}:
        raise InputError(f"{path}: {len(data)} clusters named, but {k} centres (0 to {k - 1})")
    entries = [data[str(i)] for i in range(k)]
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not isinstance(entry.get("scores"), dict):
            raise InputError(f"{path}: cluster {number} has no 'scores'")
    return entries


def _names(path: Path, ids: list[str]) -> list[str]:
    """Names of the ids, for either direction of the map."""
    data = {str(k): str(v) for k, v in _json(path).items()}
    inverse = {v: k for k, v in data.items()}
    for mapping in (data, inverse):
        if all(i in mapping for i in ids):
            names = [mapping[i] for i in ids]
            if len(set(names)) < len(names):
                raise InputError(f"{path}: two ids share one name")
            return names
    lost = next(i for i in ids if i not in data and i not in inverse)
    raise InputError(f"{path}: names no model for id '{lost}'")


def _tally(ranking: list[dict[str, Any]], ids: list[str], path: Path) -> Tally:
    accuracy = np.full((len(ranking), len(ids)), np.nan)
    size = np.zeros(len(ranking))
    for number, entry in enumerate(ranking):
        try:
            size[number] = float(entry["total"])
            for column, one in enumerate(ids):
                if one in entry["scores"]:
                    accuracy[number, column] = float(entry["scores"][one])
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{path}: cluster {number} needs 'total' and numeric scores"
            ) from error
    seen = ~np.isnan(accuracy)
    if not np.all((accuracy[seen] >= 0) & (accuracy[seen] <= 1)) or not np.all(
        (size >= 0) & (size < 1e15)
    ):
        raise InputError(f"{path}: accuracies must lie from 0 to 1 and totals from 0 up")
    filled = np.where(seen, accuracy, 0.0)
    level = filled.sum(1) / np.maximum(seen.sum(1), 1)
    count = seen * size[:, None]
    return Tally(
        count=count,
        score=filled * count,
        gain=np.where(seen, accuracy - level[:, None], 0.0) * count,
        cost=np.zeros(accuracy.shape),
        priced=np.zeros(accuracy.shape),
        level=level,
        size=size,
    )
