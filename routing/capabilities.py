"""What a task map knows of each member, in words: capability descriptions in MODEL-SAT's manner."""

from __future__ import annotations

from typing import Any, Protocol

SUBJECTS, WORDS = 12, 4
"""Most clusters in a description, the largest first, and words that stand for each."""


class Described(Protocol):
    """A profile, as far as its clusters are read."""

    @property
    def members(self) -> list[str]:
        """Names of the members."""
        ...

    @property
    def clusters(self) -> list[dict[str, Any]]:
        """See `Profile.clusters`."""
        ...


def capabilities(profile: Described) -> dict[str, str]:
    """For each member the share of right answers by subject, the best subjects first.

    Example:
        >>> from langgraph_ensemble import Profile
        >>> rows = [{"query": f"add {i} to 2", "scores": {"a": 1.0}} for i in range(8)]
        >>> capabilities(Profile.fit(rows))
        {'a': 'Of questions like “add 0 to 2”, 100% right.'}
    """
    largest = sorted(profile.clusters, key=lambda each: -each["size"])[:SUBJECTS]
    said: dict[str, str] = {}
    for name in profile.members:
        shares = []
        for each in largest:
            record = each["members"].get(name)
            if record is not None and record["n"]:
                shares.append((record["mean"], _subject(each)))
        shares.sort(key=lambda share: -share[0])
        parts = [f"{subject}, {accuracy:.0%} right" for accuracy, subject in shares]
        said[name] = f"Of questions {'; '.join(parts)}." if parts else "Nothing is known yet."
    return said


def _subject(cluster: dict[str, Any]) -> str:
    """A cluster in words: its own, or its first example."""
    if cluster["words"]:
        return f"about {', '.join(cluster['words'][:WORDS])}"
    return f"like “{cluster['examples'][0][:80]}”" if cluster["examples"] else "of other kinds"
