"""The options of one request, and the arguments they become for a chat model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel

from . import openai, sampling
from .patience import Patience
from .soundness import Watch

if TYPE_CHECKING:
    from ..member import Member


@dataclass
class Options:
    """The options of one request."""

    n: int = 1
    temperature: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    sample: int = 0
    """Which of the member's samples it is, or the first of `n`."""
    sampling: dict[str, Any] = field(default_factory=dict)
    """Further options that a model may refuse; see `models.sampling`."""
    response_format: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    letters: bool = False
    """Whether the probabilities of alternatives to the first token are wanted."""
    visible: bool = False
    idle_timeout: float | None = None
    on_token: Callable[[str], None] | None = None
    watch: Watch | None = None
    """Checks the text while it streams, and stops it if it runs away."""
    is_test: bool = False
    """Whether it only finds out if the member answers, so that no record can answer it."""
    patience: Patience | None = None
    """How long the member is waited for while it is silent; None: until its timeout."""
    reports_usage: bool = True
    """False if the server refused to report the tokens at the end of a stream."""
    partial: list[str] = field(default_factory=list)
    """The text that has arrived, filled while a stream runs."""

    @property
    def streamed(self) -> bool:
        """Whether the answer is streamed."""
        return self.visible or any(
            wish is not None for wish in (self.on_token, self.idle_timeout, self.watch)
        )


def arguments_of(model: BaseChatModel, member: Member, options: Options) -> dict[str, Any]:
    """Keyword arguments of one request to a chat model."""
    if member.speaks_openai:
        arguments = openai.options(
            member,
            temperature=options.temperature,
            max_tokens=options.max_tokens,
            seed=options.seed,
            n=options.n,
        )
    else:
        # A user's chat model may not support options for which it has no field.
        wanted = {
            "temperature": options.temperature,
            "max_tokens": options.max_tokens,
            "seed": options.seed,
            "n": options.n if options.n > 1 else None,
        }
        fields = type(model).model_fields
        arguments = {
            key: value for key, value in wanted.items() if key in fields and value is not None
        }
    arguments |= sampling.arguments(options.sampling)
    if options.response_format is not None and member.speaks_openai:
        # As a field of the request, because langchain-openai would use the named argument as a
        # parsing schema, and refuse it beside tools that are not strict.
        extra = arguments.setdefault("extra_body", dict(member.params.get("extra_body", {})))
        extra["response_format"] = options.response_format
    elif options.response_format is not None:
        arguments["response_format"] = options.response_format
    if options.streamed and options.n == 1 and "stream_usage" in type(model).model_fields:
        arguments |= _usage(model, options)
    if options.letters and member.speaks_openai:
        arguments |= {"logprobs": True, "top_logprobs": 10}
    if options.tools:
        chosen = options.tool_choice if member.speaks_openai else _in_words(options.tool_choice)
        choice = {} if chosen is None else {"tool_choice": chosen}
        bound = model.bind_tools(options.tools, **choice)  # pyright: ignore[reportArgumentType]
        arguments |= getattr(bound, "kwargs", {})
    return arguments


def _usage(model: Any, options: Options) -> dict[str, Any]:
    """Whether a stream is to end with its tokens: where nobody said so, and nobody refused it."""
    if model.disable_streaming or (model.stream_usage is not None and options.reports_usage):
        return {}
    return {"stream_usage": options.reports_usage}


def _in_words(choice: str | dict[str, Any] | None) -> str | None:
    """A `tool_choice` of the OpenAI protocol in the form that all LangChain models accept."""
    if isinstance(choice, dict):
        return (choice.get("function") or {}).get("name")
    return "any" if choice == "required" else choice
