"""A simulated model: what it knows, how fast it is, how it fails, and what it therefore says."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, Literal, get_args

from ..errors import InputError
from ..hints import nearest
from .questions import Question, bank

_QUESTION = re.compile(r"<question>\n(.*?)\n</question>", re.DOTALL)
_DRAFT = re.compile(r'<draft id="(\d+)">\n(.*?)\n</draft>', re.DOTALL)
_ANSWER = re.compile(r"Answer: (.+)")


Fault = Literal[
    "",
    "dead",
    "unauthorised",
    "limited",
    "hang",
    "empty",
    "half",
    "nonsense",
    "no_format",
    "no_usage",
    "no_stream_options",
]
"""How a request fails: HTTP 500; 401; 429 with `Retry-After`; no reply; a reply without text; a
stream that breaks off in the middle; a reply that is no JSON; 400 for any response format; a reply
without the tokens it took; 400 for `stream_options`."""

JudgeStyle = Literal["json", "python", "fenced", "garbage"]
"""How a judge writes: as asked; as a Python dict; in a fenced block; not at all."""


@dataclass
class Model:
    """A simulated model. The same request with the same seed gets the same answer.

    Asked a question of the `bank`, it ends in `Answer: …`: what it knows it says nine times out of
    ten, else it guesses; drafts that it reads count as votes beside its own opinion. It judges
    drafts, moderates and names roles where a prompt of this package asks for that.

    Attributes:
        name: What requests call it.
        skill: The chance that it knows the answer to a question, by the question's domain.
        default_skill: The chance in other domains.
        answers: What it answers to questions of your own, each by a text that the question holds.
        says: What it says to any other question; else sixteen words that mean nothing.
        tokens: How many words an answer takes; the rest of them come before it.
        first_token_ms: Milliseconds to the first token.
        token_ms: Milliseconds a token.
        honours_n: Whether it writes as many samples as a request wants; else one.
        sees: Whether it takes images; else it refuses them.
        key: The key that requests must bring; none by default.
        tool_arguments: Arguments of the tool calls that it makes where it is given tools.
        calls: The calls that it makes instead, a list for each sample in turn, from the first again
            after the last: each call with its `name` and `arguments` (a text is sent as it is). An
            empty list is an answer in words.
        fault: How requests fail, if they do.
        fault_rate: The share of requests that fail.
        retry_after: Seconds that a `limited` model asks to wait.
        judge_style: How it writes a verdict.

    Raises:
        InputError: There is no such fault or judge style.

    Example:
        >>> ann = Model("ann", answers={"capital of France": "Paris"})
        >>> answer(ann, [{"role": "user", "content": "What is the capital of France?"}], sample=1)
        'Answer: Paris'
    """

    name: str
    skill: dict[str, float] = field(default_factory=dict)
    default_skill: float = 0.7
    answers: dict[str, str] = field(default_factory=dict)
    first_token_ms: float = 0.0
    token_ms: float = 0.0
    tokens: int = 0
    honours_n: bool = True
    fault: Fault = ""
    fault_rate: float = 1.0
    retry_after: float = 0.05
    judge_style: JudgeStyle = "json"
    key: str = ""
    says: str = ""
    sees: bool = False
    tool_arguments: dict[str, Any] = field(default_factory=lambda: {"city": "Paris"})
    calls: list[list[dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """A misspelt fault would be none."""
        for what, value, known in (
            ("fault", self.fault, get_args(Fault)),
            ("judge style", self.judge_style, get_args(JudgeStyle)),
        ):
            if value not in known:
                raise InputError(
                    f"no {what} {value!r}; {nearest(value, filter(None, known), 'known:')}"
                )

    @classmethod
    def of(cls, data: dict[str, Any]) -> Model:
        """The model that `data` describes."""
        return cls(**data)

    def data(self) -> dict[str, Any]:
        """All about it as JSON."""
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
    """The text that a model writes to a prompt; `sample` tells samples of one prompt apart."""
    prompt = _text(messages[-1])
    brought = [_text(message) for message in messages if message["role"] == "tool"]
    system = " ".join(_text(m) for m in messages if m["role"] == "system")
    drafts = {int(i): text for i, text in _DRAFT.findall(prompt)}
    inner = _QUESTION.search(prompt)
    if not drafts and len(messages) > 2 and messages[-2]["role"] == "assistant":
        drafts = {int(i): text for i, text in _DRAFT.findall(_text(messages[-3]))}
        inner = _QUESTION.search(_text(messages[-3]))
    asked = inner[1] if inner else prompt
    question = known(asked)
    if '"roles"' in system:
        count = int(re.findall(r"Number of roles: (\d+)", prompt)[-1])
        return json.dumps({"roles": [f"You are specialist number {i + 1}." for i in range(count)]})
    if '"chosen"' in system:
        return _judgement(model, question, drafts, sample)
    if '"stop"' in system:
        return json.dumps({"reason": "They agree.", "stop": _agree(drafts)})
    if brought:
        return f"{model.name} was told: {brought[-1]}"
    for text, told in model.answers.items():
        if text in asked:
            return _prose(model, told)
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
