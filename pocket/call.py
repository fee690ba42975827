"""One call of a specialist or the generalist: its prompt, and the replies as they grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from langchain_core.messages import BaseMessage

from ..errors import InputError
from .format import Role, parse_prompt
from .inverse import checked
from .knobs import Knobs
from .referee import Hearing
from .session import END, Session, load, steps

REFEREES: dict[str, Role] = {"aggregator": "aggregator", "judge": "judge"}
"""Models that rank drafts; both use the weights `referee`."""

CHECKED = ("arithmetic",)
"""Models whose replies are checked by the inverse operation before they are returned."""


class Call:
    """One call of a specialist or the generalist.

    Args:
        model: Name of bundled weights.
        question: The question without drafts.
        knobs: The call's settings.

    Raises:
        InputError: The question leaves no room for a reply.
    """

    def __init__(self, model: str, question: str, knobs: Knobs) -> None:
        self.session: Session = load(model)
        self._knobs = knobs
        self._question = question if model in CHECKED else None
        self.prompt: list[int] = self.session.encode(question)
        self._room = self.session.context - len(self.prompt)
        if self._room < 1:
            raise InputError(
                f"the prompt has {len(self.prompt)} tokens, but pocket model {model!r} "
                f"reads at most {self.session.context - 1}; shorten the question"
            )
        self.replies: list[list[int]] = [[] for _ in range(knobs.n)]
        self.reasons: list[str] = ["length"] * knobs.n
        self._ended = [False] * knobs.n

    @property
    def input_tokens(self) -> int:
        """Tokens of the prompt, which is read once for all samples."""
        return len(self.prompt)

    @property
    def output_tokens(self) -> list[int]:
        """Tokens of each reply so far, including its end mark."""
        return [len(ids) for ids in self.replies]

    def tokens(self) -> Iterator[None]:
        """Add a token to every unfinished reply, until all have ended."""
        knobs = self._knobs
        for step in steps(
            self.session,
            [self.prompt],
            n=knobs.n,
            temperature=knobs.temperature,
            seeds=[np.random.SeedSequence([knobs.seed, i]) for i in range(knobs.n)],
            max_tokens=min(knobs.max_tokens, self._room),
        ):
            for i, token in enumerate(step.tolist()):
                if not self._ended[i]:
                    self.replies[i].append(token)
                    if token == END or self._stopped(i):
                        self._ended[i], self.reasons[i] = True, "stop"
            yield
            if all(self._ended):
                return

    def text(self, i: int) -> str:
        """The text of reply `i` up to the first stop text."""
        raw = self._raw(i)
        # A reply that was cut before its answer cannot be checked.
        if self._question and "Answer:" in raw:
            raw = checked(self._question, raw)
        return self._knobs.cut(raw)

    def safe_text(self) -> str:
        """The part of the first reply that neither a stop text nor the check can still change."""
        if self._ended[0]:
            return self.text(0)
        if self._question:
            return ""
        text = self.text(0)
        held = max((len(mark) - 1 for mark in self._knobs.stop), default=0)
        return text[: len(text) - held] if held else text

    def _raw(self, i: int) -> str:
        ids = self.replies[i]
        return self.session.decode(ids[:-1] if ids and ids[-1] == END else ids)

    def _stopped(self, i: int) -> bool:
        raw = self._raw(i)
        return any(mark in raw for mark in self._knobs.stop)


def open_call(model: str, messages: Sequence[BaseMessage], knobs: Knobs) -> Call | Hearing:
    """Open the call that a model needs for these messages.

    An aggregator without drafts answers the question itself, like the generalist.

    Raises:
        InputError: There is no user message, or the question leaves no room for a reply.
    """
    users = [message for message in messages if message.type == "human"]
    if not users:
        raise InputError("a pocket model answers a user message; add a HumanMessage")
    question, drafts = parse_prompt(users[-1].text)
    if not question:
        raise InputError("the user message is empty; write a question")
    role = REFEREES.get(model)
    if role and (drafts or role == "judge"):
        return Hearing(role, question, drafts, knobs)
    return Call("generalist" if role else model, question, knobs)
