"""`/openapi.json`: our routes in OpenAPI's form, also within the LangGraph server's own document.

That server reads the operation of a route of ours from the end of its docstring, so every schema
stands in its operation: there is no place for shared ones.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.schemas import SchemaGenerator

from ...nodes.context import AvengersContext, MoaContext, SmoaContext
from ...presets import PRESETS
from .request import ChatRequest
from .responses_request import ResponsesRequest
from .text_completions import CompletionRequest

_MARK = "\n---\n"
_PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")

_TEXT = {"type": "string"}
_LIST = {"type": "array", "items": {"type": "object"}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


_PART = {
    "anyOf": [
        _object(type={"const": "text"}, text=_TEXT),
        _object(type={"const": "image_url"}, image_url=_object(url=_TEXT)),
    ]
}
_MESSAGE: dict[str, Any] = {
    **_object(
        role={"enum": ["system", "developer", "user", "assistant", "tool"]},
        content={"anyOf": [_TEXT, {"type": "array", "items": _PART}, {"type": "null"}]},
    ),
    "description": "As in the OpenAI protocol.",
}
_ERROR = _object(error=_object(message=_TEXT, type=_TEXT))
_MODEL = _object(id=_TEXT, object={"const": "model"}, owned_by=_TEXT)
_COMPLETION = _object(id=_TEXT, object=_TEXT, model=_TEXT, choices=_LIST)
_RESPONSE = _object(id=_TEXT, object={"const": "response"}, status=_TEXT, output=_LIST)

_REPLIES: dict[tuple[str, str], dict[str, Any]] = {
    ("/v1/models", "get"): _object(
        object={"const": "list"}, data={"type": "array", "items": _MODEL}
    ),
    ("/v1/models/{name}", "get"): _MODEL,
    ("/v1/chat/completions", "post"): _COMPLETION,
    ("/v1/completions", "post"): _COMPLETION,
    ("/v1/responses", "post"): _RESPONSE,
    ("/v1/responses/{id}", "get"): _RESPONSE,
    ("/v1/responses/{id}", "delete"): _object(id=_TEXT, deleted={"const": True}),
    ("/v1/responses/{id}/input_items", "get"): _object(object={"const": "list"}, data=_LIST),
    ("/health", "get"): _object(status=_TEXT),
    ("/api/models", "get"): _object(models=_LIST, members=_LIST),
    ("/api/threads", "get"): _object(threads=_LIST),
    ("/api/threads/{thread}", "get"): _object(turns=_LIST),
}
_TURN = _object(question=_TEXT, model=_TEXT)
_BODIES: dict[tuple[str, str], type[BaseModel] | dict[str, Any]] = {
    ("/v1/chat/completions", "post"): ChatRequest,
    ("/v1/completions", "post"): CompletionRequest,
    ("/v1/responses", "post"): ResponsesRequest,
    ("/api/threads/{thread}/turns", "post"): _TURN,
}
_STREAMS = {*_BODIES, ("/api/turns/{turn}", "get"), ("/api/turns/{turn}/resume", "post")}
"""Operations that reply with server-sent events, if they are asked to."""


def describe(routes: Sequence[BaseRoute]) -> Route:
    """Document routes, for the LangGraph server and for a server without it.

    Args:
        routes: The application's routes. Each is documented; those that this module does not know
            by their docstrings.

    Returns:
        The route of the document.

    Example:
        >>> from starlette.routing import Route
        >>> async def health(request): "Whether it works."
        >>> describe([Route("/health", health)]).path
        '/openapi.json'
    """
    ours = [r for r in routes if isinstance(r, Route) and _is_documented(r)]
    for route in ours:
        method = _methods(route)[0]
        function: Any = getattr(route.endpoint, "__func__", route.endpoint)
        about = (function.__doc__ or "").partition(_MARK)[0].strip()
        operation = _operation(route, method, about)
        function.__doc__ = f"{about}{_MARK}{json.dumps(operation).replace('---', '- - -')}"

    async def openapi(_: Request) -> Response:
        info = {"title": "langgraph-ensemble", "version": version("langgraph-ensemble")}
        generator = SchemaGenerator({"openapi": "3.1.0", "info": info})
        return JSONResponse(generator.get_schema(routes=list(ours)))

    return Route("/openapi.json", openapi, include_in_schema=False)


def _is_documented(route: Route) -> bool:
    if not route.include_in_schema or not inspect.isroutine(route.endpoint):
        return False
    return route.path.startswith(("/v1/", "/api/")) or route.path.count("/") == 1 != len(route.path)


def _methods(route: Route) -> list[str]:
    return sorted(method.lower() for method in (route.methods or ()) if method != "HEAD")


def _operation(route: Route, method: str, about: str) -> dict[str, Any]:
    path = _PARAMETER.sub(r"{\1}", route.path)
    key = path, method
    content: dict[str, Any] = {"application/json": {"schema": _REPLIES.get(key, {})}}
    if key in _STREAMS:
        content["text/event-stream"] = {"schema": _TEXT}
    problem = _ERROR if path.startswith("/v1/") else {}
    failed = {"description": "An error.", "content": {"application/json": {"schema": problem}}}
    operation: dict[str, Any] = {
        "summary": about.split("\n", 1)[0].strip() or f"{method.upper()} {path}",
        "tags": ["OpenAI protocol" if path.startswith("/v1/") else "Ensemble"],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PARAMETER.findall(route.path)
        ],
        "responses": {
            "200": {"description": "The reply.", "content": content},
            "4XX": failed,
            "5XX": failed,
        },
    }
    if (body := _BODIES.get(key)) is not None:
        schema = body if isinstance(body, dict) else _schema(body)
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a request, without references, and with the names of the models."""
    schema = model.model_json_schema()
    whole = _inlined(schema, schema.pop("$defs", {}))
    fields = whole["properties"]
    knobs = _knobs()
    fields["model"] |= {"enum": [each.name for each in PRESETS]}
    for name in fields.keys() & knobs.keys() - {"logprobs"}:
        # The request hands them on, and the run checks them.
        fields[name] = knobs[name]
    if "messages" in fields:
        fields["messages"]["items"] = _MESSAGE
    if model is not CompletionRequest:
        told = {"type": "boolean", "description": "See the documentation of the endpoint."}
        extras = {"events": told, "account": told}
        about = "Knobs of the run by name; those of another graph are refused."
        fields["ensemble"] = {"type": "object", "description": about}
        fields["ensemble"] |= {"properties": {**knobs, **extras}, "additionalProperties": False}
    return whole


def _knobs() -> dict[str, Any]:
    """The schemas of all knobs, of the graphs that have most of them."""
    knobs: dict[str, Any] = {}
    for context in (MoaContext, SmoaContext, AvengersContext):
        schema = context.model_json_schema()
        knobs |= _inlined(schema["properties"], schema.get("$defs", {}))
    return knobs


def _inlined(value: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        if (name := value.get("$ref")) is not None:
            return _inlined(definitions[str(name).rsplit("/", 1)[-1]], definitions)
        return {key: _inlined(each, definitions) for key, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_inlined(each, definitions) for each in value]
    return value
