"""A model that keeps what it was asked, and a reader that sees through disguises."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any
from urllib.parse import unquote

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph_ensemble import Member
from pydantic import Field


class Recorder(BaseChatModel):
    """Says the same each time, and keeps the messages that reached it."""

    says: list[str]
    asked: list[list[BaseMessage]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "recorder"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        text = self.says[len(self.asked) % len(self.says)]
        self.asked.append(messages)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])

    @property
    def prompts(self) -> list[str]:
        """All text of each request."""
        return ["\n".join(str(m.text) for m in messages) for messages in self.asked]


def recorder(name: str, *says: str, **fields: Any) -> Member:
    """A member whose model is a `Recorder`."""
    usual = {"size": 7.0, "retries": 0, "context": 2_000_000}
    return Member(name=name, model=Recorder(says=list(says)), **{**usual, **fields})


def asked(member: Member) -> list[str]:
    """The prompts that reached a member of `recorder`."""
    assert isinstance(member.model, Recorder)
    return member.model.prompts


# Written apart from the code under test: what the corpus of attacks is disguised with.
_BRACKETS = str.maketrans("‹«⟨〈《❮˂ᐸ∕⁄", "<<<<<<<<//")
_LETTERS = str.maketrans("аαᴅʀᴀꜰᴛНе▁ꓓꓣꓮꓝꓔᎠᎡᎪᎢ🅳🅡🅰🅵🅣🇩🇷🇦🇫🇹", "aadraftHe_draftdratdraftdraft")


def undisguised(text: str) -> str:
    """The text as a reader may see it that looks through disguises."""
    for _ in range(2):
        text = html.unescape(text)
    text = unquote(re.sub(r"\\u00([2-7][0-9a-f])", r"%\1", text), errors="ignore")
    text = unicodedata.normalize("NFKD", text.replace("\u2028", "\n").replace("\r", "\n"))
    seen = [
        c
        for c in text
        if c == "\n" or unicodedata.category(c) not in ("Cf", "Mn", "Cc", "Cs", "Co")
    ]
    text = "".join(c for c in seen if c not in "\u3164\u1160")
    return text.translate(_BRACKETS).translate(_LETTERS).casefold()


_OURS = {
    name: re.compile(r"<[\s/\\]*" + r"\s*".join(name) + r"\b")
    for name in ("draft", "review", "question", "task")
}
_TURN = re.compile(
    r"<\s*\|\s*/?\w[\w .-]*\|\s*>|\[\s*/?\s*(?:inst|tool_results)\s*\]|<\s*<\s*/?\s*sys"
    r"|</?(?:think|thinking|system|s|start_of_turn|end_of_turn|tool_call|tool_response)\b"
    r"|^\W*(?:human|user|assistant|system|instruction|response)\s*\**:",
    re.MULTILINE,
)


def delimiters(prompt: str) -> dict[str, int]:
    """How often each of our delimiters stands in a prompt, in whatever disguise."""
    seen = undisguised(prompt)
    return {name: len(found) for name, tag in _OURS.items() if (found := tag.findall(seen))}


def turns(prompt: str) -> list[str]:
    """What looks like the beginning or the end of a turn in a prompt."""
    return _TURN.findall(undisguised(prompt))
