"""Small helpers that many tests use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph_ensemble import Member, Profile
from langgraph_ensemble.testing import Provider, Question, bank

CANARY = "sk-canary-3f9a2b7c5d1e"


def member(provider: Provider, name: str, **more: Any) -> Member:
    """A member with the name of its simulated model."""
    return provider.member(name, **more)


def ask(question: str) -> dict[str, Any]:
    """The input of a graph."""
    return {"messages": [{"role": "user", "content": question}]}


def question(domain: str = "algebra", number: int = 0) -> Question:
    """A question from the question bank."""
    return [q for q in bank() if q.domain == domain][number]


def prompt(entry: dict[str, Any]) -> str:
    """All text of a logged request."""
    return "\n".join(str(message["content"]) for message in entry["messages"])


def profile(**best: list[str]) -> Profile:
    """A task map of the bank on which each member is good at the named domains."""
    records = [
        {
            "query": q.text,
            "scores": {name: 0.9 if q.domain in good else 0.2 for name, good in best.items()},
        }
        for q in bank()[:120]
    ]
    return Profile.fit(records, seed=1)


def thread(name: str) -> RunnableConfig:
    """The configuration of a run on a thread."""
    return {"configurable": {"thread_id": name}}


def ensemble(
    *arguments: str, folder: Path, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line in `folder`, without anybody's own settings."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ENSEMBLE_", "OPENAI_"))}
    command = [sys.executable, "-W", "error", "-m", "langgraph_ensemble.cli.main", *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=folder,
        input=stdin,
        env={**clean, "COLUMNS": "200", **environment},
        timeout=60,
    )
