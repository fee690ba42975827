"""`/mcp`: every graph and preset as a tool of the Model Context Protocol, which returns the answer.

It takes the place of the LangGraph server's own endpoint, whose tools return the whole state as
Python writes it. Each request stands alone (streamable HTTP without a session).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...errors import InputError
from ...presets import PRESETS
from ..catalogue import Catalogue
from .errors import described, without_paths
from .request import read, read_json
from .runs import begin, ends_of, unless_gone

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Versions of the protocol, the newest first."""
_PARSE, _REQUEST, _METHOD, _PARAMS = -32700, -32600, -32601, -32602

_TOLD = ("confidence", "unsure", "calls", "cost_usd")
"""Fields of the account that a tool's result has beside the answer."""
_NUMBER = {"type": ["number", "null"]}
_OUTPUT = {
    "type": "object",
    "properties": {
        "answer": {"type": "string"},
        "confidence": _NUMBER,
        "unsure": {"type": ["boolean", "null"]},
        "calls": _NUMBER,
        "cost_usd": _NUMBER,
    },
    "required": ["answer"],
}
_INPUT = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "description": "The question, with all that it is about."},
        "knobs": {"type": "object", "description": "Knobs of the run, by name."},
    },
    "required": ["question"],
}


class ProtocolError(InputError):
    """A message that is no request of the protocol; `code` is that of JSON-RPC."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Mcp:
    """The endpoint over one catalogue."""

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def routes(self) -> list[Route]:
        """The route to mount."""
        return [Route("/mcp", self.answer, methods=["POST"], include_in_schema=False)]

    async def answer(self, request: Request) -> Response:
        """Answer one message."""
        name: Any = None
        try:
            message = _message(await request.body())
            name = message.get("id")
            if name is None or "method" not in message:
                # A notification, or a reply to a request that was never made.
                return Response(status_code=202)
            result = await self._result(request, message["method"], message.get("params") or {})
        except ProtocolError as error:
            problem = {"code": error.code, "message": str(error)}
            status = 400 if error.code in (_PARSE, _REQUEST) else 200
            body = {"jsonrpc": "2.0", "id": name, "error": problem}
            return JSONResponse(body, status_code=status)
        return JSONResponse({"jsonrpc": "2.0", "id": name, "result": result})

    async def _result(self, request: Request, method: str, params: Any) -> dict[str, Any]:
        if not isinstance(params, Mapping):
            raise ProtocolError(_PARAMS, "params must be an object")
        if method == "initialize":
            asked = params.get("protocolVersion")
            return {
                "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
                "capabilities": {"tools": {"listChanged": False}},
                "serverInfo": {
                    "name": "langgraph-ensemble",
                    "version": version("langgraph-ensemble"),
                },
            }
        if method == "ping":
            return {}
        if method == "tools/list":
            return {"tools": [_tool(each.name, each.about) for each in PRESETS]}
        if method == "tools/call":
            return await self._call(request, params)
        raise ProtocolError(_METHOD, f"there is no method {str(method)[:80]!r}")

    async def _call(self, request: Request, params: Mapping[str, Any]) -> dict[str, Any]:
        name, given = params.get("name"), params.get("arguments") or {}
        if name not in self._catalogue().names:
            raise ProtocolError(_PARAMS, f"there is no tool {str(name)[:80]!r}")
        try:
            # `messages` is how the LangGraph server's tools call the question.
            question = given.get("question", given.get("messages"))
            if not isinstance(question, str) or not question.strip():
                raise InputError("question: a text is missing")
            turn = {"role": "user", "content": question}
            body = {"model": name, "messages": [turn], "ensemble": given.get("knobs") or {}}
            begun = begin(self._catalogue(), read(body))
            ends = await unless_gone(request, ends_of(begun.runs))
        except Exception as error:
            _, told = described(error, self._catalogue().pool.secrets)
            return _said(without_paths(told["error"]["message"]), isError=True)
        if not ends:
            return _said("")
        text, account = str(ends[0].data["message"].text), ends[0].data["result"]
        told = {key: account.get(key) for key in _TOLD}
        return _said(text, structuredContent={"answer": text, **told})


def _message(body: bytes) -> Mapping[str, Any]:
    try:
        message = read_json(body)
    except InputError as error:
        raise ProtocolError(_PARSE, str(error)) from None
    if not isinstance(message, Mapping) or message.get("jsonrpc") != "2.0":
        raise ProtocolError(_REQUEST, "send one message of JSON-RPC 2.0")
    return message


def _said(text: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text}], **more}


def _tool(name: str, about: str) -> dict[str, Any]:
    hints = {"readOnlyHint": True, "openWorldHint": True}
    told = {"name": name, "description": about, "annotations": hints}
    return {**told, "inputSchema": _INPUT, "outputSchema": _OUTPUT}
