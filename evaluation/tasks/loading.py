"""Load the rows of a task: from Hugging Face where there is a network, otherwise from a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from ...calibration import files
from ...calibration.records import BadRow, summary
from ...errors import InputError
from .task import Source, Task


def load(
    task: Task, path: str | Path | None = None, *, limit: int | None = None
) -> list[dict[str, Any]]:
    r"""The rows of a task.

    Args:
        task: The task, such as `TASKS["aime"]`.
        path: A JSONL, JSON or Parquet file with the columns of the task; by default the rows come
            from Hugging Face, which needs a network, and for most tasks the package `datasets`.
        limit: The largest number of rows; by default all.

    Raises:
        InputError: The file or a row of it cannot be used, or Hugging Face cannot be asked.

    Example:
        >>> import tempfile
        >>> from langgraph_ensemble.evaluation.tasks import TASKS
        >>> file = Path(tempfile.mkdtemp()) / "aime.jsonl"
        >>> _ = file.write_text('{"problem": "2 + 2?", "answer": "4"}\n')
        >>> load(TASKS["aime"], file)
        [{'problem': '2 + 2?', 'answer': '4'}]
    """
    rows = _published(task) if path is None else _of_file(Path(path))
    kept: list[dict[str, Any]] = []
    bad: list[BadRow] = []
    for number, row in islice(rows, limit):
        if isinstance(row, files.Unreadable):
            bad.append(BadRow(number, row.reason))
        elif problem := task.problem(row):
            bad.append(BadRow(number, problem))
        else:
            kept.append(dict(row))
    if bad:
        raise InputError(f"{path or task.name}: {summary(bad)}; correct them")
    if not kept:
        raise InputError(f"{path or task.name}: no rows; each has {', '.join(task.columns)}")
    return kept


def _of_file(path: Path) -> Iterator[tuple[int, Any]]:
    if path.name.removesuffix(".gz").endswith(".csv"):
        raise InputError(f"{path}: rows of a data set have lists; save them as .jsonl")
    return files.rows(path, records=False)


def _published(task: Task) -> Iterator[tuple[int, Any]]:
    if not task.sources:
        raise InputError(
            f"{task.name} is not on Hugging Face in this form: name a file with "
            f"{', '.join(task.columns)} in each row; source: {task.source}"
        )
    if find_spec("datasets") is None and any(source.file is None for source in task.sources):
        raise InputError(
            f"{task.name}: pip install 'langgraph-ensemble[datasets]', or name a file of its rows"
        )
    number = 0
    for source in task.sources:
        for row in _rows(task, source):
            number += 1
            marked = source.column and isinstance(row, Mapping)
            yield number, {**row, source.column: source.part} if marked else row


def _rows(task: Task, source: Source) -> Iterator[Any]:
    try:
        if source.file is not None:
            return (row for _, row in _of_file(_local(source, source.file)))
        from datasets import load_dataset  # pyright: ignore[reportMissingImports]

        return map(dict, load_dataset(source.path, source.config, split=source.split))
    except Exception as error:  # They raise errors of many libraries.
        raise InputError(
            f"{task.name}: {source} cannot be loaded ({type(error).__name__}); is there a "
            "network, and access? Or name a file of its rows"
        ) from error


def _local(source: Source, file: str) -> Path:
    """The file on this machine. `datasets` would give rows of different forms one form."""
    if Path(source.path).is_dir():
        return Path(source.path) / file
    from huggingface_hub import hf_hub_download

    return Path(hf_hub_download(source.path, file, repo_type="dataset", revision=source.revision))
