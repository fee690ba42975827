"""Questions on which systems disagree, for people to read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..voting import read
from .finished import Finished

MOST = 12
_BLANK = re.compile(r"\n\s*\n")
_QUESTION, _TEXT = 600, 280


def disagreements(done: Finished, ranked: Sequence[str]) -> list[dict[str, Any]]:
    """The questions that divide systems most, at most `MOST`.

    Questions that the best system and the best single member decide differently come first, those
    of either kind in turn; then the ones that divide all systems most evenly.

    Args:
        done: The outcomes.
        ranked: The systems, most accurate first.

    Returns:
        Rows with `question`, `dataset`, `accepted`, and `systems`: for each `system`, `score`,
        `answer` (as a vote reads it) and `text`, the end of what it wrote.
    """
    places = _chosen(done, ranked)
    return [_shown(done, place, ranked) for place in places]


def _chosen(done: Finished, ranked: Sequence[str]) -> list[int]:
    won = [
        sum(done.scores[name][place] >= 0.5 for name in ranked)
        for place in range(len(done.questions))
    ]
    divided = [place for place, count in enumerate(won) if 0 < count < len(ranked)]
    divided.sort(key=lambda place: abs(2 * won[place] - len(ranked)))
    first = next((name for name in ranked if name != done.best), ranked[0])
    other = done.best or ranked[-1]
    gap = done.scores[first] - done.scores[other]
    better = [place for place in divided if gap[place] > 0]
    worse = [place for place in divided if gap[place] < 0]
    turns = [place for pair in zip(better, worse, strict=False) for place in pair]
    rest = [place for place in [*better, *worse, *divided] if place not in set(turns)]
    return list(dict.fromkeys([*turns, *rest]))[:MOST]


def _shown(done: Finished, place: int, ranked: Sequence[str]) -> dict[str, Any]:
    record = done.questions[place]
    accepted = record.get("answers") or []
    return {
        "question": _cut(str(record["query"]), _QUESTION),
        "dataset": str(record.get("dataset") or ""),
        "accepted": [str(a) for a in ([accepted] if isinstance(accepted, str) else accepted)][:3],
        "systems": [
            _answer(name, done.outcomes[name][place], str(record["query"])) for name in ranked
        ],
    }


def _answer(name: str, outcome: Mapping[str, Any], question: str) -> dict[str, Any]:
    text = str(outcome.get("answer") or "")
    answer = read(text, question) if text else None
    text = _BLANK.sub("\n", text.strip())
    return {
        "system": name,
        "score": float(outcome["score"]),
        "answer": None if answer is None else _cut(answer, 80),
        "text": text if len(text) <= _TEXT else f"…{text[-_TEXT:]}",
    }


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
