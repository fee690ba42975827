"""Read a request of the OpenAI protocol: what is wanted, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from langchain_core.messages import BaseMessage
from langchain_core.messages.utils import convert_to_messages
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ..errors import InputError
from ..nodes.prompting import question

_NOT_PASSED_ON = {
    "functions": "it is the older form of tools; use tools",
    "logprobs": "the answer of several models has no log probabilities",
    "audio": "an ensemble answers in text",
}
_EMPTY = (None, False, [], {}, {"type": "text"})


class RefusedError(InputError):
    """A request that cannot be served; `param` names the part that is to blame."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


class Function(BaseModel):
    """What a tool is called, and more that the writer of the answer is told."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(min_length=1)


class Tool(BaseModel):
    """A function that the client can call."""

    model_config = ConfigDict(extra="allow")

    type: Literal["function"]
    function: Function


class Form(BaseModel):
    """What form the answer is to have."""

    model_config = ConfigDict(extra="allow")

    type: Literal["text", "json_object", "json_schema"]


class StreamOptions(BaseModel):
    """What a stream adds."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """The part of a chat completion request that an ensemble understands; the rest is ignored."""

    model_config = ConfigDict(extra="allow")

    model: str
    messages: list[dict[str, Any]] = Field(min_length=1)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int = Field(default=1, ge=1, le=16)
    stop: list[str] = Field(default_factory=list, max_length=16)
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    seed: int | None = None
    temperature: float | None = None
    tools: list[Tool] = Field(default_factory=list, max_length=128)
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    response_format: Form | None = None
    ensemble: dict[str, Any] = Field(default_factory=dict)

    @field_validator("n", "stop", "stream", "ensemble", "tools", mode="before")
    @classmethod
    def _null_is_unset(cls, value: Any, info: Any) -> Any:
        if value is None:
            return cls.model_fields[info.field_name].get_default(call_default_factory=True)
        return [value] if info.field_name == "stop" and isinstance(value, str) else value

    @property
    def events(self) -> bool:
        """Whether the stream is to tell events."""
        return self.stream and bool(self.ensemble.get("events", False))

    @property
    def shows_account(self) -> bool:
        """Whether the reply is to hold the account of the run."""
        return bool(self.ensemble.get("account", True))

    def knobs(self) -> dict[str, Any]:
        """Knobs of the run: the protocol's own parameters, then those of `ensemble`."""
        given = {
            "temperature": self.temperature,
            "max_tokens": self.max_completion_tokens or self.max_tokens,
            "seed": self.seed,
            **self._answer(),
        }
        found = {key: value for key, value in given.items() if value is not None}
        more = {k: v for k, v in self.ensemble.items() if k not in ("events", "account")}
        return {**found, **more}

    def _answer(self) -> dict[str, Any]:
        """Knobs of the final answer: its form, and the tools its writer may call."""
        found: dict[str, Any] = {}
        if self.response_format is not None and self.response_format.type != "text":
            found["answer_format"] = self.response_format.model_dump()
        if self.tools and self.tool_choice != "none":
            found["answer_tools"] = [tool.model_dump() for tool in self.tools]
            found["answer_tool_choice"] = self.tool_choice
            if (form := self._filled()) is not None:
                found["answer_schema"] = form
        return found

    def _filled(self) -> dict[str, Any] | None:
        """Schema of the one tool that must be called once: its arguments are the answer itself.

        So does LangChain ask for structured output by `function_calling`.
        """
        if self.parallel_tool_calls is not False or not isinstance(self.tool_choice, dict):
            return None
        name = (self.tool_choice.get("function") or {}).get("name")
        found = [t.function for t in self.tools if t.function.name == name]
        return (found[0].model_extra or {}).get("parameters") if found else None

    def conversation(self) -> list[BaseMessage]:
        """The messages, as LangChain knows them.

        Raises:
            RefusedError: One cannot be read, or the last one is not the person's.
        """
        try:
            # A message that calls tools may leave its content out.
            turns = convert_to_messages(
                [{"content": "", **m} if m.get("tool_calls") else m for m in self.messages]
            )
            question(turns)
        except InputError as error:
            raise RefusedError(str(error), "messages") from None
        except Exception:
            raise RefusedError(
                "messages: each needs a 'role' (system, user, assistant or tool) and a 'content'",
                "messages",
            ) from None
        return turns


def read(body: Any) -> ChatRequest:
    """A request from its JSON.

    Raises:
        RefusedError: It is malformed, or asks for what an ensemble cannot do.
    """
    if not isinstance(body, Mapping):
        raise RefusedError("the body must be a JSON object")
    for name, why in _NOT_PASSED_ON.items():
        if body.get(name) not in _EMPTY:
            raise RefusedError(f"{name} is not supported: {why}", name)
    try:
        return ChatRequest.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        raise RefusedError(f"{path}: {first['msg'].lower()}", path) from None
