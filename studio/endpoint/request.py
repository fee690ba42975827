"""Read a request of the OpenAI protocol, or refuse it with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeVar

from langchain_core.messages import BaseMessage
from langchain_core.messages.utils import convert_to_messages
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import from_json

from ...errors import InputError
from ...models.sampling import NAMES
from ...nodes.prompting import question

_NOT_PASSED_ON = {
    "functions": "it is the old form of tools; use tools",
    "audio": "an ensemble answers in text",
}
_PARTS = ("text", "image_url", "refusal")
_EMPTY = (None, False, [], {}, {"type": "text"})


M = TypeVar("M", bound=BaseModel)


class RefusedError(InputError):
    """A request that cannot be served; `param` names the bad parameter."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


class Function(BaseModel):
    """The name of a tool; further fields are passed to the writer of the answer."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")

    name: str = Field(min_length=1)


class Tool(BaseModel):
    """A function that the client can call."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")

    type: Literal["function"]
    function: Function


class Form(BaseModel):
    """The format of the answer."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")

    type: Literal["text", "json_object", "json_schema"]


class StreamOptions(BaseModel):
    """Options of a stream."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """The part of a chat completion request that an ensemble understands; the rest is ignored."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow", title="ChatCompletionRequest")

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
    top_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logit_bias: dict[str, float] | None = None
    reasoning_effort: str | None = None
    logprobs: bool = False
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    ensemble: dict[str, Any] = Field(default_factory=dict)

    @field_validator("n", "stop", "stream", "ensemble", "tools", "logprobs", mode="before")
    @classmethod
    def _null_is_unset(cls, value: Any, info: Any) -> Any:
        if value is None:
            return unset(cls, info.field_name)
        return [value] if info.field_name == "stop" and isinstance(value, str) else value

    @property
    def events(self) -> bool:
        """Whether the stream includes events."""
        return self.stream and bool(self.ensemble.get("events", False))

    @property
    def shows_account(self) -> bool:
        """Whether the reply includes the account of the run."""
        return bool(self.ensemble.get("account", True))

    def knobs(self) -> dict[str, Any]:
        """Knobs of the run: the protocol's own parameters, then those of `ensemble`."""
        given = {
            "temperature": self.temperature,
            "max_tokens": self.max_completion_tokens or self.max_tokens,
            "seed": self.seed,
            **{name: getattr(self, name) for name in NAMES},
            "logprobs": (self.top_logprobs or 0) if self.logprobs else None,
            **self._answer(),
        }
        known = {key: value for key, value in given.items() if value is not None}
        more = {k: v for k, v in self.ensemble.items() if k not in ("events", "account")}
        return {**known, **more}

    def _answer(self) -> dict[str, Any]:
        """Knobs of the final answer: its format, and the tools that its writer may call."""
        knobs: dict[str, Any] = {}
        if self.response_format is not None and self.response_format.type != "text":
            knobs["answer_format"] = self.response_format.model_dump()
        if self.tools and self.tool_choice != "none":
            knobs["answer_tools"] = [tool.model_dump() for tool in self.tools]
            knobs["answer_tool_choice"] = self.tool_choice
            if (form := self._filled()) is not None:
                knobs["answer_schema"] = form
        return knobs

    def _filled(self) -> dict[str, Any] | None:
        """Schema of the one tool that must be called once, whose arguments are the answer itself.

        LangChain requests structured output by `function_calling` like this.
        """
        if self.parallel_tool_calls is not False or not isinstance(self.tool_choice, dict):
            return None
        name = (self.tool_choice.get("function") or {}).get("name")
        functions = [t.function for t in self.tools if t.function.name == name]
        return (functions[0].model_extra or {}).get("parameters") if functions else None

    def conversation(self) -> list[BaseMessage]:
        """The messages in LangChain's form.

        Raises:
            RefusedError: A message cannot be read, or the last one is not the user's.
        """
        _check_parts(self.messages)
        try:
            # A message with tool calls may have no content.
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


def _check_parts(messages: list[dict[str, Any]]) -> None:
    """Refuse content that no member would be asked about.

    Raises:
        RefusedError: A part is neither text nor an image.
    """
    for message in messages:
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            kind = part.get("type") if isinstance(part, dict) else type(part).__name__
            if kind not in _PARTS:
                raise RefusedError(
                    f"messages: content of the type {str(kind)[:40]!r} is not supported; an "
                    "ensemble reads text and image_url",
                    "messages",
                )


def read_json(body: bytes) -> Any:
    """The JSON of a request.

    Raises:
        RefusedError: It is not JSON, is nested too deeply, or holds half a character.
    """
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise RefusedError(f"the body is not JSON: {error}") from None


def check_supported(body: Any, refused: Mapping[str, str], empty: Sequence[Any]) -> None:
    """Refuse a body that is no object, or that has what an ensemble cannot do.

    Args:
        body: The JSON of a request.
        refused: Fields that are not supported, each with the reason.
        empty: Values that are as good as none.

    Raises:
        RefusedError: It is such a body.
    """
    if not isinstance(body, Mapping):
        raise RefusedError("the body must be a JSON object")
    for name, why in refused.items():
        if body.get(name) not in empty:
            raise RefusedError(f"{name} is not supported: {why}", name)


def validated(kind: type[M], body: Any) -> M:
    """A request of some kind from its JSON.

    Raises:
        RefusedError: A field is wrong; the first one is named.
    """
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        raise RefusedError(f"{path}: {first['msg'].lower()}", path) from None


def unset(kind: type[BaseModel], field: str) -> Any:
    """The value of a field that a request leaves out, or sets to null."""
    return kind.model_fields[field].get_default(call_default_factory=True)


def read(body: Any) -> ChatRequest:
    """Read a request from its JSON.

    Raises:
        RefusedError: It is malformed, or needs something that an ensemble cannot do.
    """
    check_supported(body, _NOT_PASSED_ON, _EMPTY)
    asked = validated(ChatRequest, body)
    form = asked.response_format
    if form is not None and form.type == "json_schema":
        given = (form.model_extra or {}).get("json_schema")
        if not isinstance(given, Mapping) or not isinstance(given.get("schema"), Mapping):
            raise RefusedError(
                "response_format.json_schema: give {'name': ..., 'schema': {...}}",
                "response_format",
            )
    if asked.top_logprobs is not None and not asked.logprobs:
        raise RefusedError("top_logprobs needs 'logprobs': true", "top_logprobs")
    return asked
