"""Build prompts: one system message, constant text first, drafts as data.

Drafts are numbered, anonymous, delimited, and trimmed so that the prompt fits the reader's context.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.utils import count_tokens_approximately

from ..errors import InputError
from ..prompts import render
from ..prompts.neutral import neutralised
from ..records import Draft
from .images import understood

if TYPE_CHECKING:
    from ..member import Member

LETTERS = string.ascii_uppercase
_CHARS_A_TOKEN = 3.5
_MARGIN = 128
"""Number of tokens reserved for the chat template and the error of the estimate."""
_REVIEW = 600
"""Token limit of a judge's review."""
_SHORTEST_DRAFT = 128
"""Number of tokens that a draft or a question always keeps."""


def question(messages: Sequence[BaseMessage]) -> str:
    """The text of the user's last turn.

    Later tool results are no question, nor is system text, such as that of a retriever.

    Raises:
        InputError: There is no message, the last one is not the user's, or it has no text.
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
    """One system message and the conversation, cut to the member's context.

    Args:
        messages: The conversation.
        member: The reader.
        system: Parts of our system text; None is left out.
        answer: Tokens to keep free for the answer.
    """
    messages = _read_by(member, _question_last(messages))
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

    The system text comes first and never changes within a run; the drafts come last, so that
    servers can reuse their cache of the prefix. Half of the member's context is for the
    conversation, the rest for the drafts in equal parts.

    Args:
        messages: The conversation.
        member: The reader.
        drafts: The drafts, in the order of the prompt.
        system: Parts of our system text; None is left out.
        answer: Tokens to keep free for the answer.
        review: The judge's review of the drafts.
        lettered: Whether the drafts are marked A, B and so on instead of 1, 2.
    """
    room = _context(member, answer) - sum(map(_tokens, filter(None, system)))
    messages = shortened(_read_by(member, _question_last(messages)), room // 2)
    # Tool results belong to the conversation; the question comes before them.
    last = messages[-1] if messages[-1].type == "human" else None
    head = _assembled(messages[:-1] if last else messages, member, system)
    asked = question(messages)
    room -= count_tokens_approximately(messages) + (_REVIEW if review else 0)
    each = max(room // len(drafts), _SHORTEST_DRAFT)
    blocks = [
        render("draft", id=mark, text=_quoted(draft["text"], each))
        for mark, draft in zip(LETTERS if lettered else count(1), drafts, strict=False)
    ]
    if review:
        blocks.append(render("review", text=_quoted(review, _REVIEW)))
    text = render("with_drafts", question=neutralised(asked), drafts="\n\n".join(blocks))
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

    The oldest turns are dropped first; a question that is too long loses its middle. Tool results
    after the last question stay with it.

    Args:
        messages: The conversation; its system messages stay.
        tokens: The largest number of tokens, by an estimate.

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
    # A tool result is meaningless without its call.
    while turns and turns[0].type == "tool":
        turns.pop(0)
    asked, rest = messages[place], list(messages[place + 1 :])
    others = count_tokens_approximately([*system, *rest]) if system or rest else 0
    return [*system, *turns, _shorter(asked, max(tokens - others, _SHORTEST_DRAFT)), *rest]


def too_long_for(messages: Sequence[BaseMessage], members: Sequence[Member]) -> list[str]:
    """The names of the members that get a shortened conversation, each once."""
    tokens = count_tokens_approximately(messages)
    return list(dict.fromkeys(m.name for m in members if tokens > m.context // 2))


def _shorter(message: BaseMessage, tokens: int) -> BaseMessage:
    if not isinstance(message.content, str) or _tokens(message.content) <= tokens:
        return message
    return message.model_copy(update={"content": _trimmed(message.content, tokens)})


def _tokens(text: str) -> int:
    return int(len(text) / _CHARS_A_TOKEN)


def _context(member: Member, answer: int) -> int:
    """The token limit of a prompt of `member`."""
    return member.context - min(answer, member.context // 2) - _MARGIN


def _read_by(member: Member, messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The conversation as `member` can read it; what models and tools said cannot open a turn."""
    return understood([_harmless(message) for message in messages], member)


def _harmless(message: BaseMessage) -> BaseMessage:
    if message.type not in ("ai", "tool"):
        return message
    content = message.content
    harmless = neutralised(content) if isinstance(content, str) else [*map(_harmless_part, content)]
    return message if harmless == content else message.model_copy(update={"content": harmless})


def _harmless_part(part: str | dict[str, Any]) -> str | dict[str, Any]:
    if isinstance(part, str):
        return neutralised(part)
    return {**part, "text": neutralised(str(part["text"]))} if part.get("text") else part


def _quoted(text: str, tokens: int) -> str:
    """What a model wrote, trimmed before it is searched and once more for what that adds."""
    return _trimmed(neutralised(_trimmed(text, tokens)), tokens)


def _assembled(
    messages: Sequence[BaseMessage], member: Member, system: Sequence[str | None]
) -> list[BaseMessage]:
    """One system message: our text first, then the user's."""
    theirs = [str(message.text) for message in messages if message.type == "system"]
    text = "\n\n".join(part for part in [*system, *theirs] if part)
    turns = [message for message in messages if message.type != "system"]
    whole: list[BaseMessage] = [SystemMessage(text), *turns] if text else list(turns)
    return _folded(whole, member)


def _folded(messages: list[BaseMessage], member: Member) -> list[BaseMessage]:
    """For models without a system role, put its text before the user's first turn."""
    if member.system_role or not messages or messages[0].type != "system":
        return messages
    for place, message in enumerate(messages[1:], 1):
        if message.type == "human" and isinstance(message.content, str):
            turn = HumanMessage(f"{messages[0].text}\n\n{message.content}", id=message.id)
            return [*messages[1:place], turn, *messages[place + 1 :]]
    return messages


def _trimmed(text: str, tokens: int) -> str:
    """Trim to so many tokens: keep the beginning and mostly the end, where answers stand."""
    limit = int(tokens * _CHARS_A_TOKEN)
    if len(text) <= limit:
        return text
    head = limit // 3
    gap = f"[… {len(text) - limit} characters left out …]"
    return f"{text[:head].rstrip()}\n{gap}\n{text[head - limit :].lstrip()}"
