"""The judge compares the drafts of a round; its judgement is read, repaired once, or replaced.

    judge ⇢ select            the judgement can be read
    judge ⇢ repair → select   it cannot, so the judge is asked once more
    select                    keeps the k best drafts and emits an event

If it stays unreadable, `select` keeps the drafts that agree most with the others, in the order of
their slots, and `result` records that. Nothing is chosen at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import Runnable

from ..events import selected
from ..member import Member
from ..models.ask import Ask, Reply, ask
from ..pool import Pool
from ..prompts import render
from ..prompts.neutral import neutralised
from ..records import Draft, of_layer
from ..seeds import derive, shuffled
from ..voting.answers import answered, ballots, most_alike
from .base import Run, Step
from .cast import Slot
from .context import JudgedContext, SmoaContext
from .duplicates import distinct
from .layer import last_good
from .limits import TO_WRITE, limits_of
from .prompting import question, with_drafts
from .propose import Reading
from .verdict import Unreadable, Verdict, read_letter, read_verdict, response_format

_LETTER_TOKENS = 4
"""Token limit of a judgement that is one letter."""


class Judges(NamedTuple):
    """The judge and the moderator, None if there is none, and the pool that they have joined."""

    pool: Pool
    judge: Member | None
    moderator: Member | None


def judges_of(
    pool: Pool,
    aggregator: Member,
    judge: Member | Runnable[Any, Any] | str | None,
    moderator: Member | Runnable[Any, Any] | str | None,
) -> Judges:
    """The judge, which is the given one, the pool's judge, or the aggregator; and the moderator.

    A small model is asked for a verdict only if it was named as judge. Without a named moderator
    the judge's verdict says whether to continue.

    Raises:
        InputError: There is no member of a name, or a given object is not a model.
    """
    named = judge if judge is not None else pool.judge or aggregator.name
    pool, judging = pool.joined(named, "judge")
    asked = judge is not None or not judging.small or judging.structured == "letter"
    named = moderator if moderator is not None else pool.moderator
    pool, moderating = (pool, None) if named is None else pool.joined(named, "moderator")
    return Judges(pool, judging if asked else None, moderating)


def make_judge(judge: Member, prompt: str = "judge") -> Step:
    """The node that asks the judge, unless there is only one usable draft.

    Args:
        judge: The member.
        prompt: Name of its instruction: `judge` or `rank`.
    """

    async def judge_drafts(state: Any, run: Run[SmoaContext]) -> dict[str, Any]:
        shown = shown_drafts(state, run.knobs.seed)
        if len(shown) < 2:
            return {"verdict": None, "judged": "", "problem": "fewer than two usable drafts"}
        return await judgement(judge, state, shown, run, prompt)

    return judge_drafts


async def judgement(
    judge: Member,
    state: Any,
    shown: Sequence[Draft],
    run: Run[Any],
    prompt: str = "judge",
) -> dict[str, Any]:
    """Ask the judge about `shown`; its parsed verdict as an update of the state."""
    messages = _prompt(judge, state, shown, run.knobs, prompt)
    return _read(judge, await _ask(judge, state, run, messages), len(shown))


def make_repair(judge: Member, prompt: str = "judge") -> Step:
    """The node that asks the judge once more, with the reason."""

    async def repair(state: Any, run: Run[SmoaContext]) -> dict[str, Any]:
        shown = shown_drafts(state, run.knobs.seed)
        messages = [
            *_prompt(judge, state, shown, run.knobs, prompt),
            AIMessage(neutralised(state["judged"] or "(nothing)")),
            HumanMessage(_correction(judge, state["problem"], len(shown))),
        ]
        return _read(judge, await _ask(judge, state, run, messages), len(shown))

    return repair


def make_select(judge: Member | None) -> Step:
    """The node that keeps the k best drafts of the round.

    Args:
        judge: The judge; None if there is none, and the drafts that agree most are kept.
    """

    async def select(state: Any, run: Run[SmoaContext]) -> dict[str, Any]:
        knobs = run.knobs
        shown = shown_drafts(state, knobs.seed)
        fell_back: list[str] = []
        if state["verdict"] is not None:
            verdict = Verdict.model_validate(state["verdict"])
            order = [shown[i - 1] for i in verdict.chosen if i <= len(shown)]
            order = order if knobs.duplicates else order[: knobs.k]
            review, stop, quality = verdict.reason, verdict.stop, verdict.quality
        else:
            order = []
            review, stop, quality = "", False, None
            if judge is not None and len(shown) > 1:
                fell_back.append(
                    f"judge {judge.name}, round {state['layer']}: {state['problem']}; "
                    f"kept the drafts that agree most with the others"
                )
        drafts = of_layer(state["drafts"], state["layer"])
        if knobs.duplicates or not order:
            agreed = by_agreement(drafts, len(drafts), question(state["messages"]))
            order += [draft for draft in agreed if draft not in order]
        chosen = [draft["id"] for draft in distinct(order, knobs.duplicates)[: knobs.k]]
        emit = run.emit
        if judge is not None:
            emit(
                {
                    "type": "judged",
                    "stage": "judge",
                    "layer": state["layer"],
                    "member": judge.name,
                    "text": review,
                    "data": {"chosen": chosen, "stop": stop},
                }
            )
        emit(selected("judge", state["layer"], chosen))
        return {
            "selected": chosen,
            "review": review,
            "judge_stop": stop,
            "quality": quality,
            "fell_back": fell_back,
            "rounds": [{"round": state["layer"], "chosen": chosen, "reason": review}],
        }

    return select


def shown_drafts(state: Any, seed: int) -> list[Draft]:
    """The usable drafts of the round, in the judge's order."""
    return shuffled(of_layer(state["drafts"], state["layer"]), seed, "judge", state["layer"])


def kept_drafts(state: Any) -> list[Draft]:
    """The judge's choice of the last round that had one, best first."""
    by_id = {draft["id"]: draft for draft in state["drafts"]}
    kept = [by_id[name] for name in state["selected"] if name in by_id]
    return kept or last_good(state["drafts"])


def judges_choice(state: Any, slot: Slot) -> Reading:
    """The input of a proposer: the judge's choice of the previous round, with its reasons.

    A small proposer gets no drafts, because it would repeat them with their mistakes.
    """
    role = state["roles"].get(slot.node)
    if state["layer"] == 1 or slot.member.small:
        return Reading([], role=role)
    return Reading(kept_drafts(state), state["review"] or None, role)


def by_agreement(drafts: Sequence[Draft], k: int, question: str) -> list[Draft]:
    """The k drafts that agree most with the others, by equal short answers or by shared words.

    The order is deterministic: ties keep the order of the slots.
    """
    groups = ballots(answered(drafts, question), question)
    support = {draft["id"]: len(ballot.drafts) for ballot in groups for draft in ballot.drafts}
    if not support and drafts:
        first = most_alike(drafts)
        support = {first["id"]: 1}
    return sorted(drafts, key=lambda draft: -support.get(draft["id"], 0))[:k]


def _prompt(
    judge: Member, state: Any, shown: Sequence[Draft], knobs: JudgedContext, prompt: str
) -> list[BaseMessage]:
    lettered = judge.structured == "letter"
    system: list[str | None] = [render("judge_letter")]
    if not lettered:
        most = min(getattr(knobs, "k", 1), len(shown))
        system = [render(prompt, k=most), render("quality") if _scored(knobs) else None]
    tokens = _LETTER_TOKENS if lettered else judge.tokens("judge")
    return with_drafts(state["messages"], judge, shown, system, tokens, lettered=lettered)


def _scored(knobs: JudgedContext) -> bool:
    """Whether the judge is asked for a score as well."""
    return getattr(knobs, "quality", None) is not None


def _correction(judge: Member, problem: str, count: int) -> str:
    if judge.structured == "letter":
        return render("repair_letter", last=chr(ord("A") + count - 1))
    return render("repair", problem=neutralised(problem), count=count)


async def _ask(judge: Member, state: Any, run: Run[Any], prompt: list[BaseMessage]) -> Reply:
    knobs = run.knobs
    unasked = "" if _scored(knobs) else "quality"
    lettered = judge.structured == "letter"
    return await ask(
        Ask(
            member=judge,
            messages=prompt,
            stage="judge",
            layer=state["layer"],
            temperature=knobs.judge_temperature,
            max_tokens=_LETTER_TOKENS if lettered else None,
            seed=derive(knobs.seed, "judge", state["layer"]),
            limits=limits_of(state["calls"], run, keep=TO_WRITE),
            response_format=response_format("verdict", Verdict, judge.structured, without=unasked),
            letters=lettered,
            spare=True,
        ),
        run.emit,
    )


def _read(judge: Member, reply: Reply, count: int) -> dict[str, Any]:
    first = reply.first
    try:
        if first.status not in ("ok", "cut"):
            raise Unreadable(first.error or "the judge did not answer")
        if judge.structured == "letter":
            said = first.message.response_metadata if first.message else {}
            verdict = read_letter(first.text, said, count)
        else:
            verdict = read_verdict(first.text, count)
    except Unreadable as error:
        return {"verdict": None, "judged": first.text, "problem": str(error), "calls": reply.calls}
    fields = verdict.model_dump()
    return {"verdict": fields, "judged": first.text, "problem": None, "calls": reply.calls}
