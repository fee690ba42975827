"""Choose the answer among the drafts instead of writing a new one.

A small model makes drafts worse when it rewrites them, as measured on models below a billion
parameters (`benchmarks/real.py`). A chosen answer is as good as one of the drafts, and with weights
by ability hardly worse than the best member's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

from langchain_core.messages import AIMessage

from ..errors import InputError
from ..member import Member
from ..records import Draft, best_of
from ..voting.answers import answered, ballots, most_alike
from .account import account
from .aggregate import NoUsableDraftError, finish, no_answer
from .base import Run, Step
from .context import EnsembleContext
from .prompting import question
from .replay import replayed
from .trust import records

Finish = Literal["auto", "write", "choose"]

UNKNOWN = 1.0
"""Weight of a member of unknown size in a pool where no size is known."""


def weights(members: Sequence[Member]) -> dict[str, float]:
    """The weight of each member's vote: the square root of its size in billions of parameters.

    A member of unknown size has the weight of the smallest known one.

    Example:
        >>> from langgraph_ensemble import Member
        >>> pair = [Member(name="a", model="a-4b"), Member(name="b", model="b-1b")]
        >>> weights(pair)
        {'a': 2.0, 'b': 1.0}
    """
    known = [member.billions for member in members if member.billions is not None]
    least = min(known, default=UNKNOWN)
    return {
        member.name: (least if member.billions is None else member.billions) ** 0.5
        for member in members
    }


def ending_of(finish: Finish, aggregator: Member) -> Literal["aggregate", "choose"]:
    """The node that ends a graph.

    Raises:
        InputError: `finish` is not one of its three values.
    """
    if finish not in get_args(Finish):
        raise InputError(f"finish must be one of {', '.join(get_args(Finish))}, not {finish!r}")
    if finish == "auto":
        return "choose" if aggregator.small else "aggregate"
    return "aggregate" if finish == "write" else "choose"


def agreed(drafts: Sequence[Draft], asked: str) -> bool:
    """Whether there are several drafts that all give the same answer."""
    read = answered(drafts, asked)
    groups = ballots(read, asked)
    return len(read) > 1 and len(groups) == 1 and len(groups[0].drafts) == len(read)


def elect(
    drafts: Sequence[Draft], weight: Mapping[str, float], asked: str
) -> tuple[Draft, list[dict[str, Any]], float | None]:
    """The draft that becomes the answer.

    The weights of equal answers add up. Ties go to the member with the largest weight. If no answer
    can be read, or the question wants a text, which cannot be counted, the first draft of the
    member with the largest weight is the answer.

    Args:
        drafts: At least one draft.
        weight: Weight of each member.
        asked: The question.

    Returns:
        The draft, the votes (answer, count, weight, members, drafts; best first), and the margin
        between the first two as a share of all weight; None without a vote.
    """
    read = answered(drafts, asked)
    heaviest = max(read, key=lambda draft: (weight[draft["member"]], -draft["layer"]))
    groups = ballots(read, asked)
    if not groups:
        return heaviest, [], None

    def rank(group: Any) -> tuple[float, float]:
        each = [weight[draft["member"]] for draft in group.drafts]
        return round(sum(each), 9), max(each)

    groups.sort(key=rank, reverse=True)
    total = sum(rank(group)[0] for group in groups)
    second = rank(groups[1])[0] if len(groups) > 1 else 0.0
    votes = [
        {
            "answer": group.answer,
            "count": len(group.drafts),
            "weight": round(rank(group)[0], 6),
            "members": list(dict.fromkeys(draft["member"] for draft in group.drafts)),
            "drafts": [draft["id"] for draft in group.drafts],
        }
        for group in groups
    ]
    best = max(groups[0].drafts, key=lambda draft: weight[draft["member"]])
    return best, votes, round((rank(groups[0])[0] - second) / total, 6)


def make_choose(
    strategy: str,
    members: Sequence[Member],
    more: Sequence[str] = (),
) -> Step:
    """The node that ends the run with one of its drafts.

    Votes are weighted by the members' records on similar questions if a task map picked the
    proposers, otherwise by their sizes.

    Args:
        strategy: Name of the method, for `result`.
        members: The proposers.
        more: Channels of the state that are copied to `result`.
    """
    weight = weights(members)

    async def choose(state: Any, run: Run[EnsembleContext]) -> dict[str, Any]:
        read = best_of(state["drafts"])
        record = records(state.get("ranking") or ())
        mapped = all(draft["member"] in record for draft in read)
        given = record if mapped else weight
        return await _ended(strategy, read, given, state, run, more)

    return choose


def make_poll(strategy: str, read: Callable[[Any], list[Draft]], more: Sequence[str] = ()) -> Step:
    """The node that ends the run by a vote in which every draft counts the same.

    Args:
        strategy: Name of the method, for `result`.
        read: Function from the state to the drafts that vote.
        more: Channels of the state that are copied to `result`.
    """

    async def choose(state: Any, run: Run[EnsembleContext]) -> dict[str, Any]:
        voting = read(state)
        equal = dict.fromkeys((draft["member"] for draft in voting), 1.0)
        if voting and not ballots(answered(voting, question(state["messages"]))):
            # Texts cannot be counted, so the one that shares most words with the others is taken.
            return await _ended(strategy, [most_alike(voting)], None, state, run, more)
        return await _ended(strategy, voting, equal, state, run, more)

    return choose


def make_hand_over(
    strategy: str, kept: Callable[[Any], list[Draft]], more: Sequence[str] = ()
) -> Step:
    """The node that ends the run with the draft that was kept, as it is.

    Args:
        strategy: Name of the method, for `result`.
        kept: Function from the state to the kept drafts, the best first.
        more: Channels of the state that are copied to `result`.
    """

    async def choose(state: Any, run: Run[EnsembleContext]) -> dict[str, Any]:
        return await _ended(strategy, kept(state)[:1], None, state, run, more)

    return choose


async def _ended(
    strategy: str,
    read: Sequence[Draft],
    weight: Mapping[str, float] | None,
    state: Any,
    run: Run[EnsembleContext],
    more: Sequence[str],
) -> dict[str, Any]:
    """End the run with the winner of a vote, or without weights with the first draft."""
    if not read:
        raise NoUsableDraftError(no_answer(state["drafts"]), state["drafts"])
    knobs = run.knobs
    won, votes, margin = read[0], [], None
    if weight is not None:
        won, votes, margin = elect(read, weight, question(state["messages"]))
    hidden = AIMessage(won["text"])
    message = hidden if knobs.withheld else await replayed(won["text"], state["messages"])
    final, text = finish(message, strategy, state["calls"], won)
    extra = {channel: state[channel] for channel in ("stopped", "fell_back", *more)}
    extra |= {"votes": votes, "margin": margin, "winner": won["id"]}
    result = account(strategy, text, state, knobs, state["calls"], **extra)
    return {"messages": [final], "result": result, "calls": []}
