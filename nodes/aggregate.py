"""Write the final answer from the drafts that were kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.runnables import Runnable

from ..member import Member
from ..models.ask import Ask, Reply, ask
from ..models.failures import together
from ..models.raw import visible_text
from ..pool import Pool
from ..prompts import render
from ..records import Call, Draft, Failure
from ..seeds import derive, shuffled
from ..voting.answers import plurality
from .abilities import BLIND, cannot_write, writers
from .account import account
from .base import Run, Step
from .context import EnsembleContext
from .lengths import answer_tokens
from .limits import limits_of, used
from .prompting import question, with_drafts
from .sampling import sampling_of


class NoUsableDraftError(RuntimeError):
    """No member gave a usable answer; the message gives the reason of each.

    On a thread the run can be resumed after the cause is fixed, from the checkpoint before the
    layer.

    Attributes:
        failure: Whether the same run may succeed later; see `models.failures.failure_of`.
    """

    def __init__(self, message: str, records: Sequence[Draft | Call] = ()) -> None:
        super().__init__(message)
        self.failure: Failure = together(records)


def make_aggregate(
    strategy: str,
    candidates: Sequence[Member],
    kept: Callable[[Any], list[Draft]],
    more: Sequence[str] = (),
) -> Step:
    """The node that writes the answer.

    The first candidate that gives a usable answer writes it. If there is none, the draft with most
    agreement is the answer, and `result` says so.

    Args:
        strategy: Name of the method, for `result`.
        candidates: The aggregator, followed by its substitutes.
        kept: Function from the state to the drafts to read.
        more: Channels of the state that are copied to `result`.
    """

    async def aggregate(state: Any, run: Run[EnsembleContext]) -> dict[str, Any]:
        knobs = run.knobs
        read = kept(state)
        if not read:
            raise NoUsableDraftError(no_answer(state["drafts"]), state["drafts"])
        read = shuffled(read, knobs.seed, "order", "aggregate")
        calls: list[Call] = []
        fell_back: list[str] = []
        message: AIMessage | None = None
        able = writers(candidates, state["messages"], knobs)
        fell_back += _passed_over(candidates[0], able, knobs)
        for member in able:
            reply = await _ask(member, state, read, calls, run, spare=member != able[-1])
            calls += reply.calls
            if reply.first.status != "ok":
                fell_back.append(f"aggregator {member.name}: {reply.first.error}")
            if reply.first.status in ("ok", "cut"):
                message = reply.first.message or AIMessage(reply.first.text)
                break
        else:
            if knobs.answer_format or getattr(knobs, "answer_tools", None):
                # Drafts are written without tools and the format, so they cannot replace the
                # answer.
                why = f"no model wrote the answer ({'; '.join(fell_back)})"
                raise NoUsableDraftError(why, calls)
            best = plurality(read, question(state["messages"]))
            message = AIMessage(best["text"])
            fell_back.append(f"the answer is the draft of {best['member']}")
        message, text = finish(message, strategy, [*state["calls"], *calls])
        extra = {channel: state[channel] for channel in more}
        extra["fell_back"] = [*state["fell_back"], *fell_back]
        extra.setdefault("stopped", state["stopped"])
        result = account(strategy, text, state, knobs, [*state["calls"], *calls], **extra)
        return {"messages": [message], "result": result, "calls": calls, "fell_back": fell_back}

    return aggregate


def _passed_over(first: Member, able: Sequence[Member], knobs: EnsembleContext) -> list[str]:
    """The reason why the aggregator is not asked first, if it is not."""
    if able and able[0].name == first.name:
        return []
    return [f"aggregator {first.name}: {cannot_write(first, knobs) or BLIND}"]


def finish(
    message: AIMessage, strategy: str, calls: Sequence[Call], draft: Draft | None = None
) -> tuple[AIMessage, str]:
    """The final message, with only visible text, the name of the method and the run's usage.

    Args:
        message: The answer.
        strategy: The method.
        calls: All calls of the run.
        draft: The draft that became the answer, whose end and probabilities are the answer's.
    """
    text = visible_text(str(message.text))
    scores = draft.get("logprobs") if draft else None
    told: dict[str, Any] = {"logprobs": {"content": scores}} if scores else {}
    if draft and draft["status"] == "cut":
        told["finish_reason"] = "length"
    final = AIMessage(
        text,
        id=message.id or str(uuid.uuid4()),
        tool_calls=message.tool_calls,
        invalid_tool_calls=message.invalid_tool_calls,
        response_metadata={**message.response_metadata, **told, "ensemble": strategy},
        usage_metadata=_metadata(calls),
    )
    return final, text


def _metadata(calls: Sequence[Call]) -> UsageMetadata | None:
    """The tokens of the calls that told any; None where no call did, which is not zero."""
    if not any(call["usage"] for call in calls):
        return None
    usage = used(calls)
    return UsageMetadata(
        input_tokens=usage["input_tokens"],
        output_tokens=usage["output_tokens"],
        total_tokens=usage["total_tokens"],
    )


def no_answer(drafts: Sequence[Draft]) -> str:
    """One line for a run without an answer."""
    reasons = {draft["member"]: draft["error"] or draft["status"] for draft in drafts}
    listed = "; ".join(f"{member}: {reason}" for member, reason in reasons.items())
    return f"no member gave a usable answer ({listed or 'no member was asked'})"


def stand_ins(pool: Sequence[Member], first: Member) -> list[Member]:
    """The aggregator, then the other members in the pool's order."""
    return [first, *(member for member in pool if member.name != first.name)]


def aggregator_of(
    pool: Pool, given: Member | Runnable[Any, Any] | str | None
) -> tuple[Pool, Member]:
    """The pool and the member that writes final answers: the given one, or the pool's.

    Raises:
        InputError: There is no member of that name, or `given` is not a model.
    """
    if given is not None:
        return pool.joined(given, "aggregator")
    return pool, pool[0] if pool.aggregator is None else pool.member(pool.aggregator, "aggregator")


async def _ask(
    member: Member,
    state: Any,
    read: list[Draft],
    calls: Sequence[Call],
    run: Run[EnsembleContext],
    *,
    spare: bool,
) -> Reply:
    knobs = run.knobs
    tools = getattr(knobs, "answer_tools", None)
    tokens = answer_tokens(member, "aggregate", knobs.max_tokens)
    instruction = "\n".join([render("aggregate"), *([render("aggregate_tools")] if tools else [])])
    return await ask(
        Ask(
            member=member,
            messages=with_drafts(state["messages"], member, read, [instruction], tokens),
            stage="aggregate",
            layer=state["layer"],
            question=question(state["messages"]),
            temperature=knobs.temperature,
            max_tokens=tokens,
            seed=derive(knobs.seed, "aggregate", member.name),
            sampling=sampling_of(knobs),
            limits=limits_of([*state["calls"], *calls], run),
            spare=spare,
            visible=not knobs.withheld,
            response_format=knobs.answer_format,
            insists=True,
            tools=tools,
            tool_choice=getattr(knobs, "answer_tool_choice", None) if tools else None,
        ),
        run.emit,
    )
