"""What a simulated model says: skill by domain, opinions that can be swayed, deterministic."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

from bank import Question, bank

_QUESTION = re.compile(r"<question>\n(.*?)\n</question>", re.DOTALL)
_DRAFT = re.compile(r'<draft id="(\d+)">\n(.*?)\n</draft>', re.DOTALL)
_ANSWER = re.compile(r"Answer: (.+)")


@dataclass
class Model:
    """A simulated model.

    `skill` is the chance that it knows the answer to a question of a domain. What it knows it says
    nine times out of ten; else it guesses.
    """

    name: str
    skill: dict[str, float] = field(default_factory=dict)
    default_skill: float = 0.7
    first_token_ms: float = 0.0
    token_ms: float = 0.0
    tokens: int = 0
    honours_n: bool = True
    fault: str = ""
    fault_rate: float = 1.0
    retry_after: float = 0.05
    judge_style: str = "json"
    key: str = ""
    says: str = ""
    sees: bool = False

    @classmethod
    def of(cls, data: dict[str, Any]) -> Model:
        return cls(**data)

    def data(self) -> dict[str, Any]:
        return asdict(self)


def chance(*parts: object) -> float:
    """A number in [0, 1) that the parts fix."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) / 2**48


@lru_cache(maxsize=4096)
def known(text: str) -> Question | None:
    """The question of the bank that a prompt is about."""
    for question in bank():
        if question.text in text:
            return question
    return None


def opinion(model: Model, question: Question, sample: object) -> str:
    """The answer that `model` gives by itself."""
    skill = model.skill.get(question.domain, model.default_skill)
    knows = chance(model.name, question.text, "knows") < skill
    right = chance(model.name, question.text, sample, "says") < (0.9 if knows else 0.1)
    if right:
        return question.answer
    pick = chance(model.name, question.text, sample, "guess")
    return question.wrong[int(pick * len(question.wrong))]


def answer(model: Model, messages: list[dict[str, Any]], sample: object) -> str:
    """The text of one sample."""
    prompt = _text(messages[-1])
    brought = [_text(message) for message in messages if message["role"] == "tool"]
    system = " ".join(_text(m) for m in messages if m["role"] == "system")
    drafts = {int(i): text for i, text in _DRAFT.findall(prompt)}
    inner = _QUESTION.search(prompt)
    if not drafts and len(messages) > 2 and messages[-2]["role"] == "assistant":
        drafts = {int(i): text for i, text in _DRAFT.findall(_text(messages[-3]))}
        inner = _QUESTION.search(_text(messages[-3]))
    question = known(inner[1] if inner else prompt)
    if '"roles"' in system:
        count = int(re.findall(r"Number of roles: (\d+)", prompt)[-1])
        return json.dumps({"roles": [f"You are specialist number {i + 1}." for i in range(count)]})
    if '"chosen"' in system:
        return _judgement(model, question, drafts, sample)
    if '"stop"' in system:
        return json.dumps({"reason": "They agree.", "stop": _agree(drafts)})
    if brought:
        return f"{model.name} was told: {brought[-1]}"
    if question is None and model.says:
        return model.says
    if question is None:
        words = " ".join(f"w{int(chance(model.name, sample, i) * 1000)}" for i in range(16))
        return f"{model.name} says about this: {words}."
    return _prose(model, _swayed(model, question, drafts, sample))


def _swayed(model: Model, question: Question, drafts: dict[int, str], sample: object) -> str:
    """Its own opinion as one voice among those of the drafts."""
    mine = opinion(model, question, sample)
    voices = Counter(found[-1] for text in drafts.values() if (found := _ANSWER.findall(text)))
    voices[mine] += 1
    best = max(voices.values())
    return mine if voices[mine] == best else next(v for v, n in voices.items() if n == best)


def _judgement(
    model: Model, question: Question | None, drafts: dict[int, str], sample: object
) -> str:
    said = {i: (_ANSWER.findall(text) or [""])[-1] for i, text in drafts.items()}
    mine = opinion(model, question, sample) if question else ""
    voices = Counter(said.values())
    voices[mine] += 1
    order = sorted(said, key=lambda i: (-voices[said[i]], i))[:2]
    if model.judge_style == "garbage":
        return "I would rather not say which of them I like."
    if model.judge_style == "python":
        return f"Sure! {{'Chosen responses':{order}, 'end debate': {_agree(drafts)}}}"
    if model.judge_style == "fenced":
        chosen = json.dumps([str(i) for i in order])
        return f'Here:\n```json\n{{"chosen": {chosen}, "stop": "no"}}\n```'
    return json.dumps(
        {"reason": f"Most say {said[order[0]]}.", "chosen": order, "stop": _agree(drafts)}
    )


def _agree(drafts: dict[int, str]) -> bool:
    said = {(_ANSWER.findall(text) or [text])[-1] for text in drafts.values()}
    return len(said) == 1


def _prose(model: Model, short: str) -> str:
    words = " ".join(f"step{i}" for i in range(max(0, model.tokens - 4)))
    return f"{words}\nAnswer: {short}".strip()


def _text(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content)
