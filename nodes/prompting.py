"""How prompts are put together: one system message, constant text first, drafts as data.

Drafts are numbered, anonymous, delimited, and trimmed so that the prompt fits the reader's context.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.utils import count_tokens_approximately

from ..errors import InputError
from ..prompts import render
from .images import understood
from .state import Draft

if TYPE_CHECKING:
    from ..member import Member, Stage

_TAGS = re.compile(r"<(?=/?\s*(?:draft|review|question|task)\b)", re.IGNORECASE)
_CHARS_A_TOKEN = 3.5


def question(messages: Sequence[BaseMessage]) -> str:
    """The text of the person's last turn; what tools have brought since is no question.

    Raises:
        InputError: There is no message, the last one is not the person's, or it has no text.
    """
    if not messages:
        raise InputError("there is no message to answer; give {'messages': [...]} with a question")
    last = messages[-1]
    if last.type not in ("human", "tool"):
        raise InputError(f"the last message must be the person's, not one of type {last.type!r}")
    asked = next((m for m in reversed(messages) if m.type == "human"), None)
    if asked is None:
        raise InputError("there is a tool's result, but no message of the person")
    text = str(asked.text).strip()
    if not text and isinstance(asked.content, str):
        raise InputError("the question is empty; write something to answer")
    return text


def plain(messages: Sequence[BaseMessage], member: Member, role: str | None) -> list[BaseMessage]:
    """The conversation as it is, with the member's role in the one system message."""
    messages = understood(messages, member)
    system = render("role", role=role) if role else None
    return _assembled(messages, member, [system])


def with_drafts(
    messages: Sequence[BaseMessage],
    member: Member,
    stage: Stage,
    drafts: Sequence[Draft],
    instruction: str,
    *,
    role: str | None = None,
    review: str | None = None,
) -> list[BaseMessage]:
    """The conversation with drafts of an answer to its last turn.

    The instruction stands first and never changes within a run; the drafts come last, so that
    servers can reuse their cache of the prefix.
    """
    messages = understood(messages, member)
    system = [instruction, render("role", role=role) if role else None]
    # What a tool has brought belongs to the conversation; the question stands before it.
    last = messages[-1] if messages[-1].type == "human" else None
    head = _assembled(messages[:-1] if last else messages, member, system)
    asked = question(messages)
    room = _room(member, stage, head, asked, review)
    blocks = [
        render("draft", id=number, text=_trimmed(escaped(draft["text"]), room // len(drafts)))
        for number, draft in enumerate(drafts, 1)
    ]
    if review:
        blocks.append(render("review", text=_trimmed(escaped(review), 600)))
    text = render("with_drafts", question=escaped(asked), drafts="\n\n".join(blocks))
    content = text
    if last is not None and isinstance(last.content, list):
        others = [
            part
            for part in last.content
            if not (isinstance(part, dict) and part.get("type") == "text")
        ]
        content = [{"type": "text", "text": text}, *others]
    return _folded([*head, HumanMessage(content)], member)  # pyright: ignore[reportArgumentType]


def escaped(text: str) -> str:
    """Text that cannot close or open one of our delimiters."""
    return _TAGS.sub("‹", text)


def _assembled(
    messages: Sequence[BaseMessage], member: Member, system: Sequence[str | None]
) -> list[BaseMessage]:
    """One system message: ours first, then the person's."""
    theirs = [str(message.text) for message in messages if message.type == "system"]
    text = "\n\n".join(part for part in [*system, *theirs] if part)
    turns = [message for message in messages if message.type != "system"]
    whole: list[BaseMessage] = [SystemMessage(text), *turns] if text else list(turns)
    return _folded(whole, member)


def _folded(messages: list[BaseMessage], member: Member) -> list[BaseMessage]:
    """For models without a system role: its text goes before the person's first turn."""
    if member.system_role or not messages or messages[0].type != "system":
        return messages
    for place, message in enumerate(messages[1:], 1):
        if message.type == "human" and isinstance(message.content, str):
            turn = HumanMessage(f"{messages[0].text}\n\n{message.content}", id=message.id)
            return [*messages[1:place], turn, *messages[place + 1 :]]
    return messages


def _room(
    member: Member, stage: Stage, head: Sequence[BaseMessage], asked: str, review: str | None
) -> int:
    """Tokens left for the drafts."""
    taken = count_tokens_approximately(head) + int(len(asked) / _CHARS_A_TOKEN)
    taken += 600 if review else 0
    room = member.context - min(member.tokens(stage), member.context // 2) - taken - 128
    return max(room, 256)


def _trimmed(text: str, tokens: int) -> str:
    """At most so many tokens: the beginning and, mostly, the end, where answers stand."""
    limit = int(tokens * _CHARS_A_TOKEN)
    if len(text) <= limit:
        return text
    head = limit // 3
    gap = f"[… {len(text) - limit} characters left out …]"
    return f"{text[:head].rstrip()}\n{gap}\n{text[head - limit :].lstrip()}"
