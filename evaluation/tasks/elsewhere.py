"""The Avengers' sets out of distribution, and the mathematics of MoA."""

from __future__ import annotations

from dataclasses import replace

from . import reasoning
from .forms import multiple_choice, numbered, solution
from .knowledge import AVENGERS, FAULTS, HARNESS, emotion_task, letter_task
from .task import Row, Source


def _mathbench_options(row: Row) -> dict[str, str]:
    return numbered(list(row["options"]))


MATHBENCH = letter_task(
    name="mathbench",
    title="MathBench (college, single choice)",
    used_by="Avengers, OOD",
    source="Liu et al. 2024, arXiv 2405.12209, github.com/open-compass/MathBench",
    licence="Apache-2.0",
    columns=("question", "options", "answer"),
    size=150,
    form=multiple_choice(_mathbench_options, lambda row: row["answer"]),
    seen=f"{AVENGERS}/MATHBench/mathbench.py",
)
WINOGRANDE = letter_task(
    name="winogrande",
    title="WinoGrande (validation)",
    used_by="Avengers, OOD",
    source="Sakaguchi et al. 2019, arXiv 1907.10641, huggingface.co/datasets/allenai/winogrande",
    licence="CC BY 4.0",
    columns=("sentence", "option1", "option2", "answer"),
    size=1267,
    form=multiple_choice(
        lambda row: {"A": row["option1"], "B": row["option2"]},
        lambda row: "AB"[int(row["answer"]) - 1],
        "sentence",
    ),
    sources=(Source("allenai/winogrande", "winogrande_xl", "validation"),),
    seen=f"{HARNESS}/winogrande (default.yaml, preprocess_winogrande.py)",
)


def _stem(row: Row) -> dict[str, str]:
    return {choice["label"]: choice["text"] for choice in row["question"]["choices"]}


BRAINTEASER = letter_task(
    name="brainteaser",
    title="BrainTeaser (rs_dev)",
    used_by="Avengers, OOD",
    source="probably RiddleSense (Lin et al. 2021, arXiv 2101.00376), development set",
    licence="not checked",
    columns=("question", "answerKey"),
    size=1021,
    faults=(
        *FAULTS,
        "name and form of the file (five options) are RiddleSense's, not BrainTeaser's",
    ),
    form=multiple_choice(_stem, lambda row: row["answerKey"]),
    seen=f"{AVENGERS}/BrainTeaser/brainteaser.py",
)
DAILYDIALOG = emotion_task(
    name="dailydialog",
    title="DailyDialog",
    used_by="Avengers, OOD",
    source="Li et al. 2017, arXiv 1710.03957",
    licence="CC BY-NC-SA 4.0",
    size=0,
    seen=f"{AVENGERS}/DailyDialog/dailydialog.py",
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
    seen=f"{HARNESS}/hendrycks_math/hendrycks_math_algebra.yaml",
)  # fmt: skip

TASKS = (MATHBENCH, WINOGRANDE, BRAINTEASER, DAILYDIALOG, MATH)
