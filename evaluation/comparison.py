"""Compare systems on the questions that all of them finished: everything that a report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .aptitude import aptitude
from .budgets import equal_budget, front, smoa_against_moa
from .clusters import Calibration, over_clusters
from .disagreements import disagreements
from .finished import Finished, Outcomes, finished
from .members import failures, routing, similarity
from .reliability import reliability
from .rows import Row, plain, rows
from .statistics import mean_of
from .votes import over_members, over_samples, sampled


@dataclass(frozen=True)
class Comparison:
    """Systems side by side; every part is plain JSON.

    An estimate is a dict with `mean`, `low` and `high` (a 95% interval) and, for a difference, `p`.
    Accuracy is the mean score, from 0 to 1. Costs, tokens and calls are means of a question, over
    the runs that did not fail, and None where any of them is unknown.

    Attributes:
        questions: Number of questions that all systems finished; only these are compared.
        left_out: Number of the others.
        unfinished: Questions that each system did not finish, if any.
        absent: Systems that finished no question, and are not compared.
        best: The single member with the largest accuracy on these very questions. It is known only
            in hindsight, which favours it: gains over it are small rather than large.
        systems: A row for each, most accurate first (`rows.rows`): `system`, `n`, `accuracy`,
            `best_single`, `gain` (paired, over `best`, with `p` and, for ensembles, Holm's
            `p_adjusted`), `gain_share`, `gap_share`, `gap_closed`, `cost_saved`, `cost_usd`,
            `tokens`, `calls`, `seconds_p50`, `seconds_p95`, `failures`, `declined` and `wrong`
            (shares of the questions that sum to 1 with the accuracy).
        tests: Systems that test each member in one part (`aptitude`). They are in `systems`, and no
            candidates for the best system.
        oracle: Accuracy of the best member of each question; None without two members alone.
        datasets: For each data set `name`, `questions`, and `accuracy` by system.
        routing: See `members.routing`.
        similarity: See `members.similarity`.
        failures: See `members.failures`.
        members: See `votes.over_members`; None without two members alone.
        samples: See `votes.over_samples`, one for each self-consistency.
        clusters: See `clusters.over_clusters`; None if it was not asked for, or cannot be computed.
        aptitude: See `aptitude.aptitude`; None without two members alone.
        reliability: See `reliability.reliability`.
        equal_budget: See `budgets.equal_budget`.
        front: See `budgets.front`.
        smoa: See `budgets.smoa_against_moa`.
        disagreements: See `disagreements.disagreements`.
    """

    questions: int
    left_out: int
    unfinished: dict[str, int]
    absent: list[str]
    best: str | None
    systems: list[Row]
    tests: list[str]
    oracle: dict[str, Any] | None
    datasets: list[dict[str, Any]]
    routing: list[dict[str, Any]]
    similarity: list[dict[str, Any]]
    failures: dict[str, Any]
    members: dict[str, Any] | None
    samples: list[dict[str, Any]]
    clusters: dict[str, Any] | None
    aptitude: dict[str, Any] | None
    reliability: list[dict[str, Any]]
    equal_budget: dict[str, Any]
    front: dict[str, Any]
    smoa: list[dict[str, Any]]
    disagreements: list[dict[str, Any]]

    @property
    def contenders(self) -> list[Row]:
        """The systems without those that only test a member in one part."""
        return [row for row in self.systems if row["system"] not in self.tests]

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain JSON."""
        return asdict(self)


def compare(
    outcomes: Outcomes,
    questions: Sequence[Mapping[str, Any]],
    *,
    calibration: Calibration | None = None,
) -> Comparison:
    """Compare systems.

    Args:
        outcomes: For each system its outcome on each question, or None (`evaluation.run`).
        questions: The records of the questions: `query`, `answers`, `dataset`.
        calibration: What task maps of several sizes are fitted on; None: no such curve.

    Raises:
        InputError: There is nothing to compare.

    Example:
        >>> right, wrong = {"score": 1.0, "answer": "4"}, {"score": 0.0, "answer": "5"}
        >>> questions = [{"query": "2 + 2?", "answers": ["4"]}, {"query": "1 + 3?", "answers": "4"}]
        >>> compared = compare({"single:a": [right, wrong], "team": [right, right]}, questions)
        >>> [(row["system"], row["accuracy"]["mean"]) for row in compared.systems]
        [('team', 1.0), ('single:a', 0.5)]
        >>> compared.best, compared.systems[0]["gain"]["mean"]
        ('single:a', 0.5)
    """
    done = finished(outcomes, questions)
    made = rows(done)
    drawn = [each for name in done.outcomes if (each := _drawn(done, name))]
    members = over_members(done)
    return Comparison(
        questions=len(done.questions),
        left_out=done.left_out,
        unfinished=done.unfinished,
        absent=done.absent,
        best=done.best,
        systems=made,
        tests=done.tests,
        oracle=None if done.oracle is None else plain(mean_of(done.oracle)),
        datasets=_datasets(done),
        routing=routing(done),
        similarity=similarity(done),
        failures=failures(done),
        members=members,
        samples=[over_samples(each) for each in drawn],
        clusters=None if calibration is None else over_clusters(done, calibration),
        aptitude=aptitude(done, members),
        reliability=reliability(done),
        equal_budget=equal_budget(done, drawn),
        front=front([row for row in made if row["system"] not in done.tests]),
        smoa=smoa_against_moa(done),
        disagreements=disagreements(
            done, [row["system"] for row in made if row["system"] not in done.tests]
        ),
    )


def _drawn(done: Finished, name: str) -> Any:
    return sampled(done, name) if name.startswith("self-consistency") else None


def _datasets(done: Finished) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "questions": len(places),
            "accuracy": {
                system: plain(mean_of(done.scores[system][places])) for system in done.outcomes
            },
        }
        for name, places in done.datasets.items()
    ]
