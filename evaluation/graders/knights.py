"""Knights and knaves: who is which, for every inhabitant (arXiv 2410.23123)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ...voting.texts import prepared

_CONCLUSIONS = ("CONCLUSION:", "boxed", "Conclusion:", "conclusion:")
_ENDS = ("### Reason", "Let's think step by step again", "let's go back and check", "###")
_HEADING = re.compile(r"(?:conclusion|final answer|answer)\W*[:\n]|\\boxed\s*\{", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:if|suppose|assum\w+|would be|either)\b", re.IGNORECASE)
_ROLE = r"\s*[:=|–—-]?\s*(?:(?:is|must be)\s+(not\s+)?)?(?:an?\s+)?(knight|knave)"


def knights(roles: Mapping[str, bool], text: str) -> float:
    r"""1 if a text's conclusion gives everybody's role rightly; otherwise 0.

    The last statement about a name counts, and conditions ("if Ava is a knight, …") do not.

    Args:
        roles: Whether each inhabitant is a knight.
        text: The text of a model.

    Example:
        >>> knights({"Jennifer": True, "Bo": False}, "CONCLUSION:\nJennifer: Knight\nBo: knave")
        1.0
    """
    text = prepared(text)
    heads = list(_HEADING.finditer(text))
    # A last heading may stand before nothing: "that is my answer:".
    parts = [text[head.end() :] for head in reversed(heads[-5:])] + [text]
    for part in parts:
        said = _stated(part, list(roles))
        if said.keys() == roles.keys():
            return float(said == dict(roles))
    return 0.0


def _stated(text: str, names: Sequence[str]) -> dict[str, bool]:
    plain = text.replace("**", "").replace("\\text{", "").replace("_", " ")
    sentences = [s for s in re.split(r"[\n;.!?]+", plain) if not _CONDITION.search(s)]
    said: dict[str, bool] = {}
    for sentence in sentences:
        for name in names:
            for match in re.finditer(rf"\b{re.escape(name)}\b{_ROLE}", sentence, re.IGNORECASE):
                said[name] = (match[2].lower() == "knight") != bool(match[1])
    return said


def published_knights(roles: Mapping[str, bool], text: str) -> float:
    """The published rule: every "NAME is a knight" is a part of the conclusion, in any place.

    A conclusion that contains the letters "if" is wrong, so all with a Jennifer are.

    Example:
        >>> published_knights({"Jennifer": True}, "CONCLUSION: (1) Jennifer is a knight.")
        0.0
    """
    said = text.split("### Question")[0]
    for head in _CONCLUSIONS:
        _, found, after = said.partition(head)
        if found and after.strip():
            said = after.split(head)[0]
            break
    for end in _ENDS:
        said = said.split(end)[0]
    if f"({len(roles) + 1})" in said or "if" in said:
        return 0.0
    wanted = [f"{name} is a {'knight' if one else 'knave'}" for name, one in roles.items()]
    return float(all(condition.lower() in said.lower() for condition in wanted))
