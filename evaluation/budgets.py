"""Comparisons at equal budget, the Pareto front, and what SMoA saves against MoA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .finished import SINGLE, Array, Finished
from .rows import answered, mean, plain, tokens, usage
from .statistics import difference, mean_of
from .votes import Sampled

SAMPLED = "self-consistency"
FUSED = "self-moa"


@dataclass(frozen=True)
class _Rival:
    """The best member asked more than once: its scores on `places`, and what that uses."""

    name: str
    member: str | None
    samples: int | None
    used: float
    scores: Array
    places: Array | slice


def equal_budget(done: Finished, drawn: Sequence[Sampled]) -> dict[str, Any]:
    """Each ensemble beside the best single member that may use as much.

    The rival is the self-consistency whose tokens are nearest to the ensemble's: one of the
    `self-consistency` systems, or the vote over the first k of its samples. Where the tokens of a
    system are unknown, all are compared by calls.

    Returns:
        `unit` (tokens or calls) and `rows`, with `system`, its `used` a question and accuracy; and
        under `single`, `self_consistency` and `self_fusion` the `system`, `member`, `samples`,
        `used`, accuracy and `difference` (the ensemble's accuracy minus its own, paired), or None.
    """
    ensembles = [name for name in done.outcomes if not _is_rival(name) and name not in done.tests]
    unit = (
        "calls"
        if any(_used(done, name, "tokens") is None for name in done.outcomes)
        else ("tokens")
    )
    singles = [_whole(done, done.best, unit)] if done.best else []
    sampled = [rival for each in drawn for rival in _cuts(done, each, unit)]
    fused = [_whole(done, name, unit) for name in done.outcomes if _named(name, FUSED)]
    rows = []
    for name in ensembles:
        used = _used(done, name, unit)
        if used is None:
            continue
        rows.append(
            {
                "system": name,
                "used": used,
                "accuracy": plain(mean_of(done.scores[name])),
                "single": _beside(done, name, used, singles),
                "self_consistency": _beside(done, name, used, sampled),
                "self_fusion": _beside(done, name, used, fused),
            }
        )
    return {"unit": unit, "rows": sorted(rows, key=lambda row: -row["accuracy"]["mean"])}


def front(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The Pareto front: systems that no other one beats in both accuracy and cost.

    The axis is the cost of a question where at least one price is known and above zero, else the
    calls. Systems whose cost is unknown are not on the front, and are named.

    Args:
        rows: Rows of `rows.rows`.

    Returns:
        `axis` (`cost_usd` or `calls`), `systems` (cheapest first) and `unknown`.

    Example:
        >>> def row(name, accuracy, cost):
        ...     return {"system": name, "accuracy": {"mean": accuracy}, "cost_usd": cost}
        >>> front([row("a", 0.9, 2.0), row("b", 0.5, 1.0), row("c", 0.4, 1.5)])["systems"]
        ['b', 'a']
    """
    axis = "cost_usd" if any(row["cost_usd"] for row in rows) else "calls"
    known = [row for row in rows if row[axis] is not None]
    best: list[str] = []
    most = -1.0
    for row in sorted(known, key=lambda row: (row[axis], -row["accuracy"]["mean"])):
        if row["accuracy"]["mean"] > most:
            most = row["accuracy"]["mean"]
            best.append(row["system"])
    return {
        "axis": axis,
        "systems": best,
        "unknown": [row["system"] for row in rows if row[axis] is None],
    }


def smoa_against_moa(done: Finished) -> list[dict[str, Any]]:
    """Tokens and accuracy of each SMoA against each MoA.

    Returns:
        Rows with `smoa`, `moa`, their tokens, `share` (SMoA's tokens as a share of MoA's) and the
        paired `difference` in accuracy.
    """
    sparse, dense = (
        [name for name in done.outcomes if _named(name, form) and name not in done.tests]
        for form in ("smoa", "moa")
    )
    rows = []
    for one in sparse:
        for other in dense:
            few, many = _used(done, one, "tokens"), _used(done, other, "tokens")
            rows.append(
                {
                    "smoa": one,
                    "moa": other,
                    "smoa_tokens": few,
                    "moa_tokens": many,
                    "share": few / many if few is not None and many else None,
                    "difference": plain(difference(done.scores[one], done.scores[other])),
                }
            )
    return rows


def _named(name: str, form: str) -> bool:
    """Whether a system is this form or a variant of it: `moa`, `moa-lite`, `moa:3`."""
    return name == form or name.startswith((f"{form}-", f"{form}:"))


def _is_rival(name: str) -> bool:
    return name.startswith(SINGLE) or _named(name, SAMPLED) or _named(name, FUSED)


def _used(done: Finished, name: str, unit: str) -> float | None:
    return usage(done.outcomes[name])[unit]


def _whole(done: Finished, name: str, unit: str) -> _Rival:
    used = _used(done, name, unit)
    return _Rival(
        name=name,
        member=name.removeprefix(SINGLE) if name.startswith(SINGLE) else _only(done, name),
        samples=None,
        used=float("nan") if used is None else used,
        scores=done.scores[name],
        places=slice(None),
    )


def _only(done: Finished, name: str) -> str | None:
    """The member that wrote all drafts of a system, if it was one."""
    asked = {d["member"] for one in done.outcomes[name] for d in one.get("drafts") or ()}
    return asked.pop() if len(asked) == 1 else None


def _cuts(done: Finished, drawn: Sampled, unit: str) -> list[_Rival]:
    """The votes over the first k samples, the whole system among them."""
    whole = _whole(done, drawn.system, unit)
    cut = [
        _Rival(drawn.system, drawn.member, k, used, drawn.scores(k), drawn.places)
        for k in range(1, drawn.most)
        if (used := _of_samples(done, drawn, k, unit)) is not None
    ]
    return [*cut, replace(whole, member=drawn.member, samples=drawn.most)]


def _of_samples(done: Finished, drawn: Sampled, k: int, unit: str) -> float | None:
    """What the first k samples of a question use on average.

    Samples of one request share its prompt; each request of one sample reads the prompt again.
    """
    used: list[float | None] = []
    for outcome in answered(done.outcomes[drawn.system]):
        count = max(sum(bool(d["text"]) for d in outcome.get("drafts") or ()), 1)
        share, calls = min(k / count, 1.0), outcome.get("calls")
        if unit == "calls":
            used.append(None if calls is None else calls * share)
            continue
        total, spent = tokens(outcome), outcome.get("usage") or {}
        prompt = spent.get("input_tokens", 0) if calls is not None and calls < count else 0
        used.append(None if total is None else prompt + (total - prompt) * share)
    return mean(used)


def _beside(
    done: Finished, name: str, used: float, rivals: Sequence[_Rival]
) -> dict[str, Any] | None:
    known = [rival for rival in rivals if rival.used == rival.used]
    if not known:
        return None
    nearest = min(known, key=lambda rival: abs(rival.used - used))
    return {
        "system": nearest.name,
        "member": nearest.member,
        "samples": nearest.samples,
        "used": nearest.used,
        "accuracy": plain(mean_of(nearest.scores)),
        "difference": plain(difference(done.scores[name][nearest.places], nearest.scores)),
    }
