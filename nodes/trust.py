"""How much a team's answer can be trusted, and what becomes of one that is not.

`confidence` is the weakest of what speaks for an answer, each in [0, 1]; what is not known is left
out:

- `share`: the share of the winning answer among the drafts that came, those that abstain or say
  nothing readable included (failed and cancelled calls say nothing about the question);
- `record`: the mean expected accuracy, on questions like this one, of the members that gave it;
- `familiarity`: min(1, p / 0.05) for the p-value p of the question among the calibration questions.

The weakest, not a product: each names a reason of its own to doubt, and one is enough; a product
would doubt an answer the more the more is known about it. It is no calibrated probability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..member import Member
from ..pool import Pool
from .abilities import wanted_form
from .answers import abstains, canonical, short_answer
from .context import EnsembleContext
from .equality import same_mathematics
from .limits import exhausted
from .state import Call, Draft, Trust

USUAL = 0.05
"""P-value from which a question counts as usual."""


@dataclass(frozen=True)
class Ending:
    """What becomes of an unsure answer.

    Attributes:
        escalate_to: Who is asked instead.
        decline: What is said where nobody else could be asked.
    """

    escalate_to: Member | None = None
    decline: str | None = None

    @classmethod
    def of(cls, pool: Pool, escalate_to: str | None, decline: str | None) -> Ending:
        """From a builder's arguments; None leaves it to the pool, an empty text turns it off.

        Raises:
            InputError: There is no member of that name.
        """
        name = pool.escalate_to if escalate_to is None else escalate_to
        text = pool.decline if decline is None else decline
        return cls(pool.member(name, "escalate_to") if name else None, text or None)

    @property
    def replaces(self) -> bool:
        """Whether an unsure answer can be replaced at all."""
        return self.escalate_to is not None or self.decline is not None


def usual(p_value: float) -> float:
    """Familiarity as a part of the confidence.

    Example:
        >>> usual(0.01), usual(0.3)
        (0.2, 1.0)
    """
    return round(min(1.0, p_value / USUAL), 6)


def vote_parts(
    tally: Mapping[str, Any],
    drafts: Sequence[Draft],
    ranking: Sequence[Mapping[str, Any]],
    p_value: float | None,
) -> dict[str, float | None]:
    """The parts of a vote's confidence.

    Args:
        tally: From `vote.count`.
        drafts: The drafts that voted.
        ranking: The router's: `{"member", "record"}`.
        p_value: Of the question; None where no profile tells.
    """
    won = set(tally["votes"][0]["drafts"] if tally["votes"] else [tally["winner"]])
    record = {entry["member"]: entry.get("record") for entry in ranking}
    proved = [record.get(d["member"]) for d in drafts if d["id"] in won]
    known = [min(max(value, 0.0), 1.0) for value in proved if value is not None]
    counted = tally["votes"] or tally["abstained"]
    return {
        "share": tally["share"] if counted else None,
        "record": round(sum(known) / len(known), 6) if known else None,
        "familiarity": None if p_value is None else usual(p_value),
    }


def agreement_parts(
    answer: str, drafts: Sequence[Draft], choices: set[str]
) -> dict[str, float | None]:
    r"""The parts of the confidence of an answer that was written from drafts.

    `share` is that of the last layer's drafts whose short answer is the answer's; None where the
    answer has no short one.

    Example:
        >>> agreement_parts("It is long.\nNo short answer.", [], set())
        {'share': None}
    """
    last = max((draft["layer"] for draft in drafts if draft["status"] == "ok"), default=0)
    heard = [d for d in drafts if d["layer"] == last and d["status"] in ("ok", "empty")]
    given = short_answer(answer, choices)
    if given is None or not heard:
        return {"share": None}
    same = sum(_same(given, short_answer(draft["text"], choices)) for draft in heard)
    return {"share": round(same / len(heard), 6)}


def nobody_knows(drafts: Sequence[Draft]) -> bool:
    """Whether all that was said on the last layer is that nobody knows."""
    last = max((draft["layer"] for draft in drafts if draft["status"] == "ok"), default=0)
    said = [d["text"] for d in drafts if d["layer"] == last and d["status"] == "ok"]
    return bool(said) and all(map(abstains, said))


def decide(
    parts: dict[str, float | None],
    knobs: EnsembleContext,
    calls: Sequence[Call] = (),
    ending: Ending | None = None,
    *,
    hopeless: bool = False,
) -> Trust:
    """Judge an answer by the parts of its confidence.

    Args:
        parts: What speaks for it.
        knobs: Of the run.
        calls: All calls so far, for the limits.
        ending: What may become of an unsure answer.
        hopeless: Everybody abstained, or nobody answered.

    Example:
        >>> decide({"share": 0.4}, EnsembleContext(confidence=0.5))["unsure"]
        True
    """
    known = [value for value in parts.values() if value is not None]
    confidence = 0.0 if hopeless else min(known, default=None)
    unsure = hopeless or (confidence is not None and confidence < knobs.confidence)
    then = "answer"
    if unsure and ending is not None and knobs.withheld:
        if ending.escalate_to is not None and exhausted(calls, knobs) is None:
            then = "escalate"
        elif declines(ending, knobs):
            then = "decline"
    return {"confidence": confidence, "parts": parts, "unsure": unsure, "then": then}


def declines(ending: Ending, knobs: EnsembleContext) -> bool:
    """Whether a text can stand for the answer: not where that has to be JSON."""
    return ending.decline is not None and wanted_form(knobs) is None


def out_of_bounds(state: Any, ending: Ending, knobs: EnsembleContext, trust: Trust) -> list[str]:
    """A word on an escalation that a limit of the run forbids."""
    limit = exhausted(state["calls"], knobs)
    if not (trust["unsure"] and knobs.withheld and ending.escalate_to and limit):
        return []
    return [f"escalation to {ending.escalate_to.name}: not asked, for {limit} is reached"]


def sure_or_escalate(state: Any) -> Literal["answer", "escalate"]:
    """Whether somebody else is asked for the answer: a function of state alone.

    Example:
        >>> sure_or_escalate({"trust": {"then": "decline"}})
        'answer'
    """
    return "escalate" if state["trust"]["then"] == "escalate" else "answer"


def told(trust: Trust, **more: Any) -> dict[str, Any]:
    """What `result` says about trust."""
    return {
        "confidence": trust["confidence"],
        "confidence_parts": trust["parts"],
        "unsure": trust["unsure"],
        "escalated_to": None,
        "declined": False,
        "guess": None,
        **more,
    }


def _same(one: str, other: str | None) -> bool:
    if other is None:
        return False
    left, right = canonical(one), canonical(other)
    return left == right or same_mathematics(left, right)
