"""Member: one model of a pool, with its provider, price and limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    field_serializer,
    field_validator,
    model_validator,
)

from .errors import InputError
from .models import providers, registry
from .models.model_names import UNUSABLE, size_in, slug
from .price import Price
from .redact import hidden

Stage = Literal["propose", "aggregate", "judge", "moderate", "roles", "escalate"]

SMALL = 1.0
"""Billions of parameters below which a model is small: it rambles, and rewrites drafts badly."""

_MOST = 1_000_000_000
_Tokens = Annotated[int, Field(ge=1, le=_MOST)]


class Member(BaseModel):
    """One model of a pool: how to reach it, and its limits.

    Example:
        >>> qwen = Member(name="qwen", model="qwen2.5:7b", base_url="http://localhost:11434/v1")
        >>> qwen.tokens("aggregate")
        2048
    """

    # Errors never show their input: a chat model's repr may be long and contain private data.
    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )

    name: str = Field(description="Its name in results, profiles and diagrams.")
    provider: str = Field(
        default="openai",
        description="Provider of the model: `openai` (any compatible server), `llamacpp`, "
        "`huggingface`, `pocket`, `langchain`, or the provider of an installed package.",
    )
    model: str | Runnable[Any, Any] = Field(
        description="The provider's name of the model, or a Runnable."
    )
    base_url: str | None = Field(default=None, description="An OpenAI-compatible server's address.")
    api_key_env: Annotated[str, Field(pattern=r"^\w*$")] | None = Field(
        default=None, description="Environment variable that holds the key."
    )
    role: str | None = Field(default=None, description="A role the model plays as a proposer.")
    temperature: Annotated[float, Field(ge=0, le=2)] | None = Field(
        default=None, description="Overrides the graph's temperature."
    )
    price: Price | None = Field(default=None, description="US dollars per million tokens.")
    max_concurrency: Annotated[int, Field(ge=1, le=_MOST)] | None = Field(
        default=None, description="Calls in flight at once."
    )
    machine: str | None = Field(
        default=None,
        description="The machine or GPU that runs the model; models on the same one take turns. "
        "Unset: servers at loopback addresses share this machine, unless it has several GPUs.",
    )
    requests_per_second: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Calls started per second."
    )
    timeout: float = Field(default=120.0, gt=0, description="Seconds of a call, with retries.")
    idle_timeout: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Seconds of silence allowed in a streamed call."
    )
    patience: Annotated[float, Field(gt=0)] | None = Field(
        default=None,
        description="Seconds of silence after which it counts as hanging, unless it answers a test "
        "call of one token. Unset: twice as long as the others of its layer took; 10 if none of "
        "them has answered, but another member can take its place.",
    )
    hedge: bool = Field(
        default=False,
        description="Whether a request that is silent for unusually long gets a second one beside "
        "it (after 19 of 20 had begun); the first reply counts, and both are paid.",
    )
    retries: int = Field(default=2, ge=0, le=10, description="Retries of a refused or broken call.")
    context: int = Field(default=32_768, ge=128, le=_MOST, description="Context window in tokens.")
    max_tokens: _Tokens | dict[Stage, _Tokens] = Field(
        default=2048, description="Longest answer in tokens: one number, or one for each stage."
    )
    size: Annotated[float, Field(gt=0)] | None = Field(
        default=None,
        description="Billions of parameters; unset: read from the model's name, such as 0.5B.",
    )
    native_n: bool | None = Field(
        default=None, description="Whether the server honours n; None: find out on the first call."
    )
    send_seed: bool = Field(default=True, description="Whether to send a seed with each call.")
    system_role: bool = Field(default=True, description="False: system text joins the user's turn.")
    structured: Literal["json_schema", "json_object", "text", "letter"] = Field(
        default="json_schema",
        description="Output of this model as a judge: JSON with an enforced schema, any JSON, JSON "
        "asked for only in the prompt, or one letter, which small models can follow.",
    )
    vision: bool = Field(
        default=False,
        description="Whether it can read images; a member that cannot is not asked about them.",
    )
    tools: bool | None = Field(
        default=None,
        description="Whether it can call tools. Unset: OpenAI-compatible servers can, and so can "
        "chat models given in Python whose class implements it.",
    )
    verifies: bool = Field(
        default=False, description="Whether it declines whatever it could not verify itself."
    )
    params: dict[str, Any] = Field(
        default_factory=dict, description="Further arguments of the chat model's class."
    )
    fallbacks: tuple[Member, ...] = Field(
        default=(),
        description="Other places of the same model, asked in order where this one fails: members, "
        "'provider:model' strings, or fields that differ, such as `base_url`.",
    )

    _shelf: dict[str, Any] = PrivateAttr(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _provider_defaults(cls, values: Any) -> Any:
        """Fill in the provider's defaults."""
        if not isinstance(values, dict):
            return values
        if values.get("fallbacks"):
            values = {**values, "fallbacks": fallbacks_of(values)}
        provider, model = values.get("provider", "openai"), values.get("model")
        if not isinstance(model, str) or not registry.is_known(str(provider)):
            return values
        return {**registry.load(provider).defaults(model), **values}

    @field_validator("provider")
    @classmethod
    def _known(cls, name: str) -> str:
        if not registry.is_known(name):
            raise ValueError(registry.unknown(name))
        return name

    @field_validator("name")
    @classmethod
    def _readable(cls, name: str) -> str:
        if not name or UNUSABLE.search(name) or len(name) > 64:
            raise ValueError("a name has 1 to 64 letters, digits, '.', '_' or '-'")
        return name

    @field_serializer("model", "base_url", "params")
    def _without_secrets(self, value: Any, info: Any) -> Any:
        return hidden(value, info.field_name)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """The fields, with headers, keys and `user:password@` hidden, as in a dump."""
        for name, value in super().__repr_args__():
            yield name, hidden(value, name) if name in ("model", "base_url", "params") else value

    @property
    def shelf(self) -> dict[str, Any]:
        """Cache of the clients that `models.clients` made for this member; copies share it."""
        return self._shelf

    @property
    def key_variable(self) -> str | None:
        """The environment variable that holds the key; None if no key is needed.

        A custom address never gets the provider's own key, such as `OPENAI_API_KEY`, by default: a
        key is sent only to its own provider.
        """
        if self.api_key_env or self.base_url:
            return self.api_key_env
        return registry.load(self.provider).key

    @property
    def speaks_openai(self) -> bool:
        """Whether it is asked by the OpenAI protocol: an endpoint, or a server that we start."""
        return registry.load(self.provider).speaks_openai

    @property
    def model_name(self) -> str:
        """The provider's name of the model, or the class of the Runnable."""
        return self.model if isinstance(self.model, str) else type(self.model).__name__

    @property
    def calls_tools(self) -> bool:
        """Whether the model can call tools."""
        if not isinstance(self.model, str | BaseChatModel):
            return False
        if self.tools is not None:
            return self.tools
        if isinstance(self.model, BaseChatModel):
            return type(self.model).bind_tools is not BaseChatModel.bind_tools
        return registry.load(self.provider).calls_tools(self.model)

    @property
    def forms(self) -> tuple[str, ...]:
        """The response formats that can be enforced for the model."""
        if isinstance(self.model, str):
            takes = registry.load(self.provider).response_formats
        else:
            takes = isinstance(self.model, BaseChatModel)
        if not takes:
            return ()
        every = {"json_schema": ("json_object", "json_schema"), "json_object": ("json_object",)}
        return every.get(self.structured, ())

    @property
    def billions(self) -> float | None:
        """Billions of parameters, as given or read from the model's name; None if unknown."""
        return self.size if self.size is not None else size_in(self.model_name)

    @property
    def small(self) -> bool:
        """Whether it is known to have less than a billion parameters."""
        return self.billions is not None and self.billions < SMALL

    def tokens(self, stage: Stage) -> int:
        """The longest answer allowed at `stage`, in tokens."""
        if isinstance(self.max_tokens, int):
            return self.max_tokens
        return self.max_tokens.get(stage, 2048)

    @classmethod
    def of(cls, item: Member | Runnable[Any, Any] | str, name: str | None = None) -> Member:
        """Make a member from an item of a pool's list.

        Args:
            item: A `Member`, a chat model, any Runnable from messages to a message (a compiled or
                uncompiled graph over `messages` too), or a `"provider:model"` string.
            name: Overrides the name that is derived from the model.

        Raises:
            InputError: The item is none of these, or the provider is not known.
        """
        if isinstance(item, Member):
            return item if name is None else item.model_copy(update={"name": name})
        if isinstance(item, str):
            return _from_string(item, name)
        from langgraph.graph import StateGraph

        if isinstance(item, StateGraph):
            item = item.compile()
        if not isinstance(item, Runnable):
            raise InputError(
                f"a pool holds chat models, 'provider:model' strings or Runnables, "
                f"not {type(item).__name__}"
            )
        found = getattr(item, "model_name", None) or getattr(item, "model", None)
        label = found if isinstance(found, str) else getattr(item, "name", None)
        label = name or slug(str(label or type(item).__name__))
        return cls(name=label, provider="langchain", model=item)


def fallbacks_of(values: Mapping[str, Any]) -> list[Any]:
    """The fallbacks of a member as members with its name; their model is its own unless named."""
    name, given = values.get("name"), values["fallbacks"]
    if not isinstance(given, list | tuple):
        raise ValueError("fallbacks are a list")
    own = {"model": values.get("model")}
    return [
        {**own, **item, "name": name} if isinstance(item, Mapping) else Member.of(item, name)
        for item in given
    ]


def _from_string(text: str, name: str | None) -> Member:
    provider, _, model = text.partition(":")
    if not model:
        raise InputError(f"{text!r} is not 'provider:model', such as 'ollama:qwen2.5:7b'")
    label = name or slug(model)
    fields = providers.meant(provider, model) or {"provider": provider, "model": model}
    if not registry.is_known(fields["provider"]):
        if (found := providers.other(text)) is not None:
            return Member.of(found, label)
        raise InputError(
            f"{text!r}: {registry.unknown(provider)}. "
            f"For another one, put its LangChain chat model into the list"
        )
    its = registry.load(fields["provider"])
    member = Member(name=label, **fields)
    its.check(member)
    return member
