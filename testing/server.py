"""The process of a `Provider`, which serves simulated models until its parent ends.

The first line of standard input holds the models as JSON, the first line of standard output the
port.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from . import wire
from .model import Model, answer, chance

_SAMPLING = (
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "reasoning_effort",
    "logprobs",
    "top_logprobs",
)


class Server:
    """The application, its models and the requests so far."""

    def __init__(self, models: Sequence[Model]) -> None:
        self.models: dict[str, Model] = {model.name: model for model in models}
        self.entries: list[dict[str, Any]] = []
        self.counts: Counter[str] = Counter()

    def app(self) -> Starlette:
        """The routes of the protocol, and of `Provider`, which begin with `_`."""
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self.chat, methods=["POST"]),
                Route("/v1/embeddings", self.embeddings, methods=["POST"]),
                Route("/v1/models", self.list_models),
                Route("/v1/_log", self.show_log),
                Route("/v1/_models", self.set_models, methods=["POST"]),
                Route("/v1/_reset", self.forget, methods=["POST"]),
            ]
        )

    async def list_models(self, _: Request) -> Response:
        """The reply to `GET /v1/models`."""
        data = [{"id": name, "object": "model", "owned_by": "tests"} for name in self.models]
        return JSONResponse({"object": "list", "data": data})

    async def show_log(self, _: Request) -> Response:
        """See `Provider.log`."""
        return JSONResponse(self.entries)

    async def set_models(self, request: Request) -> Response:
        """See `Provider.set`."""
        if request.query_params.get("only"):
            self.models.clear()
        for data in await request.json():
            self.models[data["name"]] = Model.of(data)
        return JSONResponse({})

    async def forget(self, _: Request) -> Response:
        """See `Provider.reset`."""
        self.entries.clear()
        self.counts.clear()
        return JSONResponse({})

    async def embeddings(self, request: Request) -> Response:
        """Embeddings, as floats or in base64."""
        body = await request.json()
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        data = []
        for index, text in enumerate(texts):
            vector: Any = wire.embedding(str(text))
            if body.get("encoding_format") == "base64":
                vector = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
            data.append({"object": "embedding", "index": index, "embedding": vector})
        tokens = sum(len(str(text).split()) for text in texts)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return JSONResponse(
            {"object": "list", "data": data, "model": body["model"], "usage": usage}
        )

    async def chat(self, request: Request) -> Response:
        """A chat completion, whole or streamed."""
        # Latency is counted from here, so that our own work is not added to it.
        arrived = asyncio.get_running_loop().time()
        body = await request.json()
        model = self.models.get(body["model"])
        if model is None:
            return _error(404, f"the model {body['model']!r} does not exist")
        given = request.headers.get("authorization", "")
        if model.key and given != f"Bearer {model.key}":
            return _error(401, f"Incorrect API key provided: {given.removeprefix('Bearer ')}")
        entry = self._entry(model, body)
        refusal = await self._fault(model, entry, body)
        if refusal is None and (reason := wire.refused(model, body)):
            refusal = _error(400, reason)
        if refusal is not None:
            entry["status"] = refusal.status_code
            entry["ended"] = time.time()
            return refusal
        n = int(body.get("n") or 1) if model.honours_n else 1
        seed = body.get("seed", len(self.entries))
        arrived += model.jitter_ms / 1000 * chance(model.name, seed, "jitter")
        texts = [answer(model, body["messages"], (seed, i)) for i in range(n)]
        if entry["fault"] == "empty":
            texts = [""] * n
        if entry["fault"] == "echo":
            told = f"You sent {given}."
            texts = [f"{text}\n{told}" for text in texts]
            model = replace(model, tool_arguments={**model.tool_arguments, "note": told})
        written = wire.written(model, body, texts, count=self.counts[model.name])
        entry["tokens"] = written.usage["total_tokens"]
        if body.get("stream"):
            stream = self._stream(model, entry, body, written, arrived)
            return StreamingResponse(stream, media_type="text/event-stream")
        longest = max(map(len, written.samples))
        await _until(arrived, model.first_token_ms + longest * model.token_ms)
        entry |= {"status": 200, "ended": time.time()}
        reply = wire.completion(model, written, body)
        if entry["fault"] == "no_usage":
            del reply["usage"]
        return JSONResponse(reply)

    def _entry(self, model: Model, body: dict[str, Any]) -> dict[str, Any]:
        count = self.counts[model.name]
        self.counts[model.name] += 1
        fault = model.fault_of(count)
        entry = {
            "model": model.name,
            "status": 0,
            "n": body.get("n") or 1,
            "seed": body.get("seed"),
            "temperature": body.get("temperature"),
            "max_tokens": body.get("max_tokens") or body.get("max_completion_tokens"),
            "stream": bool(body.get("stream")),
            "sampling": {name: body[name] for name in _SAMPLING if name in body},
            "response_format": body.get("response_format"),
            "tools": body.get("tools"),
            "tool_choice": body.get("tool_choice"),
            "messages": body["messages"],
            "began": time.time(),
            "ended": None,
            "fault": fault,
            "faulty": bool(fault),
            "tokens": 0,
            "sent": 0,
        }
        self.entries.append(entry)
        return entry

    async def _fault(
        self, model: Model, entry: dict[str, Any], body: dict[str, Any]
    ) -> Response | None:
        fault = entry["fault"]
        if fault == "dead":
            return _error(500, "the machine is on fire")
        if fault == "unauthorised":
            return _error(401, "Incorrect API key provided")
        if fault == "limited":
            headers = {"retry-after": str(model.retry_after)}
            return _error(429, "slow down", headers)
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault == "no_format" and body.get("response_format"):
            return _error(400, "response_format is not supported")
        if fault == "overflow":
            said = "This model's maximum context length is 16 tokens"
            return _error(400, said, code="context_length_exceeded")
        named = [name for name in model.refuses if body.get(name) is not None]
        if named:
            return _error(400, f"Unsupported parameter: '{named[0]}'")
        if fault == "no_stream_options" and body.get("stream_options"):
            return _error(400, "unknown field")
        if fault == "nonsense":
            return Response("<html>not json</html>", media_type="text/html")
        return None

    async def _stream(
        self,
        model: Model,
        entry: dict[str, Any],
        body: dict[str, Any],
        written: wire.Written,
        arrived: float,
    ) -> AsyncIterator[bytes]:
        pieces = written.samples[0]
        if entry["fault"] == "echo":
            # Real tokens are shorter than a key.
            pieces = [piece[i : i + 7] for piece in pieces for i in range(0, len(piece), 7)]
        for place, piece in enumerate(pieces):
            await _until(arrived, model.first_token_ms + (place + 1) * model.token_ms)
            if entry["fault"] == "half" and place >= len(pieces) // 2:
                entry |= {"status": 599, "ended": time.time()}
                raise ConnectionError("broken off on purpose")
            entry["sent"] = place + 1
            yield wire.event(model, {"content": piece}, scores=wire.scores(body, [piece]))
        for event in wire.call_events(model, written.calls[0]):
            yield event
            if entry["fault"] == "half":
                entry |= {"status": 599, "ended": time.time()}
                raise ConnectionError("broken off on purpose")
        yield wire.event(model, {}, finish=written.ends[0])
        tells = entry["fault"] != "no_usage"
        if tells and (body.get("stream_options") or {}).get("include_usage"):
            yield wire.event(model, None, usage=written.usage)
        yield b"data: [DONE]\n\n"
        entry |= {"status": 200, "ended": time.time()}


async def _until(arrived: float, milliseconds: float) -> None:
    """Wait until so many milliseconds after the arrival of a request."""
    clock = asyncio.get_running_loop()
    await asyncio.sleep(max(0.0, arrived + milliseconds / 1000 - clock.time()))


def _error(
    status: int, message: str, headers: dict[str, str] | None = None, code: str | None = None
) -> Response:
    body = {"error": {"message": message, "type": "error", "code": code, "param": None}}
    return JSONResponse(body, status_code=status, headers=headers)


def serve() -> None:
    """Print the port, then serve."""
    models = [Model.of(data) for data in json.loads(sys.stdin.readline())]
    # Only the parent holds the other end open, so it closes however the parent ends.
    threading.Thread(target=_end_with_input, daemon=True).start()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)  # before the port is printed, so that clients can connect
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(Server(models).app(), log_level="critical", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    serve()
