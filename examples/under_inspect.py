"""Members under inspect-ai, a task map from their logs, and the team that it routes, evaluated too.

    pip install 'langgraph-ensemble[inspect]'
    python examples/under_inspect.py

The bundled models answer, so that no key and no network is needed.
"""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import Any

from inspect_ai import Task, eval  # pyright: ignore[reportMissingImports]
from inspect_ai.dataset import Sample  # pyright: ignore[reportMissingImports]
from inspect_ai.scorer import includes  # pyright: ignore[reportMissingImports]
from langgraph_ensemble import Pool, Profile, create_avengers
from langgraph_ensemble.evaluation.inspect_logs import read_logs
from langgraph_ensemble.evaluation.inspect_model import inspect_model
from langgraph_ensemble.pocket.questions import Split, sample

SUBJECTS = ("arithmetic", "facts", "strings")


def task(split: Split, each: int) -> Task:
    """Questions of three subjects; those of another split are new to everybody."""
    asked = [q for subject in SUBJECTS for q in sample(subject, each, 5, split)]
    return Task(
        dataset=[Sample(input=q.text, target=q.answer) for q in asked],
        scorer=includes(),
        name=split,
    )


def show(logs: list[Any]) -> None:
    """Accuracy and calls; the result of each run is in the log."""
    for log in logs:
        accuracy = log.results.scores[0].metrics["accuracy"].value
        calls = sum(each.output.metadata["result"]["calls"] for each in log.samples)
        print(f"{log.eval.task:12} {log.eval.model:20} accuracy {accuracy:.2f}, {calls} calls")


def main(folder: str) -> None:
    """Evaluate the members, learn a task map from their logs, evaluate the team."""
    pool = Pool([member for member in Pool.pocket() if member.name in SUBJECTS])
    alone = [
        inspect_model(create_avengers(Pool([member]), None, samples=1), name=member.name)
        for member in pool
    ]
    logs = eval(task("calibration", 6), model=alone, log_dir=folder, display="none")
    show(logs)
    profile = Profile.fit(read_logs(folder), clusters=3)

    team = inspect_model(create_avengers(pool, profile, samples=1), name="team")
    show(eval(task("test", 2), model=[*alone, team], log_dir=folder, display="none"))


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        main(folder)
