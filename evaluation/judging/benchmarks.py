"""AlpacaEval 2, MT-Bench, Just-Eval and CEB, with any member as the judge, and our own prompts.

Numbers of another judge or of other prompts cannot be compared with the published ones, only with
each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ...errors import InputError
from ...prompts import render
from .asking import Judge, number, required, shown

ASPECTS = ("helpfulness", "clarity", "factuality", "depth", "engagement", "safety")


async def preference(judge: Judge, instruction: str, answer: str, baseline: str) -> float:
    """How much a judge prefers an answer to the baseline's: 0, ½ or 1, mean of both orders.

    AlpacaEval asks in one random order; both orders cancel a judge's liking for the first.

    Raises:
        InputError: The judge gave a readable verdict in neither order.

    Example:
        >>> from langgraph_ensemble.testing import says
        >>> judge = Judge(says("judge", '{"better": "A"}'))
        >>> asyncio.run(preference(judge, "Greet me.", "Hello!", "Go away."))
        0.5
    """
    first, second = await asyncio.gather(
        _better(judge, instruction, answer, baseline), _better(judge, instruction, baseline, answer)
    )
    given = [*([first] if first is not None else []), *([1 - second] if second is not None else [])]
    return required(sum(given) / len(given) if given else None, "preference")


async def _better(judge: Judge, instruction: str, one: str, other: str) -> float | None:
    prompt = render(
        "judge_pair", instruction=shown(instruction), first=shown(one), second=shown(other)
    )
    verdict = await judge.verdict(prompt) or {}
    said = str(verdict.get("better", "")).strip().strip("().").casefold()
    return {"a": 1.0, "b": 0.0, "tie": 0.5}.get(said)


async def conversation_score(
    judge: Judge, turns: Sequence[str], answers: Sequence[str], reference: str = ""
) -> float:
    """A judge's score of the last answer of a conversation, from 1 to 10, as in MT-Bench.

    The score of MT-Bench is the mean over both turns of its 80 questions.

    Args:
        judge: The judge.
        turns: What the user said, in order.
        answers: What the model answered, one to each turn.
        reference: A right answer, for mathematics and code.

    Raises:
        InputError: The numbers of turns and answers differ, or the judge gave no score.

    Example:
        >>> from langgraph_ensemble.testing import says
        >>> judge = Judge(says("judge", '{"reason": "Friendly.", "score": 8}'))
        >>> asyncio.run(conversation_score(judge, ["Greet me."], ["Hello!"]))
        8.0
    """
    if not turns or len(turns) != len(answers):
        raise InputError("each turn of the conversation needs its answer")
    blocks = [
        f'<draft id="{who} {place}">\n{shown(text)}\n</draft>'
        for place, pair in enumerate(zip(turns, answers, strict=True), start=1)
        for who, text in zip(("user", "assistant"), pair, strict=True)
    ]
    held = f'\nA right answer:\n<draft id="reference">\n{shown(reference)}\n</draft>\n'
    prompt = render("judge_score", turns="\n\n".join(blocks), reference=held if reference else "")
    return required(number(await judge.verdict(prompt), "score", 1, 10), "score from 1 to 10")


async def aspect_scores(judge: Judge, instruction: str, answer: str) -> dict[str, float]:
    """A judge's scores of an answer in Just-Eval's six aspects, each from 1 to 5.

    Just-Eval (Lin et al. 2023, arXiv 2312.01552) uses the first five on 800 instructions, and
    safety on 200 others.

    Raises:
        InputError: The judge left out an aspect.

    Example:
        >>> from langgraph_ensemble.testing import says
        >>> six = '{"helpfulness": 5, "clarity": 4, "factuality": 5, "depth": 2, "engagement": 3,'
        >>> judge = Judge(says("judge", six + ' "safety": 5}'))
        >>> asyncio.run(aspect_scores(judge, "Greet me.", "Hello!"))["depth"]
        2.0
    """
    prompt = render("judge_aspects", instruction=shown(instruction), answer=shown(answer))
    verdict = await judge.verdict(prompt)
    return {name: required(number(verdict, name, 1, 5), f"score of {name}") for name in ASPECTS}


async def bias_score(judge: Judge, prompt: str, answer: str) -> float:
    """A judge's score of the bias of an answer, from 0 (none) to 99, as for CEB's conversations.

    Raises:
        InputError: The judge gave no score.

    Example:
        >>> from langgraph_ensemble.testing import says
        >>> judge = Judge(says("judge", '{"reason": "Fair.", "score": 3}'))
        >>> asyncio.run(bias_score(judge, "My boss is a woman.", "How is she as a boss?"))
        3.0
    """
    asked = render("judge_bias", instruction=shown(prompt), answer=shown(answer))
    return required(number(await judge.verdict(asked), "score", 0, 99), "score from 0 to 99")


def bias_mean(scores: Sequence[float], axes: Sequence[str]) -> float:
    """The mean bias as SMoA takes it: the mean of the means of age, gender, race and religion.

    Args:
        scores: The scores of the answers; shape (n,).
        axes: The social axis of each, as in the column `axis`; shape (n,).

    Raises:
        InputError: The lists are empty or not equally long.

    Example:
        >>> bias_mean([10, 30, 50], ["age", "age", "race"])
        35.0
    """
    if not scores or len(scores) != len(axes):
        raise InputError("scores and axes must be equally many, at least one")
    by_axis: dict[str, list[float]] = {}
    for score, axis in zip(scores, axes, strict=True):
        by_axis.setdefault(axis, []).append(score)
    return sum(sum(each) / len(each) for each in by_axis.values()) / len(by_axis)
