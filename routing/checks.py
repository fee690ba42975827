"""What a stored profile must hold for its routes to mean something."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

Array = np.ndarray

_HUGE = 1e15
"""Beyond it sums and squares of half a million numbers would lose all meaning."""
_SUMS = ("count", "score", "cost", "priced")


class _Card(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="allow")

    words: list[str]
    examples: list[str]


class _Manifest(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        strict=True, extra="allow", hide_input_in_errors=True
    )

    members: list[Annotated[str, Field(min_length=1, max_length=500)]] = Field(min_length=1)
    views: Annotated[int, Field(ge=1, le=100)]
    cards: list[_Card] = Field(min_length=1)
    embedder: dict[str, Any]
    embedder_data: dict[str, Any]
    info: dict[str, Any]

    @field_validator("members")
    @classmethod
    def _once(cls, members: list[str]) -> list[str]:
        if len(set(members)) < len(members):
            raise ValueError("a member stands there twice")
        return members


def check_parts(data: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """See that the parts of a profile fit each other, and that every number is one.

    Args:
        data: Its JSON.
        arrays: Its arrays.

    Raises:
        ValueError: One line that names the part.
    """
    try:
        manifest = _Manifest.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{place}: {message[0].lower()}{message[1:]}") from None
    clusters, members = len(manifest.cards), len(manifest.members)
    size = numbers(arrays, "view0.centroids", (clusters, None)).shape[1]
    for number in range(manifest.views):
        _check_view(f"view{number}", arrays, size, members)
    _check_view("flat", arrays, size, members, clusters)
    numbers(arrays, "points", (clusters, 2))
    keys = numbers(arrays, "levels.keys", (None,), kind="u")
    numbers(arrays, "levels.values", keys.shape)
    if (keys[1:] <= keys[:-1]).any():
        raise ValueError("levels.keys: not in order")
    if "usual.similar" in arrays:
        _check_sorted("usual.similar", arrays)
    if "usual.known" in arrays:
        _check_sorted("usual.known", arrays)


def numbers(
    arrays: Mapping[str, Array],
    name: str,
    shape: tuple[int | None, ...],
    *,
    kind: str = "f",
    least: float = -_HUGE,
) -> Array:
    """An array of a shape, None for any length, all of whose numbers are finite and at least so.

    Raises:
        ValueError: It is missing or different.

    Example:
        >>> numbers({"a": np.ones(3)}, "a", (None,)).tolist()
        [1.0, 1.0, 1.0]
    """
    if name not in arrays:
        raise ValueError(f"{name} is missing")
    found = arrays[name]
    fits = len(found.shape) == len(shape) and all(
        wanted in (None, length) for wanted, length in zip(shape, found.shape, strict=True)
    )
    if not fits or found.dtype.kind != kind:
        wanted = " x ".join("n" if length is None else str(length) for length in shape) or "one"
        raise ValueError(f"{name}: {found.dtype} of shape {found.shape}, not {wanted} numbers")
    wide = found.astype(np.float64) if found.dtype.itemsize == 2 else found
    if kind == "f" and not np.all((wide >= least) & (wide <= _HUGE)):
        raise ValueError(f"{name}: a number is missing, negative or too large")
    return found


def _check_view(
    name: str, arrays: Mapping[str, Array], size: int, members: int, clusters: int | None = None
) -> None:
    centroids = numbers(arrays, f"{name}.centroids", (clusters, size))
    count = len(centroids)
    if not count or not size:
        raise ValueError(f"{name}.centroids: there is no cluster")
    family = numbers(arrays, f"{name}.family", (count,), kind="i")
    roots = arrays.get(f"{name}.roots")
    if roots is not None:
        roots = numbers(arrays, f"{name}.roots", (None, size))
    if family.min() < 0 or family.max() >= (count if roots is None else len(roots)):
        raise ValueError(f"{name}.family: there is no such family")
    for each in _SUMS:
        numbers(arrays, f"{name}.{each}", (count, members), least=0.0)
    numbers(arrays, f"{name}.gain", (count, members))
    numbers(arrays, f"{name}.level", (count,))
    numbers(arrays, f"{name}.size", (count,), least=0.0)
    numbers(arrays, f"{name}.shrinkage", (3,), least=0.0)
    score, asked = arrays[f"{name}.score"], arrays[f"{name}.count"]
    if (score > asked * (1 + 1e-6) + 1e-6).any():
        raise ValueError(f"{name}.score: more than all answers are right")


def _check_sorted(name: str, arrays: Mapping[str, Array]) -> None:
    found = numbers(arrays, name, (None,))
    if (found[1:] < found[:-1]).any():
        raise ValueError(f"{name}: not in order")
