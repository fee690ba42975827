"""Length limits of drafts, so that all of them fit into the reader's context.

Mixture-of-Agents puts all drafts of a layer into one prompt, so they share its length. The limit
depends on the question and on the members' contexts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..models.soundness import margins
from ..voting.choices import choices
from .context import EnsembleContext

if TYPE_CHECKING:
    from ..member import Member, Stage

SHORT, USUAL, LONG = 512, 768, 1536
"""Token limits of a draft: for multiple choice, for other questions, for requests for a text."""

_ASKS_FOR_TEXT = re.compile(
    r"\b(?:essay|story|article|report|poem|letter|e-?mail|in detail|detailed|step by step guide"
    r"|explain|describe|implement|program|code|script|function|summari[sz]e|translate|rewrite"
    r"|compare|plan|write|draft)\b",
    re.IGNORECASE,
)


def draft_tokens(member: Member, question: str, knobs: EnsembleContext) -> int:
    """The token limit of `member`'s draft.

    It is the knob `draft_tokens` if that is set. Otherwise it depends on the question, is halved
    for a small model, and is at most an eighth of the member's context, so that several drafts and
    the question fit.

    Example:
        >>> from langgraph_ensemble import Member
        >>> ann = Member(name="ann", model="m", context=4096)
        >>> draft_tokens(ann, "Why is the sky blue?", EnsembleContext())
        512
    """
    longest = knobs.max_tokens or member.tokens("propose")
    if knobs.draft_tokens is not None:
        return min(knobs.draft_tokens, longest)
    wanted = _by_question(question)
    if member.small:
        wanted //= 2
    return min(wanted, max(member.context // 8, 128), longest)


def answer_tokens(member: Member, stage: Stage, longest: int | None) -> int:
    """The token limit of a visible answer, at most a quarter of the member's context.

    Args:
        member: The member that writes it.
        stage: The stage, for which the member has a limit.
        longest: The knob `max_tokens`; None if it is not set.
    """
    longest = longest or member.tokens(stage)
    if member.small:
        longest = min(longest, LONG // 2)
    return min(longest, max(member.context // 4, 128))


def words(tokens: int) -> int:
    """The approximate number of words of so many tokens, rounded for a prompt."""
    return max(10, int(tokens * 0.6) // 10 * 10)


def _by_question(question: str) -> int:
    if choices(question):
        return SHORT
    return LONG if _ASKS_FOR_TEXT.search(margins(question)) else USUAL
