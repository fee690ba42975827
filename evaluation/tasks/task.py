"""A task: a data set with its prompt, its published rule of grading and a corrected one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeVar

from ...errors import InputError
from ..sandbox import NotGradableError

T = TypeVar("T")

Row = Mapping[str, Any]
"""A row of a data set, in the columns of its source."""


@dataclass(frozen=True)
class Source:
    """Where Hugging Face has a data set: a split that `datasets` loads, or one file.

    Attributes:
        path: The name of the repository, or a folder.
        config: The name of the part; None for the only one.
        split: The split that the papers test on; not used for a file.
        column: A column to add that holds `config`, or the name of the file, for sets whose parts
            matter.
        file: A JSONL, JSON or Parquet file of the repository, which is read as it is.
        revision: The branch that has the file; None for the usual one.
    """

    path: str
    config: str | None = None
    split: str = "test"
    column: str | None = None
    file: str | None = None
    revision: str | None = None

    @property
    def part(self) -> str | None:
        """The name of the part, which `column` holds."""
        return self.config if self.file is None else PurePosixPath(self.file).stem

    def __str__(self) -> str:
        """The repository with its part, as documentation shows it."""
        if self.file is not None:
            return f"{self.path}: {self.file}" + (f" ({self.revision})" if self.revision else "")
        return f"{self.path}: " + ", ".join(filter(None, (self.config, self.split)))


@dataclass(frozen=True)
class Form:
    """How the rows of a task are asked and graded.

    Attributes:
        ask: From a row to the prompt.
        answer: From a row to its accepted answer as text; "" where tests decide.
        grade: From a row and a text to a score in [0, 1], by the corrected rule.
        published: The same, by the published rule.
    """

    ask: Callable[[Row], str]
    answer: Callable[[Row], str]
    grade: Callable[[Row, str], float]
    published: Callable[[Row, str], float]


@dataclass(frozen=True)
class Task:
    """A data set that systems are compared on.

    Attributes:
        name: Its name here.
        title: Its name in papers.
        used_by: The papers that report it: "Avengers", "Avengers, OOD", "MoA", "SMoA".
        source: Citation and address.
        licence: The licence as its source states it; "not stated" where it states none.
        columns: The columns that a row must have.
        size: The number of questions that the papers use.
        rule: The published extraction and grading rule.
        faults: What is known to be wrong with that rule.
        corrected: What the default does instead.
        form: How rows are asked and graded.
        sources: Where Hugging Face has it; empty if only files can be read.
        seen: The public file that shows the columns, and the names that `sources` holds.
    """

    name: str
    title: str
    used_by: str
    source: str
    licence: str
    columns: tuple[str, ...]
    size: int
    rule: str
    faults: tuple[str, ...]
    corrected: str
    form: Form
    sources: tuple[Source, ...] = ()
    seen: str = ""

    def problem(self, row: Any) -> str | None:
        """What is wrong with a row; None if nothing is."""
        try:
            self._of(row, self.form.ask)
            self._of(row, self.form.answer)
        except InputError as error:
            return str(error).removeprefix(f"{self.name}: ")
        return None

    def question(self, row: Row) -> str:
        """The prompt of a row.

        Raises:
            InputError: The row lacks a column, or one holds something else than it should.
        """
        return self._of(row, self.form.ask)

    def grade(self, row: Row, text: str | None, *, published: bool = False) -> float:
        r"""The score of a model's text on a row.

        Args:
            row: A row of the data set.
            text: The text of a model; None, as of a member that failed, scores 0.
            published: Whether to grade by the published rule, faults included.

        Returns:
            A score in [0, 1].

        Raises:
            InputError: The row cannot be used, or programs cannot be isolated here.
            NotGradableError: The isolation at hand cannot run the program.

        Example:
            >>> from langgraph_ensemble.evaluation.tasks import TASKS
            >>> row = {"sentence": "Ann calls Bo, as _ is lonely.", "option1": "Ann",
            ...        "option2": "Bo", "answer": "1"}
            >>> TASKS["winogrande"].grade(row, "Answer: **A**")
            1.0
            >>> TASKS["winogrande"].grade(row, "Answer: **A**", published=True)
            0.0
        """
        rule = self.form.published if published else self.form.grade
        return self._of(row, lambda whole: rule(whole, text or ""))

    def record(self, row: Row) -> dict[str, str]:
        """A row as a question of a calibration: `query`, `answer` and `dataset`."""
        query = self.question(row)
        return {"query": query, "answer": self.form.answer(row), "dataset": self.name}

    def grader(
        self, rows: Sequence[Row], *, published: bool = False
    ) -> Callable[[str, list[str], str], Awaitable[float]]:
        """A grader for a calibration of these rows, which it finds by their prompts.

        Example:
            >>> import asyncio
            >>> from langgraph_ensemble.evaluation.tasks import TASKS
            >>> row = {"question": "2 + 2?", "answer": "4"}
            >>> task = TASKS["livemathbench"]
            >>> asyncio.run(task.grader([row])(task.question(row), ["4"], "Answer: 4"))
            1.0
        """
        by_prompt = {self.question(row): row for row in rows}

        async def grade(query: str, accepted: list[str], text: str) -> float:
            del accepted
            if query not in by_prompt:
                raise InputError(f"{self.name}: a question is none of its rows; grade its own")
            # Programs run for seconds, and computer algebra is slow.
            row = by_prompt[query]
            return await asyncio.to_thread(self.grade, row, text, published=published)

        return grade

    def _of(self, row: Any, use: Callable[[Row], T]) -> T:
        if not isinstance(row, Mapping):
            raise InputError(f"{self.name}: not an object")
        for column in self.columns:
            if row.get(column) is None:
                raise InputError(f"{self.name}: no '{column}'; a row has {', '.join(self.columns)}")
        try:
            return use(row)
        except (InputError, NotGradableError):
            raise
        except (AttributeError, LookupError, TypeError, ValueError, re.error) as error:
            raise InputError(
                f"{self.name}: a column holds something else than it should "
                f"({type(error).__name__}); a row has {', '.join(self.columns)}, as in {self.about}"
            ) from error

    @property
    def about(self) -> str:
        """Where a row's form is described: the last part of the source."""
        return self.source.rpartition(", ")[2]
