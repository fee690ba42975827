"""How prompts are put together: one system message, constant text first, drafts as data.

Drafts are numbered, anonymous, delimited, and trimmed so that the prompt fits the reader's context.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.utils import count_tokens_approximately

from ..errors import InputError
from ..prompts import render
from ..records import Draft
from .images import understood

if TYPE_CHECKING:
    from ..member import Member

_TAGS = re.compile(r"<(?=/?\s*(?:draft|review|question|task)\b)", re.IGNORECASE)
LETTERS = string.ascii_uppercase
_CHARS_A_TOKEN = 3.5
_MARGIN = 128
"""Tokens of the chat template, and for the error of the estimate."""
_REVIEW = 600
"""Tokens of a judge's review, at most."""
_SHORTEST_DRAFT = 128
"""Tokens that a draft or a question keeps however little room there is."""


def question(messages: Sequence[BaseMessage]) -> str:
    """The text of the person's last turn.

    What tools have brought since is no question, nor is system text: what a retriever found.

    Raises:
        InputError: There is no message, the last one is not the person's, or it has no text.
    """
    if not messages:
        raise InputError("there is no message to answer; give {'messages': [...]} with a question")
    last = next((m.type for m in reversed(messages) if m.type != "system"), "system")
    if last not in ("human", "tool"):
        raise InputError(f"the last message must be the person's, not one of type {last!r}")
    asked = next((m for m in reversed(messages) if m.type == "human"), None)
    if asked is None:
        raise InputError("there is a tool's result, but no message of the person")
    text = str(asked.text).strip()
    if not text and isinstance(asked.content, str):
        raise InputError("the question is empty; write something to answer")
    return text


def plain(
    messages: Sequence[BaseMessage], member: Member, system: Sequence[str | None], answer: int
) -> list[BaseMessage]:
    """The conversation, cut to the member's context, behind one system message.

    Args:
        messages: The conversation.
        member: Who reads it.
        system: Parts of our system text; None is left out.
        answer: Tokens to keep free for the answer.
    """
    messages = understood(_question_last(messages), member)
    messages = shortened(messages, _context(member, answer))
    return _assembled(messages, member, system)


def with_drafts(
    messages: Sequence[BaseMessage],
    member: Member,
    drafts: Sequence[Draft],
    system: Sequence[str | None],
    answer: int,
    *,
    review: str | None = None,
    lettered: bool = False,
) -> list[BaseMessage]:
    """The conversation with drafts of an answer to its last turn.

    The system text stands first and never changes within a run; the drafts come last, so that
    servers can reuse their cache of the prefix. Half of the member's context belongs to the
    conversation, the rest to the drafts, each of them the same part.

    Args:
        messages: The conversation.
        member: Who reads it.
        drafts: The drafts, in the order in which they are shown.
        system: Parts of our system text; None is left out.
        answer: Tokens to keep free for the answer.
        review: What the judge said about the drafts.
        lettered: Whether the drafts are marked A, B and so on instead of 1, 2.
    """
    room = _context(member, answer) - sum(map(_tokens, filter(None, system)))
    messages = shortened(understood(_question_last(messages), member), room // 2)
    # What a tool has brought belongs to the conversation; the question stands before it.
    last = messages[-1] if messages[-1].type == "human" else None
    head = _assembled(messages[:-1] if last else messages, member, system)
    asked = question(messages)
    room -= count_tokens_approximately(messages) + (_REVIEW if review else 0)
    each = max(room // len(drafts), _SHORTEST_DRAFT)
    blocks = [
        render("draft", id=mark, text=_trimmed(escaped(draft["text"]), each))
        for mark, draft in zip(LETTERS if lettered else count(1), drafts, strict=False)
    ]
    if review:
        blocks.append(render("review", text=_trimmed(escaped(review), _REVIEW)))
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


def _question_last(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The conversation with system messages that came after the last question put before it."""
    place = max((i for i, m in enumerate(messages) if m.type == "human"), default=0)
    late = [m for m in messages[place:] if m.type == "system"]
    rest = [m for m in messages[place:] if m.type != "system"]
    return [*messages[:place], *late, *rest]


def shortened(messages: Sequence[BaseMessage], tokens: int) -> list[BaseMessage]:
    """The conversation in at most so many tokens.

    The oldest turns go first; of a question that is too long alone, the middle. What tools have
    brought since the last question stays with it.

    Args:
        messages: The conversation; its system messages stay.
        tokens: Most tokens, by an estimate.

    Example:
        >>> from langchain_core.messages import AIMessage
        >>> turns = [HumanMessage("a " * 4000), AIMessage("b"), HumanMessage("Why?")]
        >>> [turn.type for turn in shortened(turns, 500)]
        ['ai', 'human']
    """
    if count_tokens_approximately(messages) <= tokens:
        return list(messages)
    place = max((i for i, m in enumerate(messages) if m.type == "human"), default=0)
    system = [m for m in messages[:place] if m.type == "system"]
    older = [m for m in messages[:place] if m.type != "system"]
    kept = [*system, *messages[place:]]
    room = tokens - count_tokens_approximately(kept)
    turns: list[BaseMessage] = []
    for message in reversed(older):
        room -= count_tokens_approximately([message])
        if room < 0:
            break
        turns.insert(0, message)
    # A result of a tool means nothing without the call that it answers.
    while turns and turns[0].type == "tool":
        turns.pop(0)
    asked, rest = messages[place], list(messages[place + 1 :])
    others = count_tokens_approximately([*system, *rest]) if system or rest else 0
    return [*system, *turns, _shorter(asked, max(tokens - others, _SHORTEST_DRAFT)), *rest]


def too_long_for(messages: Sequence[BaseMessage], members: Sequence[Member]) -> list[str]:
    """The names of those who get less than the whole conversation, each once."""
    tokens = count_tokens_approximately(messages)
    return list(dict.fromkeys(m.name for m in members if tokens > m.context // 2))


def _shorter(message: BaseMessage, tokens: int) -> BaseMessage:
    if not isinstance(message.content, str) or _tokens(message.content) <= tokens:
        return message
    return message.model_copy(update={"content": _trimmed(message.content, tokens)})


def _tokens(text: str) -> int:
    return int(len(text) / _CHARS_A_TOKEN)


def _context(member: Member, answer: int) -> int:
    """Tokens that a prompt of `member` may have."""
    return member.context - min(answer, member.context // 2) - _MARGIN


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


def _trimmed(text: str, tokens: int) -> str:
    """At most so many tokens: the beginning and, mostly, the end, where answers stand."""
    limit = int(tokens * _CHARS_A_TOKEN)
    if len(text) <= limit:
        return text
    head = limit // 3
    gap = f"[… {len(text) - limit} characters left out …]"
    return f"{text[:head].rstrip()}\n{gap}\n{text[head - limit :].lstrip()}"
