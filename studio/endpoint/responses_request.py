"""Read a request of OpenAI's Responses as one of its chat completions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from .request import ChatRequest, RefusedError, check_supported, read, unset, validated
from .responses_items import messages_of

_NOT_PASSED_ON = {
    "background": "send the request with 'stream': true and read its events",
    "conversation": "name the last response in previous_response_id, or send all items as input",
    "prompt": "send the text itself as instructions and input",
}
_SCORES = "message.output_text.logprobs"


class Reasoning(BaseModel):
    """How long members that reason think."""

    effort: str | None = None


class Text(BaseModel):
    """The form of the answer."""

    format: dict[str, Any] | None = None


class ResponsesRequest(BaseModel):
    """The part of a request that an ensemble understands; the rest is ignored."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")

    model: str
    input: str | list[dict[str, Any]] = Field(default_factory=list)
    instructions: str | None = None
    previous_response_id: str | None = None
    store: bool = True
    stream: bool = False
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    tools: list[dict[str, Any]] = Field(default_factory=list, max_length=128)
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    text: Text | None = None
    reasoning: Reasoning | None = None
    include: list[str] = Field(default_factory=list)
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    metadata: dict[str, str] | None = None
    ensemble: dict[str, Any] = Field(default_factory=dict)

    @field_validator("input", "store", "stream", "tools", "include", "ensemble", mode="before")
    @classmethod
    def _null_is_unset(cls, value: Any, info: Any) -> Any:
        return unset(cls, info.field_name) if value is None else value

    @property
    def items(self) -> list[dict[str, Any]]:
        """The input as items."""
        if isinstance(self.input, str):
            return [{"type": "message", "role": "user", "content": self.input}]
        return self.input

    def chat(self, items: Sequence[Mapping[str, Any]]) -> ChatRequest:
        """The same as a chat completion.

        Args:
            items: The whole conversation.

        Raises:
            RefusedError: It needs something that an ensemble cannot do.
        """
        first = [{"role": "system", "content": self.instructions}] if self.instructions else []
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [*first, *messages_of(items)],
            "stream": self.stream,
            "max_completion_tokens": self.max_output_tokens,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "tools": [_tool(tool, place) for place, tool in enumerate(self.tools)],
            "tool_choice": _choice(self.tool_choice),
            "parallel_tool_calls": self.parallel_tool_calls,
            "response_format": _form(self.text),
            "reasoning_effort": self.reasoning.effort if self.reasoning else None,
            "ensemble": self.ensemble,
        }
        if _SCORES in self.include or self.top_logprobs:
            body |= {"logprobs": True, "top_logprobs": self.top_logprobs}
        try:
            return read(body)
        except RefusedError as error:
            if error.param != "messages":
                raise
            # The client knows no messages.
            said = "input: give a question" if not items else str(error)
            raise RefusedError(said, "input") from None


def read_response(body: Any) -> ResponsesRequest:
    """Read a request from its JSON.

    Raises:
        RefusedError: It is malformed, or needs something that an ensemble cannot do.

    Example:
        >>> read_response({"model": "moa", "input": "hi"}).items
        [{'type': 'message', 'role': 'user', 'content': 'hi'}]
    """
    check_supported(body, _NOT_PASSED_ON, (None, False))
    return validated(ResponsesRequest, body)


def _tool(tool: Mapping[str, Any], place: int) -> dict[str, Any]:
    if tool.get("type") != "function":
        raise RefusedError(
            f"tools.{place}: tools of the type {str(tool.get('type'))[:40]!r} are not supported; "
            "the tools of an ensemble are functions that the client calls",
            "tools",
        )
    return {"type": "function", "function": {k: v for k, v in tool.items() if k != "type"}}


def _choice(choice: str | dict[str, Any] | None) -> str | dict[str, Any] | None:
    if not isinstance(choice, dict):
        return choice
    if choice.get("type") != "function" or not choice.get("name"):
        raise RefusedError("tool_choice: give auto, none, required or a function", "tool_choice")
    return {"type": "function", "function": {"name": choice["name"]}}


def _form(text: Text | None) -> dict[str, Any] | None:
    form = text.format if text else None
    if form is None or form.get("type") != "json_schema":
        return form
    return {"type": "json_schema", "json_schema": {k: v for k, v in form.items() if k != "type"}}
