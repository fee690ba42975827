"""The knobs of the further published systems: LLM ranker, debate, Symbolic-MoE."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .context import JudgedContext, WriterContext
from .knob import Knob


class RankerContext(JudgedContext):
    """Knobs of the LLM ranker (a baseline of arXiv 2406.04692)."""

    k: ClassVar[int] = 1
    duplicates: ClassVar[float | None] = None


class DebateContext(WriterContext):
    """Knobs of multi-agent debate; defaults as in its published code (arXiv 2305.14325)."""

    rounds: Annotated[int, Knob("round", label="Most rounds")] = Field(
        default=2, ge=1, le=20, description="Most rounds of answers, the first ones included."
    )
    agreement: Annotated[float | None, Knob("round", label="Stop when this share agrees")] = Field(
        default=1.0,
        gt=0,
        le=1,
        description="Share of equal short answers at which the debate ends early; unset: never, as "
        "published.",
    )


class SymbolicContext(WriterContext):
    """Knobs of Symbolic-MoE; defaults as published (arXiv 2503.05641)."""

    experts: Annotated[int, Knob("recruit", label="Experts recruited")] = Field(
        default=3, ge=1, le=50, description="Experts that are recruited, with replacement."
    )
    tags: Annotated[int, Knob("tag", label="Lists of keywords")] = Field(
        default=5,
        ge=1,
        le=50,
        description="Lists of keywords that are written; a keyword must be in two of them.",
    )
    recruit_temperature: Annotated[float, Knob("recruit", label="Variety of experts")] = Field(
        default=0.5,
        gt=0,
        le=100,
        description="Temperature of recruiting: near 0 the best member alone, high at random.",
    )
