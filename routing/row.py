"""One checked record of the members' scores on a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StrictBool, ValidationError

Score = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Dollars = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
Weight = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
Name = Annotated[str, Field(strict=True, min_length=1)]

_WANTED = {
    "query": "no question: 'query' must be text",
    "scores": "no scores: 'scores' must map members to numbers",
    "costs": "'costs' must map members to US dollars",
}
_NUMBERS = {
    "scores": ("score of {} is {}, not a number from 0 to 1"),
    "costs": ("cost of {} is {}, not US dollars from 0 up"),
}


def _asked(query: object) -> str:
    """Check a question; unlike pydantic's own `str`, this accepts lone surrogates."""
    if isinstance(query, str) and query.strip():
        return query
    raise ValueError("no question")


class Row(BaseModel):
    """A question with the scores of members.

    Attributes:
        query: The question.
        scores: Score of each member, from 0 to 1; None if it is unknown.
        costs: Cost of each member's answer in US dollars.
        weight: Weight of the question.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    query: Annotated[str, PlainValidator(_asked)]
    scores: Mapping[Name, Score | StrictBool | None]
    costs: Mapping[Name, Dollars | None] | None = None
    weight: Weight = 1.0


def row_problem(row: Any) -> str | None:
    """The problem of a record in one line; None if it is valid.

    Example:
        >>> row_problem({"query": "2+2?", "scores": {"a": 4}})
        "score of 'a' is 4, not a number from 0 to 1"
    """
    if not isinstance(row, Mapping):
        return "not a mapping with 'query' and 'scores'"
    try:
        Row.model_validate(row)
    except ValidationError as error:
        return _told(error.errors()[0])
    return None


def _told(error: Mapping[str, Any]) -> str:
    part, *rest = error["loc"]
    if part == "weight":
        return f"weight is {_short(error['input'])}, not a number above 0"
    if not rest or part not in _NUMBERS:
        return _WANTED[part]
    if "[key]" in rest:
        return "a member's name must be text"
    return _NUMBERS[part].format(_short(rest[0]), _short(error["input"]))


def _short(value: object) -> str:
    return repr(value)[:80]
