"""The graphs whose processes are killed, and the models that they ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from langgraph_ensemble import (
    Member,
    Profile,
    create_avengers,
    create_calibration,
    create_moa,
    create_smoa,
)
from langgraph_ensemble.testing import Model, Provider, bank

NAMES = ("ann", "ben", "cat", "dan")
CALIBRATION = "calibration"


def models() -> list[Model]:
    """Four models and one that ignores `n`; replies to requests made together end one by one."""
    speed = {"first_token_ms": 30.0, "jitter_ms": 400.0, "token_ms": 1.0, "tokens": 8}
    return [*(Model(name, **speed) for name in NAMES), Model("one", honours_n=False, **speed)]


def task_map() -> Profile:
    """All members are good at everything, so that the router takes them in their order."""
    names = (*NAMES, "one")
    rows = [
        {"query": q.text, "scores": {n: 0.9 - place / 10 for place, n in enumerate(names)}}
        for q in bank()[:40]
    ]
    return Profile.fit(rows, seed=1, clusters=2)


def graphs(provider: Provider, profile: Callable[[], Profile]) -> dict[str, Callable[[], Any]]:
    """The builders of the graphs by name; `profile` makes the task map of those that need one."""

    def team(**more: Any) -> list[Member]:
        return [provider.member(name, **more) for name in NAMES]

    def nested() -> Any:
        inner = create_moa(team()[:2], layers=2, name="inner").compile()
        return create_moa([*team()[2:], Member.of(inner, "inner")], layers=2, aggregator="cat")

    return {
        "moa": lambda: create_moa(team()),
        "self-moa, 6 samples": lambda: create_moa(
            team(native_n=False)[:1], layers=2, samples=6, proposers=["ann"]
        ),
        "smoa": lambda: create_smoa(team(), agreement=1.0, moderator="ben"),
        "avengers, native n": lambda: create_avengers(
            team(native_n=True), profile(), samples=6, top_n=3
        ),
        "avengers, 10 requests": lambda: create_avengers(team(native_n=False), profile(), top_n=2),
        "avengers, n ignored": lambda: create_avengers(
            [provider.member("one")], profile(), samples=10
        ),
        "avengers, team": lambda: create_avengers(team(), profile(), strategy="team"),
        "nested": nested,
    }


def calibration(provider: Provider, folder: Path) -> Any:
    """A calibration of three members with twelve questions."""
    rows = [{"query": q.text, "answer": q.answer} for q in bank()[:12]]
    return create_calibration(
        [provider.member(name, native_n=False) for name in NAMES[:3]],
        data=rows,
        out=folder,
        samples=2,
        concurrency=4,
        batch_size=12,
        clusters=2,
    )
