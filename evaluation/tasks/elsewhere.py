"""The Avengers' sets out of distribution, and the mathematics of MoA and SMoA."""

from __future__ import annotations

from dataclasses import replace

from . import reasoning
from .forms import multiple_choice, numbered, solution
from .knowledge import CORRECTED, FAULTS, RULE, emotion
from .task import Row, Source, Task


def _mathbench_options(row: Row) -> dict[str, str]:
    return numbered(list(row["options"]))


MATHBENCH = Task(
    name="mathbench",
    title="MathBench (college, single choice)",
    used_by="Avengers, OOD",
    source="Liu et al. 2024, arXiv 2405.12209, github.com/open-compass/MathBench",
    licence="Apache-2.0",
    columns=("question", "options", "answer"),
    size=150,
    rule=RULE,
    faults=FAULTS,
    corrected=CORRECTED,
    form=multiple_choice(_mathbench_options, lambda row: row["answer"]),
)
WINOGRANDE = Task(
    name="winogrande",
    title="WinoGrande (validation)",
    used_by="Avengers, OOD",
    source="Sakaguchi et al. 2019, arXiv 1907.10641, huggingface.co/datasets/allenai/winogrande",
    licence="CC BY 4.0",
    columns=("sentence", "option1", "option2", "answer"),
    size=1267,
    rule=RULE,
    faults=FAULTS,
    corrected=CORRECTED,
    form=multiple_choice(
        lambda row: {"A": row["option1"], "B": row["option2"]},
        lambda row: "AB"[int(row["answer"]) - 1],
        "sentence",
    ),
    sources=(Source("allenai/winogrande", "winogrande_xl", "validation"),),
)


def _stem(row: Row) -> dict[str, str]:
    return {choice["label"]: choice["text"] for choice in row["question"]["choices"]}


BRAINTEASER = Task(
    name="brainteaser",
    title="BrainTeaser (rs_dev)",
    used_by="Avengers, OOD",
    source="probably RiddleSense (Lin et al. 2021, arXiv 2101.00376), development set",
    licence="not checked",
    columns=("question", "answerKey"),
    size=1021,
    rule=RULE,
    faults=(
        *FAULTS,
        "name and form of the file (five options) are RiddleSense's, not BrainTeaser's",
    ),
    corrected=CORRECTED,
    form=multiple_choice(_stem, lambda row: row["answerKey"]),
)
DAILYDIALOG = emotion(
    "dailydialog",
    "DailyDialog",
    "Avengers, OOD",
    "Li et al. 2017, arXiv 1710.03957",
    "CC BY-NC-SA 4.0",
    0,
)
MATH = replace(
    reasoning.MATH500,
    name="math",
    title="MATH",
    used_by="MoA",
    source="Hendrycks et al. 2021, arXiv 2103.03874, "
    "huggingface.co/datasets/EleutherAI/hendrycks_math",
    columns=("problem", "solution"),
    size=5000,
    rule="the boxed answer, after each layer",
    form=solution("problem", "solution"),
    sources=tuple(
        Source("EleutherAI/hendrycks_math", part)
        for part in (
            "algebra", "counting_and_probability", "geometry", "intermediate_algebra",
            "number_theory", "prealgebra", "precalculus",
        )
    ),
)  # fmt: skip
MMAU_MATH = replace(
    reasoning.LIVEMATHBENCH,
    name="mmau_math",
    title="MMAU, math",
    used_by="SMoA",
    source="Yin et al. 2024, arXiv 2407.18961, github.com/apple/axlearn",
    licence="Apache-2.0",
    size=200,
    rule="accuracy over 200 sampled questions",
    faults=("which 200 questions is not said",),
    sources=(),
)

TASKS = (MATHBENCH, WINOGRANDE, BRAINTEASER, DAILYDIALOG, MATH, MMAU_MATH)
