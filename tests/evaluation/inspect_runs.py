"""Runs of inspect-ai, in a process of their own: it leaves streams open, which pytest reports.

python inspect_runs.py FOLDER POOL SERVER
"""

from __future__ import annotations

import sys
from pathlib import Path

from inspect_ai import Task, eval  # pyright: ignore[reportMissingImports]
from inspect_ai.dataset import Sample  # pyright: ignore[reportMissingImports]
from inspect_ai.model import GenerateConfig, ModelOutput, ModelUsage, get_model  # pyright: ignore
from inspect_ai.scorer import Score, accuracy, includes, match, mean, scorer  # pyright: ignore
from inspect_ai.solver import generate, multiple_choice, use_tools  # pyright: ignore
from inspect_ai.tool import tool  # pyright: ignore[reportMissingImports]
from langgraph_ensemble import Pool, create_moa
from langgraph_ensemble.evaluation.inspect_model import inspect_model
from langgraph_ensemble.testing import bank

SUMS = [Sample(id=f"s{n}", input=f"What is {n} + 1?", target=str(n + 1)) for n in range(3)]


def fixed(*texts):
    """inspect's own mock model with these replies, in order."""
    return get_model("mockllm/model", custom_outputs=[said(text) for text in texts])


def said(text):
    # Without a usage, the mock model would fetch a tokenizer to count tokens.
    output = ModelOutput.from_content("mockllm/model", text)
    output.usage = ModelUsage(input_tokens=9, output_tokens=3, total_tokens=12)
    return output


@scorer(metrics=[mean()])
def points():
    """Points from 0 to 10, or none."""

    async def score(state, target):
        text = state.output.completion
        return Score(value=int(text)) if text.isdigit() else Score.unscored(reason="no number")

    return score


@scorer(metrics=[accuracy()])
def partial():
    async def score(state, target):
        return Score(value="P")

    return score


@tool
def weather():
    async def execute(city: str):
        """The weather in a city.

        Args:
            city: The city.
        """
        return f"Rain in {city}."

    return execute


def broken(*args):
    if "1 + 1" in args[0][-1].text:
        raise RuntimeError("the model is away")
    return said("Answer: 1")


def main(folder: Path, pool: str, server: str) -> None:
    def run(name, samples, model, scorers, **more):
        where = str(folder / name)
        kept = {"log_dir": where, "display": "none", "max_samples": 1, "max_retries": 1, **more}
        solver = kept.pop("solver", None)
        made = Task(dataset=samples, scorer=scorers, solver=solver or generate(), name="sums")
        return eval(made, model=model, **kept)

    run("ann", SUMS, fixed("1", "2", "no idea"), match())
    run("ben", SUMS, fixed("1", "2", "7", "1", "3", "3"), match(), epochs=2, log_format="json")
    away = get_model("mockllm/model", custom_outputs=broken)
    run("errors", SUMS, away, match(), fail_on_error=False)
    run("points", SUMS, fixed("7", "none", "10"), points())
    run("two", SUMS[:1], fixed("1"), [match(), partial()])
    choices = Sample(input="Which is even?", choices=["3", "4"], target="B")
    run("choices", [choices], fixed("ANSWER: B"), includes(), solver=multiple_choice())

    # The endpoint of `ensemble serve`, without code of ours.
    asked = [Sample(input=q.text, target=q.answer) for q in bank()[:2]]
    http = get_model("openai-api/ensemble/moa-lite", base_url=f"{server}/v1", api_key="none")
    run("served", asked, http, includes())
    # By name, as on the command line.
    named = get_model("ensemble/moa-lite", pool=pool)
    config = GenerateConfig(temperature=0.1, max_tokens=99, seed=7, stop_seqs=["\n\n\n"])
    run("named", asked, named, includes(), **config.model_dump(exclude_none=True))
    graph = create_moa(Pool.from_file(pool), layers=2, name="own").compile()
    run("graph", asked, inspect_model(graph, quorum=2), includes())
    paris = [Sample(input="What is the weather in Paris?", target="Rain in Paris")]
    steps = [use_tools(weather()), generate()]
    run("tools", paris, inspect_model(graph), includes(), solver=steps)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
