"""Calibration: ask every member every question, grade, and draw the task map.

    load → embed → plan → answer ⟲ → grade ⟲ → cluster → profile
                     ↖────────────────┘

`answer` and `grade` repeat until their cursor is at the end, or the budget is used up. A probe
calibration returns to `plan`, which chooses the next pairs of member and question by the grades so
far. Questions, answers and grades are in a ledger beside the profile, so the size of the state does
not depend on the number of questions, and no paid call is repeated after a kill.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from langchain_core.runnables import Runnable
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from ..calibration.cluster import make_cluster, make_profile
from ..calibration.collect import make_collect
from ..calibration.context import CalibrationContext
from ..calibration.embed import make_embed
from ..calibration.grade import Grader, make_grade
from ..calibration.load import make_load
from ..calibration.plan import make_plan
from ..calibration.resources import Resources, calibration_pool
from ..nodes.defaults import with_defaults
from ..pool import Member, Pool
from .base import EnsembleGraph


class CalibrationInput(TypedDict):
    """The input: a file of questions, the rows themselves, or None for the builder's data."""

    data: str | list[dict[str, Any]] | None


class CalibrationOutput(TypedDict):
    """The output: the profile's folder, and the account of the run."""

    profile: str
    result: dict[str, Any]


class CalibrationState(CalibrationInput, CalibrationOutput):
    """Cursors, counts and costs; nothing that grows with the data."""

    run: str
    questions: int
    round: int
    rounds: int
    pairs: int
    limit: int
    cursor: int
    graded: int
    calls: int
    paid_usd: float
    cost_usd: float | None
    failures: dict[str, dict[str, Any]]
    bad: int
    stopped: str | None


STEPS = {
    "load": make_load,
    "embed": make_embed,
    "plan": make_plan,
    "answer": make_collect,
    "grade": make_grade,
    "cluster": make_cluster,
    "profile": make_profile,
}
"""The nodes with the makers of their steps."""


def create_calibration(
    pool: Pool | Iterable[Member | Runnable[Any, Any] | str] | None,
    *,
    data: str | Path | Sequence[Mapping[str, Any]] | None = None,
    out: str | Path = "profile",
    store: str | Path | None = None,
    samples: int = 3,
    probe: float | None = None,
    grader: Grader | None = None,
    embedder: Any = "lexical",
    clusters: int | str = "auto",
    fitting: Mapping[str, Any] | None = None,
    temperature: float = 0.7,
    max_tokens: int | None = None,
    concurrency: int = 16,
    batch_size: int = 64,
    budget_usd: float | None = None,
    max_calls: int | None = None,
    skip_bad: bool = False,
    folder: str | Path | None = None,
    seed: int = 42,
    name: str = "calibration",
) -> StateGraph[Any, Any, Any, Any]:
    """Build a calibration graph.

    Rows are `{"query": str, "answer": …}`, `{"query": str, "scores": {member: float}}`, or both:
    members with a recorded score are not asked. Scores of failed calls are unknown, never zero.

    Args:
        pool: The members to ask; None if the data holds all scores.
        data: A JSONL, JSON, CSV or Parquet file, or a list of rows; a run can name another file.
        out: Folder of the profile.
        store: File of the ledger; by default `calibration.sqlite` in `out`. A lock beside it
            prevents a second concurrent run.
        samples: Answers of each member to each question; the score is the share of right ones.
        probe: Share of the pairs of member and question to ask, such as 0.35, chosen adaptively
            (successive halving within clusters, see `calibration.probe`); by default all.
        grader: `(question, accepted answers, text) → score in [0, 1]`, may be async; by default
            short answers are compared exactly, mathematics by value.
        embedder: As for `Profile.fit`.
        clusters: Number of clusters, or `"auto"`.
        fitting: Further arguments of `Profile.fit`.
        temperature: Sampling temperature.
        max_tokens: Token limit of an answer; by default each member's own limit.
        concurrency: Number of concurrent calls.
        batch_size: Smallest number of answers between two checkpoints.
        budget_usd: Largest cost in US dollars, including earlier runs; the profile is then made
            from the existing scores. It needs a price of every member.
        max_calls: Largest number of calls, including earlier runs.
        skip_bad: Whether to leave out bad rows.
        folder: The only folder whose files a run may name as its data, by their path in it, for
            runs of people who must not read others; by default any file.
        seed: Fixes the order of asking, sampling seeds and the map.
        name: Name of the graph.

    Returns:
        An uncompiled graph from `{"data"}` to `{"profile", "result"}`. The numbers above are the
        defaults of its context and can be changed for each run. Progress is on the custom stream:
        `{"type": "calibrated", "stage", "done", "total", "calls", "cost_usd", "failed"}`.

    Raises:
        InputError: The pool is empty, or a number is out of bounds.

    Example:
        >>> import tempfile
        >>> from langgraph_ensemble import create_calibration
        >>> rows = [{"query": f"add {i} to 2", "scores": {"a": 1.0, "b": 0.0}} for i in range(8)]
        >>> graph = create_calibration(None, data=rows, out=tempfile.mkdtemp()).compile()
        >>> graph.invoke({"data": None})["result"]["gain"]["best_single"]["member"]
        'a'
    """
    schema = with_defaults(
        CalibrationContext,
        samples=samples,
        probe=probe,
        temperature=temperature,
        max_tokens=max_tokens,
        concurrency=concurrency,
        batch_size=batch_size,
        budget_usd=budget_usd,
        max_calls=max_calls,
        seed=seed,
    )
    fit = {"clusters": clusters, **(fitting or {})}
    database = Path(out) / "calibration.sqlite" if store is None else Path(store)
    asked = calibration_pool(pool)
    resources = Resources(asked, data, Path(out), database, grader, embedder, skip_bad, fit)
    resources.folder = None if folder is None else Path(folder)

    ends = {"input_schema": CalibrationInput, "output_schema": CalibrationOutput}
    graph = EnsembleGraph(CalibrationState, schema, name, **ends)
    for step, make in STEPS.items():
        graph.add_step(step, make(resources))

    graph.add_edge(START, "load")
    graph.add_edge("load", "embed")
    graph.add_edge("embed", "plan")
    graph.add_conditional_edges("plan", something_to_ask)
    graph.add_conditional_edges("answer", more_answers)
    graph.add_conditional_edges("grade", more_grades)
    graph.add_edge("cluster", "profile")
    graph.add_edge("profile", END)
    return graph


def something_to_ask(state: CalibrationState) -> Literal["answer", "cluster"]:
    """Ask the planned pairs, or cluster if there are none."""
    return "answer" if state["cursor"] < state["pairs"] else "cluster"


def more_answers(state: CalibrationState) -> Literal["answer", "grade"]:
    """Continue to ask until every pair was asked, or a limit is reached."""
    done = state["stopped"] or state["cursor"] >= state["pairs"]
    return "grade" if done else "answer"


def more_grades(state: CalibrationState) -> Literal["grade", "plan", "cluster"]:
    """Continue to grade until every answer was graded; then plan the next round, if any."""
    if state["graded"] < state["cursor"]:
        return "grade"
    over = state["stopped"] or state["round"] >= state["rounds"]
    return "cluster" if over else "plan"
