"""Pool and Member: which models there are, how to reach them, what they cost, what they may use."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from langchain_core.runnables import Runnable
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator

from .errors import InputError
from .models.live import Live
from .models.openai import ENDPOINTS, api_key_env, missing_key

if TYPE_CHECKING:
    from .nodes.state import Usage

Stage = Literal["propose", "aggregate", "judge", "moderate", "roles"]
Provider = Literal["openai", "huggingface", "pocket", "langchain"]

_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class Price(BaseModel):
    """What tokens cost, in US dollars per million tokens.

    Example:
        >>> Price(input=0.2, output=0.6).of({"input_tokens": 1_000_000, "output_tokens": 500_000})
        0.5
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: float = Field(ge=0, description="US dollars per million input tokens.")
    output: float = Field(ge=0, description="US dollars per million output tokens.")

    def of(self, usage: Usage) -> float:
        """The cost of `usage` in US dollars."""
        spent = usage["input_tokens"] * self.input + usage["output_tokens"] * self.output
        return spent / 1_000_000


class Member(BaseModel):
    """One model of a pool: how to reach it, and its limits.

    Example:
        >>> qwen = Member(name="qwen", model="qwen2.5:7b", base_url="http://localhost:11434/v1")
        >>> qwen.tokens("aggregate")
        2048
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    name: str = Field(description="What results, profiles and diagrams call it.")
    provider: Provider = Field(default="openai", description="Which library reaches the model.")
    model: str | Runnable = Field(description="The provider's name of the model, or a Runnable.")
    base_url: str | None = Field(
        default=None, description="Address of an OpenAI-compatible server."
    )
    api_key_env: str | None = Field(
        default=None, description="Environment variable that holds the key."
    )
    role: str | None = Field(default=None, description="A role the model plays as a proposer.")
    temperature: Annotated[float, Field(ge=0, le=2)] | None = Field(
        default=None, description="Overrides the graph's temperature."
    )
    price: Price | None = Field(default=None, description="US dollars per million tokens.")
    max_concurrency: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Calls in flight at once."
    )
    requests_per_second: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Calls begun per second."
    )
    timeout: float = Field(
        default=120.0, gt=0, description="Seconds for a whole call, retries included."
    )
    idle_timeout: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Seconds of silence allowed in a streamed call."
    )
    retries: int = Field(default=2, ge=0, le=10, description="Retries of a refused or broken call.")
    context: int = Field(default=32_768, ge=128, description="Context window in tokens.")
    max_tokens: Annotated[int, Field(ge=1)] | dict[Stage, Annotated[int, Field(ge=1)]] = Field(
        default=2048, description="Longest answer in tokens: one number, or one for each stage."
    )
    native_n: bool | None = Field(
        default=None, description="Whether the server honours n; None: find out on the first call."
    )
    send_seed: bool = Field(default=True, description="Whether to send a seed with each call.")
    system_role: bool = Field(
        default=True, description="False: fold system text into the user's turn."
    )
    structured: Literal["json_schema", "json_object", "text"] = Field(
        default="json_schema", description="How the judge asks this model for JSON."
    )
    params: dict[str, Any] = Field(
        default_factory=dict, description="Further arguments of the chat model's class."
    )

    _live: Live = PrivateAttr(default_factory=Live)

    @field_validator("name")
    @classmethod
    def _readable(cls, name: str) -> str:
        if not name or _NAME.search(name) or len(name) > 64:
            raise ValueError("a name has 1 to 64 letters, digits, '.', '_' or '-'")
        return name

    @property
    def live(self) -> Live:
        """The running side of the member: its model, limits, and what was learnt about it."""
        return self._live

    @property
    def model_name(self) -> str:
        """The provider's name of the model, or the class of the Runnable."""
        return self.model if isinstance(self.model, str) else type(self.model).__name__

    def tokens(self, stage: Stage) -> int:
        """The longest answer allowed at `stage`, in tokens."""
        if isinstance(self.max_tokens, int):
            return self.max_tokens
        return self.max_tokens.get(stage, 2048)

    @classmethod
    def of(cls, item: Member | Runnable | str, name: str | None = None) -> Member:
        """A member from what people write in a list.

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


class Pool(Sequence[Member]):
    """The models of an ensemble, in order, with those that play a special part.

    Example:
        >>> pool = Pool(["ollama:qwen2.5:7b", "ollama:gemma2:9b"])
        >>> pool.names
        ['qwen2.5-7b', 'gemma2-9b']
    """

    def __init__(
        self,
        members: Iterable[Member | Runnable | str],
        *,
        aggregator: str | None = None,
        judge: str | None = None,
        moderator: str | None = None,
        proposers: Sequence[str] | None = None,
    ) -> None:
        """Check the members and name each once.

        Args:
            members: `Member`s, chat models, Runnables or `"provider:model"` strings. A model that
                is listed twice becomes `name` and `name-2`.
            aggregator: Name of the member that writes final answers; the first by default.
            judge: Name of the member that judges drafts; the aggregator by default.
            moderator: Name of the member that ends the rounds; by default the judge's verdict
                says it too.
            proposers: Names of the members that draft; all by default.

        Raises:
            InputError: No member, two explicit members of one name, or an unknown name.
        """
        self._members = _named_once(members)
        if not self._members:
            raise InputError("a pool needs at least one member")
        for part, name in {
            "aggregator": aggregator,
            "judge": judge,
            "moderator": moderator,
        }.items():
            if name is not None:
                self.member(name, part)
        for name in proposers or ():
            self.member(name, "proposer")
        self.proposers = list(proposers or self.names)
        self.aggregator = aggregator
        self.judge = judge
        self.moderator = moderator

    @classmethod
    def of(cls, pool: Pool | Iterable[Member | Runnable | str]) -> Pool:
        """`pool` itself, or a pool of the listed models."""
        return pool if isinstance(pool, Pool) else cls(pool)

    @classmethod
    def from_file(cls, path: str | Path) -> Pool:
        """Read a pool from YAML.

        Values may hold `${VARIABLE}` or `${VARIABLE:-default}`; keys are named, never written,
        with `api_key_env`.

        Args:
            path: The file, such as `pool.yaml`.

        Raises:
            InputError: One line that names the file, the key and the remedy.
        """
        from .models.yaml import read_pool

        return read_pool(Path(path), cls)

    @classmethod
    def pocket(cls) -> Pool:
        """The bundled models: they run on any machine, with no key and no network.

        Example:
            >>> "arithmetic" in Pool.pocket().names
            True
        """
        from .pocket.chat import ChatPocket

        special = ("aggregator", "judge")
        names = ChatPocket.available()
        members = [_pocket(name) for name in names if name not in special]
        members += [_pocket(name) for name in special if name in names]
        parts = {part: part for part in special if part in names}
        return cls(members, proposers=[n for n in names if n not in special], **parts)

    @property
    def names(self) -> list[str]:
        """The members' names, in order."""
        return [member.name for member in self._members]

    @property
    def secrets(self) -> frozenset[str]:
        """Every key the members use, to be kept out of texts; never store or print it."""
        found: set[str] = set()
        for member in self._members:
            found |= secrets_of(member)
        return frozenset(found)

    def member(self, name: str, what: str = "member") -> Member:
        """The member called `name`.

        Raises:
            InputError: There is none; `what` says in which part it was wanted.
        """
        for member in self._members:
            if member.name == name:
                return member
        raise InputError(f"{what} {name!r} is not in the pool; it has {', '.join(self.names)}")

    def subset(self, names: Iterable[str]) -> Pool:
        """A pool of the named members only, in the order given."""
        kept = list(dict.fromkeys(names))
        parts = {part: getattr(self, part) for part in ("aggregator", "judge", "moderator")}
        parts = {part: name if name in kept else None for part, name in parts.items()}
        drafting = [name for name in self.proposers if name in kept]
        return Pool([self.member(name) for name in kept], proposers=drafting or None, **parts)

    def __getitem__(self, index):
        return self._members[index]

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members)

    def __repr__(self) -> str:
        return f"Pool({', '.join(self.names)})"


def slug(text: str) -> str:
    """A member's name from a model's name: `Qwen/Qwen2.5:7b` becomes `Qwen2.5-7b`."""
    return _NAME.sub("-", text.rsplit("/", 1)[-1]).strip("-.")[:64] or "model"


def secrets_of(member: Member) -> set[str]:
    """The keys a member uses: from its environment variable and from its instance's fields."""
    from pydantic import SecretStr

    found: set[str] = set()
    if member.provider == "openai" and (variable := api_key_env(member)):
        found.add(os.environ.get(variable, ""))
    elif member.api_key_env:
        found.add(os.environ.get(member.api_key_env, ""))
    model = getattr(member.model, "bound", member.model)
    for value in vars(model).values() if isinstance(model, BaseModel) else ():
        if isinstance(value, SecretStr):
            found.add(value.get_secret_value())
    return found - {""}


def one_line(error: ValidationError, known: Iterable[str]) -> str:
    """Pydantic's complaint as one line, with the nearest known key for an unknown one."""
    import difflib

    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(first["loc"][-1]), list(known), n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
        return f"unknown key {key!r}; {hint}"
    if first["type"] == "missing":
        return f"{key!r} is missing"
    message = first["msg"].removeprefix("Value error, ")
    return f"{key!r}: {message[0].lower()}{message[1:]}"


def _from_string(text: str, name: str | None) -> Member:
    provider, _, model = text.partition(":")
    if not model:
        raise InputError(f"{text!r} is not 'provider:model', such as 'ollama:qwen2.5:7b'")
    label = name or slug(model)
    if endpoint := ENDPOINTS.get(provider):
        key = endpoint.api_key_env
        if key and not os.environ.get(key):
            raise InputError(missing_key(label, key))
        return Member(name=label, model=model, base_url=endpoint.base_url, api_key_env=key)
    if provider in ("huggingface", "pocket"):
        return Member(name=label, provider=provider, model=model)  # pyright: ignore[reportArgumentType]
    known = ", ".join([*ENDPOINTS, "huggingface", "pocket"])
    raise InputError(
        f"unknown provider {provider!r} in {text!r}; known: {known}. "
        f"For another one, put its LangChain chat model into the list"
    )


def _pocket(name: str) -> Member:
    """A bundled model: free, and with no JSON schema to follow."""
    return Member(
        name=name,
        provider="pocket",
        model=name,
        price=Price(input=0, output=0),
        max_tokens=160,
        structured="text",
    )


def _named_once(items: Iterable[Member | Runnable | str]) -> tuple[Member, ...]:
    found: dict[str, Member] = {}
    for item in items:
        member = Member.of(item)
        if member.name in found:
            if isinstance(item, Member):
                raise InputError(
                    f"two members are called {member.name!r}; give one of them another name"
                )
            count = 2
            while f"{member.name}-{count}" in found:
                count += 1
            member = Member.of(item, name=f"{member.name}-{count}")
        found[member.name] = member
    return tuple(found.values())
