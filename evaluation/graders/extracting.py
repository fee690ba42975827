r"""Where the published scripts look for an answer; the corrected graders read as votes do.

Source: the evaluators of the Avengers' repository (arXiv 2505.19797).
"""

from __future__ import annotations

import re

from ...voting.texts import braced

_BOX = re.compile(r"\\boxed\s*\{")
_ANSWER = re.compile(r"Answer\s*:\s*([^\n]+)", re.IGNORECASE)


def boxes(text: str) -> list[str]:
    r"""The content of every `\boxed{…}`, in their order.

    Example:
        >>> boxes("\\boxed{1}, or rather \\boxed{\\frac{1}{2}}")
        ['1', '\\frac{1}{2}']
    """
    found = (braced(text, box.end()) for box in _BOX.finditer(text))
    return [content.strip() for content in found if content is not None]


def published_letter(text: str, letters: str) -> str:
    r"""The letter that the published rule for multiple choice reads; "" if it reads none.

    A text of at most ten characters is returned as it is; otherwise the last `Answer: X` counts,
    then the first box.

    Args:
        text: The text of a model.
        letters: The letters of the options, such as "ABCD".

    Example:
        >>> published_letter("So it is a fish.\nAnswer: B", "ABCD")
        'B'
        >>> published_letter("Answer: **B**, as it swims", "ABCD")
        ''
    """
    if len(text) <= 10 and "Answer" not in text and "box" not in text:
        return text.lstrip()
    found = re.findall(rf"Answer\s*:\s*([{letters[0]}-{letters[-1]}])", text, re.IGNORECASE)
    if found:
        return found[-1]
    return next(iter(boxes(text)), "")


def published_line(text: str) -> str:
    r"""The answer that the published rules read after `Answer:`, else in the first box.

    Example:
        >>> published_line("Answer: yes\nAnswer: no, on reflection")
        'no, on reflection'
    """
    if len(text) <= 10 and "Answer" not in text and "box" not in text:
        return text.lstrip()
    found = _ANSWER.findall(text)
    return found[-1].strip() if found else next(iter(boxes(text)), "")


def published_box(text: str) -> str:
    r"""The answer that the published rules for mathematics read: the last box.

    Only a text that says "Final Answer" and has no box is read by `published_line`.

    Example:
        >>> published_box("\\boxed{3}"), published_box("The answer is 3.")
        ('3', '')
    """
    if "Final Answer" in text and "\\boxed" not in text:
        return published_line(text)
    return next(reversed(boxes(text)), "")
