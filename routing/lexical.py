"""The default embedder: n-gram TF-IDF and SVD, fitted on the calibration queries.

It needs no download and no network, reads any script, and is saved in a few hundred kilobytes.
scikit-learn fits it; embedding a question then needs only numpy, so that routing does not import
scikit-learn.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from .checks import numbers
from .text import ngrams

Array = np.ndarray


class LexicalEmbedder:
    """TF-IDF over word and punctuation 1-2-grams, projected by a truncated SVD, L2-normalised.

    A vector is `normalise(tfidf(text) @ components)` with `tf = 1 + ln(count)` and
    `idf = ln((1 + n) / (1 + df)) + 1` (scikit-learn's smooth idf). The components have half
    precision after fitting as after loading, so that both give the same vectors.

    Example:
        >>> LexicalEmbedder.fit(["add two numbers", "write a poem"] * 4).embed(["a poem"]).shape
        (1, 7)
    """

    kind = "lexical"

    def __init__(self, terms: Sequence[str], idf: Array, components: Array) -> None:
        """Take the vocabulary (V terms), idf (V float32) and components (V x d float16)."""
        self.terms: list[str] = list(terms)
        self.index: dict[str, int] = {term: i for i, term in enumerate(self.terms)}
        self.idf = idf
        self.components = components

    @property
    def dim(self) -> int:
        """Size of a vector."""
        return int(self.components.shape[1])

    @classmethod
    def fit(
        cls, texts: Sequence[str], *, dim: int = 48, max_terms: int = 20_000, seed: int = 42
    ) -> "LexicalEmbedder":
        """Fit vocabulary and projection on the calibration queries.

        Args:
            texts: The queries.
            dim: Number of dimensions; fewer if the texts span fewer.
            max_terms: Number of n-grams to keep, the most frequent first.
            seed: Seed of the randomised SVD.

        Raises:
            InputError: No text holds a token.
        """
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        options: dict[str, Any] = {"analyzer": ngrams, "dtype": np.float32, "sublinear_tf": True}
        options |= {"max_features": max_terms, "min_df": 2 if len(texts) >= 50 else 1}
        vectorizer = TfidfVectorizer(**options)
        try:
            matrix = vectorizer.fit_transform(texts)
        except ValueError as error:
            raise InputError(
                "the queries hold no words to embed: give records whose 'query' is text"
            ) from error
        rank = max(1, min(dim, min(matrix.shape) - 1))
        if min(matrix.shape) <= 1:
            components = np.ones((matrix.shape[1], 1))
        else:
            with np.errstate(divide="ignore", invalid="ignore"):  # all texts may be equal
                model = TruncatedSVD(rank, random_state=seed, n_iter=7).fit(matrix)
            components = np.asarray(model.components_).T
        terms = vectorizer.get_feature_names_out().tolist()
        idf = vectorizer.idf_.astype(np.float32)
        return cls(terms, idf, np.ascontiguousarray(components, dtype=np.float16))

    def embed(self, texts: Sequence[str]) -> Array:
        """Embed texts as unit vectors, float32 [n, dim]; a text without known terms is zero."""
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            counts = Counter(i for t in ngrams(text) if (i := self.index.get(t)) is not None)
            if not counts:
                continue
            ids = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
            tf = 1.0 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
            weights = tf * self.idf[ids]
            weights /= np.linalg.norm(weights)
            out[row] = weights @ self.components[ids].astype(np.float32)
        norms = np.linalg.norm(out, axis=1, keepdims=True)
        return np.divide(out, norms, out=out, where=norms > 0)

    def known(self, texts: Sequence[str], *, rare: float = 0.0) -> Array:
        """The share of each text's n-grams that the vocabulary holds, [n].

        A text without a known word has 0, whatever its punctuation.

        Args:
            texts: The texts.
            rare: N-grams of at most this share of the fitted texts count as unknown.

        Example:
            >>> embedder = LexicalEmbedder.fit(["add two numbers", "add three numbers"])
            >>> embedder.known(["add numbers", "quo vadis?"]).tolist()
            [0.8571428571428571, 0.0]
        """
        # Smooth idf is ln((1 + n) / (1 + df)) + 1, so it gives the share of texts without n.
        common = np.exp(1.0 - self.idf) > rare
        shares = np.zeros(len(texts))
        for row, text in enumerate(texts):
            terms = ngrams(text)
            held = [t for t in terms if (i := self.index.get(t)) is not None and common[i]]
            if any(" " not in term and term.isalnum() for term in held):
                shares[row] = len(held) / len(terms)
        return shares

    async def aembed(self, texts: Sequence[str]) -> Array:
        """Embed without blocking the event loop on large batches."""
        if len(texts) <= 64:
            return self.embed(texts)
        import asyncio

        return await asyncio.to_thread(self.embed, texts)

    def spec(self) -> dict[str, Any]:
        """The embedder's identity: kind, size and a checksum of everything that shapes a vector."""
        digest = hashlib.sha256("\x00".join(self.terms).encode())
        digest.update(np.ascontiguousarray(self.idf, dtype="<f4").tobytes())
        digest.update(np.ascontiguousarray(self.components, dtype="<f2").tobytes())
        return {"kind": self.kind, "dim": self.dim, "checksum": digest.hexdigest()}

    def state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Everything to save: JSON data and arrays."""
        return {"terms": self.terms}, {"idf": self.idf, "components": self.components}

    @classmethod
    def from_state(cls, data: dict[str, Any], arrays: dict[str, Array]) -> "LexicalEmbedder":
        """Rebuild a saved embedder; the inverse of `state`.

        Raises:
            ValueError: Its parts do not fit each other.
        """
        terms = data["terms"]
        if not all(isinstance(term, str) for term in terms) or len(set(terms)) < len(terms):
            raise ValueError("embedder terms: not different texts")
        idf = numbers(arrays, "idf", (len(terms),), least=0.0)
        return cls(terms, idf, numbers(arrays, "components", (len(terms), None)))
