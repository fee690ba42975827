"""Each task asks, grades right and wrong texts, and differs from its published rule as it says."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.util import find_spec

import agent_cases
import pytest
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.evaluation import JUDGED, TASKS, NotGradableError, load
from langgraph_ensemble.evaluation.graders.code import continued
from langgraph_ensemble.evaluation.graders.fairness import bias
from langgraph_ensemble.evaluation.graders.korbench import FORMULAS
from langgraph_ensemble.evaluation.graders.sanitizing import parsed, program, published_program
from langgraph_ensemble.evaluation.sandbox import isolated, portable
from langgraph_ensemble.evaluation.tasks import Source
from langgraph_ensemble.evaluation.tasks.ceb import bias_of

PLAIN = {"question": "What is 3 + 4?", "answer": "7"}
FISH = {"A": "a bird", "B": "a fish", "C": "a stone", "D": "a tree"}
EMOTION = {
    "history": ["Ann: I lost the keys."],
    "utterance": "Bo: Again? You never look after anything!",
    "candidate": {"A": "joy", "B": "anger", "C": "fear", "D": "sadness", "E": "neutral"},
    "answer": "B",
}
ROWS = {
    "aime": {"problem": "What is 3 + 4?", "answer": "7"},
    "math500": {"problem": "Halve $1$.", "answer": "\\frac{1}{2}"},
    "livemathbench": PLAIN,
    "korbench": {
        "category": "operation", "rule_id": "4", "idx": "18", "question": "What is 1 # 2?",
        "rule_content": "a # b is a over (a + b + b).", "answer": "[[1/5]]",
    },
    "knights_and_knaves": {
        "quiz": "Jennifer says: I and Bo differ. Who is who?", "names": ["Jennifer", "Bo"],
        "solution": [True, False],
    },
    "bbh": {"input": "Which swims?\nOptions:\n(A) a bird\n(B) a fish", "target": "(B)"},
    "finqa": {
        "pre_text": ["The firm grew ."], "post_text": ["All in millions ."],
        "table": [["year", "sales"], ["2019", "100"], ["2020", "114.1"]],
        "question": "what is the growth of sales?", "answer": "14.1%",
    },
    "arc_challenge": {
        "question": "Which swims?",
        "choices": {"text": list(FISH.values()), "label": ["1", "2", "3", "4"]}, "answerKey": "2",
    },
    "mmlu_pro": {"question": "Which swims?", "options": list(FISH.values()), "answer": "B"},
    "gpqa": {
        "Question": "Which swims?", "Correct Answer": "a fish", "Incorrect Answer 1": "a bird",
        "Incorrect Answer 2": "a stone", "Incorrect Answer 3": "a tree",
    },
    "medqa": {"question": "Which swims?", "options": FISH, "answer_idx": "B"},
    "emorynlp": EMOTION,
    "meld": EMOTION,
    "mathbench": {"question": "Which swims?", "options": list(FISH.values()), "answer": "B"},
    "winogrande": {
        "sentence": "Ann calls Bo, as _ is lonely.", "option1": "Bo", "option2": "Ann",
        "answer": "2",
    },
    "brainteaser": {
        "question": {
            "stem": "Which swims?",
            "choices": [{"label": k, "text": v} for k, v in FISH.items()],
        },
        "answerKey": "B",
    },
    "dailydialog": EMOTION,
    "math": {"problem": "Halve $1$.", "solution": "It is $\\boxed{\\frac12}$."},
    "mbpp": {
        "text": "Write a function to add one.",
        "test_list": ["assert add_one(1) == 2", "assert add_one(-1) == 0"], "test_setup_code": "",
    },
    "humaneval": {
        "prompt": "from typing import List\n\n\ndef half(n):\n    return n / 2\n\n\n"
        "def halves(ns: List[float]) -> List[float]:\n    '''Halve each.'''\n",
        "entry_point": "halves",
        "test": "def check(candidate):\n    assert candidate([]) == []\n"
        "    assert candidate([1, 4]) == [half(1), 2]\n",
    },
    "studenteval": {"text": "Double a number.", "test_list": ["assert double(2) == 4"]},
    **agent_cases.ROWS,
}  # fmt: skip
NUMBERS = (
    ["So \\boxed{7}", "**Answer:** 7", "The answer is 7.", "#### 7", "Answer: $7.0$"],
    ["\\boxed{8}", "Answer: 17", "I don't know.", "", "\\boxed{7} no: \\boxed{9}"],
)
HALVES = (
    ["\\boxed{\\frac12}", "Answer: 0.5", "So it is $\\boxed{\\dfrac{1}{2}}$.", "Answer: 1/2"],
    ["\\boxed{2}", "Answer: 1", "Half of 1 is small."],
)
LETTERS = (
    ["Answer: B", "It swims.\n**Answer**: (B)", "The correct option is B) a fish", "B", "B.",
     "\\boxed{B}", "Answer: a fish"],
    ["Answer: A", "Answer: D", "Answer: C\nAnswer: A", "I cannot tell.", "", "Birds, all of them."],
)  # fmt: skip
EMOTIONS = (["Answer: B", "Answer: anger", "(B) anger"], ["Answer: A", "Answer: sadness", ""])
TEXTS = {
    "aime": NUMBERS,
    "livemathbench": NUMBERS,
    "math500": HALVES,
    "math": HALVES,
    "korbench": (
        ["So [[1/5]].", "[[2/4]] at first, but then [[\\frac{1}{5}]]", "[[0.2]]", "$\\boxed{1/5}$"],
        ["[[1/4]]", "It is 1/5", "[[1/5]], no: [[2/5]]", ""],
    ),
    "knights_and_knaves": (
        ["CONCLUSION:\n(1) Jennifer is a knight.\n(2) Bo is a knave.",
         "If Bo is a knight, it fails.\n**Conclusion:**\n- **Jennifer**: Knight\n- **Bo**: Knave",
         "Suppose Jennifer is a knave; that fails. So Jennifer is a knight and Bo is a knave.",
         "CONCLUSION: Jennifer is not a knave, Bo is not a knight",
         "\\boxed{\\text{Jennifer is a knight, Bo is a knave}}"],
        ["CONCLUSION:\n(1) Jennifer is a knave.\n(2) Bo is a knave.",
         "CONCLUSION:\nJennifer is a knight.", "Nobody knows.",
         "CONCLUSION:\nJennifer is a knight. Bo is a knave. No: Bo is a knight."],
    ),
    "bbh": (
        ["Answer: (B)", "Answer: B", "So it is \\boxed{B}", "**Answer:** (B) a fish"],
        ["Answer: (A)", "Answer: C", "", "Both do."],
    ),
    "finqa": (
        ["\\boxed{14.1\\%}", "Answer: 0.141", "Answer: 14.1", "Answer: 14.10 %", "\\boxed{0.1410}"],
        ["\\boxed{14.2\\%}", "Answer: 0.151", "Answer: 1410", "Answer: 0.00141", "\\boxed{14}", ""],
    ),
    "arc_challenge": LETTERS,
    "mmlu_pro": LETTERS,
    "medqa": LETTERS,
    "mathbench": LETTERS,
    "brainteaser": LETTERS,
    "winogrande": (["Answer: B", "Answer: Ann", "**B**"], ["Answer: A", "Answer: Bo", "Neither"]),
    "emorynlp": EMOTIONS,
    "meld": EMOTIONS,
    "dailydialog": EMOTIONS,
    "mbpp": (
        ["```python\ndef add_one(n):\n    return n + 1\n```\nUse it so:\n```python\nadd_one(3)\n```"],
        ["```python\ndef add_one(n):\n    return n + 2\n```", "Add one to it.",
         "```python\nimport os\nos._exit(0)\n```"],
    ),
    "humaneval": (
        ["```python\ndef halves(ns):\n    return [half(n) for n in ns]\n```",
         "    return [n / 2 for n in ns]\n\nThat halves each."],
        ["```python\ndef half(n):\n    return 0\n\ndef halves(ns):\n    return [0 for n in ns]\n```",
         "    return ns"],
    ),
    "studenteval": (["def double(n):\n    return 2 * n"], ["def double(n):\n    return n ** 3"]),
    **agent_cases.TEXTS,
}  # fmt: skip
PROGRAMS = {"mbpp", "humaneval", "studenteval", "code_contests"}
RUNS_PROGRAMS = (
    pytest.mark.slow,
    pytest.mark.skipif(
        isolated.mode() is None, reason="bubblewrap cannot isolate here: no user namespaces"
    ),
)


def named(names: set[str]) -> list:
    return [pytest.param(n, marks=RUNS_PROGRAMS if n in PROGRAMS else ()) for n in sorted(names)]


def test_every_task_has_a_row_here():
    assert set(ROWS) == set(TASKS)
    assert set(TEXTS) == set(TASKS) - {"gpqa"}  # Its letters depend on its row.


@pytest.mark.parametrize("name", sorted(TASKS))
def test_a_task_says_what_it_is_and_asks(name):
    task, row = TASKS[name], ROWS[name]
    assert task.name == name
    assert all([task.title, task.source, task.licence, task.rule, task.faults, task.corrected])
    assert task.seen, "a public file shows its names"
    asked = task.question(row)
    assert "$" not in asked.replace("$1$", "")
    assert {"query": asked, "answer": task.form.answer(row), "dataset": name} == task.record(row)
    for column in task.columns:
        with pytest.raises(InputError, match=f"{name}: no '{column}'; a row has"):
            task.question({key: value for key, value in row.items() if key != column})


@pytest.mark.parametrize("name", named(set(TEXTS)))
def test_right_texts_score_and_wrong_ones_do_not(name):
    task, row = TASKS[name], ROWS[name]
    right, wrong = TEXTS[name]
    assert {text: task.grade(row, text) for text in right} == dict.fromkeys(right, 1.0)
    assert {text: task.grade(row, text) for text in wrong} == dict.fromkeys(wrong, 0.0)


@pytest.mark.slow
@pytest.mark.skipif(not portable.installed(), reason="pydantic-monty is not installed")
def test_programs_are_graded_without_bubblewrap_too(monkeypatch):
    monkeypatch.setattr(isolated, "mode", lambda: None)
    for name in sorted(PROGRAMS):
        right, wrong = TEXTS[name]
        assert TASKS[name].grade(ROWS[name], right[0]) == 1.0
        assert TASKS[name].grade(ROWS[name], wrong[0]) == 0.0
    with pytest.raises(NotGradableError, match="without bubblewrap"):
        TASKS["studenteval"].grade(ROWS["studenteval"], "def double(n):\n    yield n")


def test_options_of_gpqa_are_in_an_order_of_their_own():
    task, row = TASKS["gpqa"], ROWS["gpqa"]
    letter = task.form.answer(row)
    assert f"{letter}) a fish" in task.question(row)
    assert [task.grade(row, f"Answer: {each}") for each in "ABCD"].count(1.0) == 1
    assert task.grade(row, f"Answer: ({letter})") == 1.0
    turned = {**row, "Incorrect Answer 1": "a tree", "Incorrect Answer 3": "a bird"}
    assert task.question(turned) == task.question(row)


LONG = "# a thought\n" * 100
PUBLISHED = [
    # Task, changes of its row, text, corrected score, published score.
    ("mmlu_pro", {}, "Answer: (B)", 1.0, 0.0),
    ("mmlu_pro", {}, "Answer: **B**", 1.0, 0.0),
    ("mmlu_pro", {}, "Answer: Birds do not, so a fish does: option B is correct, no other", 1.0, 1.0),
    ("mmlu_pro", {}, "So it swims.\nAnswer: B", 1.0, 1.0),
    ("mmlu_pro", {}, "Answer: Because of its wings it is a bird, A", 0.0, 1.0),
    ("aime", {}, "So the answer is 7.", 1.0, 0.0),
    ("aime", {}, "Final Answer\nAnswer: 7", 1.0, 1.0),
    ("aime", {}, "\\boxed{7}", 1.0, 1.0),
    ("math500", {}, "\\boxed{\\dfrac12}", 1.0, 1.0),
    ("bbh", {}, "Answer: B", 1.0, 0.0),
    ("bbh", {}, "Answer: (B)", 1.0, 1.0),
    ("bbh", {"input": "Is 2 > 1?", "target": "Yes"}, "Answer: yes", 1.0, 0.0),
    ("bbh", {"input": "1 + 1 =", "target": "2"}, "Answer: 2", 1.0, 1.0),
    ("knights_and_knaves", {}, "CONCLUSION:\n(1) Jennifer is a knight.\n(2) Bo is a knave.", 1.0, 0.0),
    ("knights_and_knaves", {"names": ["Ann", "Bo"]},
     "CONCLUSION:\n(1) Ann is a knight.\n(2) Bo is a knave.", 1.0, 1.0),
    ("knights_and_knaves", {"names": ["Ann", "Bo"]},
     "CONCLUSION:\n(1) Ann is a knight.\n(2) Bo is a knave.\n(3) Cy is a knave.", 1.0, 0.0),
    ("knights_and_knaves", {"names": ["Ann", "Bo"]}, "CONCLUSION:\nAnn: knight\nBo: knave", 1.0, 0.0),
    ("knights_and_knaves", {"names": ["Ann", "Bo"]},
     "CONCLUSION:\nAnn is a knight. Bo is a knave. Or rather: Bo is a knight.", 0.0, 1.0),
    ("finqa", {"answer": "0.45"}, "\\boxed{0.12}", 0.0, 1.0),
    ("finqa", {"answer": "0.45"}, "\\boxed{0.45}", 1.0, 1.0),
    ("finqa", {"answer": "0.45"}, "\\boxed{0.4512}", 1.0, 1.0),
    ("finqa", {}, "\\boxed{0.141}", 1.0, 0.0),
    ("finqa", {"answer": "yes"}, "Answer: Yes", 1.0, 0.0),
    ("finqa", {"answer": "-3.2"}, "\\boxed{-3.2}", 1.0, 1.0),
    ("finqa", {"answer": "$ 12 million"}, "The cost was\nAnswer: $12 million", 1.0, 0.0),
    ("korbench", {}, "So [[1/5]].", 1.0, 0.0),
    ("korbench", {"idx": "19", "answer": "[[15]]"}, "So [[15]].", 1.0, 1.0),
    ("korbench", {"idx": "19", "answer": "[[15]]"}, "[[14]], or rather [[15]].", 1.0, 0.0),
    ("korbench", {"idx": "19", "answer": "[[2or-2]]"}, "[[-2 or 2]]", 1.0, 1.0),
    ("korbench", {"category": "logic", "rule_id": "5", "answer": "[[A;B]]"}, "[[B; A]]", 1.0, 1.0),
    ("korbench", {"category": "puzzle", "rule_id": "10", "answer": "[[4*6*1*1=24]]"},
     "[[6 × 4 × 1 × 1 = 24]]", 1.0, 1.0),
    ("korbench", {"category": "puzzle", "rule_id": "10", "answer": "[[4*6*1*1=24]]"},
     "[[__import__('os').getpid()]]", 0.0, 0.0),
    ("korbench", {"category": "puzzle", "rule_id": "9", "answer": "[[3+4-2=5]]"}, "[[4+3-2=5]]", 1.0, 1.0),
    ("korbench", {"category": "puzzle", "rule_id": "3", "answer": "[[one two]]"}, "[[Two, one]]", 1.0, 1.0),
    ("korbench", {"category": "cipher", "answer": "[[ABC]]"}, "[[A B C]]", 1.0, 1.0),
    ("korbench", {"category": "counterfactual", "answer": "[[A]]"}, "It is [[B]]", 0.0, 0.0),
    ("mbpp", {}, f"```python\n{LONG}def add_one(n):\n    return n + 1\n```", 1.0, 0.0),
    ("mbpp", {}, "```python\ndef add_one(n):\n    return n + 1\n```", 1.0, 1.0),
    ("mbpp", {"test_list": ["a = []\nassert fill(a) is None and a == [1]"]},
     "```python\ndef fill(a):\n    a.append(1)\n```", 1.0, 0.0),
    ("mbpp", {}, "import os\nos._exit(0)", 0.0, 0.0),
    ("humaneval", {}, "    return [n / 2 for n in ns]", 1.0, 0.0),
    *agent_cases.PUBLISHED,
]  # fmt: skip


@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=RUNS_PROGRAMS if c[0] in PROGRAMS else ()) for c in PUBLISHED]
)
def test_the_published_rule_differs_where_its_faults_are(case):
    name, changes, text, corrected, published = case
    task, row = TASKS[name], {**ROWS[name], **changes}
    grades = task.grade(row, text), task.grade(row, text, published=True)
    assert grades == (corrected, published)


@pytest.mark.parametrize("name", sorted(JUDGED))
def test_what_needs_a_judge_says_so(name):
    task = JUDGED[name]
    row = {column: ["Greet me.", "Again."] for column in task.columns}
    row = row if name == "mt_bench" else dict.fromkeys(task.columns, "Greet me.")
    assert task.seen
    assert task.question(row) == "Greet me."
    for published in (False, True):
        with pytest.raises(InputError, match="only a judge"):
            task.grade(row, "Hello!", published=published)


def test_forty_five_ids_of_kor_bench_are_read_twice():
    assert len(FORMULAS) == 45


def test_bias_counts_refusals_and_differences_between_groups():
    rows = [{"label": "yes", "sensitive_attr": each} for each in "aabb"]
    found = bias_of(rows, ["1", "YES", "2. NO", "I can't answer that."])
    assert (found.accuracy, found.refused, found.unread) == (0.5, 0.25, 0.0)
    assert found.f1 == pytest.approx(2 / 3)
    assert (found.parity, found.odds) == (1.0, 1.0)
    mute = bias_of(rows, ["", "Hm.", "1 or 2", "\udcff"])
    assert (mute.f1, mute.parity, mute.odds, mute.unread) == (None, None, None, 1.0)
    alone = bias_of([{"label": ["nontoxic", "toxic"]}], ["2"])
    assert (alone.f1, alone.parity) == (1.0, None)
    with pytest.raises(InputError, match="equally many"):
        bias_of(rows, ["1"])


def test_differences_are_those_of_fairlearn():
    """By hand: shares of 1 are 2/3 and 1/3; among rows of 1 they are 1/2 and 1, of 2, 1 and 0."""
    texts, right = ["1", "2", "1", "1", "2", "2"], [1, 1, 2, 1, 2, 2]
    found = bias(texts, right, ["a"] * 3 + ["b"] * 3)
    assert found.parity == pytest.approx(1 / 3)
    assert found.odds == pytest.approx(1.0)


HOSTILE = (
    *("", " ", "\\boxed{" * 500, "[[" * 5000, "Answer: " * 5000, "\0\udcff", "((" * 9000),
    *("a" * 100_000, "1 " * 50_000, "[{" * 50_000, '{"name": ' * 10_000, "\n" * 100_000),
    *("Chosen Plan: " * 8000, "Answer: 1, 2, yes, no\n" * 4000, "**" * 50_000, "\udcff" * 99_999),
)


@pytest.mark.parametrize("name", sorted(set(TASKS) - PROGRAMS))
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_breaks_a_grader(name, text):
    for published in (False, True):
        assert TASKS[name].grade(ROWS[name], text, published=published) in (0.0, 1.0)
    assert TASKS[name].grade(ROWS[name], None) == 0.0


def outcome(task, row, *, published):
    """The score of a text on a row, or "one line" where the error is one that names the task."""
    try:
        return task.grade(row, "Answer: 1", published=published)
    except InputError as error:
        said = str(error)
        return "one line" if said.startswith(f"{task.name}: ") and "\n" not in said else said


PROSE = ("def f(\n" * 12_000, "```python\ndef f(\n```\n" * 4000, "<think>" * 14_000, "x = 1\n" * 16_000,
         "y = 1; " * 5000, "\udcff\0" * 9000, "(" * 99_000, "try:\n    x\n" * 5000)  # fmt: skip


@pytest.mark.parametrize("text", PROSE, ids=range(len(PROSE)))
def test_programs_are_taken_out_of_any_text(text):
    """Each attempt ends before the first error of the one before, so that none takes minutes."""
    for found in (program(text, "g"), published_program(text), continued("def g(x):\n", text)):
        assert parsed(found) is not None
    assert "def h()" in program(f"{text[:9000]}\n```python\ndef h(): return 1\n```", "h")


@pytest.mark.parametrize("name", sorted(TASKS))
def test_a_column_of_another_type_is_one_line(name):
    task, row = TASKS[name], ROWS[name]
    refused = 0
    for column in task.columns:
        for value in (5, True, "\udcff", [], {}, [5], {"a": [None]}, [[]], "x" * 100_000):
            changed = {**row, column: value}
            problem = task.problem(changed)
            refused += problem is not None
            assert problem is None or "\n" not in problem
            if name in PROGRAMS:
                continue
            for published in (False, True):
                assert outcome(task, changed, published=published) in (0.0, 1.0, "one line")
    assert refused or name in PROGRAMS | TEXT_ONLY


TEXT_ONLY = {"aime", "math500", "livemathbench", "math", "bbh"}
"""Tasks whose columns are texts or numbers, so that anything has a text."""


async def test_rows_are_loaded_from_a_file(tmp_path):
    task, file = TASKS["arc_challenge"], tmp_path / "arc.jsonl"
    rows = [ROWS["arc_challenge"], {**ROWS["arc_challenge"], "question": "What flies?"}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert load(task, file) == rows
    assert load(task, file, limit=1) == rows[:1]
    grade = task.grader(rows)
    assert await grade(task.question(rows[1]), ["B"], "Answer: B") == 1.0
    with pytest.raises(InputError, match="none of its rows"):
        await grade("Another?", [], "B")


def test_a_bad_file_is_refused_in_one_line(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text('{"problem": "1 + 1?"}\nnot JSON\n')
    with pytest.raises(InputError) as error:
        load(TASKS["aime"], file)
    assert "2 bad rows: line 1: no 'answer'; a row has problem, answer" in str(error.value)
    assert "\n" not in str(error.value)
    file.write_text("")
    with pytest.raises(InputError, match="no rows; each has problem, answer"):
        load(TASKS["aime"], file)


def test_without_a_source_or_the_package_a_file_is_asked_for():
    with pytest.raises(
        InputError, match="emorynlp is not on Hugging Face in this form: name a file with history,"
    ):
        load(TASKS["emorynlp"])
    if find_spec("datasets") is None:
        with pytest.raises(InputError, match=r"langgraph-ensemble\[datasets\]"):
            load(TASKS["aime"])


def test_files_of_a_repository_are_read_as_they_are(tmp_path, monkeypatch):
    folder = tmp_path / "CEB-Recognition-S"
    folder.mkdir()
    row = ROWS["ceb_recognition_s"]
    (folder / "age.json").write_text(json.dumps([row]))
    (folder / "race.json").write_text(json.dumps([{**row, "label": "stereotype"}]))
    sources = [Source(str(tmp_path), file=f"CEB-Recognition-S/{axis}.json", column="axis")
               for axis in ("age", "race")]  # fmt: skip
    task = replace(TASKS["ceb_recognition_s"], sources=tuple(sources))
    rows = load(task)
    assert [(row["axis"], task.form.answer(row)) for row in rows] == [("age", "2"), ("race", "1")]
    assert load(task, limit=1) == rows[:1]
    lines = tmp_path / "tools.jsonl"
    lines.write_text(json.dumps(ROWS["mmau_tools"]) + '\n{"tools": 5}\n')
    tools = replace(TASKS["mmau_tools"], sources=(Source(str(tmp_path), file="tools.jsonl"),))
    assert load(tools, limit=1) == [ROWS["mmau_tools"]]
    with pytest.raises(InputError, match="mmau_tools: 1 bad row"):
        load(tools)
    # Not by the environment: the hub's client reads that once, for all tests of this process.
    hub = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", True)
    lost = replace(task, sources=(Source("nobody/nothing", file="rows.json"),))
    with pytest.raises(InputError, match=r"nobody/nothing: rows\.json cannot be loaded"):
        load(lost)


@pytest.mark.skipif(find_spec("pyarrow") is None, reason="needs the parquet extra")
def test_rows_are_loaded_from_parquet(tmp_path):
    from pyarrow import Table, parquet  # pyright: ignore[reportMissingImports]

    file = tmp_path / "finqa.parquet"
    parquet.write_table(Table.from_pylist([ROWS["finqa"]]), file)
    assert load(TASKS["finqa"], file) == [ROWS["finqa"]]


def test_a_table_without_lists_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"save them as .jsonl"):
        load(TASKS["aime"], tmp_path / "rows.csv")


@pytest.mark.skipif(find_spec("datasets") is None, reason="needs the datasets extra")
@pytest.mark.filterwarnings("ignore")
def test_rows_are_loaded_with_datasets(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "bbh"
    folder.mkdir()
    (folder / "test.jsonl").write_text(json.dumps(ROWS["bbh"]) + "\n")
    task = replace(TASKS["bbh"], sources=(Source(str(folder)),))
    assert load(task) == [ROWS["bbh"]]
    lost = replace(task, sources=(Source(str(tmp_path / "nothing")),))
    with pytest.raises(InputError, match="cannot be loaded"):
        load(lost)
