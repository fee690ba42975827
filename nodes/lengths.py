"""How long a draft may be: balanced drafts that the reader's context can hold.

Mixture-of-Agents puts all drafts of a layer into one prompt, so their length is a budget: what one
draft takes, the others lose. It follows the question, then what the members' contexts allow.
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
"""Tokens of a draft: of a multiple-choice question, of any other, of one that asks for a text."""

_ASKS_FOR_TEXT = re.compile(
    r"\b(?:essay|story|article|report|poem|letter|e-?mail|in detail|detailed|step by step guide"
    r"|explain|describe|implement|program|code|script|function|summari[sz]e|translate|rewrite"
    r"|compare|plan|write|draft)\b",
    re.IGNORECASE,
)


def draft_tokens(member: Member, question: str, knobs: EnsembleContext) -> int:
    """Tokens that `member`'s draft may have.

    The knob `draft_tokens` where it is set; else by the question, half of that for a small model,
    and at most an eighth of the member's context, so that several drafts and the question fit.

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
    """Tokens of an answer that goes to the person: at most a quarter of the member's context.

    Args:
        member: Who writes it.
        stage: For what; the member has a limit for each.
        longest: The knob `max_tokens`; None where it is not set.
    """
    longest = longest or member.tokens(stage)
    if member.small:
        longest = min(longest, LONG // 2)
    return min(longest, max(member.context // 4, 128))


def words(tokens: int) -> int:
    """About how many words so many tokens are, in a round number for a prompt."""
    return max(10, int(tokens * 0.6) // 10 * 10)


def _by_question(question: str) -> int:
    if choices(question):
        return SHORT
    return LONG if _ASKS_FOR_TEXT.search(margins(question)) else USUAL
