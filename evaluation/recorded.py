"""Members that answer from recorded files: systems over them cost nothing.

A recorded member knows its answer to each question of the file, and nothing else: it cannot read
drafts, judge or aggregate. Where several samples are recorded it gives them in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from langchain_core.callbacks import (
    AsyncCallbackManagerForLLMRun,
    CallbackManagerForLLMRun,
)
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr

from ..calibration.records import load_records
from ..errors import InputError
from ..member import Member
from ..pool import Pool


class ChatRecorded(BaseChatModel):
    """A chat model that gives recorded answers.

    Args:
        name: The model's name.
        answers: For each question a text, or a list of samples.

    Raises:
        InputError: On a call: there is no answer to the question.

    Example:
        >>> ChatRecorded(name="ann", answers={"2 + 2?": "Answer: 4"}).invoke("2 + 2?").text
        'Answer: 4'
    """

    n: int = 1
    replays: ClassVar[bool] = True
    """Its calls need no record and count against no budget (`models.recorder`)."""
    # No field: a model's fields are searched for keys at every call, and these are many texts.
    _answers: Mapping[str, Any] = PrivateAttr(default_factory=dict)

    def __init__(self, *, answers: Mapping[str, Any], **fields: Any) -> None:
        super().__init__(**fields)
        self._answers = answers

    @property
    def _llm_type(self) -> str:
        return "recorded"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        asked = str(messages[-1].text)
        if asked not in self._answers:
            raise InputError(
                f"{self.name!r} has no recorded answer to this prompt: recorded members answer the "
                "questions of their file, and read no drafts"
            )
        known = self._answers[asked]
        samples = list(known) if isinstance(known, list) else [known]
        n = int(kwargs.get("n") or self.n)
        return ChatResult(
            generations=[
                ChatGeneration(message=AIMessage(str(samples[i % len(samples)])))
                for i in range(min(n, len(samples)))
            ]
        )

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._generate(messages, stop, None, **kwargs)


def recorded_pool(path: str | Path, members: Sequence[str] | None = None) -> Pool:
    """A pool whose members answer from a file, or a folder, of recorded answers.

    Args:
        path: See `calibration.records`: JSONL with `answers`, or a folder with a file a member.
        members: The members; by default all that have answers.

    Raises:
        InputError: The file cannot be read, or has no answers of such a member.
    """
    return pool_of(load_records(path).records, members)


def pool_of(records: Sequence[Mapping[str, Any]], members: Sequence[str] | None = None) -> Pool:
    """A pool whose members answer from records with what members said (`said`).

    Raises:
        InputError: There are no answers of such a member.
    """
    said: dict[str, dict[str, Any]] = {}
    for record in records:
        for name, answer in (record.get("said") or {}).items():
            said.setdefault(name, {})[record["query"]] = answer
    names = list(members) if members is not None else list(said)
    if lacking := [name for name in names if name not in said]:
        raise InputError(f"no recorded answers of {', '.join(lacking)}; there are {sorted(said)}")
    if not names:
        raise InputError("no recorded answers: rows need 'answers', the texts by member")
    return Pool(
        [
            Member(
                name=name, provider="langchain", model=ChatRecorded(name=name, answers=said[name])
            )
            for name in names
        ]
    )
