"""Price: what a model's tokens cost."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from .records import Usage


class Price(BaseModel):
    """What tokens cost, in US dollars per million tokens.

    Example:
        >>> Price(input=0.2, output=0.6).of({"input_tokens": 1_000_000, "output_tokens": 500_000})
        0.5
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )

    input: float = Field(ge=0, description="US dollars per million input tokens.")
    output: float = Field(ge=0, description="US dollars per million output tokens.")

    def of(self, usage: Usage) -> float:
        """The cost of `usage` in US dollars."""
        spent = usage["input_tokens"] * self.input + usage["output_tokens"] * self.output
        return spent / 1_000_000
