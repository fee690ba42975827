"""Reports of hostile, small and large comparisons: the HTML is parsed, the words are read."""

from __future__ import annotations

import random
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from langgraph_ensemble.evaluation.charts import Axis, Frame, place_labels
from langgraph_ensemble.evaluation.comparison import Comparison, compare
from langgraph_ensemble.evaluation.recorded import pool_of
from langgraph_ensemble.evaluation.report_html import html_report
from langgraph_ensemble.evaluation.report_markdown import markdown_report
from langgraph_ensemble.evaluation.report_words import lead
from langgraph_ensemble.evaluation.run import evaluate
from langgraph_ensemble.evaluation.store import Store
from langgraph_ensemble.evaluation.systems import systems_of

HOSTILE = (
    "</pre></details><script>alert(1)</script><img src=x onerror=alert(1)>"
    "\"' onmouseover='alert(1)' </svg></style>|`*\u202e\x00\ud800"
)
TAGS = {
    "a",
    "b",
    "body",
    "circle",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "html",
    "li",
    "line",
    "main",
    "meta",
    "p",
    "polyline",
    "pre",
    "rect",
    "section",
    "small",
    "span",
    "style",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
}
ATTRIBUTES = {
    "aria-hidden",
    "aria-label",
    "charset",
    "class",
    "content",
    "cx",
    "cy",
    "height",
    "http-equiv",
    "lang",
    "name",
    "points",
    "r",
    "role",
    "rx",
    "scope",
    "style",
    "tabindex",
    "text-anchor",
    "title",
    "viewbox",
    "width",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
}
VOID = {"meta"}


class Page(HTMLParser):
    """Collects tags and attributes, and checks that every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.styles: set[str] = set()
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.styles |= {value for name, value in attrs if name == "style"}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def outcomes(
    systems: int, count: int, *, text: str = "", price: float | None = 0.001, seed: int = 0
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Simulated outcomes: half of the systems are members, the others ensembles."""
    rng = random.Random(seed)
    questions = [
        {"query": f"{text}{i} + 1?", "answers": [f"{i + 1}"], "dataset": f"{text}set {i % 3}"}
        for i in range(count)
    ]
    made: dict[str, Any] = {}
    for place in range(systems):
        alone = place < (systems + 1) // 2
        name = f"single:{text}m{place}" if alone else f"{text}moa{place}"
        if place == (systems + 1) // 2:
            name = "self-consistency"
        made[name] = [
            _outcome(rng, f"{text}m{place}", i, text, 1 if alone else 3, price)
            for i in range(count)
        ]
    return made, questions


def _outcome(
    rng: random.Random, member: str, i: int, text: str, drafts: int, price: float | None
) -> dict[str, Any]:
    every = [
        {"member": member, "layer": 1, "status": rng.choice(["ok", f"cut{text}"]), "score": s,
         "text": f"{text}Answer: {i + 1 if s else i + 9}"}
        for s in (float(rng.random() < 0.7) for _ in range(drafts))
    ]  # fmt: skip
    failed = rng.random() < 0.03
    return {
        "score": 0.0 if failed else every[0]["score"],
        "answer": None if failed else every[0]["text"] + "!",
        "error": f"no usable draft {text}" if failed else None,
        "calls": drafts, "usage": {"input_tokens": 9, "total_tokens": 20 * drafts},
        "cost_usd": price and price * drafts, "seconds": rng.random(),
        "probability": rng.random(), "confidence": None,
        "picked": [member if rng.random() < 0.5 else f"{text}other"], "drafts": every,
    }  # fmt: skip


def page(compared: Comparison, **more: Any) -> Page:
    parsed = Page(html_report(compared, **more))
    assert not parsed.open
    return parsed


@pytest.fixture(scope="module")
def hostile() -> Comparison:
    return compare(*outcomes(8, 60, text=HOSTILE))


def test_texts_of_models_never_become_markup(hostile):
    found = page(hostile, title=HOSTILE)
    assert found.tags <= TAGS, found.tags - TAGS
    assert found.attributes <= ATTRIBUTES, found.attributes - ATTRIBUTES
    assert all(re.fullmatch(r"--g:[01]\.\d\d", style) for style in found.styles), found.styles
    assert any("<script>alert(1)</script>" in said for said in found.said), "shown as a text"


def test_a_page_loads_nothing(hostile):
    text = html_report(hostile)
    assert "default-src 'none'" in text
    style = text[text.index("<style>") : text.index("</style>")]
    assert not re.search(r"@import|url\(|@font-face", style)
    text.encode("utf-8")


def test_hostile_texts_in_markdown(hostile):
    text = markdown_report(hostile, title=HOSTILE)
    assert "<script" not in text
    assert "<img" not in text
    text.encode("utf-8")
    head = next(line for line in text.splitlines() if line.startswith("| system"))
    row = next(line for line in text.splitlines() if "(best member)" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == len(re.findall(r"(?<!\\)\|", head))


@pytest.mark.parametrize(("systems", "count"), [(1, 1), (1, 40), (2, 5), (3, 60), (20, 80)])
@pytest.mark.parametrize("price", [None, 0.002])
def test_any_number_of_systems_and_questions(systems, count, price):
    compared = compare(*outcomes(systems, count, price=price))
    found = page(compared)
    said = "".join(found.said)
    assert not re.search(r"\b(nan|None|inf)\b", said)
    assert "US dollars" not in said or price
    assert ("too few" in said.lower()) == (count < 50)
    assert markdown_report(compared).startswith("# Systems side by side\n\n")


def test_every_picture_has_a_title(hostile):
    pictures = re.findall(r"<svg[^>]*role=\"img\"[^>]*>(.{7})", html_report(hostile))
    assert len(pictures) > 10
    assert set(pictures) == {"<title>"}


def _scored(**systems: str) -> Comparison:
    count = len(next(iter(systems.values())))
    questions = [{"query": f"{i}?", "answers": ["1"]} for i in range(count)]
    made = {
        name.replace("_", ":"): [
            {"score": float(c), "answer": c, "calls": 1, "cost_usd": 0.001} for c in right
        ]
        for name, right in systems.items()
    }
    return compare(made, questions)


def test_an_ensemble_that_wins_beyond_chance():
    told = lead(_scored(single_a="10" * 50, team="1110" * 25))
    assert told.text.startswith("team is right on 75.0% of 100 questions: 25.0 points more than")
    assert "95% interval +" in told.text
    assert "$1.00 per 1,000 questions, 1.0 times the member's cost" in told.text
    assert told.beyond
    assert told.verdict.startswith("Beyond chance (p < 0.001")


def test_an_ensemble_that_wins_by_chance():
    told = lead(_scored(single_a="10" * 50, team="11" + "10" * 49))
    assert "1.0 points more than" in told.text
    assert (told.beyond, told.verdict) == (False, "Within chance (p = 1.000)")


def test_no_ensemble_wins():
    told = lead(_scored(single_a="1110" * 25, team="10" * 50))
    assert told.text.startswith("No ensemble beats the best single member: a is right on 75.0%")
    assert "team, is right on 25.0 points fewer than that" in told.text
    assert told.verdict.startswith("Worse beyond chance")
    assert not told.beyond


def test_few_questions_give_no_verdict():
    told = lead(_scored(single_a="00000", team="11111"))
    assert told.verdict == "Too few questions to tell: 5"


@pytest.mark.parametrize(
    "values", [[0.0], [0.0, 0.0], [1.0, 1.0], [0.999, 1.0], [-0.2, 0.3], [1e-9, 5e-9], [3, 7000]]
)
def test_an_axis_holds_its_values(values):
    axis = Axis.of(values)
    assert axis.low <= min(values)
    assert max(values) <= axis.high + 1e-12
    assert 2 <= len(axis.marks) <= 8


def test_labels_touch_neither_each_other_nor_the_edge():
    rng = random.Random(0)
    frame = Frame(Axis(0, 1, 0.2), Axis(0, 1, 0.2), 1000, 400)
    points = [(frame.x(rng.random()), frame.y(rng.random()), f"system {i}") for i in range(25)]
    placed = [label for label in place_labels(frame, points) if label]
    assert len(placed) > 15
    assert all(0 <= y <= 400 for _, y, _, _ in placed)


async def test_a_report_of_real_runs_over_recorded_answers(tmp_path):
    rows = [
        {
            "query": f"What is {i} + 1?",
            "answers": [str(i + 1)],
            "dataset": "sums",
            "said": {
                "ann": f"Answer: {i + 1}",
                "ben": f"Answer: {i + 1 + i % 2}",
                "cat": f"Answer: {i + 1 + (i % 3 == 0)}",
            },
        }
        for i in range(12)
    ]
    pool = pool_of(rows)
    systems = systems_of(["singles", "majority"], pool, None)
    store = Store(tmp_path / "answers.sqlite")
    compared = compare(await evaluate(systems, rows, store, pool=pool), rows)
    store.close()
    levels = {row["system"]: row["accuracy"]["mean"] for row in compared.systems}
    assert levels["single:ann"] == 1.0
    assert levels["single:ben"] == 0.5
    assert levels["single:cat"] == pytest.approx(2 / 3)
    assert compared.members is not None
    # The votes that are counted here are those of the graph.
    assert compared.members["curve"][-1]["mean"] == levels["majority"]
    assert "No ensemble beats the best single member" in "".join(page(compared).said)
