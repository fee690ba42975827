"""JSON answers, counted field by field against their schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..seeds import derive
from .literals import key_of
from .schemas import Schema


@dataclass(frozen=True)
class Merged:
    """The result of a vote by fields.

    Attributes:
        value: The merged object; None if no ballot fits the schema.
        nearest: The member whose ballot is most similar to it.
        members: The members with a ballot that fits.
        agreed: The mean share of weight for the fields' winners.
        margin: Their mean lead over the second; None if nothing was counted.
    """

    value: Any
    nearest: str | None
    members: frozenset[str]
    agreed: float
    margin: float | None = None


class _Ballot(NamedTuple):
    """A value or one of its fields; `backed` is the agreement of others with the whole value."""

    weight: float
    backed: float
    value: Any


class _Won(NamedTuple):
    """The winner's share of the weight of one field, and its lead over the second."""

    share: float
    lead: float


def by_fields(
    ballots: Sequence[tuple[str, float, Any]], schema: Mapping[str, Any], seed: int
) -> Merged:
    """Merge objects into one whose fields have the largest weights.

    Objects are merged field by field, including nested ones; lists and scalars are counted as a
    whole. A tied field, such as a text in a model's own words, comes from the ballot whose other
    fields have the largest agreement. If the merged object does not fit the schema, because fields
    depend on each other, the most similar ballot is taken as a whole.

    Args:
        ballots: Member, weight and value of each ballot.
        schema: JSON schema.
        seed: Fixes the order of ties.

    Raises:
        InputError: The schema itself is not valid.
    """
    judge = Schema(schema)
    fit = [(name, weight, value) for name, weight, value in ballots if not judge.misfit(value)]
    if not fit:
        return Merged(None, None, frozenset(), 0.0)
    backed = _backed([(weight, value) for _, weight, value in fit])
    each = [_Ballot(w, b, value) for (_, w, value), b in zip(fit, backed, strict=True)]
    merged, won = _merged(each, seed)

    def likeness(ballot: tuple[str, float, Any]) -> tuple[float, float]:
        return _alike(ballot[2], merged), ballot[1]

    nearest = max(fit, key=likeness)
    value = nearest[2] if judge.misfit(merged) else merged
    agreed = sum(field.share for field in won) / len(won) if won else 1.0
    margin = round(sum(field.lead for field in won) / len(won), 6) if won else 1.0
    return Merged(value, nearest[0], frozenset(name for name, _, _ in fit), agreed, margin)


def _backed(ballots: Sequence[tuple[float, Any]]) -> list[float]:
    """The mean weight of the fields of each ballot."""
    tally: Counter[Any] = Counter()
    for weight, value in ballots:
        for leaf in _leaves(value):
            tally[leaf] += weight  # pyright: ignore[reportArgumentType]
    each = [[tally[leaf] for leaf in _leaves(value)] for _, value in ballots]
    return [round(sum(leaves) / max(len(leaves), 1), 9) for leaves in each]


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _leaves(each, (*path, name))
    else:
        yield path, key_of(value)


def _merged(ballots: Sequence[_Ballot], seed: int) -> tuple[Any, list[_Won]]:
    """The merged value, and the vote on each of its leaves."""
    total = sum(ballot.weight for ballot in ballots) or 1.0
    objects = [ballot for ballot in ballots if isinstance(ballot.value, Mapping)]
    weight = sum(ballot.weight for ballot in objects)
    if 2 * weight > total:
        merged, won = {}, []
        for name in dict.fromkeys(name for ballot in objects for name in ballot.value):
            have = [b._replace(value=b.value[name]) for b in objects if name in b.value]
            if 2 * sum(ballot.weight for ballot in have) >= weight:
                merged[name], more = _merged(have, seed)
                won += more
        return merged, won
    tally: dict[str, float] = {}
    best: dict[str, _Ballot] = {}
    for ballot in ballots:
        value_key = key_of(ballot.value)
        tally[value_key] = tally.get(value_key, 0.0) + ballot.weight
        best[value_key] = max(best.get(value_key, ballot), ballot, key=lambda b: b.backed)

    def rank(value_key: str) -> tuple[float, float, int]:
        return round(tally[value_key], 9), best[value_key].backed, derive(seed, value_key)

    order = sorted(tally, key=rank, reverse=True)
    second = tally[order[1]] if len(order) > 1 else 0.0
    first = tally[order[0]]
    return best[order[0]].value, [_Won(first / total, (first - second) / total)]


def _alike(one: Any, other: Any) -> float:
    """The share of fields in which two values agree."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names = {*one, *other}
        same = sum(_alike(one[n], other[n]) for n in names if n in one and n in other)
        return same / len(names) if names else 1.0
    return float(key_of(one) == key_of(other))
