"""Train all bundled models, or those named: `python -m langgraph_ensemble.pocket.training`."""

# pyright: reportMissingImports=false
from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from .export import merge_records, write_graphs
from .train import RECIPES, train_alone

WEIGHTS = Path(__file__).parent.parent / "weights"


def main() -> None:
    """Train the models in parallel, and save each of them when it is done."""
    parser = argparse.ArgumentParser(prog="python -m langgraph_ensemble.pocket.training")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RECIPES)}")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder of the weights")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="models at a time")
    arguments = parser.parse_args()
    names = arguments.names or list(RECIPES)
    if unknown := sorted({*names} - {*RECIPES}):
        parser.error(f"unknown {', '.join(unknown)}; choose of {', '.join(RECIPES)}")
    run = partial(train_alone, out=arguments.out, seed=arguments.seed)
    # The longest first; the referee last, because it reads the drafts of the others.
    writers = sorted({*names} - {"referee"}, key=_work, reverse=True)
    with ProcessPoolExecutor(arguments.jobs, mp_context=get_context("spawn")) as pool:
        for record in pool.map(run, writers):
            print(record)  # noqa: T201
    write_graphs(arguments.out)
    if "referee" in names:
        print(run("referee"))  # noqa: T201
        write_graphs(arguments.out)
    merge_records(arguments.out)


def _work(name: str) -> int:
    recipe = RECIPES[name]
    return recipe.steps * recipe.batch * recipe.layers * recipe.hidden * len(recipe.domains)


if __name__ == "__main__":
    main()
