"""The screen of `ensemble` without arguments: its models, and what to try next."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

from rich.console import Console

from ..studio.defaults import POOL
from .setting import pool_path, profile_path

_DOCS = Path(__file__).parent.parent / "docs" / "index.md"


def show(known: set[str]) -> None:
    """Print the screen.

    Args:
        known: The existing commands, such as `pool local`.
    """
    console = Console(highlight=False, soft_wrap=True)
    version = metadata.version("langgraph-ensemble")
    console.print(
        f"[bold]langgraph-ensemble {version}[/]: many language models, one better answer."
    )
    console.print(f"\nModels: {_models()}\n")
    steps = _steps(known)
    width = max(len(command) for command, _ in steps)
    for command, what in steps:
        console.print(f"  [bold]{command:<{width}}[/]   {what}")
    console.print(f"\nDocumentation: {_docs()}. All commands: ensemble --help", markup=False)


def _models() -> str:
    """The models that a command would use, with the reason."""
    file = pool_path(None)
    if file is None:
        return "the bundled ones: small, specialised, no key, no network (no pool.yaml here)."
    why = f"named by {POOL}" if os.environ.get(POOL) else "found in this folder"
    if not file.is_file():
        return f"{file}, {why}, but there is no such file."
    return f"those of {file}, {why}; ensemble pool check calls each of them."


def _steps(known: set[str]) -> list[tuple[str, str]]:
    """Three things to try."""
    own = pool_path(None) is not None
    # Without a task map for the user's pool, the Avengers cannot route.
    graph = " -g moa" if own and profile_path(None) is None else ""
    ask = (f'ensemble ask "What is 12 times 13?"{graph}', "ask the team and watch its progress")
    serve = ("ensemble serve", "chat page, OpenAI-compatible endpoint, LangGraph Studio")
    if "pool local" in known:
        pool = ("ensemble pool local", "models on this machine: of a running server, or small ones")
    else:
        address = "--base-url http://localhost:11434/v1"
        pool = (f"ensemble pool init {address}", "your own models on Ollama or any server")
    return [ask, pool, serve]


def _docs() -> str:
    """Path of the documentation in the checkout, or a hint to the project's repository."""
    return str(_DOCS) if _DOCS.is_file() else "docs/index.md of the project's repository"
