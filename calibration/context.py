"""The knobs of a calibration."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ..nodes.knob import Knob


class CalibrationContext(BaseModel):
    """Knobs of a calibration."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    samples: Annotated[int, Knob("answer")] = Field(
        default=3, ge=1, le=100, description="Answers of each member to each question."
    )
    temperature: Annotated[float, Knob("answer")] = Field(
        default=0.7, ge=0, le=2, description="Sampling temperature."
    )
    max_tokens: Annotated[int | None, Knob("answer")] = Field(
        default=None, ge=1, description="Longest answer in tokens; unset: each member's own limit."
    )
    seed: Annotated[int, Knob("load answer cluster")] = Field(
        default=42, ge=0, description="Fixes the order of asking, sampling seeds and the map."
    )
    concurrency: Annotated[int, Knob("answer")] = Field(
        default=16, ge=1, le=1000, description="Concurrent calls, over all members."
    )
    batch_size: Annotated[int, Knob("answer")] = Field(
        default=64, ge=1, description="Smallest number of answers between two checkpoints."
    )
    probe: Annotated[float | None, Knob("answer")] = Field(
        default=None,
        gt=0,
        le=1,
        description="Share of the pairs of member and question to ask, chosen adaptively by "
        "successive halving, such as 0.35; unset: all.",
    )
    max_calls: Annotated[int | None, Knob("answer")] = Field(
        default=None,
        ge=0,
        description="Stop after so many calls, including earlier runs.",
    )
    budget_usd: Annotated[float | None, Knob("answer")] = Field(
        default=None,
        gt=0,
        description="Stop after so many US dollars, including earlier runs.",
    )
