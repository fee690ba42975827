"""The result of one request, for any kind of Runnable."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    InvalidToolCall,
    ToolCall,
)
from langchain_core.messages.utils import count_tokens_approximately

from ..records import Usage, storable
from ..thoughts import without_thoughts
from .budget import Spend
from .soundness import Fault, without_turn_ends


@dataclass
class Raw:
    """The result of one request."""

    texts: list[str]
    usage: Usage | None = None
    cost_usd: float | None = None
    message: AIMessage | None = None
    messages: list[AIMessage] = field(default_factory=list)
    """The messages of several samples."""
    ended: list[str | None] = field(default_factory=list)
    """The server's finish reason of each text."""
    spent: Spend | None = None
    """All that an ensemble used, including what it used before it was interrupted and resumed."""
    fault: Fault | None = None
    """The fault for which we ended the stream; its usage is then an estimate."""
    seconds: float | None = None
    """How long the request took, where it was recorded."""
    replayed: bool = False
    """Whether it comes from a record, so that it says nothing about the member's state now."""
    without: tuple[str, ...] = ()
    """Sampling options that were wanted, and that the model does not take."""
    waited: float | None = None
    """How long the calls of an ensemble took, one step after the other."""


def visible_text(text: str) -> str:
    """A model's text without its private thinking, and without marks of its turn's end."""
    return without_turn_ends(storable(without_thoughts(text)).strip()).strip()


def from_any(answer: Any) -> Raw:
    """The result of a Runnable: a message, a graph's state, or an object with a text."""
    if isinstance(answer, dict):
        return from_graph(answer)
    if isinstance(answer, BaseMessage):
        message = answer if isinstance(answer, AIMessage) else None
        ended = [ended_by(answer.response_metadata)]
        return Raw([text_of(answer)], usage_of(answer), message=message, ended=ended)
    return Raw([str(answer)])


def from_graph(state: Any) -> Raw:
    """The last message of a graph's state, with the usage of the whole run."""
    messages = state.get("messages") if isinstance(state, dict) else None
    if not messages:
        raise TypeError("a graph in a pool must return a state with 'messages'")
    last = messages[-1]
    account = state.get("result")
    if isinstance(account, dict) and {"usage", "cost_usd", "calls"} <= account.keys():
        usage, cost = account["usage"] or {}, account["cost_usd"]
        total = counted(usage.get("input_tokens"), usage.get("output_tokens"))
        if total and usage.get("estimated"):
            total["estimated"] = True
        spent = Spend(account["calls"], total["total_tokens"] if total else 0, cost or 0.0)
        raw = Raw([text_of(last)], total, cost, message=last, spent=spent)
        raw.waited = waited(account)
        return raw
    asked = max((i for i, m in enumerate(messages) if m.type == "human"), default=-1)
    answers = [message for message in messages[asked + 1 :] if message.type == "ai"]
    return Raw([text_of(last)], summed(answers), message=last)


def waited(result: Mapping[str, Any]) -> float:
    """Seconds that somebody waited for a `result`: the slowest call of each step, summed.

    Example:
        >>> draft = {"layer": 1, "latency_ms": 1500.0}
        >>> waited({"drafts": [draft, draft], "steps": [{**draft, "stage": "aggregate"}]})
        3.0
    """
    steps: dict[tuple[Any, Any], float] = {}
    for each in [*(result.get("drafts") or ()), *(result.get("steps") or ())]:
        step = each["layer"], each.get("stage", "propose")
        steps[step] = max(steps.get(step, 0.0), each["latency_ms"] / 1000)
    return round(sum(steps.values()), 4)


def text_of(message: BaseMessage) -> str:
    """The text of a message."""
    return storable(str(message.text))


def calls_in(message: AIMessage) -> dict[str, Any]:
    """The tool calls of a message; calls that broke off are invalid ones.

    LangChain completes the arguments of streamed calls: `{"city": "Par` would become a call for
    Par.

    Example:
        >>> piece = {"name": "f", "args": '{"city": "Par', "id": "1", "index": 0}
        >>> calls = calls_in(AIMessageChunk(content="", tool_call_chunks=[piece]))
        >>> calls["tool_calls"], calls["invalid_tool_calls"][0]["args"]
        ([], '{"city": "Par')
    """
    if not isinstance(message, AIMessageChunk) or not message.tool_call_chunks:
        return {"tool_calls": message.tool_calls, "invalid_tool_calls": message.invalid_tool_calls}
    whole: list[ToolCall] = []
    broken: list[InvalidToolCall] = []
    for piece in message.tool_call_chunks:
        name, given, number = piece["name"] or "", piece["args"] or "{}", piece["id"]
        try:
            values = json.loads(given, strict=False)
            whole.append(ToolCall(name=name, args={**values}, id=number))
        except (ValueError, TypeError, RecursionError) as error:
            about = {"name": name, "args": given, "id": number, "error": str(error)}
            broken.append(InvalidToolCall(type="invalid_tool_call", **about))
    return {"tool_calls": whole, "invalid_tool_calls": broken}


def ended_by(said: Mapping[str, Any] | None) -> str | None:
    """The finish reason of a text, under the names that providers use.

    Args:
        said: A message's `response_metadata`, or a generation's `generation_info`.

    Example:
        >>> ended_by({"done_reason": "length"})
        'length'
    """
    keys = ("finish_reason", "stop_reason", "done_reason")
    return next((str(said[key]) for key in keys if said.get(key)), None) if said else None


def at_limit(reason: str | None) -> bool:
    """Whether a text ended because it reached its token limit."""
    return (reason or "").casefold() in ("length", "max_tokens", "max_output_tokens")


def usage_of(message: BaseMessage) -> Usage | None:
    """The tokens that a message reports; None if it reports none."""
    reported = getattr(message, "usage_metadata", None)
    return counted(reported["input_tokens"], reported["output_tokens"]) if reported else None


def summed(messages: Sequence[BaseMessage]) -> Usage | None:
    """The tokens of several messages; None if one of them reports none."""
    each = [usage_of(message) for message in messages]
    if not each or any(usage is None for usage in each):
        return None
    return add_usage([usage for usage in each if usage])


def counted(inputs: int | None, outputs: int | None) -> Usage | None:
    """A usage from its two counts; None if one is unknown."""
    if inputs is None or outputs is None:
        return None
    return {
        "input_tokens": int(inputs),
        "output_tokens": int(outputs),
        "total_tokens": int(inputs) + int(outputs),
    }


def estimated(messages: Sequence[BaseMessage], texts: Sequence[str]) -> Usage:
    """The tokens of a request whose server does not report them, by the length of its texts.

    Example:
        >>> estimated([], ["twelve chars"])["estimated"]
        True
    """
    said = [AIMessage(text) for text in texts]
    return _marked(count_tokens_approximately(messages), count_tokens_approximately(said))


def estimated_beginning(messages: Sequence[BaseMessage], pieces: int) -> Usage:
    """The tokens of a stream that was ended here after so many pieces."""
    return _marked(count_tokens_approximately(messages), pieces)


def _marked(inputs: int, outputs: int) -> Usage:
    total = inputs + outputs
    return Usage(input_tokens=inputs, output_tokens=outputs, total_tokens=total, estimated=True)


def add_usage(each: Sequence[Usage]) -> Usage:
    """The sum of several usages; an estimate where one of them is."""
    total: Usage = {
        "input_tokens": sum(usage["input_tokens"] for usage in each),
        "output_tokens": sum(usage["output_tokens"] for usage in each),
        "total_tokens": sum(usage["total_tokens"] for usage in each),
    }
    if any(usage.get("estimated") for usage in each):
        total["estimated"] = True
    return total
