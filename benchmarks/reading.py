"""How well the public reader reads recorded answers of real models.

    ENSEMBLE_RECORDED=… ENSEMBLE_ROUTING_DATA=… python benchmarks/reading.py

`ENSEMBLE_RECORDED` names the folder of recorded answers: one folder per data set, with
`questions.jsonl.gz` and `answers/MODEL.jsonl.gz`. For MMLU-Pro the reader's letter is compared with
the recorded letter; for GSM8K, MATH and CRUXEval the truth is recomputed from the accepted answer
by rules of this file alone, which share no code with the reader.
"""

from __future__ import annotations

import ast
import gzip
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from langgraph_ensemble.voting import read, same, vote

MISSING = "set ENSEMBLE_RECORDED to the folder of recorded answers; nothing was measured"


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def texts(folder: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any], str]]:
    """Question, answer and model of every recorded text."""
    questions = {row["id"]: row for row in rows(folder / "questions.jsonl.gz")}
    for path in sorted((folder / "answers").glob("*.jsonl.gz")):
        for row in rows(path):
            if row.get("text") is not None and row["id"] in questions:
                yield questions[row["id"]], row, path.name.removesuffix(".jsonl.gz")


def letters(folder: Path) -> tuple[str, int, int, Counter[str]]:
    """MMLU-Pro: our letter against the recorded one, if the text holds that letter at all."""
    right = asked = 0
    classes: Counter[str] = Counter()
    for question, row, _ in texts(folder):
        ours, theirs = read(row["text"], question["query"]), row["prediction"]
        if ours == theirs:
            right += 1
            asked += 1
        elif theirs is None:
            classes["theirs unread, ours read"] += 1
        elif not re.search(rf"(?<![A-Za-z]){theirs}(?![A-Za-z])", row["text"]):
            classes["theirs was drawn at random: the text does not hold the letter"] += 1
        else:
            asked += 1
            classes["ours unread" if ours is None else "another letter"] += 1
    return "mmlu_pro", asked, right, classes


def stated(text: str) -> str | None:
    """The value of the last field "answer", by a simple pattern."""
    found = re.findall(r'"answer"\s*:\s*("(?:[^"\\]|\\.)*"|[^,}\n]+)', text, re.DOTALL)
    if not found:
        return None
    try:
        value = json.loads(found[-1], strict=False)
    except ValueError:
        return found[-1].strip().strip('"')
    return value if isinstance(value, str) else json.dumps(value)


def number_of(text: str) -> float | None:
    bare = re.sub(r"[$,%\s]|\\\$|\\%", "", text)
    try:
        return float(bare)
    except ValueError:
        return None


def truth(kind: str, accepted: str, text: str) -> bool | None:
    """Whether the stated answer is right by the rules of this file; None if they cannot tell."""
    said = stated(text)
    if said is None:
        return None
    if kind == "gsm":
        one, other = number_of(said), number_of(accepted)
        return None if one is None or other is None else abs(one - other) < 1e-9
    if kind == "crux":
        try:
            return ast.literal_eval(said) == ast.literal_eval(accepted)
        except (ValueError, SyntaxError, TypeError, MemoryError):
            try:
                return said == ast.literal_eval(accepted)
            except (ValueError, SyntaxError):
                return None
    bare = [
        re.sub(r"\s|\\left|\\right|\$|\\[,!]", "", x).replace("dfrac", "frac")
        for x in (said, accepted)
    ]
    if bare[0] == bare[1]:
        return True
    one, other = number_of(bare[0]), number_of(bare[1])
    return one == other if one is not None and other is not None else None


KIND = {"gsm": "number", "math_l5": "math", "crux": "literal"}


def graded(folder: Path) -> tuple[str, int, int, Counter[str]]:
    """Compare our grade of every text with the truth; the reader infers the kind itself."""
    asked = right = 0
    classes: Counter[str] = Counter()
    for question, row, _ in texts(folder):
        kind = KIND[folder.name]
        ours = read(row["text"], question["query"])
        grade = ours is not None and same(ours, question["answer"], kind)
        known = truth(folder.name, question["answer"], row["text"])
        if known is None:
            classes[f"no truth by plain rules, ours {'right' if grade else 'wrong'}"] += 1
            continue
        asked += 1
        right += grade == known
        if grade != known:
            what = "unread" if ours is None else f"graded {'right' if grade else 'wrong'}"
            classes[what] += 1
            if os.environ.get("SHOW"):
                print(repr(row["text"][-160:]), "|", repr(ours), "|", repr(question["answer"]))
    return folder.name, asked, right, classes


def timing() -> None:
    prose = "The reasoning goes on and on, step by step. " * 45
    ten = {f"m{i}": f"{prose}\nAnswer: {i % 3}" for i in range(10)}
    formulas = ["\\frac{\\sqrt{%d}}{2}", "2\\sqrt{%d}", "x^2+%dx+1", "(x+%d)^2", "\\frac{%d}{7}"]
    mathematics = [
        {f"m{i}": f"So\n\\boxed{{{formulas[i % 5] % (i // 5 + 2 + shift)}}}" for i in range(10)}
        for shift in range(30)
    ]
    vote(mathematics[0], question="Simplify $x$.")
    spent = [seconds(ten, "How many are there?") for _ in range(200)]
    print(f"vote over 10 texts of 2 kB: {1000 * median(spent):.2f} ms median (at most 5)")
    spent = [seconds(each, "Simplify $x$.") for each in mathematics[1:]]
    print(f"vote over 10 mathematical answers: {1000 * median(spent):.1f} ms median (at most 50)")


def seconds(drafts: dict[str, str], question: str) -> float:
    began = time.perf_counter()
    vote(drafts, question=question)
    return time.perf_counter() - began


def main() -> None:
    root = os.environ.get("ENSEMBLE_RECORDED")
    timing()
    if not root or not Path(root).is_dir():
        sys.exit(MISSING)
    wanted = sys.argv[1:] or ["mmlu_pro", "gsm", "math_l5", "crux"]
    for name in wanted:
        folder = Path(root) / name
        set_, asked, right, classes = (letters if name == "mmlu_pro" else graded)(folder)
        print(f"{set_:9} {right} of {asked} texts agree: {100 * right / asked:.2f}%")
        for what, count in classes.most_common():
            print(f"          {count:6} {what}")


if __name__ == "__main__":
    main()
