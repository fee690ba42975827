"""The shipped files are small, in safe formats, and each model has its own vocabulary."""

from __future__ import annotations

import json

from langgraph_ensemble.pocket.session import WEIGHTS, available, graph_path, load
from safetensors import safe_open

SUFFIXES = {".json", ".safetensors", ".onnx", ".jinja"}


def files():
    return [path for path in WEIGHTS.rglob("*") if path.is_file()]


def test_everything_together_is_at_most_25_megabytes() -> None:
    assert sum(path.stat().st_size for path in files()) <= 25_000_000
    assert max(path.stat().st_size for path in files()) <= 3_000_000


def test_only_formats_that_cannot_run_code() -> None:
    assert {path.suffix for path in files()} <= SUFFIXES


def test_models_share_special_tokens_and_keep_fp16_weights() -> None:
    for name in available():
        folder = WEIGHTS / name
        pieces = load(name).pieces
        assert pieces[:5] == ("<pad>", "<unk>", "<user>", "<assistant>", "<end>")
        assert load(name).config["vocab_size"] == len(pieces)
        assert graph_path(json.loads((folder / "config.json").read_text())).is_file()
        with safe_open(folder / "model.safetensors", "np") as tensors:
            kinds = {tensors.get_slice(key).get_dtype() for key in tensors.keys()}  # noqa: SIM118
        assert kinds == {"F16"}
        assert "chat_template" in "".join(p.name for p in folder.iterdir())


def test_who_works_on_letters_sees_letters_and_who_knows_words_sees_words() -> None:
    hello = " reverse the word hello"
    assert len(load("strings").tokenizer.encode(hello).ids) == 3 + 6
    assert len(load("facts").tokenizer.encode(" capital of france").ids) == 3
    assert len(load("facts").tokenizer.encode(" capital of wakanda").ids) > 6


def test_graphs_hold_no_weights_and_records_hold_the_cost() -> None:
    assert all(p.stat().st_size < 30_000 for p in (WEIGHTS / "graphs").iterdir())
    records = json.loads((WEIGHTS / "training.json").read_text())
    assert set(records) == set(available())
    specialists = [r for name, r in records.items() if name not in ("generalist", "referee")]
    assert len(specialists) >= 6
    assert all(r["parameters"] <= 1_000_000 for r in specialists)
    assert all(r["cpu_seconds"] > 0 and r["tokens"] > 0 for r in records.values())
