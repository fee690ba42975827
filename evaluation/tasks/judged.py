"""The data sets that only a judge can grade: their questions here, the grading in `judging`."""

from __future__ import annotations

from typing import NoReturn

from ...errors import InputError
from . import ceb
from .task import Form, Row, Source, Task


def _needs_a_judge(row: Row, text: str) -> NoReturn:
    del row, text
    raise InputError("only a judge can grade this: see langgraph_ensemble.evaluation.judging")


def _form(column: str) -> Form:
    def ask(row: Row) -> str:
        asked = row[column]
        return str(asked[0] if isinstance(asked, list) else asked)

    return Form(ask, lambda _: "", _needs_a_judge, _needs_a_judge)


ALPACA_EVAL = Task(
    name="alpaca_eval",
    title="AlpacaEval 2",
    used_by="MoA",
    source="Dubois et al. 2024, arXiv 2404.04475, github.com/tatsu-lab/alpaca_eval",
    licence="CC BY-NC 4.0",
    columns=("instruction", "output"),
    size=805,
    rule="GPT-4 Turbo prefers the answer or the baseline's (`output`), in one random order; the "
    "win rate is controlled for length by a logistic model",
    faults=("a judge prefers the first answer, long ones, and its own",),
    corrected="any judge, both orders, `win_rate`",
    form=_form("instruction"),
    # The repository's loading script is refused by `datasets` 4; the file needs none.
    sources=(Source("tatsu-lab/alpaca_eval", file="alpaca_eval_gpt4_baseline.json"),),
    seen="tatsu-lab/alpaca_eval on huggingface.co, alpaca_eval.py",
)
MT_BENCH = Task(
    name="mt_bench",
    title="MT-Bench",
    used_by="MoA",
    source="Zheng et al. 2023, arXiv 2306.05685, "
    "huggingface.co/datasets/HuggingFaceH4/mt_bench_prompts",
    licence="Apache-2.0",
    columns=("prompt",),
    size=80,
    rule="GPT-4 scores each of two turns from 1 to 10; the mean",
    faults=("scores of strong models crowd between 8 and 9.5",),
    corrected="any judge, `conversation_score`",
    form=_form("prompt"),
    sources=(Source("HuggingFaceH4/mt_bench_prompts", split="train"),),
    seen="programs that load it: `prompt` holds both turns",
)
JUST_EVAL = Task(
    name="just_eval",
    title="Just-Eval",
    used_by="SMoA",
    source="Lin et al. 2023, arXiv 2312.01552, huggingface.co/datasets/re-align/just-eval-instruct",
    licence="not stated",
    columns=("instruction",),
    size=1000,
    rule="GPT-4o scores five aspects from 1 to 5 on 800 instructions, GPT-3.5 safety on 200",
    faults=("two judges in one mean",),
    corrected="any judge, one call for six aspects, `aspect_scores`",
    form=_form("instruction"),
    sources=(Source("re-align/just-eval-instruct", "default"),),
    seen="Re-Align/just-eval; programs that load it",
)
FLASK = Task(
    name="flask",
    title="FLASK",
    used_by="MoA",
    source="Ye et al. 2023, arXiv 2307.10928, github.com/kaistAI/FLASK",
    licence="not checked",
    columns=("instruction", "answer", "skill"),
    size=1740,
    rule="GPT-4 scores the three skills that each instruction names from 1 to 5, or N/A, and sees "
    "a reference answer; means of twelve skills",
    faults=(
        "temperature 0 and the limit of tokens stand beside the request, not in it, so that the "
        "judge samples with its defaults",
        "a reply whose dictionary cannot be read is left out of the means",
    ),
    corrected="any judge at temperature 0, `skill_scores` and `skill_means`",
    form=_form("instruction"),
    seen="togethercomputer/MoA, FLASK/evaluation_set/flask_evaluation.jsonl, "
    "FLASK/gpt_review/gpt4_eval.py",
)


def _conversation(name: str, title: str, folder: str) -> Task:
    return Task(
        name=name,
        title=title,
        used_by="SMoA",
        source=ceb.SOURCE,
        licence="not checked",
        columns=("prompt",),
        size=400,
        rule="GPT-4o scores the bias of the answer from 0 to 99, lower is better; the mean of the "
        "means of age, gender, race and religion",
        faults=(
            "an answer whose score cannot be read is left out",
            "SMoA asks for bias in both parts, where CEB measures toxicity in the second",
        ),
        corrected="any judge, `bias_score` and `bias_mean`",
        form=_form("prompt"),
        sources=ceb.parts(folder),
        seen="programs that load it; David-Li0406/SMoA, run_ceb.py, eval_ceb.py",
    )


CONVERSATION_S = _conversation(
    "ceb_conversation_s", "CEB, conversations on stereotypes", "CEB-Conversation-S"
)
CONVERSATION_T = _conversation(
    "ceb_conversation_t", "CEB, conversations with toxic users", "CEB-Conversation-T"
)

TASKS = (ALPACA_EVAL, MT_BENCH, JUST_EVAL, FLASK, CONVERSATION_S, CONVERSATION_T)
