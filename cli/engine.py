"""Where a command's requests are made: in its own process, or by workers of Ray."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from ..errors import InputError
from ..pool import Pool

Engine = Annotated[
    Literal["local", "ray"],
    typer.Option(help="Who asks the models: this process, or workers of Ray on many machines."),
]
RayWorkers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Workers of Ray; default: the cluster's processors."),
]


@contextmanager
def engine_of(
    name: str, pool: Pool | None, file: Path | None, workers: int | None
) -> Iterator[None]:
    """Make the requests inside by the engine.

    Args:
        name: "local" or "ray".
        pool: The pool; None if nobody is asked.
        file: Its file; None for the bundled models.
        workers: Number of Ray's workers.

    Raises:
        InputError: Ray cannot be used.
    """
    if name == "local":
        if workers is not None:
            raise InputError("--workers is for --engine ray")
        yield
        return
    if pool is None:
        raise InputError("--engine ray asks models, and all answers are recorded; leave it out")
    from ..models.on_ray import on_ray

    sys.stderr.write("Starting workers of Ray ...\n")
    if file is None:
        started = on_ray(pool, Pool.pocket, workers=workers)
    else:
        started = on_ray(pool, Pool.from_file, str(file.resolve()), workers=workers)
    with started:
        yield
