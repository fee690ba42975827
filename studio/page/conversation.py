"""A thread's turns as the messages of a run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from ...errors import InputError

MOST_IMAGES = 4
MOST_BYTES = 8_000_000
"""The images of one question together, as base64."""

_IMAGE = re.compile(r"data:image/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+={0,2}")


def messages(
    before: Sequence[dict[str, Any]], about: dict[str, Any], system: str = ""
) -> list[BaseMessage]:
    """The messages of a run: instructions, earlier questions with their answers, the question.

    A turn without an answer, because it failed or was stopped at once, is left out.

    Args:
        before: The turns before this one, oldest first.
        about: The turn that runs.
        system: The thread's instructions.

    Example:
        >>> asked = {"id": "b", "question": "And of Spain?", "images": []}
        >>> said = {"id": "a", "question": "Capital of Italy?", "answer": "Rome", "images": []}
        >>> [each.type for each in messages([said], asked, "Be brief.")]
        ['system', 'human', 'ai', 'human']
    """
    whole: list[BaseMessage] = [SystemMessage(system)] if system.strip() else []
    for turn in before:
        if turn["answer"]:
            whole += [_question(turn), AIMessage(turn["answer"])]
    return [*whole, _question(about)]


def checked_images(given: Any, *, seen: bool) -> list[str]:
    """The images of a question, as data URLs.

    Args:
        given: What the page has sent.
        seen: Whether a member can see images.

    Raises:
        InputError: They are no images, too many or too large, or nobody can see them.

    Example:
        >>> checked_images(["data:image/png;base64,aGk="], seen=True)
        ['data:image/png;base64,aGk=']
    """
    if not given:
        return []
    if not isinstance(given, list) or len(given) > MOST_IMAGES:
        raise InputError(f"send at most {MOST_IMAGES} images, as a list of data URLs")
    if not all(isinstance(each, str) and _IMAGE.fullmatch(each) for each in given):
        raise InputError("an image is a data URL of a PNG, JPEG, WebP or GIF file, in base64")
    if sum(map(len, given)) > MOST_BYTES:
        raise InputError(f"the images are larger than {MOST_BYTES // 1_000_000} MB together")
    if not seen:
        raise InputError(
            "no member of this pool sees images; one that can needs 'vision: true' in the pool file"
        )
    return given


def _question(turn: dict[str, Any]) -> HumanMessage:
    # The id lets a second attempt replace the question instead of asking it twice.
    if not turn.get("images"):
        return HumanMessage(turn["question"], id=turn["id"])
    parts: list[str | dict[str, Any]] = [{"type": "text", "text": turn["question"]}]
    parts += [{"type": "image_url", "image_url": {"url": each}} for each in turn["images"]]
    return HumanMessage(parts, id=turn["id"])
