"""Read the text of a judge or moderator, including that of weak models."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from ..records import storable

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_YES = {"true", "yes", "y", "1", "stop", "end", "ja"}
_NO = {"false", "no", "n", "0", "continue", "go on", "nein", "none", "null", ""}


LONGEST = 30_000
DEEPEST = 40
MOST_QUOTES = 500
"""Limits of characters, open brackets and quotes for the repair of a judgement."""


class Unreadable(ValueError):  # noqa: N818 - it is an outcome, not a fault
    """A judgement that cannot be read; the message says what is missing."""


class Decision(BaseModel):
    """Whether the rounds may end, and why."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    reason: str = Field(
        default="",
        description="One or two sentences.",
        validation_alias=AliasChoices("reason", "reasoning", "reasons", "explanation", "why"),
    )
    stop: bool = Field(
        description="Whether the drafts agree and are good enough.",
        validation_alias=AliasChoices("stop", "end", "end_debate", "end_discussion", "done"),
    )

    quality: float | None = Field(default=None, description="How good the best draft is, 0 to 10.")

    @field_validator("quality", mode="before")
    @classmethod
    def _as_number(cls, value: Any) -> float | None:
        found = _NUMBER.search(str(value))
        return min(float(found[0]), 10.0) if found else None

    @field_validator("reason", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> str:
        if isinstance(value, Mapping):
            value = [f"{key}: {item}" for key, item in value.items()]
        return storable(" ".join(map(str, value)) if isinstance(value, list) else str(value or ""))

    @field_validator("stop", mode="before")
    @classmethod
    def _as_bool(cls, value: Any) -> Any:
        word = str(value).strip().casefold()
        return True if word in _YES else False if word in _NO else value


class Verdict(Decision):
    """The judge's choice: ids of the best drafts, best first, counted from 1."""

    chosen: list[int] = Field(
        description="Ids of the best drafts, best first.",
        validation_alias=AliasChoices(
            "chosen", "chosen_drafts", "chosen_responses", "best", "selected", "ids", "choice"
        ),
    )
    stop: bool = Field(
        default=False,
        description="Whether the drafts agree and are good enough.",
        validation_alias=AliasChoices("stop", "end", "end_debate", "end_discussion", "done"),
    )

    @field_validator("chosen", mode="before")
    @classmethod
    def _as_ids(cls, value: Any) -> list[int]:
        items = value if isinstance(value, list) else [value]
        ids: list[int] = []
        for item in items:
            if isinstance(item, bool):
                continue
            if isinstance(item, Mapping):
                item = item.get("id", item.get("draft", ""))
            ids += [int(number) for number in re.findall(r"-?\d+", str(item))]
        return ids


class Cast(BaseModel):
    """Roles for a team."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    roles: list[str] = Field(description="One role a proposer.")

    @field_validator("roles", mode="before")
    @classmethod
    def _as_texts(cls, value: Any) -> list[str]:
        items = list(value.values()) if isinstance(value, Mapping) else value
        texts = []
        for item in items if isinstance(items, list) else []:
            if isinstance(item, Mapping):
                item = " ".join(str(part) for part in item.values())
            if text := storable(str(item)).strip():
                texts.append(text)
        return texts


def read_objects(text: str) -> list[dict[str, Any]]:
    """The JSON objects in `text` that hold something, the last one first.

    It tolerates the errors of weak models: a preamble, a code fence, single quotes, trailing
    commas, Python's True and None; keys are compared without case, spaces and hyphens.

    Raises:
        Unreadable: There is none.
    """
    fences = [found.end() for found in re.finditer(r"```(?:json)?\s*(?=\{)", text)]
    parts: list[str] = []
    if fences:
        inside, _, behind = text[fences[-1] :].partition("```")
        # What stands behind the last fence may be the verdict, if something is.
        parts = [behind[behind.find("{") :]] if "{" in behind else []
        parts.append(inside)
    elif "{" in text:
        parts.append(text[text.find("{") :])
    problem = Unreadable("there is no JSON object")
    found: list[dict[str, Any]] = []
    for part in parts:
        try:
            found += _objects(part[:LONGEST])
        except Unreadable as error:
            problem = error
    if not found:
        raise problem
    return found


def _objects(written: str) -> list[dict[str, Any]]:
    import json_repair

    if _depth(written) > DEEPEST:
        raise Unreadable("its brackets are nested too deeply")
    if sum(map(written.count, "\"'")) > MOST_QUOTES:
        raise Unreadable("it has too many quotes")
    try:
        parsed = json_repair.loads(written, skip_json_loads=False)
    except (
        Exception
    ):  # The parser may raise anything on a model's text, which is then no judgement.
        raise Unreadable("there is no JSON object") from None
    candidates = parsed if isinstance(parsed, list) else [parsed]
    return [
        {re.sub(r"[\s-]+", "_", str(k).strip().casefold()): v for k, v in candidate.items()}
        for candidate in reversed(candidates)
        if isinstance(candidate, dict) and candidate
    ]


def _depth(text: str) -> int:
    deepest = depth = 0
    for bracket in re.findall(r"[\[{(\])}]", text):
        depth = max(depth + (1 if bracket in "[{(" else -1), 0)
        deepest = max(deepest, depth)
    return deepest


def read_verdict(text: str, count: int) -> Verdict:
    """The judge's verdict on `count` drafts.

    Ids are counted from 1. Ids that do not exist are dropped, and repeated ones count once.

    Args:
        text: The judge's text.
        count: Number of drafts in its prompt.

    Raises:
        Unreadable: There is no JSON object, or it has no id of a draft.

    Example:
        >>> read_verdict("Sure! {'Chosen responses':[3,'1', 9, 3], 'end debate': yes}", 3).chosen
        [3, 1]
    """
    verdict = _validated(Verdict, text)
    known = [i for i in dict.fromkeys(verdict.chosen) if 1 <= i <= count]
    if not known:
        raise Unreadable("'chosen' names none of the drafts")
    return verdict.model_copy(update={"chosen": known})


def read_letter(text: str, said: Mapping[str, Any], count: int) -> Verdict:
    """The verdict of a judge that was asked for one letter.

    If the server gives the probabilities of the first token, they rank all drafts; otherwise the
    written letter is the only choice.

    Args:
        text: The judge's text.
        said: Its message's `response_metadata`, which may hold `logprobs`.
        count: Number of drafts in its prompt.

    Raises:
        Unreadable: There is no letter of a draft.

    Example:
        >>> read_letter("B.", {}, 3).chosen
        [2]
    """
    chances: dict[int, float] = {}
    for token, chance in _likely(said):
        token = token.strip(" (*").upper()
        place = ord(token) - 64 if len(token) == 1 else 0
        if 1 <= place <= count:
            chances[place] = max(chances.get(place, -99.0), chance)
    chosen = sorted(chances, key=lambda place: -chances[place])
    if not chosen:
        letters = re.findall(r"(?<![A-Za-z])[A-Z](?![A-Za-z])", text)
        chosen = [ord(x) - 64 for x in letters[:1] if ord(x) - 64 <= count]
    if not chosen:
        raise Unreadable("there is no letter of a draft")
    return Verdict(chosen=chosen)


def _likely(said: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Candidates of the first token with log probabilities; empty if they cannot be read."""
    try:
        likely = said["logprobs"]["content"][0]["top_logprobs"]
        tokens = [(str(entry["token"]), float(entry["logprob"])) for entry in likely]
    except (LookupError, TypeError, ValueError):
        return []
    return [(token, chance) for token, chance in tokens if not math.isnan(chance)]


def read_decision(text: str) -> Decision:
    """The moderator's decision; see `read_verdict`."""
    return _validated(Decision, text)


def read_cast(text: str, count: int) -> list[str]:
    """Exactly `count` roles.

    Raises:
        Unreadable: There are fewer.
    """
    roles = _validated(Cast, text).roles
    if len(roles) < count:
        raise Unreadable(f"there are {len(roles)} roles, not {count}")
    return roles[:count]


def response_format(
    name: str, schema: type[BaseModel], style: str, *, without: str = ""
) -> dict[str, Any] | None:
    """The response format for an object of `schema`; None if only the prompt asks for it.

    Args:
        name: Name of the format.
        schema: The form of the object.
        style: A member's `structured`.
        without: A field that is not asked for.
    """
    if style in ("text", "letter"):
        return None
    if style == "json_object":
        return {"type": "json_object"}
    shape = schema.model_json_schema(by_alias=False)
    shape["additionalProperties"] = False
    shape["properties"].pop(without, None)
    shape["required"] = list(shape["properties"])
    return {"type": "json_schema", "json_schema": {"name": name, "schema": shape, "strict": True}}


def _validated(schema: Any, text: str) -> Any:
    """The last object of a text that has the form: what a judge quotes stands before its own."""
    problem = ""
    for candidate in read_objects(text):
        try:
            return schema.model_validate(candidate)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"]) or "the object"
            problem = problem or f"{key!r}: {first['msg'].lower()}"
    raise Unreadable(problem)
