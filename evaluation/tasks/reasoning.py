"""Mathematics, logic and financial reports of the Avengers."""

from __future__ import annotations

from ...prompts import render
from .. import graders
from ..graders.korbench import CATEGORIES
from .forms import solution
from .knowledge import AVENGERS, HARNESS
from .task import Form, Row, Source, Task

RULE = "the last box ('Answer: …' if the text says 'Final Answer'); equal as text or to sympy"
FAULTS = ("a right answer that is marked, but not boxed, is wrong",)
CORRECTED = "any marked answer; equality by math-verify, numbers by value"


def _mathematics(
    name: str,
    title: str,
    source: str,
    licence: str,
    size: int,
    *sources: Source,
    column: str,
    seen: str,
) -> Task:
    return Task(
        name, title, "Avengers", source, licence, (column, "answer"), size, RULE, FAULTS,
        CORRECTED, solution(column), sources, seen,
    )  # fmt: skip


AIME = _mathematics(
    "aime",
    "AIME 2024 and 2025",
    "Mathematical Association of America, huggingface.co/datasets/HuggingFaceH4/aime_2024 "
    "and /math-ai/aime25",
    "not stated",
    60,
    Source("HuggingFaceH4/aime_2024", split="train"),
    Source("math-ai/aime25"),
    column="problem",
    seen=f"huggingface/lighteval, src/lighteval/tasks/tasks/aime.py; {HARNESS}/aime/aime25.yaml",
)
MATH500 = _mathematics(
    "math500",
    "MATH500",
    "Hendrycks et al. 2021, arXiv 2103.03874; Lightman et al. 2023, arXiv 2305.20050, "
    "huggingface.co/datasets/HuggingFaceH4/MATH-500",
    "MIT",
    500,
    Source("HuggingFaceH4/MATH-500"),
    column="problem",
    seen="huggingface/lighteval, src/lighteval/tasks/tasks/math_500.py",
)
LIVEMATHBENCH = _mathematics(
    "livemathbench",
    "LiveMathBench (English)",
    "Liu et al. 2024, arXiv 2412.13147, huggingface.co/datasets/opencompass/LiveMathBench",
    "CC BY 4.0",
    140,
    *(Source("opencompass/LiveMathBench", f"v202412_{c}_en") for c in ("AMC", "CCEE", "CNMO")),
    Source("opencompass/LiveMathBench", "v202412_WLPMC_en"),
    column="question",
    seen="open-compass/opencompass, opencompass/datasets/livemathbench/livemathbench.py (columns); "
    "names of the parts in programs that load it",
)


def _roles(row: Row) -> dict[str, bool]:
    return dict(zip(row["names"], map(bool, row["solution"]), strict=True))


def _conclusion(row: Row) -> str:
    said = [f"{name} is a {'knight' if one else 'knave'}" for name, one in _roles(row).items()]
    return "; ".join(said)


KNIGHTS = Task(
    name="knights_and_knaves",
    title="Knights & Knaves",
    used_by="Avengers",
    source="Xie et al. 2024, arXiv 2410.23123, huggingface.co/datasets/K-and-K/knights-and-knaves",
    licence="CC BY-NC-SA 4.0",
    columns=("quiz", "names", "solution"),
    size=700,
    rule="after CONCLUSION: or a box, every 'X is a knight/knave' must be a part of the text; "
    "wrong if it contains '(N+1)' or 'if'",
    faults=(
        "a name that contains 'if' (Jennifer) makes every answer wrong",
        "'X: knight' is wrong",
        "a text that calls somebody both is right",
    ),
    corrected="the last role that the conclusion gives each name, in any notation; conditions do "
    "not count",
    form=Form(
        ask=lambda row: render("task_knights", question=row["quiz"]),
        answer=_conclusion,
        grade=lambda row, text: graders.knights(_roles(row), text),
        published=lambda row, text: graders.published_knights(_roles(row), text),
    ),
    sources=tuple(
        Source("K-and-K/knights-and-knaves", "test", f"{people}ppl") for people in range(2, 9)
    ),
    seen="huggingface.co/datasets/K-and-K/knights-and-knaves/tree/refs%2Fconvert%2Fparquet/test",
)

BBH_PARTS = (
    "boolean_expressions", "causal_judgement", "date_understanding", "disambiguation_qa",
    "dyck_languages", "formal_fallacies", "geometric_shapes", "hyperbaton",
    "logical_deduction_five_objects", "logical_deduction_seven_objects",
    "logical_deduction_three_objects", "movie_recommendation", "multistep_arithmetic_two",
    "navigate", "object_counting", "penguins_in_a_table", "reasoning_about_colored_objects",
    "ruin_names", "salient_translation_error_detection", "snarks", "sports_understanding",
    "temporal_sequences", "tracking_shuffled_objects_five_objects",
    "tracking_shuffled_objects_seven_objects", "tracking_shuffled_objects_three_objects",
    "web_of_lies", "word_sorting",
)  # fmt: skip
BBH = Task(
    name="bbh",
    title="BIG-Bench Hard",
    used_by="Avengers",
    source="Suzgun et al. 2022, arXiv 2210.09261, huggingface.co/datasets/lukaemon/bbh",
    licence="MIT",
    columns=("input", "target"),
    size=1080,
    rule="a box, else the last line 'Answer: …'; equal as text or to sympy",
    faults=(
        "'Answer: B' is wrong where the answer is '(B)', and 'yes' where it is 'Yes'",
        "1080 of 6,511 questions are used, and which ones is not said",
    ),
    corrected="a letter, a word or a number, as votes compare them",
    form=Form(
        ask=lambda row: render("task_line", question=row["input"]),
        answer=lambda row: str(row["target"]),
        grade=lambda row, text: graders.logic(str(row["input"]), row["target"], text),
        published=lambda row, text: graders.published_logic(row["target"], text),
    ),
    sources=tuple(Source("lukaemon/bbh", part, column="part") for part in BBH_PARTS),
    seen=f"{HARNESS}/bbh (cot_zeroshot/_cot_zeroshot_template_yaml, zeroshot/*.yaml)",
)


def _report(row: Row) -> str:
    table = "\n".join("| " + " | ".join(map(str, line)) + " |" for line in row["table"])
    before, after = (" ".join(row[part]) for part in ("pre_text", "post_text"))
    return f"{before}\n\n{table}\n\n{after}\n\n{row['question']}"


FINQA = Task(
    name="finqa",
    title="FinQA",
    used_by="Avengers",
    source="Chen et al. 2021, arXiv 2109.00122, github.com/czyssrs/FinQA, "
    "huggingface.co/datasets/dreamerdeo/finqa",
    licence="MIT",
    columns=("pre_text", "table", "post_text", "question", "answer"),
    size=1147,
    rule="the last box, equal as text or to sympy; else both first numbers rounded to integers",
    faults=("0.12 equals 0.45, as both round to 0", "14.1% and 0.141 are not equal"),
    corrected="equal where rounded to the decimals of the accepted answer; a per cent sign on one "
    "side is allowed for",
    form=Form(
        ask=lambda row: render("task_solution", question=_report(row)),
        answer=lambda row: str(row["answer"]),
        grade=lambda row, text: graders.finance(str(row["question"]), row["answer"], text),
        published=lambda row, text: graders.published_finance(row["answer"], text),
    ),
    sources=(
        # Its loading script is refused by `datasets` 4; the hub has converted it.
        Source(
            "dreamerdeo/finqa", file="default/finqa-test.parquet", revision="refs/convert/parquet"
        ),
    ),
    seen="huggingface.co/datasets/dreamerdeo/finqa (tree/main and the converted branch); "
    f"{AVENGERS}/FinQA/finqa.py (columns)",
)


def _korbench(row: Row) -> tuple[str, str, str, str]:
    if row["category"] not in CATEGORIES:
        raise ValueError(f"a category is one of {', '.join(CATEGORIES)}")
    return row["category"], str(row["rule_id"]), str(row["idx"]), str(row["answer"])


KORBENCH = Task(
    name="korbench",
    title="KOR-Bench",
    used_by="Avengers",
    source="Ma et al. 2024, arXiv 2410.06526, github.com/KOR-Bench/KOR-Bench",
    licence="not stated",
    columns=("category", "rule_id", "idx", "rule_content", "question", "answer"),
    size=1250,
    rule="the first [[…]], else a box, else […]; a checker for each category and rule",
    faults=(
        "for 45 ids of 'operation' the answer is read twice, so every right answer is wrong",
        "a [[…]] in the reasoning hides the answer at the end",
    ),
    corrected="read once, the last [[…]]; formulas by math-verify; expressions are not executed",
    form=Form(
        ask=lambda row: render("task_rule", rule=row["rule_content"], question=row["question"]),
        answer=lambda row: _korbench(row)[3],
        grade=lambda row, text: graders.korbench(*_korbench(row), text),
        published=lambda row, text: graders.published_korbench(*_korbench(row), text),
    ),
    seen=f"{AVENGERS}/KORBench/korbench.py: rows of sample.jsonl, each with its folder as "
    "`category` and the `rule_content` of rule.jsonl",
)

TASKS = (AIME, MATH500, LIVEMATHBENCH, KORBENCH, KNIGHTS, BBH, FINQA)
