"""Open a bundled model in ONNX Runtime and sample tokens from it, without torch."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Tokenizer

WEIGHTS = Path(__file__).parent / "weights"
USER, ASSISTANT, END = 2, 3, 4
"""Token ids of the turn marks; all bundled models share them."""

_LONGEST = 100_000
"""Tokens of a context for which sines are made."""
_HEAD = 32
_lock = threading.Lock()


@dataclass(frozen=True)
class Session:
    """One loaded model, which threads may share because runs keep no state in it."""

    name: str
    config: dict[str, Any]
    tokenizer: Tokenizer
    pieces: tuple[str, ...]
    runtime: onnxruntime.InferenceSession
    cos: np.ndarray
    sin: np.ndarray

    @property
    def context(self) -> int:
        """The largest number of tokens of a prompt and its reply together."""
        return int(self.config["max_position_embeddings"])

    def encode(self, prompt: str) -> list[int]:
        """Token ids of a user turn in the format of the chat template, up to the reply.

        Turn marks inside of `prompt` are read as plain characters.
        """
        text = prompt.lower() if self.config.get("lower") else prompt
        return [USER, *self.tokenizer.encode(f" {text}").ids, ASSISTANT]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of token ids."""
        return "".join(self.pieces[i] for i in ids)


@cache
def available() -> tuple[str, ...]:
    """Sorted names of the bundled weights, cached because they do not change."""
    return tuple(sorted(path.parent.name for path in WEIGHTS.glob("*/model.safetensors")))


def load(model: str | Path) -> Session:
    """The session of a model, opened once per process.

    Args:
        model: Name of bundled weights, or a folder with the same files and `graphs` beside it.

    Raises:
        InputError: There are no weights of that name, or their files are damaged.
    """
    if isinstance(model, str) and model not in available():
        raise InputError(f"no pocket model {model!r}; choose one of {', '.join(available())}")
    with _lock:
        try:
            return _open(WEIGHTS / model)
        # Each library that reads one of the files has errors of its own.
        except Exception as error:
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise InputError(f"{model}: this pocket model cannot be opened ({reason})") from None


@cache
def _open(folder: Path) -> Session:
    # Imported here, so that importing the package stays fast.
    import onnxruntime as ort
    from tokenizers import Tokenizer

    config = json.loads((folder / "config.json").read_text())
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.encode_special_tokens = True
    options = ort.SessionOptions()
    # For models this small a second thread costs more than it saves.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    weights = _weights(folder / "model.safetensors", config)
    values = [ort.OrtValue.ortvalue_from_numpy(array) for array in weights.values()]
    options.add_external_initializers(list(weights), values)
    runtime = ort.InferenceSession(
        graph_path(config, folder.parent).read_bytes(), options, providers=["CPUExecutionProvider"]
    )
    pieces = tuple(tokenizer.id_to_token(i) or "" for i in range(tokenizer.get_vocab_size()))
    cos, sin = _rotary(config)
    return Session(folder.name, config, tokenizer, pieces, runtime, cos, sin)


def graph_path(config: dict[str, Any], weights: Path = WEIGHTS) -> Path:
    """The graph file that all models of this shape share."""
    shape = f"{config['num_hidden_layers']}x{config['hidden_size']}x{config['vocab_size']}"
    return weights / "graphs" / f"llama-{shape}.onnx"


def _weights(path: Path, config: dict[str, Any]) -> dict[str, np.ndarray]:
    """The tensors of a Hugging Face Llama file under the names and in the shapes of our graph."""
    from safetensors.numpy import load_file

    raw = {key: array.astype(np.float32) for key, array in load_file(path).items()}
    embedding = raw["model.embed_tokens.weight"]
    weights = {"embedding": embedding, "head": embedding.T, "norm": raw["model.norm.weight"]}
    for i in range(config["num_hidden_layers"]):
        layer = f"model.layers.{i}."

        def joined(*names: str, layer: str = layer) -> np.ndarray:
            return np.concatenate([raw[f"{layer}{name}.weight"] for name in names]).T

        attention = [f"self_attn.{kind}_proj" for kind in "qkv"]
        weights[f"{i}.norm_1"] = raw[f"{layer}input_layernorm.weight"]
        weights[f"{i}.qkv"] = joined(*attention)
        weights[f"{i}.out"] = joined("self_attn.o_proj")
        weights[f"{i}.norm_2"] = raw[f"{layer}post_attention_layernorm.weight"]
        weights[f"{i}.gate_up"] = joined("mlp.gate_proj", "mlp.up_proj")
        weights[f"{i}.down"] = joined("mlp.down_proj")
    return {name: np.ascontiguousarray(array) for name, array in weights.items()}


def _rotary(config: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and signed sines [context, head]; see RoFormer (arXiv 2104.09864)."""
    theta = float((config.get("rope_parameters") or config).get("rope_theta", 10000.0))
    if not 0 < config["max_position_embeddings"] <= _LONGEST:
        raise ValueError(f"max_position_embeddings: not a number from 1 to {_LONGEST:,}")
    steps = np.arange(0, _HEAD, 2, dtype=np.float32) / np.float32(_HEAD)
    angles = np.outer(np.arange(config["max_position_embeddings"]), 1.0 / theta**steps)
    cos, sin = np.cos(angles), np.sin(angles)
    return (
        np.concatenate([cos, cos], axis=1).astype(np.float32),
        np.concatenate([-sin, sin], axis=1).astype(np.float32),
    )


def steps(
    session: Session,
    prompts: Sequence[Sequence[int]],
    *,
    n: int,
    temperature: float,
    seeds: Sequence[np.random.SeedSequence],
    max_tokens: int,
) -> Iterator[np.ndarray]:
    """Sample `n` replies to each prompt in one batch, one token of each at a time.

    A prompt is read once for all its samples. Each sample has its own seed, so a sample does not
    depend on the number of samples.

    Args:
        session: The model.
        prompts: Token ids of prompts with equal length.
        n: Number of samples of each prompt.
        temperature: Above 0 samples from softmax(logits / temperature); 0 takes the likeliest.
        seeds: One seed for each sample; the seeds of a prompt are adjacent.
        max_tokens: The largest number of steps.

    Yields:
        The next token of each sample [prompts x n]; tokens after a sample's `END` are undefined.
    """
    draws = [np.random.default_rng(seed).random(max_tokens) for seed in seeds]
    done = np.zeros(len(prompts) * n, dtype=bool)
    logits, cache = read(session, prompts)
    end, tokens = len(prompts[0]), np.zeros(len(prompts) * n, dtype=np.int64)
    if n > 1:
        logits = np.repeat(logits, n, axis=0)
        cache = [np.repeat(array, n, axis=0) for array in cache]
    for step in range(max_tokens):
        if step:
            mask = np.zeros((1, end + 1), dtype=np.float32)
            logits, cache = _run(session, tokens[:, None], end, mask, cache)
            end += 1
        tokens = _pick(logits, temperature, [draw[step] for draw in draws])
        yield tokens
        done |= tokens == END
        if done.all():
            return


def read(session: Session, prompts: Sequence[Sequence[int]]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Read prompts of equal length.

    Args:
        session: The model.
        prompts: Token ids of prompts with equal length.

    Returns:
        The logits of the next token [prompts, vocabulary], and the cache for the next step.
    """
    layers, heads = session.config["num_hidden_layers"], session.config["num_attention_heads"]
    empty = np.zeros((len(prompts), heads, 0, _HEAD), dtype=np.float32)
    length = len(prompts[0])
    mask = np.triu(np.full((length, length), -np.inf, dtype=np.float32), 1)
    return _run(session, np.array(prompts, dtype=np.int64), 0, mask, [empty] * (2 * layers))


def _run(
    session: Session, ids: np.ndarray, start: int, mask: np.ndarray, cache: Sequence[np.ndarray]
) -> tuple[np.ndarray, list[np.ndarray]]:
    """One run of the graph on new tokens [batch, new] from position `start` on."""
    end = start + ids.shape[1]
    feeds = {
        "ids": ids,
        "cos": session.cos[start:end],
        "sin": session.sin[start:end],
        "mask": mask,
        **dict(zip(_cache_names(len(cache) // 2), cache, strict=True)),
    }
    outputs: list[Any] = list(session.runtime.run(None, feeds))
    return outputs[0], outputs[1:]


@cache
def _cache_names(layers: int) -> tuple[str, ...]:
    """The graph's inputs for the keys and values of the previous tokens."""
    return tuple(f"{kind}_{i}" for i in range(layers) for kind in ("key", "value"))


def _pick(logits: np.ndarray, temperature: float, draws: Sequence[float]) -> np.ndarray:
    """The likeliest token of each row, or the one whose probability interval holds the draw."""
    if temperature == 0:
        return logits.argmax(axis=1)
    scaled = (logits - logits.max(axis=1, keepdims=True)).astype(np.float64) / temperature
    cumulative = np.exp(scaled).cumsum(axis=1)
    goal = np.asarray(draws)[:, None] * cumulative[:, -1:]
    # A draw just below 1 may round up to the total.
    return np.minimum((cumulative <= goal).sum(axis=1), logits.shape[1] - 1)
