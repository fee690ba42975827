"""What members did in each system: who was asked, whose draft the answer is like, who failed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .finished import SINGLE, Finished

_WORDS = re.compile(r"\w+|[^\w\s]")
_MOST_WORDS = 2000


def routing(done: Finished) -> list[dict[str, Any]]:
    """How each system that asks different members divided the questions among them.

    Returns:
        Rows with `system`, `shares` (member: share of the questions, largest first) and `datasets`
        (data set: the same). A question for several members is divided equally. Systems that ask
        the same members each time are left out.
    """
    found = []
    for name, outcomes in done.outcomes.items():
        asked = [_asked(outcome) for outcome in outcomes]
        known = {frozenset(each.items()) for each in asked if each}
        if name.startswith(SINGLE) or len(known) < 2:
            continue
        found.append(
            {
                "system": name,
                "shares": _shares(asked),
                "datasets": {
                    dataset: _shares([asked[int(place)] for place in places])
                    for dataset, places in done.datasets.items()
                },
            }
        )
    return found


def failures(done: Finished) -> dict[str, Any]:
    """Drafts by member and status, and failed runs by system.

    Returns:
        `members`: member: {status: drafts}; a draft that several systems share counts in each.
        `systems`: system: {`runs`, `example`}: runs without an answer, and one's error.
    """
    statuses: dict[str, Counter[str]] = {}
    failed: dict[str, dict[str, Any]] = {}
    for name, outcomes in done.outcomes.items():
        for outcome in outcomes:
            for draft in outcome.get("drafts") or ():
                statuses.setdefault(draft["member"], Counter())[draft["status"]] += 1
        errors = [str(one["error"]) for one in outcomes if one.get("error")]
        if errors:
            failed[name] = {"runs": len(errors), "example": Counter(errors).most_common(1)[0][0]}
    return {
        "members": {name: dict(statuses[name].most_common()) for name in sorted(statuses)},
        "systems": failed,
    }


def similarity(done: Finished) -> list[dict[str, Any]]:
    """How much of a written answer stands in each member's draft of the last layer.

    The measure is `overlap`. Systems that return a draft word for word are left out.

    Returns:
        Rows with `system`, `members` (member: mean overlap, largest first), and the mean over
        `right` and over `wrong` drafts, None where there is none.
    """
    found = []
    for name, outcomes in done.outcomes.items():
        written = [one for one in outcomes if _is_written(one)]
        if 2 * len(written) <= len(outcomes):
            continue
        by_member: dict[str, list[float]] = {}
        by_score: dict[bool, list[float]] = {True: [], False: []}
        for outcome in written:
            for draft in _last_layer(outcome):
                shared = overlap(str(outcome["answer"]), draft["text"])
                by_member.setdefault(draft["member"], []).append(shared)
                if draft["score"] is not None:
                    by_score[draft["score"] >= 0.5].append(shared)
        means = {member: float(np.mean(each)) for member, each in by_member.items()}
        found.append(
            {
                "system": name,
                "members": dict(sorted(means.items(), key=lambda item: -item[1])),
                "right": float(np.mean(by_score[True])) if by_score[True] else None,
                "wrong": float(np.mean(by_score[False])) if by_score[False] else None,
            }
        )
    return found


def overlap(answer: str, draft: str, n: int = 3) -> float:
    """The share of an answer's n-grams of words that the draft has, too.

    This is the clipped n-gram precision of BLEU (Papineni et al. 2002), for one n and without
    brevity penalty; the MoA paper (arXiv 2406.04692) compares answers and drafts by BLEU. An answer
    of fewer than n words is compared by n-grams of its length.

    Args:
        answer: The text whose n-grams are looked for.
        draft: The text that they are looked for in.
        n: Words of an n-gram.

    Example:
        >>> overlap("the cat sat down", "the cat sat up")
        0.5
    """
    one, other = _words(answer), _words(draft)
    size = min(n, len(one))
    if not size:
        return 0.0
    wanted, there = _grams(one, size), _grams(other, size)
    shared = sum(min(count, there[gram]) for gram, count in wanted.items())
    return shared / sum(wanted.values())


def _words(text: str) -> list[str]:
    return _WORDS.findall(text[:20_000].casefold())[:_MOST_WORDS]


def _grams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _is_written(outcome: Mapping[str, Any]) -> bool:
    drafts = outcome.get("drafts") or ()
    answer = outcome.get("answer")
    return bool(answer) and len(drafts) > 1 and all(answer != draft["text"] for draft in drafts)


def _last_layer(outcome: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    drafts = [draft for draft in outcome["drafts"] if draft["text"]]
    last = max((draft["layer"] or 0 for draft in drafts), default=0)
    return [draft for draft in drafts if (draft["layer"] or 0) == last]


def _asked(outcome: Mapping[str, Any]) -> dict[str, float]:
    """The members that were picked or, where none was picked, asked: shares that sum to 1."""
    drafts = [d["member"] for d in outcome.get("drafts") or () if d["status"] != "skipped"]
    names = outcome.get("picked") or list(dict.fromkeys(drafts))
    return {name: 1 / len(names) for name in names}


def _shares(asked: Sequence[Mapping[str, float]]) -> dict[str, float]:
    total: Counter[str] = Counter()
    for each in asked:
        total.update(each)
    whole = sum(total.values())
    return {name: share / whole for name, share in total.most_common()} if whole else {}
