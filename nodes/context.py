"""The knobs of each graph: JSON values with bounds, defaults and descriptions."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from .knob import Knob

_DRAFTS = "propose_ sample_"
_WRITES = f"{_DRAFTS} aggregate choose escalate"
_BETWEEN = "layer round moderate vote recruit"
"""Steps in which a run decides whether to continue."""


class EnsembleContext(BaseModel):
    """Knobs that every graph has."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    replaces: ClassVar[bool] = False
    """Whether the graph was built to replace an unsure answer; this is not a knob."""
    drafts_call: ClassVar[bool] = False
    """Whether a draft may call tools; this is not a knob."""

    temperature: Annotated[
        float, Knob(f"{_DRAFTS} aggregate", limit=True, label="Variety of drafts (temperature)")
    ] = Field(default=0.7, ge=0, le=2, description="Sampling temperature of the drafts.")
    max_tokens: Annotated[
        int | None, Knob(f"{_DRAFTS} aggregate", limit=True, label="Longest answer")
    ] = Field(
        default=None, ge=1, description="Longest answer in tokens; unset: each member's own limit."
    )
    seed: Annotated[int, Knob("prepare", limit=True, label="Seed")] = Field(
        default=42, ge=0, description="Fixes prompt order, tie breaks and sampling seeds."
    )
    quorum: Annotated[int | None, Knob(_DRAFTS, limit=True, label="Enough drafts")] = Field(
        default=None,
        ge=1,
        description="Number of usable drafts after which the run continues; unset: wait for all.",
    )
    grace: Annotated[float, Knob(_DRAFTS, limit=True, label="Then wait for late drafts, s")] = (
        Field(
            default=0.0,
            ge=0,
            description="Seconds that late drafts may still take once the quorum is reached.",
        )
    )
    deadline: Annotated[float | None, Knob(_DRAFTS, limit=True, label="Time for drafts, s")] = (
        Field(
            default=None,
            gt=0,
            description="Seconds the drafts of one layer may take; late ones are cancelled.",
        )
    )
    draft_tokens: Annotated[
        int | None,
        Knob(_DRAFTS, limit=True, label="Longest draft, tokens", usual="by the question"),
    ] = Field(
        default=None,
        ge=16,
        description="Longest draft in tokens; unset: by the question and the members' contexts.",
    )
    max_seconds: Annotated[
        float | None,
        Knob(f"{_DRAFTS} aggregate choose", limit=True, label="Time for the whole run, s"),
    ] = Field(
        default=300.0,
        gt=0,
        description="Seconds the whole run may take; then the best answer so far is given. "
        "50 if all members are small models on one machine.",
    )
    max_calls: Annotated[int | None, Knob(_BETWEEN, limit=True, label="Most calls")] = Field(
        default=None, ge=1, description="Most requests, retries and nested ensembles included."
    )
    max_total_tokens: Annotated[int | None, Knob(_BETWEEN, limit=True, label="Most tokens")] = (
        Field(
            default=None,
            ge=1,
            description="Most tokens; a call is made only if its worst case fits.",
        )
    )
    budget_usd: Annotated[float | None, Knob(_BETWEEN, limit=True, label="Budget, $")] = Field(
        default=None,
        gt=0,
        description="Most US dollars; a call is made only if its worst case fits.",
    )
    answer_format: Annotated[
        dict[str, Any] | None, Knob("aggregate choose sample_", hidden=True)
    ] = Field(
        default=None,
        description="Form of the final answer: a response_format of the OpenAI protocol, "
        "json_object or json_schema.",
    )
    top_p: Annotated[float | None, Knob(_WRITES, hidden=True)] = Field(
        default=None, ge=0, le=1, description="Share of the likeliest tokens that are drawn from."
    )
    presence_penalty: Annotated[float | None, Knob(_WRITES, hidden=True)] = Field(
        default=None, ge=-2, le=2, description="Penalty on tokens that were there before."
    )
    frequency_penalty: Annotated[float | None, Knob(_WRITES, hidden=True)] = Field(
        default=None, ge=-2, le=2, description="Penalty on tokens, by how often they were there."
    )
    logit_bias: Annotated[dict[str, float] | None, Knob(_WRITES, hidden=True)] = Field(
        default=None, description="Bias of each token, by its number in the members' vocabulary."
    )
    reasoning_effort: Annotated[str | None, Knob(_WRITES, hidden=True)] = Field(
        default=None,
        pattern=r"^[a-z]{1,20}$",
        description="How long members that reason think, such as low or high.",
    )
    logprobs: Annotated[int | None, Knob(_WRITES, hidden=True)] = Field(
        default=None,
        ge=0,
        le=20,
        description="Number of alternatives to each token of the answer whose probabilities are "
        "wanted beside the token's own; unset: none are.",
    )
    confidence: Annotated[
        float,
        Knob(
            "vote aggregate choose escalate",
            usual="the pool's, else 0",
            label="Mark as unsure below",
        ),
    ] = Field(
        default=0.0,
        ge=0,
        le=1,
        description="An answer with less confidence is marked unsure, and escalated or declined "
        "if the graph was built for it; 0: never.",
    )

    @property
    def withheld(self) -> bool:
        """Whether an answer must not be shown before its confidence is known."""
        return self.replaces and self.confidence > 0


class WriterContext(EnsembleContext):
    """Knobs of the graphs whose answer may be tool calls."""

    answer_tools: Annotated[
        list[dict[str, Any]] | None, Knob("aggregate choose sample_ vote", hidden=True)
    ] = Field(
        default=None,
        description="Tools, described as functions of the OpenAI protocol. The writer of the "
        "final answer may call them (proposers get none); in the Avengers every sample may, and "
        "the calls are voted on.",
    )
    answer_tool_choice: Annotated[
        str | dict[str, Any] | None, Knob("aggregate choose sample_ vote", hidden=True)
    ] = Field(default=None, description="auto, none, required, or the one tool to call.")


class MoaContext(WriterContext):
    """Knobs of Mixture-of-Agents; defaults as published (arXiv 2406.04692)."""

    layers: Annotated[int, Knob("layer", label="Layers")] = Field(
        default=3,
        ge=2,
        le=10,
        description="Layers, the aggregator's included: 3 is MoA, 2 is MoA-Lite.",
    )
    depth: Annotated[Literal["fixed", "difficulty"], Knob("layer", label="Layers in use")] = Field(
        default="fixed",
        description="difficulty: where a task map picked the proposers, two layers if the best "
        "one is always right on such questions, and all layers if it is right at most half the "
        "time.",
    )


class JudgedContext(WriterContext):
    """Knobs of the graphs in which a judge compares the drafts."""

    judge_temperature: Annotated[
        float, Knob("judge rank repair moderate", label="Judge's temperature")
    ] = Field(
        default=0.0,
        ge=0,
        le=2,
        description="Sampling temperature of judge and moderator; 0.7 in the published code.",
    )


class SmoaContext(JudgedContext):
    """Knobs of SMoA; defaults as in its published code (arXiv 2411.03284)."""

    k: Annotated[int, Knob("judge select", label="Drafts kept")] = Field(
        default=2, ge=1, le=20, description="Drafts that the judge passes on."
    )
    rounds: Annotated[int, Knob("moderate", label="Most rounds")] = Field(
        default=2, ge=1, le=100, description="Most rounds of drafting."
    )
    agreement: Annotated[float | None, Knob("moderate", label="Stop when this share agrees")] = (
        Field(
            default=1.0,
            gt=0,
            le=1,
            description="Share of equal short answers at which no round is needed; unset: only the "
            "judge or the moderator ends the rounds early.",
        )
    )
    duplicates: Annotated[float | None, Knob("select", label="Drop near-duplicates at")] = Field(
        default=None,
        gt=0,
        le=1,
        description="Share of common words from which on the worse of two drafts is dropped as a "
        "duplicate, unless fewer than k are left; unset: none is.",
    )
    quality: Annotated[
        float | None, Knob("judge repair moderate", label="Good enough at (0 to 10)")
    ] = Field(
        default=None,
        ge=0,
        le=10,
        description="Quality, from 0 to 10, of the kept drafts in the opinion of the moderator "
        "(without one, the judge) from which on no round is needed; unset: it is not asked for.",
    )


class AvengersContext(WriterContext):
    """Knobs of the Avengers; defaults as published (arXiv 2505.19797)."""

    drafts_call: ClassVar[bool] = True

    answer_schema: Annotated[dict[str, Any] | None, Knob("vote", hidden=True)] = Field(
        default=None,
        description="JSON schema by which answers are counted, field by field, if they are a "
        "json_object or arguments of the one tool to call; a json_schema has its own.",
    )
    samples: Annotated[int, Knob("sample_ route", label="Answers drawn")] = Field(
        default=10, ge=1, le=100, description="Total number of samples for a question."
    )
    wave_seconds: Annotated[float | None, Knob("vote route", label="Draw more answers for, s")] = (
        Field(
            default=20.0,
            gt=0,
            description="A model on a local server draws four samples at a time, and more only "
            "while the vote is open and the run has taken at most so many seconds. Unset: all at "
            "once.",
        )
    )
    top_n: Annotated[int, Knob("route", usual="1, without a profile all", label="Models asked")] = (
        Field(default=1, ge=1, le=20, description="Members that the router picks.")
    )
    strategy: Annotated[
        Literal["self_consistency", "model_switch", "team"],
        Knob("route vote", label="How models are asked"),
    ] = Field(
        default="self_consistency",
        description="self_consistency: all picked members vote together; model_switch: the "
        "next member is asked only if the vote so far is not sure; team: each member is asked "
        "once until the vote is settled.",
    )
    settled: Annotated[float | None, Knob("vote", label="Vote counts as settled at")] = Field(
        default=None,
        gt=0,
        le=1,
        description="Probability that the leader of a team's vote stays the leader; at 1 everybody "
        "is asked; unset: what the profile found to lose hardly an answer, else 0.9.",
    )
    weights: Annotated[Literal["profile", "equal"], Knob("vote", label="Weight of votes")] = Field(
        default="profile",
        description="profile: votes have the weights that the profile has learnt, if it has learnt "
        "any; equal: each sample is one vote.",
    )
    threshold: Annotated[float, Knob("vote", label="Vote counts as sure at")] = Field(
        default=0.8, ge=0, le=1, description="Share of the vote at which model_switch is sure."
    )
    switch: Annotated[
        Literal["lazy", "eager"], Knob("route vote", label="Second model is asked")
    ] = Field(
        default="lazy",
        description="lazy: model_switch asks the next member when it is not sure; eager: it asks "
        "all picked members together, and the first one's vote counts alone if it is sure.",
    )
    mode: Annotated[
        Literal["posterior", "published", "reference"],
        Knob("route", label="How the task map is read"),
    ] = Field(default="posterior", description="How the task map is read.")
    top_k: Annotated[int, Knob("route", label="Clusters considered")] = Field(
        default=2, ge=1, le=1000, description="Nearest clusters that mode reference weighs."
    )
    beta: Annotated[float, Knob("route", label="Weight of near clusters")] = Field(
        default=6.0, gt=0, description="Sharpness of their weights in mode reference."
    )
    alpha: Annotated[float, Knob("route", label="Quality or cost")] = Field(
        default=1.0, ge=0, le=1, description="Quality (1) against cost (0) in routing."
    )
    sticky: Annotated[float, Knob("route", label="Stay with the same models")] = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Later turns keep the members of the previous turn if their scores are lower "
        "than the best by at most this much.",
    )
