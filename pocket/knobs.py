"""The settings of one call of a bundled model."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import InputError


class Settings(Protocol):
    """The fields of the chat model that a call reads."""

    temperature: float
    seed: int | None
    n: int
    max_tokens: int
    stop: list[str] | None


@dataclass(frozen=True)
class Knobs:
    """Checked settings of a call; `ChatPocket` describes them."""

    n: int
    temperature: float
    seed: int
    max_tokens: int
    stop: tuple[str, ...]

    @classmethod
    def of(cls, chat: Settings, stop: list[str] | None, settings: dict[str, Any]) -> Knobs:
        """The settings given with the call, with the chat model's as defaults.

        Raises:
            InputError: A setting is out of its range.
        """

        def setting(name: str) -> Any:
            value = settings.get(name)
            return getattr(chat, name) if value is None else value

        n, temperature = int(setting("n")), float(setting("temperature"))
        max_tokens, seed = int(setting("max_tokens")), setting("seed")
        if n < 1 or max_tokens < 1 or temperature < 0:
            raise InputError("n and max_tokens must be at least 1 and temperature at least 0")
        seed = secrets.randbits(63) if seed is None else abs(int(seed))
        return cls(n, temperature, seed, max_tokens, tuple(stop or chat.stop or ()))

    def cut(self, text: str) -> str:
        """The text up to the first stop text."""
        ends = [text.find(mark) for mark in self.stop if mark in text]
        return text[: min(ends)] if ends else text
