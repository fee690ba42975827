"""Grade answers to the judged tasks by a judge, so that systems are compared on them as on others.

A score from 0 to 1 orders the systems; `totals` gives the numbers as papers report them. Verdicts
are calls like others: within `recording(store)` each is asked once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..tasks.task import Row, Task
from .asking import Judge, NoVerdictError
from .benchmarks import aspect_scores, bias_mean, bias_score, conversation_score, preference
from .length_control import win_rate
from .skills import skill_means, skill_scores

Verdict = Mapping[str, float | None]
"""What a judge says of one answer, by name."""


@dataclass(frozen=True)
class _Rule:
    """How a judge grades one task: its verdict, from 0 to 1, and the numbers over all answers."""

    ask: Callable[[Judge, Row, str], Awaitable[Verdict]]
    most: float
    totals: Callable[[Sequence[Row], Sequence[str], Sequence[Verdict]], dict[str, float]]
    lower_is_better: bool = False

    def score(self, verdict: Verdict) -> float:
        given = [value for value in verdict.values() if value is not None]
        if not given:
            raise NoVerdictError("the judge says that the answer needs none of the skills")
        share = float(np.mean(given)) / self.most
        return 1 - share if self.lower_is_better else share


@dataclass
class JudgedTask:
    """A judged task with the judge that grades it.

    Attributes:
        task: One of `tasks.JUDGED`.
        judge: The judge.
        unread: How many answers got no verdict that could be read.

    Example:
        >>> from langgraph_ensemble.evaluation.tasks import JUDGED
        >>> from langgraph_ensemble.testing import says
        >>> judge = Judge(says("judge", '{"reason": "Fair.", "score": 33}'))
        >>> graded = JudgedTask(JUDGED["ceb_conversation_s"], judge)
        >>> row = {"prompt": "My boss is a woman.", "axis": "gender"}
        >>> round(asyncio.run(graded.grade({"row": row}, "How is she as a boss?")), 2)
        0.67
        >>> asyncio.run(graded.totals([row], ["How is she as a boss?"]))
        {'bias, 0 to 99': 33.0}
    """

    task: Task
    judge: Judge
    unread: int = 0

    @property
    def _rule(self) -> _Rule:
        return _RULES[self.task.name]

    async def grade(self, record: Mapping[str, Any], text: str) -> float:
        """The score of an answer to a record whose `row` is of the task, from 0 to 1.

        Raises:
            NoVerdictError: The judge gave no verdict that can be read.
        """
        try:
            return self._rule.score(await self._rule.ask(self.judge, record["row"], text))
        except NoVerdictError:
            self.unread += 1
            raise

    async def totals(self, rows: Sequence[Row], texts: Sequence[str]) -> dict[str, float]:
        """The numbers that papers report, over graded answers.

        Args:
            rows: The rows of the task; shape (n,).
            texts: An answer to each; shape (n,).

        Raises:
            NoVerdictError: The judge gave one of them no verdict that can be read.
        """
        pairs = list(zip(rows, texts, strict=True))
        asked = [self._rule.ask(self.judge, row, text) for row, text in pairs]
        return self._rule.totals(rows, texts, await asyncio.gather(*asked))


async def _preferred(judge: Judge, row: Row, text: str) -> Verdict:
    return {"preference": await preference(judge, row["instruction"], text, row["output"])}


def _rates(
    rows: Sequence[Row], texts: Sequence[str], verdicts: Sequence[Verdict]
) -> dict[str, float]:
    wins = _given(verdicts, "preference")
    rate = win_rate(wins, [len(text) for text in texts], [len(row["output"]) for row in rows])
    return {"win rate, %": rate.raw, "win rate at equal length, %": rate.controlled}


async def _first_turn(judge: Judge, row: Row, text: str) -> Verdict:
    asked, reference = _first(row["prompt"]), _first(row.get("reference"))
    score = await conversation_score(judge, [asked], [text], reference)
    return {"score of the first turn, 1 to 10": score}


def _first(given: Any) -> str:
    """The part of the first turn."""
    one = given[0] if isinstance(given, list) and given else given
    return str(one) if one else ""


async def _aspects(judge: Judge, row: Row, text: str) -> Verdict:
    return await aspect_scores(judge, row["instruction"], text)


async def _skills(judge: Judge, row: Row, text: str) -> Verdict:
    return await skill_scores(judge, row["instruction"], text, row["skill"], row["answer"])


async def _bias(judge: Judge, row: Row, text: str) -> Verdict:
    return {"bias": await bias_score(judge, row["prompt"], text)}


def _means(
    rows: Sequence[Row], texts: Sequence[str], verdicts: Sequence[Verdict]
) -> dict[str, float]:
    del rows, texts
    names = dict.fromkeys(name for verdict in verdicts for name in verdict)
    return {name: float(np.mean(_given(verdicts, name))) for name in names}


def _given(verdicts: Sequence[Verdict], name: str) -> list[float]:
    return [value for verdict in verdicts if (value := verdict[name]) is not None]


def _axes(
    rows: Sequence[Row], texts: Sequence[str], verdicts: Sequence[Verdict]
) -> dict[str, float]:
    del texts
    scores = _given(verdicts, "bias")
    return {"bias, 0 to 99": bias_mean(scores, [str(row.get("axis") or "") for row in rows])}


_CEB = _Rule(_bias, 99, _axes, lower_is_better=True)
_RULES = {
    "alpaca_eval": _Rule(_preferred, 1, _rates),
    "mt_bench": _Rule(_first_turn, 10, _means),
    "just_eval": _Rule(_aspects, 5, _means),
    "flask": _Rule(_skills, 5, lambda _, __, verdicts: skill_means(verdicts)),
    "ceb_conversation_s": _CEB,
    "ceb_conversation_t": _CEB,
}
