"""A simulated model: its knowledge, speed, faults, and the resulting answers."""

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
    "echo",
    "overflow",
]
"""How a request fails: HTTP 500; 401; 429 with `Retry-After`; no reply; a reply without text; a
stream that breaks off in the middle; a reply that is not JSON; 400 for any response format; a reply
without its number of tokens; 400 for `stream_options`; a reply that repeats the request's key, in
its text and in the arguments of its tool calls; 400 for a conversation that is too long."""

JudgeStyle = Literal["json", "python", "fenced", "garbage"]
"""How a judge writes: as requested; as a Python dict; in a fenced block; without a verdict."""


@dataclass
class Model:
    """A simulated model. The same request with the same seed gets the same answer.

    To a question of the `bank` it replies `Answer: …`. It gives an answer that it knows nine times
    out of ten and guesses otherwise; drafts that it reads count as votes beside its own opinion. It
    judges drafts, moderates and writes roles if a prompt of this package asks for that.

    Attributes:
        name: Name of the model in requests.
        skill: Probability that it knows the answer to a question, by the question's domain.
        default_skill: The probability in other domains.
        answers: Answers to your own questions; each key is a text that the question holds.
        recorded: Whole texts of a recording; each key is the question that is asked.
        says: Reply to any other question; by default sixteen meaningless words.
        tokens: Number of words of an answer; filler words come before it.
        first_token_ms: Milliseconds to the first token.
        token_ms: Milliseconds per token.
        jitter_ms: Most milliseconds that a reply takes longer; drawn by the seed of its request.
        honours_n: Whether it writes as many samples as a request wants; otherwise one.
        sees: Whether it accepts images; otherwise it refuses them.
        refuses: Names of request parameters for which it replies 400, such as `top_p`.
        key: The key that requests must have; none by default.
        tool_arguments: Arguments of its tool calls, if a request has tools.
        calls: Tool calls to make instead: one list per sample, used in turn and repeated. Each call
            has a `name` and `arguments` (a text is sent unchanged). An empty list is an answer
            without a call.
        fault: How requests fail; none by default.
        fault_rate: The share of requests that fail.
        faults: Shares of requests that fail in several ways, by fault; `fault` and `fault_rate` are
            for one way.
        retry_after: Seconds in the `Retry-After` of a `limited` model.
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
    jitter_ms: float = 0.0
    tokens: int = 0
    honours_n: bool = True
    fault: Fault = ""
    fault_rate: float = 1.0
    faults: dict[str, float] = field(default_factory=dict)
    retry_after: float = 0.05
    judge_style: JudgeStyle = "json"
    key: str = ""
    says: str = ""
    sees: bool = False
    refuses: list[str] = field(default_factory=list)
    tool_arguments: dict[str, Any] = field(default_factory=lambda: {"city": "Paris"})
    calls: list[list[dict[str, Any]]] = field(default_factory=list)
    recorded: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a misspelt fault, which would have no effect."""
        for what, value, known in (
            ("fault", self.fault, get_args(Fault)),
            *(("fault", fault, get_args(Fault)) for fault in self.faults),
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

    def fault_of(self, request: int) -> str:
        """How the request of a number fails; "" if it does not.

        Example:
            >>> Model("ann", fault="dead").fault_of(0), Model("ben").fault_of(0)
            ('dead', '')
        """
        drawn = chance(self.name, request, "fault")
        for fault, share in (self.faults or {self.fault: self.fault_rate}).items():
            if drawn < share:
                return fault
            drawn -= share
        return ""

    def data(self) -> dict[str, Any]:
        """All its fields as JSON."""
        return asdict(self)


def chance(*parts: object) -> float:
    """A pseudo-random number in [0, 1) that depends only on the parts."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) / 2**48


@lru_cache(maxsize=4096)
def known(text: str) -> Question | None:
    """The question of the bank that a prompt holds."""
    for question in bank():
        if question.text in text:
            return question
    return None


def opinion(model: Model, question: Question, sample: object) -> str:
    """The answer that `model` gives without drafts."""
    skill = model.skill.get(question.domain, model.default_skill)
    knows = chance(model.name, question.text, "knows") < skill
    right = chance(model.name, question.text, sample, "says") < (0.9 if knows else 0.1)
    if right:
        return question.answer
    pick = chance(model.name, question.text, sample, "guess")
    return question.wrong[int(pick * len(question.wrong))]


def answer(model: Model, messages: list[dict[str, Any]], sample: object) -> str:
    """The text that a model writes for a prompt; `sample` distinguishes samples of one prompt."""
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
    if '"assistants"' in system:
        return _routed(model, question, system)
    if '"keywords"' in system:
        found = [*filter(None, (question.domain if question else "", "knowledge"))]
        return json.dumps({"keywords": found})
    if '"chosen"' in system:
        return _judgement(model, question, drafts, sample)
    if '"stop"' in system:
        return json.dumps({"reason": "They agree.", "stop": _agree(drafts)})
    if brought:
        return f"{model.name} was told: {brought[-1]}"
    if asked.strip() in model.recorded:
        return model.recorded[asked.strip()]
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
    """The majority of the model's own opinion and the drafts' answers."""
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


def _routed(model: Model, question: Question | None, system: str) -> str:
    """The numbers of the assistants whose descriptions name the question's domain."""
    if model.judge_style == "garbage":
        return "Whoever has time."
    listed = re.findall(r"^(\d+)\. (.*)$", system, re.MULTILINE)
    fit = [int(i) for i, text in listed if question and question.domain in text]
    return json.dumps({"reason": "They know the subject.", "assistants": fit or [1]})


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
