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
    """What the fields say together.

    Attributes:
        value: The merged object; None where no ballot fits the schema.
        nearest: The member whose ballot is most like it.
        members: Those with a ballot that fits.
        agreed: The mean share of weight behind the fields' winners.
        margin: Their mean lead over the second; None where nothing was counted.
    """

    value: Any
    nearest: str | None
    members: frozenset[str]
    agreed: float
    margin: float | None = None


class _Ballot(NamedTuple):
    """A value, or one of its fields; `backed`: how far others back the whole of it."""

    weight: float
    backed: float
    value: Any


class _Won(NamedTuple):
    """Of one field: its winner's share of the weight, and the lead over the second."""

    share: float
    lead: float


def by_fields(
    ballots: Sequence[tuple[str, float, Any]], schema: Mapping[str, Any], seed: int
) -> Merged:
    """The object whose fields most weight agrees on.

    Objects are merged field by field, nested ones too; lists and scalars are counted as a whole.
    Where a field is tied, as texts in a model's own words are, it comes from the ballot whose other
    fields most weight agrees on. If the merged object does not fit the schema, which fields that
    depend on each other can cause, the ballot that is most like it is taken whole.

    Args:
        ballots: Member, weight and value of each.
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
    """The mean weight behind the fields of each ballot."""
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
    """The value, and how each of its leaves was won."""
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
        found = key_of(ballot.value)
        tally[found] = tally.get(found, 0.0) + ballot.weight
        best[found] = max(best.get(found, ballot), ballot, key=lambda b: b.backed)

    def rank(found: str) -> tuple[float, float, int]:
        return round(tally[found], 9), best[found].backed, derive(seed, found)

    order = sorted(tally, key=rank, reverse=True)
    second = tally[order[1]] if len(order) > 1 else 0.0
    first = tally[order[0]]
    return best[order[0]].value, [_Won(first / total, (first - second) / total)]


def _alike(one: Any, other: Any) -> float:
    """The share of fields that two values have in common."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names = {*one, *other}
        same = sum(_alike(one[n], other[n]) for n in names if n in one and n in other)
        return same / len(names) if names else 1.0
    return float(key_of(one) == key_of(other))
