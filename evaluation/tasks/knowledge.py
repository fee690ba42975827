"""Multiple choice of the Avengers: science, medicine, and the emotions of conversations."""

from __future__ import annotations

import hashlib
from functools import partial

from ...prompts import render
from .forms import LETTERS, lettered, multiple_choice, numbered
from .task import Row, Source, Task

RULE = "the last 'Answer: X', else the first box; a text of at most 10 characters as it is"
FAULTS = (
    "'Answer: (B)' and 'Answer: **B**' are not read, so a right answer is wrong",
    "'Answer: Because …' is read as B",
    "an option in words, without its letter, is wrong",
)
CORRECTED = "the letter or the words of an option, in any notation, as votes read it"
letter_task = partial(Task, rule=RULE, faults=FAULTS, corrected=CORRECTED)
"""A task whose answer is a letter, with what all of these have in common."""

HARNESS = "EleutherAI/lm-evaluation-harness, lm_eval/tasks"
AVENGERS = "ZhangYiqun018/Avengers, evaluate"


def _arc_options(row: Row) -> dict[str, str]:
    return numbered(list(row["choices"]["text"]))


def _arc_answer(row: Row) -> str:
    return LETTERS[list(row["choices"]["label"]).index(row["answerKey"])]


def _gpqa_order(row: Row) -> list[str]:
    """The four answers in an order that depends on the question only."""
    given = [row["Correct Answer"], *(row[f"Incorrect Answer {n}"] for n in (1, 2, 3))]
    seed = str(row["Question"])
    return sorted(given, key=lambda a: hashlib.sha256(f"{seed}\0{a}".encode()).hexdigest())


def _gpqa_answer(row: Row) -> str:
    return LETTERS[_gpqa_order(row).index(row["Correct Answer"])]


def _emotion_prompt(row: Row) -> str:
    return render(
        "task_emotion",
        history="\n".join(f"- {turn}" for turn in row["history"]) or "(nothing yet)",
        utterance=row["utterance"],
        options=lettered(row["candidate"]),
    )


emotion_task = partial(
    letter_task,
    columns=("history", "utterance", "candidate", "answer"),
    form=multiple_choice(lambda row: row["candidate"], lambda row: row["answer"], _emotion_prompt),
)
"""A task of seven emotions."""


ARC_CHALLENGE = letter_task(
    name="arc_challenge",
    title="ARC-Challenge",
    used_by="Avengers",
    source="Clark et al. 2018, arXiv 1803.05457, huggingface.co/datasets/allenai/ai2_arc",
    licence="CC BY-SA 4.0",
    columns=("question", "choices", "answerKey"),
    size=1172,
    corrected=f"{CORRECTED}; options numbered 1 to 4 become letters",
    form=multiple_choice(_arc_options, _arc_answer),
    sources=(Source("allenai/ai2_arc", "ARC-Challenge"),),
    seen=f"{HARNESS}/arc/arc_easy.yaml",
)
MMLU_PRO = letter_task(
    name="mmlu_pro",
    title="MMLU-Pro",
    used_by="Avengers",
    source="Wang et al. 2024, arXiv 2406.01574, huggingface.co/datasets/TIGER-Lab/MMLU-Pro",
    licence="MIT",
    columns=("question", "options", "answer"),
    size=1001,
    faults=(*FAULTS, "1001 of the 12,032 questions are used, and which ones is not said"),
    form=multiple_choice(lambda row: numbered(row["options"]), lambda row: row["answer"]),
    sources=(Source("TIGER-Lab/MMLU-Pro"),),
    seen=f"{HARNESS}/mmlu_pro/_default_template_yaml",
)
GPQA = letter_task(
    name="gpqa",
    title="GPQA (main)",
    used_by="Avengers",
    source="Rein et al. 2023, arXiv 2311.12022, huggingface.co/datasets/Idavidrein/gpqa (gated)",
    licence="CC BY 4.0",
    columns=("Question", "Correct Answer", *(f"Incorrect Answer {n}" for n in (1, 2, 3))),
    size=448,
    faults=(*FAULTS, "other papers use the 198 questions called diamond"),
    corrected=f"{CORRECTED}; the order of the options depends on the question only",
    form=multiple_choice(lambda row: numbered(_gpqa_order(row)), _gpqa_answer, "Question"),
    sources=(Source("Idavidrein/gpqa", "gpqa_main", "train"),),
    seen=f"{HARNESS}/gpqa/zeroshot (_gpqa_zeroshot_yaml, utils.py)",
)
MEDQA = letter_task(
    name="medqa",
    title="MedQA (US, four options)",
    used_by="Avengers",
    source="Jin et al. 2020, arXiv 2009.13081, "
    "huggingface.co/datasets/GBaker/MedQA-USMLE-4-options",
    licence="CC BY 4.0",
    columns=("question", "options", "answer_idx"),
    size=1273,
    form=multiple_choice(lambda row: row["options"], lambda row: row["answer_idx"]),
    sources=(Source("GBaker/MedQA-USMLE-4-options"),),
    seen="huggingface.co/datasets/GBaker/MedQA-USMLE-4-options; columns in programs that load it",
)
EMORYNLP = emotion_task(
    name="emorynlp",
    title="EmoryNLP",
    used_by="Avengers",
    source="Zahiri and Choi 2018, arXiv 1708.04299, github.com/emorynlp/emotion-detection",
    licence="Apache-2.0",
    size=697,
    seen=f"{AVENGERS}/EmoryNLP/emorynlp.py",
)
MELD = emotion_task(
    name="meld",
    title="MELD",
    used_by="Avengers",
    source="Poria et al. 2019, arXiv 1810.02508, github.com/declare-lab/MELD",
    licence="GPL-3.0",
    size=1232,
    seen=f"{AVENGERS}/MELD/meld.py",
)

TASKS = (ARC_CHALLENGE, MMLU_PRO, GPQA, MEDQA, EMORYNLP, MELD)
