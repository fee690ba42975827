"""Replace images and tool calls in a conversation for members that do not support them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from ..prompts.neutral import neutralised

if TYPE_CHECKING:
    from ..member import Member

_IMAGES = ("image_url", "image", "input_image")
_NOTE = "[A picture, which you cannot see.]"


def asks_about_images(messages: Sequence[BaseMessage]) -> bool:
    """Whether the user's last turn holds an image."""
    last = next((message for message in reversed(messages) if message.type == "human"), None)
    return last is not None and any(map(_is_image, _parts(last)))


def understood(messages: Sequence[BaseMessage], member: Member) -> list[BaseMessage]:
    """The conversation in a form that `member` can read.

    Without vision, a note replaces each image. Without tools, earlier tool calls and their results
    are given as text.
    """
    conversation: Sequence[BaseMessage] = messages
    if not member.vision:
        conversation = [_noted(message) for message in conversation]
    if not member.calls_tools:
        conversation = [_told(message) for message in conversation]
    return list(conversation)


def _noted(message: BaseMessage) -> BaseMessage:
    parts = _parts(message)
    if not any(map(_is_image, parts)):
        return message
    kept = [{"type": "text", "text": _NOTE} if _is_image(part) else part for part in parts]
    if all(isinstance(part, str) or part.get("type") == "text" for part in kept):
        texts = [part if isinstance(part, str) else part["text"] for part in kept]
        return message.model_copy(update={"content": "\n".join(texts)})
    return message.model_copy(update={"content": kept})


def _told(message: BaseMessage) -> BaseMessage:
    if isinstance(message, AIMessage) and message.tool_calls:
        calls = [f"{call['name']}({json.dumps(call['args'])})" for call in message.tool_calls]
        calls = [neutralised(call) for call in calls]
        text = "\n".join([str(message.text), *(f"[I called {call}]" for call in calls)])
        return AIMessage(text.strip(), id=message.id)
    if message.type == "tool":
        return HumanMessage(f"[What the call brought]\n{message.text}", id=message.id)
    return message


def _parts(message: BaseMessage) -> list[Any]:
    return message.content if isinstance(message.content, list) else []


def _is_image(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in _IMAGES
