"""Train all bundled models, or those named: `python -m langgraph_ensemble.pocket.training`."""

# pyright: reportMissingImports=false
from __future__ import annotations

import argparse
from pathlib import Path

import torch
from tokenizers import Tokenizer

from .export import merge_records, write_graphs
from .tokenizer import build_tokenizer
from .train import RECIPES, train

WEIGHTS = Path(__file__).parent.parent / "weights"


def main() -> None:
    """Train the models one after the other, each saved as soon as it is done."""
    parser = argparse.ArgumentParser(prog="python -m langgraph_ensemble.pocket.training")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RECIPES)}")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder of the weights")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    # One thread: kernels then add in one order, and a machine can train several models at once.
    torch.set_num_threads(1)
    # All models share one tokenizer, so one that is there already is kept.
    made = sorted(arguments.out.glob("*/tokenizer.json"))
    tokenizer = Tokenizer.from_file(str(made[0])) if made else build_tokenizer()
    for name in arguments.names or RECIPES:
        record = train(name, tokenizer, arguments.out / name, seed=arguments.seed)
        print(name, record)  # noqa: T201
    write_graphs(arguments.out)
    merge_records(arguments.out)


if __name__ == "__main__":
    main()
