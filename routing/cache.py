"""Vectors by content, so that the order of an embedder's answers cannot get mixed up.

A vector belongs to its text, never to a position. Every batch for an embedder holds each text once,
and one known text (the canary) at both ends and off the middle. Answers that are short, doubled,
shuffled, reversed or of another size raise an error instead of making a wrong profile.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence

import numpy as np

from ..errors import InputError

Array = np.ndarray

#: The known text; by its vector a profile also recognises its embedder.
CANARY = "The quick brown fox jumps over the lazy dog."
#: Batches of one service differ in the last digits; other models and other texts differ much more.
MIN_COSINE = 0.99


def key(text: str) -> bytes:
    """Hash a text to 16 bytes."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class VectorCache:
    """An embedding service behind a cache by content, checked at every batch.

    Args:
        name: Name of the embedder in errors.
        limit: Number of vectors in memory; the least recently used are dropped first.
        canary: The saved vector of `CANARY`, if there is one.

    Example:
        >>> cache = VectorCache("toy")
        >>> cache.embed(["a", "b", "a"], lambda texts: [[len(t), 1.0] for t in texts]).shape
        (3, 2)
    """

    def __init__(self, name: str, *, limit: int = 50_000, canary: Array | None = None) -> None:
        self.name = name
        self.limit = limit
        self.canary = canary
        self._vectors: OrderedDict[bytes, Array] = OrderedDict()

    def embed(
        self, texts: Sequence[str], call: Callable[[list[str]], Sequence[Sequence[float]]]
    ) -> Array:
        """Embed `texts` with at most one call, float32 [n, d].

        Raises:
            InputError: The answer does not match the texts (count, order, size, model).
        """
        batch, missing = self._batch(texts)
        if batch:
            self._accept(batch, missing, call(batch))
        return self._collect(texts)

    async def aembed(
        self,
        texts: Sequence[str],
        call: Callable[[list[str]], Awaitable[Sequence[Sequence[float]]]],
    ) -> Array:
        """Embed like `embed`, awaiting the call."""
        batch, missing = self._batch(texts)
        if batch:
            self._accept(batch, missing, await call(batch))
        return self._collect(texts)

    def recall(self, vectors: Mapping[str, Array]) -> None:
        """Add vectors by text that were stored elsewhere; that of `CANARY` checks later batches."""
        for text, vector in vectors.items():
            if text == CANARY:
                self.canary = vector if self.canary is None else self.canary
            else:
                self._vectors[key(text)] = vector

    def known(self, texts: Sequence[str]) -> dict[str, Array]:
        """The vectors of `texts` in memory, with that of `CANARY`, for storing elsewhere."""
        vectors = {t: self._vectors[key(t)] for t in texts if key(t) in self._vectors}
        return vectors if self.canary is None else {**vectors, CANARY: self.canary}

    def _batch(self, texts: Sequence[str]) -> tuple[list[str], list[str]]:
        """The texts to send, including canaries, and the unknown texts among them."""
        wanted = {key(t): t for t in texts}
        missing = [t for k, t in wanted.items() if k not in self._vectors]
        if not missing:
            return [], []
        if len(missing) == 1 and self.canary is not None:
            return missing, missing
        place = _inside(len(missing))
        return [CANARY, *missing[:place], CANARY, *missing[place:], CANARY], missing

    def _accept(
        self, batch: list[str], missing: list[str], answer: Sequence[Sequence[float]]
    ) -> None:
        if len(answer) != len(batch):
            raise InputError(
                f"embedder {self.name} answered {len(answer)} vectors for {len(batch)} texts: "
                "use an embedder that answers one vector a text"
            )
        try:
            vectors = np.asarray(answer, dtype=np.float32)
        except ValueError as error:
            raise InputError(f"embedder {self.name} mixes vectors of several sizes") from error
        if vectors.ndim != 2 or not np.isfinite(vectors).all():
            raise InputError(f"embedder {self.name} answered something other than finite vectors")
        if len(batch) > len(missing):
            place = 1 + _inside(len(missing))
            self._check_canaries(vectors, place)
            vectors = np.delete(vectors, [0, place, len(vectors) - 1], axis=0)
        elif self.canary is not None and vectors.shape[1] != len(self.canary):
            raise InputError(self._size_error(vectors.shape[1]))
        for text, vector in zip(missing, vectors, strict=True):
            self._vectors[key(text)] = vector

    def _check_canaries(self, vectors: Array, place: int) -> None:
        """Compare the canaries with each other and with the profile's saved vector."""
        if self.canary is None:
            self.canary = vectors[0].copy()
        if len(self.canary) != vectors.shape[1]:
            raise InputError(self._size_error(vectors.shape[1]))
        for name, number in (("first", 0), (f"{place + 1}th", place), ("last", -1)):
            if cosine(vectors[number], self.canary) < MIN_COSINE:
                raise InputError(
                    f"embedder {self.name}: the {name} vector of a batch is not that of the text "
                    "sent there; it answers out of order, or it is another model than the one the "
                    "profile was made with"
                )

    def _size_error(self, size: int) -> str:
        expected = 0 if self.canary is None else len(self.canary)
        return (
            f"embedder {self.name} answers vectors of size {size}, but the profile was made with "
            f"size {expected}: name the embedder it was made with, or calibrate again"
        )

    def _collect(self, texts: Sequence[str]) -> Array:
        keys = [key(t) for t in texts]
        for k in keys:
            self._vectors.move_to_end(k)
        rows = [self._vectors[k] for k in keys]
        while len(self._vectors) > self.limit:
            self._vectors.popitem(last=False)
        size = 0 if self.canary is None else len(self.canary)
        return np.stack(rows) if rows else np.zeros((0, size), dtype=np.float32)


def _inside(count: int) -> int:
    """The position of the canary among `count` texts, which changes if they are reversed."""
    place = (count + 1) // 3
    return place - (2 * place == count)


def cosine(a: Array, b: Array) -> float:
    """Cosine of two vectors; 1 if both are zero.

    Example:
        >>> round(cosine(np.array([1.0, 0.0]), np.array([1.0, 1.0])), 3)
        0.707
    """
    scale = float(np.linalg.norm(a) * np.linalg.norm(b))
    if scale == 0.0:
        return float(not np.any(a) and not np.any(b))
    return float(np.dot(a, b)) / scale
