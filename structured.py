"""Structured output of a chat model: each method's request and its parser."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Literal, get_args

from langchain_core.language_models import BaseChatModel
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.output_parsers.openai_tools import (
    JsonOutputKeyToolsParser,
    PydanticToolsParser,
)
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_core.utils.pydantic import is_basemodel_subclass

from .errors import InputError

Method = Literal["function_calling", "json_schema", "json_mode"]


def structured(
    model: BaseChatModel,
    schema: Any,
    method: Method,
    strict: bool | None,
    options: Mapping[str, Any],
) -> tuple[Runnable[Any, Any], Runnable[Any, Any]]:
    """The model bound to a schema, and the parser of its output.

    Args:
        model: An `EnsembleChatModel`.
        schema: A pydantic class, a TypedDict, a JSON schema or an OpenAI function.
        method: How the schema is requested.
        strict: Whether the provider enforces the schema.
        options: Further knobs.

    Raises:
        InputError: The method is unknown, or it needs a schema and there is none.
    """
    if method not in get_args(Method):
        raise InputError(f"method must be one of {', '.join(get_args(Method))}, not {method!r}")
    if schema is None and method != "json_mode":
        raise InputError(f"method {method!r} needs a schema")
    typed: Any = schema if isinstance(schema, type) and is_basemodel_subclass(schema) else None
    tool = {} if schema is None else convert_to_openai_tool(schema, strict=strict)
    function = tool.get("function", {})
    name, form = function.get("name"), function.get("parameters")
    told = {"kwargs": {"method": method, "strict": strict}, "schema": tool}
    more = {**options, "answer_schema": form, "ls_structured_output_format": told}
    if method == "function_calling":
        bound = model.bind_tools([tool], tool_choice=name, **more)
        if typed is not None:
            return bound, PydanticToolsParser(tools=[typed], first_tool_only=True)
        return bound, JsonOutputKeyToolsParser(key_name=str(name), first_tool_only=True)
    wanted: dict[str, Any] = {"type": "json_object"}
    if method == "json_schema":
        about = {key: function[key] for key in ("name", "description", "strict") if key in function}
        wanted = {"type": "json_schema", "json_schema": {**about, "schema": form}}
    if typed is None:
        return model.bind(response_format=wanted, **more), JsonOutputParser()
    parser = PydanticOutputParser(pydantic_object=typed)
    return model.bind(response_format=wanted, **more), parser


def parsed(
    bound: Runnable[Any, Any], parser: Runnable[Any, Any], include_raw: bool
) -> Runnable[Any, Any]:
    """The parsed output; with `include_raw` also the message and the parsing error."""
    if not include_raw:
        return bound | parser
    read = RunnablePassthrough.assign(
        parsed=itemgetter("raw") | parser, parsing_error=lambda _: None
    )
    unread = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=bound) | read.with_fallbacks([unread], exception_key="parsing_error")
