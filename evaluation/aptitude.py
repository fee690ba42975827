"""Proposer against aggregator: how good each member is in either part.

In the MoA paper (arXiv 2406.04692, table 4) a member as proposer writes all drafts and one
aggregator reads them; as aggregator it reads the drafts of all members. Here these are the systems
`self-moa:proposers=NAME` and `moa-lite:aggregator=NAME`. The drafts of the latter are the same
calls for every aggregator, and are made once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .finished import AGGREGATING, PROPOSING, SINGLE, Finished
from .rows import plain
from .statistics import difference, mean_of


def aptitude(done: Finished, voted: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Each member alone, as proposer and as aggregator.

    Args:
        done: The outcomes.
        voted: What `votes.over_members` found, for what a member adds to the vote.

    Returns:
        `rows` with `member`, `alone` (the accuracy of its own answers, which are its drafts),
        `adds` (to the majority of all), `proposer` and `aggregator` (accuracies of the two systems
        above) and `gap` (the latter minus the former, paired), each None where it was not measured;
        `measured`, the parts that were, of two members at least. None with fewer than two members.
    """
    named = [name for name in done.outcomes if name.startswith((AGGREGATING, PROPOSING))]
    members = [*done.members, *(name.partition("=")[2] for name in named)]
    members = list(dict.fromkeys(members))
    if len(members) < 2:
        return None
    adds = {each["member"]: each for each in (voted or {}).get("contributions", ())}
    rows = [_row(done, member, adds.get(member)) for member in members]
    parts = [p for p in ("proposer", "aggregator") if sum(row[p] is not None for row in rows) > 1]
    return {"rows": rows, "measured": parts}


def _row(done: Finished, member: str, adds: Mapping[str, Any] | None) -> dict[str, Any]:
    proposing = done.scores.get(PROPOSING + member)
    aggregating = done.scores.get(AGGREGATING + member)
    alone = done.scores.get(SINGLE + member)
    return {
        "member": member,
        "alone": None if alone is None else plain(mean_of(alone)),
        "adds": None if adds is None else {k: v for k, v in adds.items() if k != "member"},
        "proposer": None if proposing is None else plain(mean_of(proposing)),
        "aggregator": None if aggregating is None else plain(mean_of(aggregating)),
        "gap": None
        if proposing is None or aggregating is None
        else plain(difference(aggregating, proposing)),
    }
