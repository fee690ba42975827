"""JSON answers, counted field by field against their schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..seeds import derive
from .literals import key_of


@dataclass(frozen=True)
class Merged:
    """What the fields say together.

    Attributes:
        value: The merged object; None where no ballot fits the schema.
        nearest: The member whose ballot is most like it.
        members: Those with a ballot that fits.
        agreed: The mean share of weight behind the fields' winners.
    """

    value: Any
    nearest: str | None
    members: frozenset[str]
    agreed: float


def by_fields(
    ballots: Sequence[tuple[str, float, Any]], schema: Mapping[str, Any], seed: int
) -> Merged:
    """The object whose fields most weight agrees on.

    Objects are merged field by field, nested ones too; lists and scalars are counted as a whole. If
    the merged object does not fit the schema, which fields that depend on each other can cause, the
    ballot that is most like it is taken whole.

    Args:
        ballots: Member, weight and value of each.
        schema: JSON schema.
        seed: Fixes the order of ties.

    Raises:
        InputError: The schema itself is not valid.
    """
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    kind = validator_for(dict(schema))
    try:
        kind.check_schema(dict(schema))
    except SchemaError as error:
        raise InputError(f"the schema of the answer is not valid: {error.message}") from None
    judge = kind(dict(schema))
    fit = [(name, weight, value) for name, weight, value in ballots if judge.is_valid(value)]
    if not fit:
        return Merged(None, None, frozenset(), 0.0)
    merged, shares = _merged([(weight, value) for _, weight, value in fit], seed)

    def likeness(value: Any) -> float:
        return _alike(value, merged)

    nearest = max(fit, key=lambda ballot: (likeness(ballot[2]), ballot[1]))
    value = merged if judge.is_valid(merged) else nearest[2]
    agreed = sum(shares) / len(shares) if shares else 1.0
    return Merged(value, nearest[0], frozenset(name for name, _, _ in fit), agreed)


def _merged(ballots: Sequence[tuple[float, Any]], seed: int) -> tuple[Any, list[float]]:
    """The value, and the share of weight behind each of its leaves."""
    total = sum(weight for weight, _ in ballots) or 1.0
    objects = [(weight, value) for weight, value in ballots if isinstance(value, Mapping)]
    if 2 * sum(weight for weight, _ in objects) > total:
        merged, shares = {}, []
        for name in dict.fromkeys(name for _, value in objects for name in value):
            have = [(weight, value[name]) for weight, value in objects if name in value]
            if 2 * sum(weight for weight, _ in have) >= sum(weight for weight, _ in objects):
                merged[name], more = _merged(have, seed)
                shares += more
        return merged, shares
    tally: dict[str, float] = {}
    first: dict[str, Any] = {}
    for weight, value in ballots:
        found = key_of(value)
        tally[found] = tally.get(found, 0.0) + weight
        first.setdefault(found, value)
    best = max(tally, key=lambda found: (round(tally[found], 9), derive(seed, found)))
    return first[best], [tally[best] / total]


def _alike(one: Any, other: Any) -> float:
    """The share of fields that two values have in common."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names = {*one, *other}
        same = sum(_alike(one[n], other[n]) for n in names if n in one and n in other)
        return same / len(names) if names else 1.0
    return float(key_of(one) == key_of(other))
