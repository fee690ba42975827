"""Embedding services: OpenAI-compatible endpoints and local Hugging Face models.

langchain-openai and langchain-huggingface are imported at first use, because their import is slow.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from .service_embedder import ServiceEmbedder

#: Allowed fields of a mapping, by kind. It never holds a key, only the name of its variable.
FIELDS = {
    "openai": {"kind", "model", "url", "key_env", "dimensions", "batch_size", "dim", "checksum"},
    "huggingface": {"kind", "model", "device", "dim", "checksum"},
}


def connect(spec: Mapping[str, Any], canary: np.ndarray | None = None) -> ServiceEmbedder:
    """Connect to the service that `spec` names, without a call before the first embedding.

    Args:
        spec: `{"kind": "openai", "model": …, "url": …, "key_env": "NAME_OF_VARIABLE"}` or
            `{"kind": "huggingface", "model": …, "device": "cpu"}`.
        canary: The saved vector of the known text.

    Raises:
        InputError: The kind or a field is unknown, the model is not named, the key's variable is
            empty, or the `local` extra is missing.
    """
    kind = str(spec.get("kind"))
    if kind == "langchain":
        raise InputError(
            f"the profile was made with the Embeddings object {spec.get('class')} "
            f"'{spec.get('model', '')}': pass it, Profile.load(path, embedder=...)"
        )
    if kind not in FIELDS:
        raise InputError(f"unknown embedder '{kind}': use lexical, openai:MODEL, huggingface:MODEL")
    if unknown := set(spec) - FIELDS[kind]:
        raise InputError(f"embedder {kind}: unknown field '{min(unknown)}'")
    if not spec.get("model"):
        raise InputError(f"embedder {kind} names no model: write '{kind}:MODEL'")
    name = {k: v for k, v in spec.items() if k not in ("dim", "checksum")}
    return ServiceEmbedder(_openai(spec) if kind == "openai" else _local(spec), name, canary)


def _openai(spec: Mapping[str, Any]) -> Any:
    from langchain_openai import OpenAIEmbeddings
    from pydantic import SecretStr

    url, variable = spec.get("url"), spec.get("key_env")
    if url is not None and not str(url).startswith(("http://", "https://")):
        raise InputError("embedder openai: 'url' must begin with http:// or https://")
    if variable is not None and not re.fullmatch(r"\w+", str(variable)):
        raise InputError("embedder openai: 'key_env' must name an environment variable")
    if "@" in str(url).partition("?")[0]:
        raise InputError(
            "embedder openai: 'url' holds a user or password, which would be saved with the "
            "profile; name a variable that holds the key with 'key_env'"
        )
    # OpenAI's own key goes to OpenAI alone, whatever address a profile names.
    named = variable or (None if url else "OPENAI_API_KEY")
    key = os.environ.get(named, "") if named else ""
    if variable and not key:
        raise InputError(f"embedder openai: set the environment variable {variable} to its key")
    if not url and not key:
        raise InputError("embedder openai: name a 'url', or set OPENAI_API_KEY for OpenAI's own")
    # Most compatible servers accept only text, so the client must not send OpenAI's token ids.
    return OpenAIEmbeddings(
        model=spec["model"],
        base_url=url,
        api_key=SecretStr(key or "not-needed"),
        dimensions=spec.get("dimensions"),
        chunk_size=int(spec.get("batch_size", 256)),
        check_embedding_ctx_length=False,
    )


def _local(spec: Mapping[str, Any]) -> Any:
    from importlib.util import find_spec

    if find_spec("sentence_transformers") is None:
        raise InputError(
            "embedder huggingface needs the local extra: "
            "pip install 'langgraph-ensemble[local]', or use embedder 'lexical'"
        )
    from langchain_huggingface import HuggingFaceEmbeddings

    return HuggingFaceEmbeddings(
        model_name=spec["model"],
        model_kwargs={"device": spec.get("device", "cpu")},
        encode_kwargs={"normalize_embeddings": True},
    )
