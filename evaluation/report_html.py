"""A comparison as one HTML file that loads nothing, runs no script and works on a phone.

Texts of models, members and questions are data: they are escaped and never become markup.
"""

from __future__ import annotations

from typing import Any

from ..routing.picture_page import escape
from . import report_curves as curves
from . import report_members as members
from . import report_sections as sections
from .comparison import Comparison
from .report_parts import named
from .report_style import document
from .report_words import METHOD, lead, notes, percent


def html_report(compared: Comparison, *, title: str = "Systems side by side") -> str:
    """The report as HTML.

    Args:
        compared: What `compare` found.
        title: The title of the page, such as the name of the data.

    Example:
        >>> from langgraph_ensemble.evaluation.comparison import compare
        >>> right, wrong = {"score": 1.0}, {"score": 0.0}
        >>> compared = compare({"single:a": [right, wrong]}, [{"query": "x"}, {"query": "y"}])
        >>> page = html_report(compared, title="<b>")
        >>> page.startswith("<!doctype html>"), "<title>&lt;b&gt;" in page, "<script" in page
        (True, True, False)
    """
    body = "".join(
        (
            _header(compared, title),
            sections.accuracy(compared),
            sections.declined(compared),
            sections.cost(compared),
            sections.budget(compared),
            sections.datasets(compared),
            curves.sizes(compared),
            curves.aptitude(compared),
            members.routing(compared),
            members.reliability(compared),
            members.drafts(compared),
            members.failures(compared),
            _cases(compared),
            sections.numbers(compared),
            f"<footer><p>{escape(METHOD)}</p></footer>",
        )
    )
    return document(title, body)


def _header(compared: Comparison, title: str) -> str:
    told = lead(compared)
    sentence = "".join(
        f"<b>{escape(text)}</b>" if strong else escape(text) for text, strong in told.sentence
    )
    verdict = ""
    if told.verdict:
        verdict = f'<div class="verdict {"yes" if told.beyond else "no"}">{escape(told.verdict)}'
        verdict += "</div>"
    facts = {
        "questions": f"{compared.questions:,}",
        "systems": str(len(compared.systems)),
        "data sets": str(len(compared.datasets)),
    }
    if compared.oracle:
        facts["oracle"] = percent(compared.oracle["mean"])
    top = compared.contenders[0]
    if top["gap_closed"] is not None and not top["best_single"]:
        facts["gap to the oracle closed"] = percent(top["gap_closed"], 0)
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items())
    warned = "".join(f'<p class="note">{escape(note)}</p>' for note in notes(compared))
    return (
        f'<header><h1>{escape(title)}</h1><p class="lead">{sentence}</p>{verdict}{warned}'
        f'<dl class="facts">{cells}</dl></header>'
    )


def _cases(compared: Comparison) -> str:
    if not compared.disagreements:
        return ""
    cases = "".join(_case(each) for each in compared.disagreements)
    return (
        "<section><h2>Where systems disagree</h2><p>First the questions that the best ensemble and "
        "the best single member decide differently; open one for the answers.</p>"
        f"{cases}</section>"
    )


def _case(case: dict[str, Any]) -> str:
    right = sum(one["score"] >= 0.5 for one in case["systems"])
    accepted = ", ".join(case["accepted"])
    known = f" · accepted: {escape(accepted)}" if accepted else ""
    items = "".join(_item(one) for one in case["systems"])
    whole = f"<pre>{escape(case['question'])}</pre>" if len(case["question"]) > 240 else ""
    return (
        f'<details class="case"><summary>{escape(case["question"][:240])}'
        f"{'…' if len(case['question']) > 240 else ''} <small>{escape(case['dataset'])} · "
        f"{right} of {len(case['systems'])} right{known}</small></summary>"
        f"{whole}<ul>{items}</ul></details>"
    )


def _item(one: dict[str, Any]) -> str:
    side = "right" if one["score"] >= 0.5 else "wrong"
    answer = escape(one["answer"]) if one["answer"] is not None else "no readable answer"
    return (
        f'<li class="{side}"><b>{named(one["system"])}</b>: {answer}'
        f"<pre>{escape(one['text'])}</pre></li>"
    )
