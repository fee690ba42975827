"""One call of a bundled model: its settings, its prompt, and the replies as they grow."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from langchain_core.messages import BaseMessage

from ..errors import InputError
from .format import MAX_ANSWERS, Role, answer_groups, compact_prompt, final_answer, parse_prompt
from .session import END, Session, load, steps

REFEREES: dict[str, Role] = {"aggregator": "aggregator", "judge": "judge"}
"""Models that read drafts; both are the weights ``referee``, asked in two ways."""

_REPLY = 44
"""Tokens of the longest reply of a referee."""


class Settings(Protocol):
    """What a call reads from the chat model."""

    model: str
    temperature: float
    seed: int | None
    n: int
    max_tokens: int
    stop: list[str] | None

    @property
    def role(self) -> Role:
        """What the model does."""
        ...


class Call:
    """One call: its settings, its prompt, and the replies as they grow."""

    def __init__(
        self,
        chat: Settings,
        messages: Sequence[BaseMessage],
        stop: list[str] | None,
        settings: dict[str, Any],
    ) -> None:
        def setting(name: str) -> Any:
            value = settings.get(name)
            return getattr(chat, name) if value is None else value

        self.n, self.temperature = int(setting("n")), float(setting("temperature"))
        self.max_tokens, self.stop = int(setting("max_tokens")), stop or chat.stop or []
        if self.n < 1 or self.max_tokens < 1 or self.temperature < 0:
            raise InputError("n and max_tokens must be at least 1 and temperature at least 0")
        seed = setting("seed")
        self.seed = secrets.randbits(63) if seed is None else abs(int(seed))
        self.session: Session = load("referee" if chat.model in REFEREES else chat.model)
        question, self.drafts = _read(messages)
        self.prompt = self._prompt(question, chat.role)
        self.room = self.session.context - len(self.prompt)
        if self.room < 1:
            raise InputError(
                f"the prompt has {len(self.prompt)} tokens, but pocket model {chat.model!r} "
                f"reads at most {self.session.context - 1}; shorten the question"
            )
        self.replies: list[list[int]] = [[] for _ in range(self.n)]
        self.reasons = ["length"] * self.n
        self._ended = [False] * self.n

    def tokens(self) -> Iterator[None]:
        """Add a token to every reply that has not ended, until all have."""
        for step in steps(
            self.session,
            [self.prompt],
            n=self.n,
            temperature=self.temperature,
            seeds=[np.random.SeedSequence([self.seed, i]) for i in range(self.n)],
            max_tokens=min(self.max_tokens, self.room),
        ):
            for i, token in enumerate(step.tolist()):
                if not self._ended[i]:
                    self.replies[i].append(token)
                    if token == END or self._stopped(i):
                        self._ended[i], self.reasons[i] = True, "stop"
            yield
            if all(self._ended):
                return

    def _prompt(self, question: str, role: Role) -> list[int]:
        """The question, for a referee with as many answers of drafts as leave room to reply."""
        if role not in ("aggregator", "judge") or not self.drafts:
            return self.session.encode(question)
        answers = [final_answer(text) for _, text in self.drafts]
        prompt: list[int] = []
        for most in range(min(MAX_ANSWERS, len(answers)), 0, -1):
            prompt = self.session.encode(compact_prompt(question, answers, "judge", most))
            if len(prompt) + _REPLY <= self.session.context:
                break
        return prompt

    def text(self, i: int) -> str:
        """What reply `i` says, up to the first stop text."""
        text = self._raw(i)
        ends = [text.find(mark) for mark in self.stop if mark in text]
        return text[: min(ends)] if ends else text

    def safe_text(self) -> str:
        """Of the first reply, what no stop text can take back."""
        text = self.text(0)
        if self._ended[0]:
            return text
        held = max((len(mark) - 1 for mark in self.stop), default=0)
        return text[: len(text) - held] if held else text

    def _raw(self, i: int) -> str:
        ids = self.replies[i]
        return self.session.decode(ids[:-1] if ids and ids[-1] == END else ids)

    def _stopped(self, i: int) -> bool:
        return any(mark in self._raw(i) for mark in self.stop)


def _read(messages: Sequence[BaseMessage]) -> tuple[str, list[tuple[int, str]]]:
    """The question, and the (number, text) of the drafts beside it."""
    users = [message for message in messages if message.type == "human"]
    if not users:
        raise InputError("a pocket model answers a user message; add a HumanMessage")
    question, drafts = parse_prompt(users[-1].text)
    if not question:
        raise InputError("the user message is empty; write a question")
    return question, drafts


def chosen_answer(reply: str, drafts: Sequence[tuple[int, str]]) -> str:
    """The answer the referee chose by its number; without one the most frequent answer.

    The weights choose an answer far better than they spell it, so it is copied here.
    """
    groups = answer_groups([final_answer(text) for _, text in drafts])
    number = reply.partition(" ")[0]
    place = int(number) if number.isdigit() and 1 <= int(number) <= len(groups) else 1
    return f"Answer: {groups[place - 1][0]}"


def verdict(reply: str, drafts: Sequence[tuple[int, str]]) -> str:
    """The judge's JSON around the model's own words, such as ``2 stop``."""
    groups = answer_groups([final_answer(text) for _, text in drafts])
    number, _, word = reply.partition(" ")
    if not number.isdigit() or not 1 <= int(number) <= len(groups):
        return json.dumps({"chosen": [], "stop": False, "reason": f"no verdict: {reply}"})
    best = groups[int(number) - 1][1]
    others = [i for _, places in groups for i in places if i not in best]
    silent = [i for i in range(len(drafts)) if i not in {*best, *others}]
    reason = "most drafts agree on this answer" if word == "stop" else "the drafts disagree"
    chosen = [drafts[i][0] for i in [*best, *others, *silent]]
    return json.dumps({"chosen": chosen, "stop": word == "stop", "reason": reason})
