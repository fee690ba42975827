"""`/v1/completions`, OpenAI's oldest protocol: a prompt in place of a conversation.

The prompt is asked as a person's question: an ensemble answers it, it does not continue it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...decoding import RESTART, Told
from ..catalogue import Catalogue
from ..sse import event, event_stream
from .errors import refusal
from .reply import account_of, finish_reason, scores_of, usage_of
from .request import (
    ChatRequest,
    RefusedError,
    StreamOptions,
    check_supported,
    read,
    read_json,
    unset,
    validated,
)
from .runs import Begun, begin, ends_of, unless_gone
from .stream import streamed

MOST = 16
"""Runs of one request: prompts times choices."""
_NOT_PASSED_ON = {
    "suffix": "an ensemble answers a prompt, it does not fill a gap",
    "echo": "put the prompt before the answer yourself",
}


class CompletionRequest(BaseModel):
    """The part of a request that an ensemble understands; what is not here is as in a chat."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")

    model: str
    prompt: str | list[str]
    n: int = Field(default=1, ge=1, le=MOST)
    best_of: int | None = Field(default=None, ge=1, le=MOST)
    logprobs: int | None = Field(default=None, ge=0, le=20)
    stream: bool = False
    stream_options: StreamOptions | None = None

    @field_validator("n", "stream", mode="before")
    @classmethod
    def _null_is_unset(cls, value: Any, info: Any) -> Any:
        return unset(cls, info.field_name) if value is None else value

    @property
    def prompts(self) -> list[str]:
        """The prompts."""
        return [self.prompt] if isinstance(self.prompt, str) else self.prompt

    def chats(self) -> list[ChatRequest]:
        """A chat completion for each prompt."""
        rest = {k: v for k, v in (self.model_extra or {}).items() if k not in _NOT_PASSED_ON}
        more = {} if self.logprobs is None else {"logprobs": True, "top_logprobs": self.logprobs}
        common = {**rest, "model": self.model, "n": self.n, "stream": self.stream, **more}
        return [
            read({**common, "messages": [{"role": "user", "content": each}]})
            for each in self.prompts
        ]


def read_completion(body: Any) -> CompletionRequest:
    """Read a request from its JSON.

    Raises:
        RefusedError: It is malformed, or needs something that an ensemble cannot do.

    Example:
        >>> read_completion({"model": "moa", "prompt": "hi"}).prompts
        ['hi']
    """
    check_supported(body, _NOT_PASSED_ON, (None, False, ""))
    prompt = body.get("prompt")
    if not _is_text(prompt):
        raise RefusedError("prompt: give a text or a list of texts, not of tokens", "prompt")
    asked = validated(CompletionRequest, body)
    if len(asked.prompts) * asked.n > MOST:
        raise RefusedError(f"at most {MOST} runs: prompts times n", "prompt")
    if (asked.best_of or asked.n) != asked.n:
        raise RefusedError("best_of must equal n: an ensemble chooses by itself", "best_of")
    return asked


def _is_text(prompt: Any) -> bool:
    if isinstance(prompt, str):
        return True
    return isinstance(prompt, list) and bool(prompt) and all(isinstance(p, str) for p in prompt)


class TextCompletions:
    """The endpoint over one catalogue."""

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def routes(self) -> list[Route]:
        """The route to mount."""
        return [Route("/v1/completions", self.create, methods=["POST"])]

    async def create(self, request: Request) -> Response:
        """Answer one or more prompts."""
        try:
            asked = read_completion(read_json(await request.body()))
            chats = asked.chats()
            each = [begin(self._catalogue(), chat) for chat in chats]
        except Exception as error:
            return refusal(error)
        begun = Begun([run for one in each for run in one.runs], [], each[0].pool)
        shape = _Shape(asked, chats[0].shows_account)
        if asked.stream:
            return event_stream(streamed(begun, shape.chunks, asked.stream_options, shape.usage))
        try:
            ends = await unless_gone(request, ends_of(begun.runs))
        except Exception as error:
            return refusal(error, begun.secrets)
        return JSONResponse(shape.whole(ends) if ends else {})


class _Shape:
    """The replies to one request."""

    def __init__(self, asked: CompletionRequest, account: bool) -> None:
        self._scored = asked.logprobs is not None
        self._account = account
        self._common = {
            "id": f"cmpl-{uuid.uuid4().hex}",
            "object": "text_completion",
            "created": int(time.time()),
            "model": asked.model,
        }

    def whole(self, ends: Sequence[Told]) -> dict[str, Any]:
        """The reply to a request that does not stream."""
        choices = [self.choice(i, str(end.data["message"].text), end) for i, end in enumerate(ends)]
        return {**self._common, "choices": choices, "usage": _usage(ends)}

    def chunks(self, index: int, told: Told) -> list[bytes]:
        """The events of one item of a run."""
        if told.kind in ("token", "restart"):
            text = RESTART if told.kind == "restart" else told.data
            return [event(self.chunk(self.choice(index, text)))]
        if told.kind == "end":
            return [event(self.chunk(self.choice(index, "", told)))]
        return []

    def chunk(self, *choices: dict[str, Any], **more: Any) -> dict[str, Any]:
        """One piece of a stream."""
        return {**self._common, "choices": list(choices), **more}

    def usage(self, ends: Sequence[Told]) -> dict[str, Any]:
        """The last piece of a stream, where it is wanted."""
        return self.chunk(usage=_usage(ends))

    def choice(self, index: int, text: str, end: Told | None = None) -> dict[str, Any]:
        """A choice, or a piece of one that has not ended."""
        unset = {"finish_reason": None, "logprobs": None}
        choice: dict[str, Any] = {"index": index, "text": text, **unset}
        if end is not None:
            choice["finish_reason"] = "length" if finish_reason(end) == "length" else "stop"
            choice["logprobs"] = _scores(end) if self._scored else None
            if self._account:
                choice["ensemble"] = account_of(end)
        return choice


def _usage(ends: Sequence[Told]) -> dict[str, Any] | None:
    found = usage_of(ends)
    return None if found is None else found.model_dump(exclude_none=True)


def _scores(end: Told) -> dict[str, Any] | None:
    """The probabilities of the answer's tokens, in this protocol's older form."""
    found = scores_of(end)
    if found is None:
        return None
    tokens = [str(each["token"]) for each in found["content"]]
    return {
        "tokens": tokens,
        "token_logprobs": [each["logprob"] for each in found["content"]],
        "top_logprobs": [
            {str(other["token"]): other["logprob"] for other in each.get("top_logprobs") or ()}
            for each in found["content"]
        ],
        "text_offset": [sum(map(len, tokens[:place])) for place in range(len(tokens))],
    }
