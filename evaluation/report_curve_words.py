"""What reports say of the numbers of clusters, and of members' parts, in any form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .report_words import estimated, gained

PARTS = (
    "member", "alone", "as proposer", "as aggregator", "adds to the vote, points",
    "aggregator minus proposer, points",
)  # fmt: skip
"""Heads of the table of members' parts."""


def parts_of(row: Mapping[str, Any]) -> list[str]:
    """The cells of a member's row below `PARTS`, without its name."""
    shares = [estimated(row[part]) for part in ("alone", "proposer", "aggregator")]
    return [*shares, *(gained(row[part]) for part in ("adds", "gap"))]


def told_clusters(found: Mapping[str, Any]) -> str:
    """What the curve over K is, and what it says."""
    source = (
        f"{found['records']:,} recorded questions"
        if found["folds"] is None
        else f"the other four fifths of these questions ({found['records']:,}), in five turns"
    )
    best = f"Accuracy is largest with K = {found['best']}"
    if found["enough"] != found["best"]:
        best += f"; that it exceeds that of K = {found['enough']} is within chance"
    return (
        "Each question goes to the member that proved best in its nearest one of K clusters, which "
        f"were fitted on {source}. K = 1 sends all questions to one member. {best}."
    )


def told_aptitude(found: Mapping[str, Any]) -> str:
    """What the parts of members are, or how to measure them."""
    how = (
        "Add 'aggregators' to --systems (each member reads the same drafts of all members, "
        "MoA-Lite) and 'proposers' (one aggregator reads six drafts of each member, Self-MoA); "
        "--dry-run lists the calls and what they can cost."
    )
    if "aggregator" not in found["measured"]:
        return f"How good each member is at reading the drafts of others was not measured. {how}"
    if "proposer" not in found["measured"]:
        return (
            "As aggregator a member reads the same drafts of all members. As proposer it counts by "
            "its own answers alone, which are its drafts; 'proposers' in --systems measures what "
            "an aggregator makes of six of them."
        )
    return (
        "As aggregator a member reads the same drafts of all members; as proposer it writes six "
        "drafts that one aggregator reads (table 4 of the MoA paper, arXiv 2406.04692)."
    )
