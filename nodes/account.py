"""The account of a run: its calls, their usage and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..records import Call, Draft
from ..voting.answers import abstains, answered
from .context import EnsembleContext
from .limits import ANSWERED, spent_by, used
from .prompting import question
from .trust import agreement_parts, decide, nobody_knows, told

ROUTING = ("cluster", "position", "familiarity", "ranking", "picked")
"""The channels of the state in `result["routing"]`."""


def cost(calls: Sequence[Call]) -> float | None:
    """US dollars of all calls; None if the cost of an answered call is unknown."""
    answered = [call for call in calls if call["status"] in ANSWERED]
    costs = [call["cost_usd"] for call in answered]
    if not costs or any(each is None for each in costs):
        return None
    return round(sum(each for each in costs if each is not None), 10)


def _read(state: Any) -> list[Draft]:
    """The drafts with their short answers, if these can be read."""
    read = answered(cast("list[Draft]", state["drafts"]), question(state["messages"]))
    return [d if d["status"] == "ok" else {**d, "answer": None} for d in read]


def counted(state: Any, tally: Mapping[str, Any]) -> list[Draft]:
    """The drafts with their answers in canonical form, or why they do not have the right form."""
    answers, problems = tally.get("answers") or {}, tally.get("problems") or {}
    return [
        {
            **draft,
            "answer": None
            if draft["id"] in problems
            else answers.get(draft["id"], draft["answer"]),
            "error": draft["error"] or problems.get(draft["id"]),
        }
        for draft in _read(state)
    ]


def _trusted(answer: str, state: Any, knobs: EnsembleContext) -> dict[str, Any]:
    """Trust in an answer that was written from drafts; it is unknown for an answer without text."""
    asked, drafts = question(state["messages"]), state["drafts"]
    ranking, usual = state.get("ranking") or [], state.get("familiarity")
    parts = agreement_parts(answer, drafts, asked, ranking, usual)
    hopeless = bool(answer) and (nobody_knows(drafts) or abstains(answer))
    return told(decide(parts, knobs, hopeless=hopeless))


def _without(calls: Sequence[Call]) -> dict[str, list[str]]:
    """The sampling options that each member did not take; members that took all are left out."""
    lacking: dict[str, set[str]] = {}
    for call in calls:
        if names := call.get("without"):
            lacking.setdefault(call["member"], set()).update(names)
    return {member: sorted(names) for member, names in lacking.items()}


def account(
    strategy: str,
    answer: str,
    state: Any,
    knobs: EnsembleContext,
    calls: Sequence[Call],
    **more: Any,
) -> dict[str, Any]:
    """`result`, the account of a run as plain JSON.

    Args:
        strategy: The method that answered.
        answer: The final answer's text.
        state: The graph's state, for its drafts.
        knobs: The knobs of the run.
        calls: All calls, including the last one.
        more: Fields of the method: drafts with their answers, votes, margin, stopped, rounds,
            routing; trust in the answer if it does not follow from the agreement of the drafts.
    """
    if "confidence" not in more:
        more |= _trusted(answer, state, knobs)
    if state.get("ranking"):
        more.setdefault("routing", {"profile": True, **{key: state.get(key) for key in ROUTING}})
    unknown = sum(call["usage"] is None and call["status"] == "ok" for call in calls)
    drafts: list[Draft] = more.pop("drafts", None) or _read(state)
    if lacking := _without(calls):
        more["without"] = lacking
    return {
        "strategy": strategy,
        "answer": answer,
        "drafts": [{k: v for k, v in draft.items() if k != "logprobs"} for draft in drafts],
        "votes": more.pop("votes", []),
        "margin": more.pop("margin", None),
        "stopped": more.pop("stopped", None),
        **more,
        "usage": {**used(calls)} if calls and not unknown else None,
        "cost_usd": cost(calls),
        "calls": spent_by(calls).calls,
        "steps": [call for call in calls if call["stage"] != "propose"],
        "seed": knobs.seed,
    }
