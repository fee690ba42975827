"""Ask a judge member for a verdict in JSON, and account for the calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import HumanMessage

from ...errors import InputError
from ...models.ask import Ask, ask
from ...nodes.prompting import plain
from ...pool import Member
from ...prompts.neutral import neutralised
from ...records import Call, storable
from ...seeds import derive
from ...voting.reading import mended

TOKENS = 800
"""Tokens of a verdict."""


class NoVerdictError(InputError):
    """A judge gave no verdict that can be read."""


@dataclass
class Judge:
    """A member that judges answers.

    Attributes:
        member: The member, such as `pool["judge"]`.
        temperature: Its temperature.
        seed: The seed of its samples.
        calls: The calls that it made, with usage and cost.
    """

    member: Member
    temperature: float = 0.0
    seed: int = 42
    calls: list[Call] = field(default_factory=list)

    @property
    def cost_usd(self) -> float | None:
        """US dollars of all calls; None if a price is unknown."""
        costs = [call["cost_usd"] for call in self.calls]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    async def verdict(self, prompt: str) -> Mapping[str, Any] | None:
        """The JSON object of its reply to a prompt; None if it gives none."""
        reply = await ask(
            Ask(
                member=self.member,
                messages=plain([HumanMessage(prompt)], self.member, [None], TOKENS),
                stage="judge",
                temperature=self.temperature,
                max_tokens=TOKENS,
                seed=derive(self.seed, "judge", prompt),
            ),
            lambda _: None,
        )
        self.calls += reply.calls
        text = reply.first.text
        found = mended(text[text.find("{") :]) if "{" in text else None
        return found if isinstance(found, Mapping) else None


def shown(text: str) -> str:
    """A text as the judge sees it: it can neither end a draft nor begin a turn."""
    return neutralised(storable(text)).strip() or "(nothing)"


def number(verdict: Mapping[str, Any] | None, key: str, low: float, high: float) -> float | None:
    """A number of a verdict within bounds; None if there is none.

    Example:
        >>> number({"score": "8/10"}, "score", 1, 10), number({"score": 11}, "score", 1, 10)
        (8.0, None)
    """
    value = str((verdict or {}).get(key, "")).partition("/")[0]
    try:
        found = float(value)
    except ValueError:
        return None
    return found if low <= found <= high else None


def required(value: float | None, what: str) -> float:
    """A value that a judge has given.

    Raises:
        NoVerdictError: It has given none.
    """
    if value is None:
        raise NoVerdictError(
            f"the judge gave no {what}; take a stronger judge, or leave the row out"
        )
    return value
