"""Stop sequences: end the text of an answer, however its stream is cut into pieces."""

from __future__ import annotations

from collections.abc import Sequence


class StopAt:
    """Ends a streamed text at its first stop sequence, even one that spans several pieces.

    Example:
        >>> stop = StopAt(["END"])
        >>> stop.feed("one E") + stop.feed("ND two") + stop.rest()
        'one '
    """

    def __init__(self, sequences: Sequence[str] | str = ()) -> None:
        given = [sequences] if isinstance(sequences, str) else sequences
        self._sequences = [each for each in given if each]
        self._held = ""
        self.done = False

    def feed(self, text: str) -> str:
        """Add `text`, and return the text that can be shown now."""
        if self.done:
            return ""
        self._held += text
        ends = [
            (at + len(each), at) for each in self._sequences if (at := self._held.find(each)) >= 0
        ]
        if ends:
            # The sequence that is complete first counts, as if the text came letter by letter.
            self.done: bool = True
            shown, self._held = self._held[: min(ends)[1]], ""
            return shown
        keep = max((self._overlap(each) for each in self._sequences), default=0)
        cut = len(self._held) - keep
        shown, self._held = self._held[:cut], self._held[cut:]
        return shown

    def rest(self) -> str:
        """The text that was held back and is not part of a stop sequence."""
        shown, self._held = self._held, ""
        return shown

    def _overlap(self, sequence: str) -> int:
        """Length of the text's end that could be the beginning of `sequence`."""
        longest = min(len(sequence) - 1, len(self._held))
        return next((n for n in range(longest, 0, -1) if self._held.endswith(sequence[:n])), 0)


def until(text: str, sequences: Sequence[str] | str) -> str:
    """A whole text up to the first stop sequence in it.

    Example:
        >>> until("one END two", ["END"]), until("one", ["END"])
        ('one ', 'one')
    """
    stop = StopAt(sequences)
    return stop.feed(text) + stop.rest()
