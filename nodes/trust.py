"""How much a team's answer can be trusted, and what becomes of one that is not.

`confidence` is the weakest of what speaks for an answer, each in [0, 1]; what is not known is left
out:

- `share`: the share of the drafts that came that give the answer. Those that abstain or say nothing
  readable count against it; failed and cancelled calls do not, for they say nothing about the
  question. Where a task map picked who drafts for MoA or SMoA, each counts by its record: the
  dissent of a member that is always wrong on such questions is no reason to doubt;
- `record`: the expected accuracy, on questions like this one, of the best member that gives it: a
  weaker member's agreement takes nothing from it. It is left out for a member that verifies its
  answers, because a question that it declined is no reason to doubt one that it answers;
- `familiarity`: min(1, p / 0.05) for the p-value p of the question among the calibration questions;
- `probability`, in place of `share` and `record` where a learnt vote decided: that the answer is
  right, as cross-validated on the calibration questions.

The weakest, not a product: each names a reason of its own to doubt, and one is enough; a product
would doubt an answer the more the more is known about it. Only `probability` is calibrated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..member import Member
from ..pool import Pool
from ..records import Call, Draft, Trust
from ..voting.answers import abstains
from ..voting.kinds import kind_of
from ..voting.reading import key, read
from .abilities import wanted_form
from .context import EnsembleContext
from .limits import exhausted

USUAL = 0.05
"""P-value from which a question counts as usual."""


@dataclass(frozen=True)
class Ending:
    """How unsure answers are handled.

    Attributes:
        escalate_to: The member that is asked instead.
        decline: The text that is given if no other member could be asked.
    """

    escalate_to: Member | None = None
    decline: str | None = None

    @classmethod
    def of(cls, pool: Pool, escalate_to: str | None, decline: str | None) -> Ending:
        """Make it from a builder's arguments; None takes the pool's, an empty text turns it off.

        Raises:
            InputError: There is no member of that name.
        """
        name = pool.escalate_to if escalate_to is None else escalate_to
        text = pool.decline if decline is None else decline
        return cls(pool.member(name, "escalate_to") if name else None, text or None)

    def team(self, pool: Pool) -> list[str]:
        """The members that draft by default: the pool's proposers.

        The member in `escalate_to` does not draft, unless it is the only one.
        """
        last = self.escalate_to.name if self.escalate_to else None
        return [name for name in pool.proposers if name != last] or pool.proposers

    def drafting(self, pool: Pool) -> list[Member]:
        """The members of `team`."""
        return [pool.member(name) for name in self.team(pool)]

    @property
    def replaces(self) -> bool:
        """Whether an unsure answer can be replaced at all."""
        return self.escalate_to is not None or self.decline is not None


def default_confidence(pool: Pool, profile: object | None, given: float | None) -> float:
    """The knob's default: the builder's value, or the pool's.

    Agreement is low if all members draft, whatever their abilities. The pool's default is meant for
    picked members, so it does not apply without a task map.
    """
    if given is not None:
        return given
    return (pool.confidence or 0.0) if profile is not None else 0.0


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
    """The parts of a vote's confidence: `probability` where that was learnt, else what is known.

    Args:
        tally: From `tally.count`.
        drafts: The drafts that voted.
        ranking: The router's: `{"member", "record"}`, and `verifies` where the member does.
        p_value: Of the question; None where no profile tells.
    """
    known = None if p_value is None else usual(p_value)
    if tally.get("learnt"):
        return {"probability": tally["probability"], "familiarity": known}
    won = set(tally["votes"][0]["drafts"] if tally["votes"] else [tally["winner"]])
    counted = tally["votes"] or tally["abstained"]
    return {
        "share": tally["share"] if counted else None,
        "record": _record([d for d in drafts if d["id"] in won], ranking),
        "familiarity": known,
    }


def agreement_parts(
    answer: str,
    drafts: Sequence[Draft],
    question: str,
    ranking: Sequence[Mapping[str, Any]] = (),
    p_value: float | None = None,
) -> dict[str, float | None]:
    r"""The parts of the confidence of an answer that was written from drafts.

    Args:
        answer: The text of the answer.
        drafts: Drafts of the run; those of the last layer count.
        question: The question.
        ranking: The router's ranking, if a task map picked the proposers.
        p_value: P-value of the question; None without a profile.

    Returns:
        The parts; `share` is None if the answer has no short answer to compare.

    Example:
        >>> agreement_parts("It is long.\nNo short answer.", [], "")["share"] is None
        True
    """
    heard = last_heard(drafts)
    kind = kind_of(question, [draft["text"] for draft in heard])
    kind = "classification" if kind == "text" else kind
    given = read(answer, question, kind)
    record = records(ranking)
    share = same = None
    if given is not None and heard:
        wanted = key(given, kind)
        said = [(d, read(d["text"], question, kind)) for d in heard]
        same = [d for d, reading in said if reading is not None and key(reading, kind) == wanted]
        weight = {d["id"]: record.get(d["member"], 0.0) if record else 1.0 for d in heard}
        total = sum(weight.values())
        share = round(sum(weight[d["id"]] for d in same) / total, 6) if total else 0.0
    return {
        "share": share,
        "record": _record(same, ranking) if same is not None else None,
        "familiarity": None if p_value is None else usual(p_value),
    }


def records(ranking: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Each member's record on questions like this one, if a task map knows it."""
    known = {e["member"]: e["record"] for e in ranking if e.get("record") is not None}
    return {member: min(max(value, 0.0), 1.0) for member, value in known.items()}


def _record(drafts: Sequence[Draft], ranking: Sequence[Mapping[str, Any]]) -> float | None:
    """The best record of the members that give an answer; None if one of them has verified it."""
    givers = {draft["member"] for draft in drafts}
    if any(entry["member"] in givers for entry in ranking if entry.get("verifies")):
        return None
    record = records(ranking)
    return max((record[name] for name in givers if name in record), default=None)


def last_heard(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts of the last usable layer, including empty ones."""
    last = max((draft["layer"] for draft in drafts if draft["status"] == "ok"), default=0)
    return [d for d in drafts if d["layer"] == last and d["status"] in ("ok", "empty")]


def nobody_knows(drafts: Sequence[Draft]) -> bool:
    """Whether all drafts of the last layer abstain."""
    said = [draft["text"] for draft in last_heard(drafts) if draft["status"] == "ok"]
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
        parts: The parts of the confidence.
        knobs: Knobs of the run.
        calls: All calls so far, for the limits.
        ending: How unsure answers are handled.
        hopeless: Whether all drafts abstained, or there is no answer.

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
    return {
        "confidence": confidence,
        "parts": parts,
        "wanted": knobs.confidence,
        "unsure": unsure,
        "then": then,
    }


def declines(ending: Ending, knobs: EnsembleContext) -> bool:
    """Whether a text can replace the answer, which is not the case for JSON."""
    return ending.decline is not None and wanted_form(knobs) is None


def out_of_bounds(state: Any, ending: Ending, knobs: EnsembleContext, trust: Trust) -> list[str]:
    """A remark on an escalation that a limit of the run forbids."""
    limit = exhausted(state["calls"], knobs)
    if not (trust["unsure"] and knobs.withheld and ending.escalate_to and limit):
        return []
    return [f"escalation to {ending.escalate_to.name}: not asked, because {limit} is reached"]


def sure_or_escalate(state: Any) -> Literal["answer", "escalate"]:
    """The router to `answer` or `escalate`, a function of the state.

    Example:
        >>> sure_or_escalate({"trust": {"then": "decline"}})
        'answer'
    """
    return "escalate" if state["trust"]["then"] == "escalate" else "answer"


def told(trust: Trust, **more: Any) -> dict[str, Any]:
    """The fields of trust in `result`."""
    return {
        "confidence": trust["confidence"],
        "confidence_parts": trust["parts"],
        "confidence_wanted": trust["wanted"],
        "unsure": trust["unsure"],
        "escalated_to": None,
        "declined": False,
        "guess": None,
        **more,
    }
