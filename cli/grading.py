"""The questions of an evaluation and what grades their answers: a rule, a task's, or a judge."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..calibration.records import load_records
from ..errors import InputError
from ..evaluation.judging import Judge, JudgedTask
from ..evaluation.run import Grader, accepted
from ..evaluation.tasks import JUDGED, TASKS, Task, load
from ..hints import nearest
from ..pool import Pool

if TYPE_CHECKING:
    from .bench import Setting

_FOR_EACH = 22
"""Questions of each subject of the bundled models."""


@dataclass(frozen=True)
class Questions:
    """The questions, their grader and its name; `judged` where a judge grades."""

    rows: list[dict[str, Any]]
    grade: Grader
    grading: str
    judged: JudgedTask | None = None


def questions_of(setting: Setting, pool: Pool | None) -> Questions:
    """The questions of a setting; `pool` holds the judge, unless it is a further model.

    Raises:
        InputError: The data cannot be read, or options do not fit the task.
    """
    if setting.task is None:
        if setting.data is None:
            return Questions(_bundled(), _as_asked, "bundled")
        rows = load_records(setting.data, skip_bad=setting.skip_bad).records
        return Questions(rows, accepted, "accepted")
    task = _task(setting)
    judge = None
    if setting.judge is not None and pool is not None:
        _, judge = pool.joined(setting.judge, "judge")
    rows = [
        {**task.record(row), "answers": [task.form.answer(row)], "row": row}
        for row in load(task, setting.data)
    ]
    if judge is not None:
        judged = JudgedTask(task, Judge(judge, seed=setting.seed))
        # Another judge's scores are not comparable.
        named = f"{task.name} judge {judge.provider}:{judge.model_name}"
        return Questions(rows, judged.grade, named, judged)

    async def grade(record: Mapping[str, Any], text: str) -> float:
        # Programs run for seconds, and computer algebra is slow.
        return await asyncio.to_thread(task.grade, record["row"], text, published=setting.published)

    return Questions(rows, grade, f"{task.name}{' published' if setting.published else ''}")


def _task(setting: Setting) -> Task:
    name, known = setting.task or "", {**TASKS, **JUDGED}
    if name not in known:
        raise InputError(f"no task {name!r}; {nearest(name, known, 'there are')}")
    if name in TASKS and setting.judge is not None:
        raise InputError(f"{name} is graded by a rule; leave --judge out")
    if name in JUDGED and setting.judge is None:
        raise InputError(
            f"only a judge can grade {name}: name a member of the pool, or provider:model, with "
            "--judge"
        )
    if name in JUDGED and setting.published:
        raise InputError(f"the judge of {name} is yours, with our prompts; leave --published out")
    return known[name]


def _bundled() -> list[dict[str, Any]]:
    """Questions for the bundled models, phrased as none that they were trained or mapped on."""
    from ..pocket.questions import DOMAINS, sample

    return [
        {"query": asked.text, "dataset": domain, "answers": [asked.answer], "asked": asked}
        for number in range(_FOR_EACH)
        for domain in DOMAINS
        for asked in [sample(domain, _FOR_EACH, 14)[number]]
    ]


def _as_asked(record: Mapping[str, Any], text: str) -> float:
    """The grader of the bundled questions."""
    from ..pocket.questions import correct

    return float(correct(record["asked"], text))
