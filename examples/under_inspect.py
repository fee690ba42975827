"""A team under inspect-ai beside two of its members; their logs then make a task map.

    pip install 'langgraph-ensemble[inspect]'
    python examples/under_inspect.py

The bundled models answer, so that no key and no network is needed.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from inspect_ai import Task, eval  # pyright: ignore[reportMissingImports]
from inspect_ai.dataset import Sample  # pyright: ignore[reportMissingImports]
from inspect_ai.scorer import includes  # pyright: ignore[reportMissingImports]
from langgraph_ensemble import Pool, Profile, create_avengers, create_moa
from langgraph_ensemble.evaluation.inspect_logs import read_logs
from langgraph_ensemble.evaluation.inspect_model import inspect_model

QUESTIONS = [
    Sample(input="What is 17 + 25?", target="42"),
    Sample(input="What is the capital of France?", target="Paris"),
    Sample(input="Which word is 'stressed' written backwards?", target="desserts"),
]


def evaluate(folder: Path) -> None:
    """Evaluate, print the accuracies, and learn from the members' logs."""
    pair = Pool([each for each in Pool.pocket() if each.name in ("arithmetic", "facts")])
    members = [
        inspect_model(create_avengers(Pool([each]), None, samples=1), name=each.name)
        for each in pair
    ]
    team = inspect_model(create_moa(pair, layers=2))
    task = Task(dataset=QUESTIONS, scorer=includes(), name="three")
    logs = eval(task, model=[*members, team], log_dir=str(folder), display="none")
    for log in logs:
        assert log.results, log.error  # noqa: S101
        accuracy = log.results.scores[0].metrics["accuracy"].value
        told = [sample.output.metadata or {} for sample in log.samples or []]
        calls = sum(each["result"]["calls"] for each in told)
        print(f"{log.eval.model:20} accuracy {accuracy:.2f}, {calls} calls")

    rows = read_logs([log.location for log in logs[: len(members)]])
    print("the members' scores:", [row["scores"] for row in rows])
    profile = Profile.fit(rows, clusters=2)
    (first, *_) = profile.route(["What is 20 + 7?"])[0]
    print("'What is 20 + 7?' goes to", first.member)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        evaluate(Path(folder))
