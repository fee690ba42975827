"""Train one bundled model from generated examples: Muon on the matrices, AdamW on the rest."""

# pyright: reportMissingImports=false
from __future__ import annotations

import json
import math
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import LlamaConfig, LlamaForCausalLM

from ..questions import DOMAINS, declined, sample
from ..session import END, USER
from .muon import Muon
from .referee import referee_rows
from .rows import SILENT, Row, reply_rows
from .tokenizer import build_tokenizer, save_tokenizer

PAD = 0
CONTEXT = 256


@dataclass(frozen=True)
class Recipe:
    """The data, size and training budget of one model.

    Attributes:
        domains: The domains that it learns, or `("referee",)`.
        steps: Optimiser steps; the budget, so that a slower machine trains the same model.
        layers: Decoder layers.
        hidden: Width of the model, in heads of 32.
        feed_forward: Width of the feed-forward layer.
        rate: Peak learning rate.
        batch: Examples per step.
        lower: Whether it reads prompts in lower case, like all models that do not need the case.
        share: Share of the examples that it must decline.
    """

    domains: tuple[str, ...]
    steps: int
    layers: int = 4
    hidden: int = 64
    feed_forward: int = 160
    rate: float = 5e-3
    batch: int = 48
    lower: bool = True
    share: float = 0.13


RECIPES: dict[str, Recipe] = {
    "arithmetic": Recipe(("arithmetic",), 1800),
    "strings": Recipe(("strings",), 1800, lower=False, share=0.1),
    "logic": Recipe(("logic",), 2800),
    "facts": Recipe(("facts",), 1400, layers=2, hidden=128, feed_forward=256, rate=4e-3, batch=96),
    "lists": Recipe(("lists",), 3200),
    "units": Recipe(("units",), 1600),
    "code": Recipe(("code",), 800, lower=False, share=0.1),
    "sentiment": Recipe(("sentiment",), 900, layers=2),
    "chat": Recipe(("chat",), 400, layers=2, share=0.3),
    "generalist": Recipe(DOMAINS, 2000, hidden=128, feed_forward=320, rate=4e-3),
    "referee": Recipe(("referee",), 1600),
}


def tokenizer_of(name: str) -> Tokenizer:
    """Build the tokenizer of a recipe."""
    return build_tokenizer(RECIPES[name].domains, lower=RECIPES[name].lower)


def rows(recipe: Recipe, seed: int, tokenizer: Tokenizer, weights: Path) -> list[Row]:
    """The training examples of a recipe, as many as its steps need, none of them repeated.

    Only the referee, which reads drafts of the models in `weights`, sees its examples again.
    """
    need = recipe.steps * recipe.batch
    if recipe.domains == ("referee",):
        return referee_rows(need, seed, tokenizer, weights)
    no = round(need * recipe.share)
    each = -(-(need - no) // len(recipe.domains))
    drawn = [q for d in recipe.domains for q in sample(d, each, seed, "train", noise=0.25)]
    whose = recipe.domains[0] if len(recipe.domains) == 1 else "all"
    drawn += declined(whose, no, seed, "train")
    random.Random(seed).shuffle(drawn)
    return reply_rows(drawn, tokenizer, lower=recipe.lower)


def train_alone(name: str, out: Path, seed: int) -> dict[str, object]:
    """Train a model in a process of its own and save it below `out`; see `train`.

    Args:
        name: One of `RECIPES`.
        out: Folder of all weights.
        seed: Seed of the weights and of the examples.
    """
    # One thread, so that kernels add in one order and a machine can train several models.
    torch.set_num_threads(1)
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    return {"name": name} | train(name, tokenizer_of(name), folder, seed=seed)


def train(name: str, tokenizer: Tokenizer, folder: Path, *, seed: int = 0) -> dict[str, object]:
    """Train a model, save it in Hugging Face format (fp16) and return its record.

    Args:
        name: One of `RECIPES`.
        tokenizer: The model's tokenizer; see `tokenizer_of`.
        folder: Folder of the model's files.
        seed: Seed of the weights and of the examples.

    Returns:
        Parameters, steps, examples, tokens seen, loss, and CPU-seconds, including the time to make
        the examples.
    """
    recipe = RECIPES[name]
    torch.manual_seed(seed)
    model = LlamaForCausalLM(_config(recipe, tokenizer.get_vocab_size()))
    optimizers = _optimizers(model, recipe)
    began, tokens, losses = time.process_time(), 0, []
    batches = _batches(rows(recipe, seed, tokenizer, folder.parent), recipe, seed)
    for step, (ids, targets) in enumerate(batches):
        # A short warm-up, then a cosine to almost zero.
        rise = min(1.0, (step + 1) / 60)
        scale = rise * (0.02 + 0.98 * (1 + math.cos(math.pi * step / recipe.steps)) / 2)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate * scale
            optimizer.zero_grad(set_to_none=True)
        hidden = model.model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state
        wanted = targets != SILENT
        logits = hidden[wanted] @ model.lm_head.weight.T
        loss = torch.nn.functional.cross_entropy(logits, targets[wanted])
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        tokens += int((ids != PAD).sum())
        losses.append(loss.item())
        if step % 100 == 99:
            mean = sum(losses[-100:]) / 100
            spent = time.process_time() - began
            print(f"{name} {step + 1}/{recipe.steps} loss {mean:.4f} {spent:.0f} s", flush=True)  # noqa: T201
    record = {
        "parameters": sum(p.numel() for p in model.parameters()),
        **asdict(recipe),
        "seed": seed,
        "examples": recipe.steps * recipe.batch,
        "tokens": tokens,
        "final_loss": round(sum(losses[-50:]) / 50, 4),
        "cpu_seconds": round(time.process_time() - began, 1),
    }
    model.half().save_pretrained(folder)
    save_tokenizer(tokenizer, folder, lower=recipe.lower)
    (folder / "training.json").write_text(json.dumps(record, indent=1) + "\n")
    return record


def _config(recipe: Recipe, vocabulary: int) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=recipe.hidden,
        intermediate_size=recipe.feed_forward,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.hidden // 32,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        pad_token_id=PAD,
        bos_token_id=USER,
        eos_token_id=END,
        lower=recipe.lower,
    )


def _optimizers(model: LlamaForCausalLM, recipe: Recipe) -> list[torch.optim.Optimizer]:
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim == 1 or "embed" in n]
    return [
        Muon(matrices, lr=recipe.rate),
        torch.optim.AdamW(others, lr=recipe.rate, betas=(0.9, 0.95), weight_decay=0.0),
    ]


def _batches(rows: list[Row], recipe: Recipe, seed: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Ids [batch, length] and targets [batch, length - 1], padded right; lengths are similar."""
    rng, chunk, batches = random.Random(seed), recipe.batch * 20, []
    for start in range(0, len(rows), chunk):
        # Sorting within a chunk keeps padding short; shuffling keeps the lengths mixed.
        part = sorted(rows[start : start + chunk], key=lambda row: len(row[0]))
        cut = [part[i : i + recipe.batch] for i in range(0, len(part), recipe.batch)]
        rng.shuffle(cut)
        batches += [_tensors(rows) for rows in cut]
    return batches[: recipe.steps]


def _tensors(rows: list[Row]) -> tuple[torch.Tensor, torch.Tensor]:
    length = max(len(ids) for ids, _ in rows)
    ids = torch.full((len(rows), length), PAD, dtype=torch.long)
    targets = torch.full((len(rows), length - 1), SILENT, dtype=torch.long)
    for i, (read, said) in enumerate(rows):
        ids[i, : len(read)] = torch.tensor(read)
        targets[i, : len(said)] = torch.tensor(said)
    return ids, targets
