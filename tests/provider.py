"""A real HTTP server process that speaks the OpenAI protocol, with simulated models behind it.

Run as a program it serves; imported it starts and talks to such a process:

    with Provider([Model("ann"), Model("ben", fault="dead")]) as provider:
        pool = Pool([Member(name="ann", model="ann", base_url=provider.url)])
        provider.calls("ann")
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import struct
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

from simulated import Model, answer, chance
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

_DIMENSIONS = 64


class Provider:
    """A provider process; a context manager that stops it."""

    def __init__(self, models: Sequence[Model]) -> None:
        self._models = list(models)
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> Provider:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([m.data() for m in self._models]) + "\n")
        self._process.stdin.flush()
        port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{port}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process
        self._process.kill()
        self._process.communicate()

    def set(self, *models: Model) -> None:
        """Replace models, or add them."""
        self._post("models", [model.data() for model in models])

    def reset(self) -> None:
        """Forget the requests so far."""
        self._post("reset", None)

    def log(self, model: str | None = None) -> list[dict[str, Any]]:
        """Every request since the last reset, with times in seconds."""
        with urllib.request.urlopen(f"{self.url}/_log") as reply:  # noqa: S310
            found = json.load(reply)
        return [entry for entry in found if model in (None, entry["model"])]

    def calls(self, model: str | None = None) -> int:
        """How many chat requests arrived."""
        return len(self.log(model))

    def _post(self, what: str, data: Any) -> None:
        body = json.dumps(data).encode()
        request = urllib.request.Request(f"{self.url}/_{what}", data=body, method="POST")  # noqa: S310
        with urllib.request.urlopen(request):  # noqa: S310
            pass


class Server:
    """The process's side."""

    def __init__(self, models: Sequence[Model]) -> None:
        self.models = {model.name: model for model in models}
        self.entries: list[dict[str, Any]] = []
        self.counts: Counter[str] = Counter()

    def app(self) -> Starlette:
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
        data = [{"id": name, "object": "model", "owned_by": "tests"} for name in self.models]
        return JSONResponse({"object": "list", "data": data})

    async def show_log(self, _: Request) -> Response:
        return JSONResponse(self.entries)

    async def set_models(self, request: Request) -> Response:
        for data in await request.json():
            self.models[data["name"]] = Model.of(data)
        return JSONResponse({})

    async def forget(self, _: Request) -> Response:
        self.entries.clear()
        self.counts.clear()
        return JSONResponse({})

    async def embeddings(self, request: Request) -> Response:
        body = await request.json()
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        data = []
        for index, text in enumerate(texts):
            vector: Any = _embed(str(text))
            if body.get("encoding_format") == "base64":
                vector = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
            data.append({"object": "embedding", "index": index, "embedding": vector})
        tokens = sum(len(str(text).split()) for text in texts)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return JSONResponse(
            {"object": "list", "data": data, "model": body["model"], "usage": usage}
        )

    async def chat(self, request: Request) -> Response:
        # What a model takes is counted from here: our own work is no part of its latency.
        arrived = asyncio.get_running_loop().time()
        body = await request.json()
        model = self.models.get(body["model"])
        if model is None:
            return _error(404, f"the model {body['model']!r} does not exist")
        given = request.headers.get("authorization", "")
        if model.key and given != f"Bearer {model.key}":
            return _error(401, f"Incorrect API key provided: {given.removeprefix('Bearer ')}")
        entry = self._entry(model, body)
        refusal = await self._fault(model, entry, body) or _malformed(model, body)
        if refusal is not None:
            entry["status"] = refusal.status_code
            entry["ended"] = time.time()
            return refusal
        n = int(body.get("n") or 1) if model.honours_n else 1
        seed = body.get("seed", len(self.entries))
        calls = _tool_calls(body, count=len(self.entries))
        texts = [_formed(body, answer(model, body["messages"], (seed, i))) for i in range(n)]
        if calls:
            texts = [""] * n
        if model.fault == "empty" and entry["faulty"]:
            texts = [""] * n
        limit = body.get("max_tokens") or body.get("max_completion_tokens") or 10_000
        whole = [_pieces(text) for text in texts]
        pieces = [each[:limit] for each in whole]
        ends = ["length" if len(each) > limit else "stop" for each in whole]
        usage = _usage(body["messages"], pieces)
        entry["tokens"] = usage["total_tokens"]
        if body.get("stream"):
            stream = self._stream(model, entry, body, pieces[0], calls, usage, arrived, ends[0])
            return StreamingResponse(stream, media_type="text/event-stream")
        await _until(arrived, model.first_token_ms + max(map(len, pieces)) * model.token_ms)
        entry |= {"status": 200, "ended": time.time()}
        return JSONResponse(_completion(model, pieces, calls, usage, ends))

    def _entry(self, model: Model, body: dict[str, Any]) -> dict[str, Any]:
        count = self.counts[model.name]
        self.counts[model.name] += 1
        entry = {
            "model": model.name,
            "status": 0,
            "n": body.get("n") or 1,
            "seed": body.get("seed"),
            "temperature": body.get("temperature"),
            "max_tokens": body.get("max_tokens") or body.get("max_completion_tokens"),
            "stream": bool(body.get("stream")),
            "response_format": body.get("response_format"),
            "tools": body.get("tools"),
            "tool_choice": body.get("tool_choice"),
            "messages": body["messages"],
            "began": time.time(),
            "ended": None,
            "faulty": bool(model.fault) and chance(model.name, count, "fault") < model.fault_rate,
        }
        self.entries.append(entry)
        return entry

    async def _fault(
        self, model: Model, entry: dict[str, Any], body: dict[str, Any]
    ) -> Response | None:
        if not entry["faulty"]:
            return None
        if model.fault == "dead":
            return _error(500, "the machine is on fire")
        if model.fault == "unauthorised":
            return _error(401, "Incorrect API key provided")
        if model.fault == "limited":
            headers = {"retry-after": str(model.retry_after)}
            return _error(429, "slow down", headers)
        if model.fault == "hang":
            await asyncio.sleep(3600)
        if model.fault == "no_format" and body.get("response_format"):
            return _error(400, "response_format is not supported")
        if model.fault == "nonsense":
            return Response("<html>not json</html>", media_type="text/html")
        return None

    async def _stream(
        self,
        model: Model,
        entry: dict[str, Any],
        body: dict[str, Any],
        pieces: list[str],
        calls: list[dict[str, Any]],
        usage: dict[str, int],
        arrived: float,
        end: str,
    ) -> AsyncIterator[bytes]:
        for place, piece in enumerate(pieces):
            await _until(arrived, model.first_token_ms + (place + 1) * model.token_ms)
            if model.fault == "half" and entry["faulty"] and place >= len(pieces) // 2:
                entry |= {"status": 599, "ended": time.time()}
                raise ConnectionError("broken off on purpose")
            entry["sent"] = place + 1
            yield _event(model, {"content": piece})
        for index, call in enumerate(calls):
            # In two pieces, as servers send them.
            function = call["function"]
            first, rest = function["arguments"][:3], function["arguments"][3:]
            head = {**call, "index": index, "function": {**function, "arguments": first}}
            yield _event(model, {"tool_calls": [head]})
            yield _event(model, {"tool_calls": [{"index": index, "function": {"arguments": rest}}]})
        yield _event(model, {}, finish="tool_calls" if calls else end)
        if (body.get("stream_options") or {}).get("include_usage"):
            yield _event(model, None, usage=usage)
        yield b"data: [DONE]\n\n"
        entry |= {"status": 200, "ended": time.time()}


async def _until(arrived: float, milliseconds: float) -> None:
    """Wait until so long after a request arrived."""
    clock = asyncio.get_running_loop()
    await asyncio.sleep(max(0.0, arrived + milliseconds / 1000 - clock.time()))


def _pieces(text: str) -> list[str]:
    return re.findall(r"\s*\S+", text)


def _usage(messages: list[dict[str, Any]], pieces: list[list[str]]) -> dict[str, int]:
    inputs = sum(len(str(message.get("content")).split()) for message in messages)
    outputs = sum(map(len, pieces))
    return {
        "prompt_tokens": inputs,
        "completion_tokens": outputs,
        "total_tokens": inputs + outputs,
    }


def _malformed(model: Model, body: dict[str, Any]) -> Response | None:
    """What a real server refuses: calls without their results, pictures for the blind."""
    open_calls: list[str] = []
    for message in body["messages"]:
        if message["role"] == "tool":
            if message.get("tool_call_id") not in open_calls:
                return _error(400, "a tool message must follow the call that it answers")
            open_calls.remove(message["tool_call_id"])
        elif open_calls:
            return _error(400, "a call of a tool is not followed by its result")
        open_calls += [call["id"] for call in message.get("tool_calls") or []]
        parts = message["content"] if isinstance(message.get("content"), list) else []
        if any(part["type"] == "image_url" for part in parts) and not model.sees:
            return _error(400, "this model takes no images")
    return None


def _tool_calls(body: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """A call of the chosen tool, else of the first, until one has brought a result."""
    choice = body.get("tool_choice")
    if not body.get("tools") or choice == "none":
        return []
    if any(message["role"] == "tool" for message in body["messages"]):
        return []
    names = [tool["function"]["name"] for tool in body["tools"]]
    name = choice["function"]["name"] if isinstance(choice, dict) else names[0]
    function = {"name": name, "arguments": json.dumps({"city": "Paris"})}
    return [{"id": f"call_{count}", "type": "function", "function": function}]


def _formed(body: dict[str, Any], text: str) -> str:
    """The text in the form that is asked for."""
    form = body.get("response_format") or {"type": "text"}
    if form["type"] == "json_schema":
        fields = form["json_schema"]["schema"]["properties"]
        # What a judge or moderator makes of its schema is a trait of the simulated model.
        decides = {"chosen", "stop", "roles"} & set(fields)
        return text if decides else json.dumps(dict.fromkeys(fields, text))
    if form["type"] == "json_object" and not text.startswith("{"):
        return json.dumps({"answer": text})
    return text


def _completion(
    model: Model,
    pieces: list[list[str]],
    calls: list[dict[str, Any]],
    usage: dict[str, int],
    ends: list[str],
) -> dict[str, Any]:
    called = {"content": None, "tool_calls": calls}
    choices = [
        {
            "index": i,
            "message": {
                "role": "assistant",
                **(called if calls else {"content": "".join(each)}),
            },
            "finish_reason": "tool_calls" if calls else ends[i],
        }
        for i, each in enumerate(pieces)
    ]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": model.name,
        "choices": choices,
        "usage": usage,
    }


def _event(
    model: Model,
    delta: dict[str, Any] | None,
    finish: str | None = None,
    usage: dict[str, int] | None = None,
) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    data = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": model.name,
        "choices": choices,
        "usage": usage,
    }
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    body = {"error": {"message": message, "type": "error", "code": None, "param": None}}
    return JSONResponse(body, status_code=status, headers=headers)


def _embed(text: str) -> list[float]:
    vector = [0.0] * _DIMENSIONS
    for word in re.findall(r"[a-z]+", text.lower()):
        vector[int(chance(word, "place") * _DIMENSIONS)] += 1.0
    norm = sum(value * value for value in vector) ** 0.5 or 1.0
    return [value / norm for value in vector]


def serve() -> None:
    """Read the models from standard input, print the port, serve until killed."""
    import socket

    import uvicorn

    models = [Model.of(data) for data in json.loads(sys.stdin.readline())]
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)  # Before the port is told: whoever knows it may connect.
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(Server(models).app(), log_level="critical", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    serve()
