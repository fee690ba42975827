"""A custom provider: its models are programs that read a prompt and write an answer.

    python examples/own_provider.py

In your own package, these lines of pyproject.toml register it wherever the package is installed,
for Python and for pool.yaml:

    [project.entry-points."langgraph_ensemble.providers"]
    command = "your_package.own_provider:PROVIDER"
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from langchain_core.language_models.llms import LLM
from langchain_core.runnables import Runnable
from langgraph_ensemble import InputError, Member, Pool, create_moa
from langgraph_ensemble.models import Provider, register


class Program(LLM):
    """A program that reads the prompt on standard input and answers on standard output."""

    command: list[str]

    @property
    def _llm_type(self) -> str:
        return "command"

    def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **_: Any) -> str:
        done = subprocess.run(  # noqa: S603
            self.command, input=prompt, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


class Command(Provider):
    """`provider: command`, `model: PROGRAM`, `params: {arguments: [...]}`."""

    params = frozenset({"arguments"})

    def build(self, member: Member) -> Runnable[Any, Any]:
        """The program with its arguments."""
        return Program(command=[str(member.model), *member.params.get("arguments", [])])

    def check(self, member: Member) -> None:
        """Check that the program exists, before any question is asked."""
        super().check(member)
        if shutil.which(str(member.model)) is None:
            raise InputError(f"member {member.name!r}: there is no program {member.model!r}")

    def defaults(self, model: str) -> Mapping[str, Any]:
        """Calls are free, and at most four of them run concurrently."""
        return {"price": {"input": 0, "output": 0}, "max_concurrency": 4}


PROVIDER = Command()

if __name__ == "__main__":
    register("command", PROVIDER)
    adder = Member(
        name="adder",
        provider="command",
        model=sys.executable,
        params={"arguments": ["-c", "print('Answer:', 2 + 2)"]},
    )
    state = create_moa(Pool([adder]), layers=2).compile().invoke({"messages": "What is 2 + 2?"})
    print(state["messages"][-1].text)
