"""Embedders, which turn questions into vectors, and their names in profiles.

A name is `lexical` (the default), `openai:MODEL` (any OpenAI-compatible endpoint),
`huggingface:MODEL` (the `local` extra), or a mapping with more settings; `a+b` joins two.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from ..errors import InputError
from . import services
from .checks import numbers
from .lexical import LexicalEmbedder
from .service_embedder import ServiceEmbedder, unit

Array = np.ndarray


class Embedder(Protocol):
    """The interface of an embedder."""

    kind: str

    @property
    def dim(self) -> int:
        """Size of a vector; 0 while it is unknown."""
        ...

    def embed(self, texts: Sequence[str]) -> Array:
        """Vectors of `texts`, float32 [n, dim], each of length one."""
        ...

    async def aembed(self, texts: Sequence[str]) -> Array:
        """Vectors of `texts` without blocking the event loop."""
        ...

    def spec(self) -> dict[str, Any]:
        """The embedder's identity as plain JSON, with a `checksum` and without secrets."""
        ...

    def state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """The JSON data and arrays that a profile must save to embed again."""
        ...


class JoinedEmbedder:
    """Several embedders side by side: weighted unit vectors, concatenated and normalised."""

    kind = "joined"

    def __init__(self, parts: Sequence[Embedder], weights: Sequence[float] | None = None) -> None:
        self.parts: list[Embedder] = list(parts)
        self.weights: list[float] = (
            [1.0] * len(self.parts) if weights is None else [float(w) for w in weights]
        )
        if not all(0 <= weight < 1e6 for weight in self.weights):
            raise InputError("weights of embedders must be numbers from 0 up")
        if len(self.weights) != len(self.parts):
            raise InputError(
                f"{len(self.parts)} embedders need {len(self.parts)} weights, "
                f"not {len(self.weights)}"
            )

    @property
    def dim(self) -> int:
        """Size of a vector, the sum of the parts' sizes."""
        return sum(p.dim for p in self.parts)

    def _join(self, vectors: Sequence[Array]) -> Array:
        pairs = zip(self.weights, vectors, strict=True)
        return unit(np.concatenate([w * v for w, v in pairs], axis=1))

    def embed(self, texts: Sequence[str]) -> Array:
        """Embed with every part and join the vectors."""
        return self._join([p.embed(texts) for p in self.parts])

    async def aembed(self, texts: Sequence[str]) -> Array:
        """Embed with all parts concurrently and join the vectors."""
        import asyncio

        return self._join(await asyncio.gather(*(p.aembed(texts) for p in self.parts)))

    def spec(self) -> dict[str, Any]:
        """The identity of every part with its weight."""
        from .storage import digest

        named = {"kind": self.kind, "parts": [p.spec() for p in self.parts], "dim": self.dim}
        named["weights"] = self.weights
        return {**named, "checksum": digest(named)}

    def state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """The parts' states, with arrays prefixed by the part's number."""
        states = [p.state() for p in self.parts]
        arrays = {f"{i}.{k}": a for i, (_, part) in enumerate(states) for k, a in part.items()}
        return {"parts": [data for data, _ in states]}, arrays


def make(spec: Any, texts: Sequence[str] = (), *, seed: int = 42) -> Embedder:
    """Make the embedder that `spec` names, fitted on `texts` if necessary.

    Args:
        spec: `"lexical"`, `"openai:MODEL"`, `"huggingface:MODEL"`, several joined by `+`,
            a mapping (`{"kind": "openai", "model": …, "url": …, "key_env": …}`), a LangChain
            `Embeddings` object, an `Embedder`, or a list of these.
        texts: The calibration queries.
        seed: Seed of the lexical embedder's fit.

    Raises:
        InputError: The name is unknown, or its extra is not installed.

    Example:
        >>> make("lexical", ["one question", "another question"]).kind
        'lexical'
    """
    if isinstance(spec, str) and "+" in spec:
        spec = spec.split("+")
    if isinstance(spec, Sequence) and not isinstance(spec, str):
        return JoinedEmbedder([make(part, texts, seed=seed) for part in spec])
    if isinstance(spec, str):
        kind, _, model = spec.strip().partition(":")
        spec = {"kind": kind, "model": model} if model else {"kind": kind}
    if not isinstance(spec, Mapping):
        return spec if hasattr(spec, "state") else from_langchain(spec)
    if spec.get("kind") == "lexical":
        options = {k: v for k, v in spec.items() if k in ("dim", "max_terms")}
        return LexicalEmbedder.fit(texts, seed=seed, **options)
    return connect(spec)


def connect(spec: Mapping[str, Any], canary: Array | None = None) -> ServiceEmbedder:
    """Connect to the service that a mapping (or a saved profile) names."""
    return services.connect(spec, canary)


def from_langchain(model: Any, canary: Array | None = None) -> ServiceEmbedder:
    """Wrap a LangChain `Embeddings` object (anything with `embed_documents`)."""
    if not hasattr(model, "embed_documents"):
        raise InputError(
            f"cannot embed with a {type(model).__name__}: name an embedder ('lexical', "
            "'openai:MODEL', 'huggingface:MODEL') or give a LangChain Embeddings object"
        )
    label = next((v for k in ("model", "model_name", "model_id") if (v := _text(model, k))), "")
    return ServiceEmbedder(
        model, {"kind": "langchain", "class": type(model).__name__, "model": label}, canary
    )


def _text(model: Any, field: str) -> str:
    value = getattr(model, field, "")
    return value if isinstance(value, str) else ""


def restore(
    spec: Mapping[str, Any], data: Mapping[str, Any], arrays: Mapping[str, Array], given: Any = None
) -> Embedder:
    """Rebuild the embedder of a saved profile, or check that the `given` one is the same.

    Raises:
        InputError: `given` is another embedder, or the profile needs one.
    """
    kind = spec.get("kind")
    if kind == "joined":
        return _restore_joined(spec, data, arrays, given)
    if kind == "lexical":
        embedder: Embedder = LexicalEmbedder.from_state(dict(data), dict(arrays))
        if isinstance(given, LexicalEmbedder):
            _same(given.spec(), spec)
        elif given not in (None, "lexical"):
            _refuse(_label(given), spec)
        return embedder
    canary = numbers(arrays, "canary", (None,)) if "canary" in arrays else None
    if given is None:
        return connect(spec, canary)
    if isinstance(given, str | Mapping):
        service = make(given)
        _same({**service.spec(), "dim": spec.get("dim")}, spec, ("kind", "model"))
        return connect({**spec, **(given if isinstance(given, Mapping) else {})}, canary)
    model = given.model if isinstance(given, ServiceEmbedder) else given
    service = from_langchain(model, canary)
    if kind == "langchain":
        _same(service.spec(), spec, ("kind", "class", "model"))
    service.name = {k: v for k, v in spec.items() if k not in ("dim", "checksum")}
    service.check()
    return service


def _restore_joined(
    spec: Mapping[str, Any], data: Mapping[str, Any], arrays: Mapping[str, Array], given: Any
) -> JoinedEmbedder:
    if isinstance(given, str):
        given = given.split("+")
    givens = getattr(given, "parts", given) or [None] * len(spec["parts"])
    if len(givens) != len(spec["parts"]):
        raise InputError(f"the profile joins {len(spec['parts'])} embedders, give as many")
    parts = []
    for i, (part, saved, one) in enumerate(zip(spec["parts"], data["parts"], givens, strict=True)):
        own = {k[len(f"{i}.") :]: a for k, a in arrays.items() if k.startswith(f"{i}.")}
        parts.append(restore(part, saved, own, one))
    return JoinedEmbedder(parts, spec["weights"])


def _same(given: Mapping[str, Any], spec: Mapping[str, Any], keys: Sequence[str] = ()) -> None:
    for field in keys or ("kind", "checksum"):
        if given.get(field) != spec.get(field):
            _refuse(f"{given.get('kind')} '{given.get('model', given.get('checksum', ''))}'", spec)


def _refuse(given: str, spec: Mapping[str, Any]) -> None:
    raise InputError(
        f"the profile was made with embedder {spec.get('kind')} '{spec.get('model', '')}', not "
        f"with {given}: load it with the embedder it names, or calibrate again"
    )


def _label(given: Any) -> str:
    return given if isinstance(given, str) else type(given).__name__
