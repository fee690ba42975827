"""Run systems on questions: resumable, side by side, with one budget over all of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..calibration.grade import exact
from ..calibration.ledger import content_key
from ..errors import InputError
from ..models.budget import Spend
from ..models.control import MissingCallError
from ..models.raw import waited
from ..models.recorder import recording
from ..nodes.aggregate import NoUsableDraftError
from ..pool import Pool
from ..profiles import Profile
from .judging import NoVerdictError
from .sandbox import NotGradableError
from .store import Store
from .systems import System

Grader = Callable[[Mapping[str, Any], str], float | Awaitable[float]]
"""From a question's record and an answer to a score in [0, 1]."""


@dataclass
class Progress:
    """How far an evaluation is.

    Attributes:
        done: Number of outcomes that are there.
        total: Number of outcomes that are wanted.
        spent: What was spent in this run.
        unfinished: Outcomes that lack calls, by system.
    """

    total: int
    done: int = 0
    spent: Spend = field(default_factory=Spend)
    unfinished: dict[str, int] = field(default_factory=dict)


def accepted(record: Mapping[str, Any], text: str) -> float:
    """The usual grader: 1 if a text gives an accepted answer.

    Example:
        >>> accepted({"query": "2 + 2?", "answers": ["4"]}, "Answer: 4.0")
        1.0
    """
    return exact(record["query"], record["answers"], text)


async def evaluate(
    systems: Sequence[System],
    questions: Sequence[Mapping[str, Any]],
    store: Store,
    *,
    pool: Pool,
    profile: Profile | None = None,
    grade: Grader = accepted,
    grading: str = "accepted",
    grades_drafts: bool = True,
    seed: int = 42,
    concurrency: int = 8,
    tell: Callable[[Progress], None] = lambda _: None,
) -> dict[str, list[dict[str, Any] | None]]:
    """Answer every question with every system.

    An outcome that the store has is not made again. Questions come in order, each for all systems,
    so that an evaluation that was stopped has the same questions for all of them.

    Args:
        systems: The systems.
        questions: Records with `query`, `dataset` and `answers` (`calibration.records`).
        store: Where calls and outcomes are kept; `store.live` and `store.budget` say what may be
            asked.
        pool: The members, for the fingerprint of a system.
        profile: The task map, for the same.
        grade: Grades an answer.
        grading: Name of the grader, since outcomes of another one are not comparable.
        grades_drafts: Whether drafts are graded, too; a judge's verdict on each would be a call.
        seed: Seed of every run.
        concurrency: Number of questions under way.
        tell: Gets the progress after each outcome.

    Returns:
        For each system its outcome on each question; None where calls or a judge's verdict are
        missing.

    Raises:
        InputError: A question has no accepted answer, or there is none.
    """
    _check(questions, grade)
    progress = Progress(total=len(systems) * len(questions))
    outcomes: dict[str, list[dict[str, Any] | None]] = {
        system.name: [None] * len(questions) for system in systems
    }
    keys = {s.name: f"{s.name} {fingerprint(s, pool, profile, seed)} {grading}" for s in systems}
    graphs = {system.name: system.graph.compile() for system in systems}
    gate = asyncio.Semaphore(concurrency)

    async def one(place: int, name: str) -> None:
        record = questions[place]
        question = content(record)
        known = store.outcome(keys[name], question)
        if known is None:
            async with gate:
                known = await _outcome(graphs[name], record, grade, seed, grades_drafts)
            if known is None:
                progress.unfinished[name] = progress.unfinished.get(name, 0) + 1
            else:
                store.keep_outcome(keys[name], question, known)
        outcomes[name][place] = known
        progress.done += 1
        progress.spent = store.budget.spent
        tell(progress)

    with recording(store):
        pairs = [(place, system.name) for place in range(len(questions)) for system in systems]
        for start in range(0, len(pairs), 256):
            await asyncio.gather(*(one(*pair) for pair in pairs[start : start + 256]))
    return outcomes


def _check(questions: Sequence[Mapping[str, Any]], grade: Grader) -> None:
    if not questions:
        raise InputError("there is no question to evaluate on")
    bare = sum(not record.get("answers") for record in questions)
    if bare and grade is accepted:
        raise InputError(
            f"{bare} of {len(questions)} questions have no accepted 'answer', without which no "
            "answer can be graded"
        )


async def _outcome(
    graph: Any, record: Mapping[str, Any], grade: Grader, seed: int, grades_drafts: bool
) -> dict[str, Any] | None:
    """One system's outcome on a question; None if calls or a verdict are missing."""

    async def score_of(draft: Mapping[str, Any]) -> float | None:
        if not draft["text"]:
            return 0.0
        return await grade_text(grade, record, draft["text"]) if grades_drafts else None

    try:
        state = await graph.ainvoke({"messages": record["query"]}, context={"seed": seed})
        result = state["result"]
        score = await grade_text(grade, record, result["answer"])
        scores = [await score_of(draft) for draft in result["drafts"]]
    except (MissingCallError, NoVerdictError):
        return None
    except NoUsableDraftError as error:
        return {"score": 0.0, "answer": None, "error": str(error), "calls": None}
    return {
        "score": score,
        "answer": result["answer"],
        "error": None,
        "calls": result["calls"],
        "usage": result["usage"],
        "cost_usd": result["cost_usd"],
        "seconds": waited(result),
        "stopped": result["stopped"],
        "confidence": result.get("confidence"),
        "probability": result.get("probability"),
        "picked": (result.get("routing") or {}).get("picked"),
        "declined": bool(result.get("declined")),
        "fell_back": result.get("fell_back") or [],
        "drafts": [
            {
                "member": draft["member"],
                "layer": draft["layer"],
                "status": draft["status"],
                "text": draft["text"],
                "score": graded,
            }
            for draft, graded in zip(result["drafts"], scores, strict=True)
        ],
    }


async def grade_text(grade: Grader, record: Mapping[str, Any], text: str) -> float:
    """The score of a text.

    Raises:
        InputError: The grader cannot run here.
    """
    try:
        score = grade(record, text)
        return float(score if isinstance(score, int | float) else await score)
    except NotGradableError as error:
        raise InputError(f"an answer cannot be graded here: {error}") from None


def content(record: Mapping[str, Any]) -> str:
    """A hash of a question with its accepted answers."""
    return content_key(record["query"], record.get("answers"))


def fingerprint(system: System, pool: Pool, profile: Profile | None, seed: int) -> str:
    """A hash of all that decides a system's outcomes: its graph, its knobs, members and map."""
    knobs = system.graph.context_schema
    known = {
        "nodes": sorted(system.graph.nodes),
        "knobs": knobs().model_dump(mode="json") if knobs else {},
        "members": [[m.name, m.provider, m.model_name, m.params] for m in pool],
        "parts": [pool.aggregator, pool.judge, pool.moderator, pool.escalate_to, pool.decline],
        "map": None if profile is None else profile.info,
        "seed": seed,
    }
    return content_key(json.dumps(known, sort_keys=True, default=str))
