"""A member's own secrets in its replies: a server may write back what it was sent.

A reply is an answer, so nothing else is changed in it: not what merely looks like a key, and no
part of one. Short secrets, and words without a digit, are no keys: they may stand in any answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.messages.tool import tool_call_chunk

from ..redact import HIDDEN, forms_of

_KEY, _WORDS = 8, 16
"""Characters of a secret with a digit, and of one without, from which on it is a key."""
_CUT = 8
"""Characters of a key that are hidden at the end of a text that was cut within it."""
_HELD = 4
"""Characters of a key's beginning that are held back in a stream until it is known what follows."""
_PARTS = ("content", "tool_calls", "invalid_tool_calls", "additional_kwargs", "response_metadata")


class Echoes:
    """What to look for in the replies of one member.

    Args:
        secrets: The member's secrets; each is looked for in the forms in which servers write them.

    Example:
        >>> echoes = Echoes({"team-7b1f0c93d2"})
        >>> echoes.hide("Your key team-7b1f0c93d2 is fine."), echoes.hide("I am team-7.")
        ('Your key *** is fine.', 'I am team-7.')
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = sorted(forms_of(filter(_is_key, secrets)), key=lambda form: (-len(form), form))
        self.forms: tuple[str, ...] = tuple(forms)
        self._starts = {form[:_HELD] for form in forms}
        self.pattern: re.Pattern[str] = re.compile("|".join(map(re.escape, forms)))

    def may_be_in(self, text: str) -> bool:
        """Whether a text holds the first characters of a key, which costs little to find out."""
        return any(start in text for start in self._starts)

    def hide(self, text: str) -> str:
        """A whole text with stars in place of each key, and of a long beginning of one at its end.

        A token limit may have cut the text in the middle of a key.
        """
        if not self.may_be_in(text):
            return text
        text = self.pattern.sub(HIDDEN, text)
        begun = self.begun(text)
        return f"{text[:-begun]}{HIDDEN}" if begun >= _CUT else text

    def begun(self, text: str) -> int:
        """Number of characters at the end of a text that are the beginning of a key."""
        longest = min(len(text), len(self.forms[0]) - 1) if self.forms else 0
        sizes = range(longest, 0, -1)
        return next((n for n in sizes if any(f.startswith(text[-n:]) for f in self.forms)), 0)

    def everywhere(self, value: Any) -> Any:
        """The same for every text in a JSON value."""
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, dict):
            return {key: self.everywhere(each) for key, each in value.items()}
        return [self.everywhere(each) for each in value] if isinstance(value, list) else value

    def clean(self, message: BaseMessage | None) -> None:
        """Hide keys in a whole message, in place."""
        for name in _PARTS if self.forms and message is not None else ():
            value = getattr(message, name, None)
            if value and (hidden := self.everywhere(value)) != value:
                setattr(message, name, hidden)


class EchoStream:
    """One stream of chunks, in which a key may be split over several of them.

    That is found in texts and in the arguments of tool calls; blocks of other kinds are looked at
    one by one.

    Args:
        echoes: What to look for.
    """

    def __init__(self, echoes: Echoes) -> None:
        self._echoes = echoes
        self._given: dict[int | None, str] = {}
        self._held: dict[int | None, str] = {}
        self._seen: BaseMessage | None = None

    def clean(self, chunk: BaseMessage) -> None:
        """Hide keys in the next chunk, in place; what may begin one comes with a later chunk."""
        if chunk is self._seen:
            return
        self._seen = chunk
        last = getattr(chunk, "chunk_position", None) == "last"
        pieces: list[Any] = getattr(chunk, "tool_call_chunks", [])
        before = [piece["args"] for piece in pieces]
        for piece in pieces:
            if piece["args"]:
                piece["args"] = self._next(piece["index"], piece["args"], last=False)
        if last:
            for index in [each for each in self._held if each is not None]:
                rest = self._next(index, "", last=True)
                pieces.append(tool_call_chunk(args=rest, index=index))
        if before != [piece["args"] for piece in pieces]:
            # LangChain has read them already; from the sum of all chunks it does so anew.
            vars(chunk).update(tool_calls=[], invalid_tool_calls=[])
        if isinstance(chunk.content, str):
            if chunk.content or last:
                chunk.content = self._next(None, chunk.content, last=last)
            vars(chunk).update(additional_kwargs=self._echoes.everywhere(chunk.additional_kwargs))
        else:
            self._echoes.clean(chunk)

    def _next(self, place: int | None, piece: str, *, last: bool) -> str:
        """What may be given away of a text that grows by `piece`."""
        given = self._given.get(place, "")
        text, at = given + self._held.pop(place, "") + piece, len(given)
        if not self._echoes.may_be_in(text):
            self._given[place] = text[1 - _HELD :]
            return text[at:]
        shown, behind = "", 0
        for found in self._echoes.pattern.finditer(text):
            shown += text[at : max(at, found.start())] + HIDDEN
            at = behind = found.end()
        begun = self._echoes.begun(text[behind:])
        if (last and begun < _CUT) or begun < _HELD:
            begun = 0
        until = max(at, len(text) - begun)
        if begun and last:
            return f"{shown}{text[at:until]}{HIDDEN}"
        self._held[place] = text[until:]
        self._given[place] = text[behind:until][1 - _HELD :]
        return shown + text[at:until]


def _is_key(secret: str) -> bool:
    return len(secret) >= (_KEY if any(c.isdigit() for c in secret) else _WORDS)
