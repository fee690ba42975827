"""Count answers: group equal ones, and find the one with the largest weight."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError
from ..seeds import derive
from .calls import ToolCalls, calls_key, calls_text, is_calls
from .fields import by_fields
from .kinds import checked, kind_of
from .reading import key, read

Said = str | ToolCalls
"""The output of a member: a text, or tool calls."""
Drafts = Mapping[str, Said | Sequence[Said]]
"""The output of each member: one, or several samples."""


NO_CALL = "no call"
"""Key of the candidate that calls no tool while others do."""


@dataclass(frozen=True)
class Candidate:
    """One answer with the members that gave it.

    Attributes:
        answer: The answer in the words of the first member that gave it.
        key: The key, which equal answers share.
        given: How often each member gave it.
        said: The output of the first member that gave it.
    """

    answer: str
    key: str
    given: Mapping[str, int]
    said: Said


@dataclass(frozen=True)
class Vote:
    """The result of a vote.

    Attributes:
        answer: The winning answer; None if no member gave one. Tool calls are JSON.
        member: The member with the largest weight that gave the answer.
        tally: The weight of each answer, best first.
        margin: The lead over the second answer, as a share of all weight; None without a vote.
        probability: The probability that the answer is right.
        kind: The kind of answer that was counted.
        abstained: Members without an answer.
        said: The unchanged output of that member; tool calls as calls.
    """

    answer: str | None
    member: str | None
    tally: Mapping[str, float]
    margin: float | None
    probability: float | None
    kind: str
    abstained: tuple[str, ...] = ()
    said: Said | None = field(default=None, repr=False)


def vote(
    drafts: Drafts,
    *,
    question: str = "",
    kind: str = "auto",
    weights: Mapping[str, float] | None = None,
    seed: int = 42,
    schema: Mapping[str, Any] | None = None,
) -> Vote:
    """Count the answers of members. This is a pure function, which the graphs use, too.

    A member's weight is divided among its samples; unreadable samples abstain. Ties go to the
    answer of the member with the largest weight, then to an order that the seed fixes.

    Args:
        drafts: The output of each member.
        question: The question.
        kind: See `read`.
        weights: Weights of the members, at least 0 and 1 by default; None gives equal weights.
        seed: Fixes the order of ties.
        schema: JSON schema of the answer. With it fields are counted one by one, and drafts that do
            not fit it abstain.

    Raises:
        InputError: The kind is unknown, or a weight is below 0.

    Example:
        >>> result = vote({"a": "Answer: 4", "b": "It is 4.0.", "c": "Answer: 5"}, question="2+2?")
        >>> result.answer, result.member, result.tally, result.kind
        ('4', 'a', {'4': 2.0, '5': 1.0}, 'number')
    """
    each = {name: samples_of(said) for name, said in drafts.items()}
    weight = {name: (weights or {}).get(name, 1.0) for name in each}
    if any(not value >= 0 for value in weight.values()):
        raise InputError("weights must be at least 0")
    if schema is not None:
        return _by_schema(each, weight, schema, seed)
    answers, sort = candidates(drafts, question=question, kind=kind)
    if sort == "text":
        return _medoid(each, answers, weight)
    return tallied(answers, sort, weight, each, seed)


def candidates(
    drafts: Drafts, *, question: str = "", kind: str = "auto"
) -> tuple[list[Candidate], str]:
    """The distinct answers in the order of their first appearance, and their kind.

    Args:
        drafts: The output of each member.
        question: The question.
        kind: See `read`.

    Example:
        >>> answers, kind = candidates({"a": "Answer: 1/2", "b": "Answer: 0.5"})
        >>> [(each.answer, dict(each.given)) for each in answers], kind
        ([('1/2', {'a': 1, 'b': 1})], 'classification')
    """
    each = {name: samples_of(said) for name, said in drafts.items()}
    everything = [said for samples in each.values() for said in samples]
    sort = kind_of(question, everything) if checked(kind) == "auto" else kind
    answers: dict[str, tuple[str, Said, dict[str, int]]] = {}
    for name, samples in each.items():
        for said in samples:
            if is_calls(said):
                answer, answer_key = calls_text(said), f"calls:{calls_key(said)}"  # pyright: ignore[reportArgumentType]
            elif sort == "tool_calls":
                # All texts instead of a call count as one candidate: that no tool is called.
                answer, answer_key = str(said), NO_CALL
            else:
                answer = read(str(said), question, sort)
                if answer is None:
                    continue
                answer_key = key(answer, sort)
            given = answers.setdefault(answer_key, (answer, said, {}))[2]
            given[name] = given.get(name, 0) + 1
    return [Candidate(a, k, given, said) for k, (a, said, given) in answers.items()], sort


def tallied(
    answers: Sequence[Candidate],
    kind: str,
    weight: Mapping[str, float],
    each: Mapping[str, Sequence[Said]],
    seed: int = 42,
) -> Vote:
    """The vote over candidates."""
    silent = tuple(name for name in each if not any(name in c.given for c in answers))
    if not answers:
        return Vote(None, None, {}, None, None, kind, silent)

    def shares(candidate: Candidate) -> dict[str, float]:
        given = candidate.given
        return {name: weight[name] * given[name] / len(each[name]) for name in given}

    def rank(candidate: Candidate) -> tuple[float, float, int]:
        held = shares(candidate).values()
        return round(sum(held), 9), max(held), derive(seed, candidate.key)

    ranked = sorted(answers, key=rank, reverse=True)
    tally = {c.answer: round(rank(c)[0], 9) for c in ranked}
    total = sum(rank(c)[0] for c in ranked)
    first = ranked[0]
    second = rank(ranked[1])[0] if len(ranked) > 1 else 0.0
    held = shares(first)
    member = max(held, key=lambda name: held[name])
    margin = (rank(first)[0] - second) / total if total else 0.0
    everybody = sum(weight.values())
    return Vote(
        answer=first.answer,
        member=member,
        tally=tally,
        margin=round(margin, 6),
        probability=drawn_to_half(rank(first)[0], everybody, len(each)),
        kind=kind,
        abstained=silent,
        said=first.said,
    )


def samples_of(said: Said | Sequence[Said]) -> list[Said]:
    """The output of a member as a list of samples."""
    if isinstance(said, str) or is_calls(said):
        return [said]  # pyright: ignore[reportReturnType]
    return list(said)  # pyright: ignore[reportReturnType, reportArgumentType]


def drawn_to_half(held: float, everybody: float, members: int) -> float:
    """The winner's share, shrunk towards one half by one vote, because few votes say little.

    Example:
        >>> drawn_to_half(1, 1, 1), drawn_to_half(9, 9, 9)
        (0.75, 0.95)
    """
    if not everybody:
        return 0.0
    votes = members * held / everybody
    return round((votes + 0.5) / (members + 1), 6)


def _medoid(
    each: Mapping[str, Sequence[Said]], answers: Sequence[Candidate], weight: Mapping[str, float]
) -> Vote:
    """The vote over texts, which are not counted: the one most similar to the others wins."""
    silent = tuple(name for name in each if not any(name in c.given for c in answers))
    if not answers:
        return Vote(None, None, {}, None, None, "text", silent)
    place = most_alike([c.answer for c in answers])
    first = answers[place]
    member = max(first.given, key=lambda name: weight[name])
    return Vote(first.answer, member, {}, None, None, "text", silent, first.said)


def most_alike(texts: Sequence[str]) -> int:
    """The index of the text that shares most words with the others.

    Example:
        >>> most_alike(["a red fox", "a red dog", "the moon"])
        0
    """
    words = [set(re.findall(r"\w+", text[:20_000].casefold())) for text in texts]

    def shared(i: int) -> float:
        return sum(
            len(words[i] & other) / max(len(words[i] | other), 1)
            for j, other in enumerate(words)
            if j != i
        )

    return max(range(len(texts)), key=shared)


def _by_schema(
    each: Mapping[str, Sequence[Said]],
    weight: Mapping[str, float],
    schema: Mapping[str, Any],
    seed: int,
) -> Vote:
    """A vote on each field; the answer and every ballot fit the schema."""
    ballots: list[tuple[str, float, Any]] = []
    for name, samples in each.items():
        for said in samples:
            answer = read(str(said), kind="json")
            if answer is not None:
                ballots.append((name, weight[name] / len(samples), json.loads(answer)))
    merged = by_fields(ballots, schema, seed)
    silent = tuple(name for name in each if name not in merged.members)
    if merged.value is None:
        return Vote(None, None, {}, None, None, "json", silent)
    text = json.dumps(merged.value, ensure_ascii=False)
    everybody = sum(weight.values())
    share = drawn_to_half(merged.agreed * everybody, everybody, len(each))
    tally = {text: merged.agreed}
    return Vote(text, merged.nearest, tally, merged.margin, share, "json", silent, text)
