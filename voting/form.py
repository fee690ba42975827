"""The required form of an answer: tool calls, or JSON by a schema."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError
from .calls import ToolCalls, canonical, plainest
from .reading import read
from .schemas import Schema

ANY_OBJECT: Mapping[str, Any] = {"type": "object", "minProperties": 1}
"""The schema of `json_object`."""


@dataclass(frozen=True)
class Reading:
    """The result of reading an answer.

    Attributes:
        answer: The answer in canonical form; None for a text, whose answer depends on the question.
        value: The value of JSON.
        problem: The reason why it is not an answer, if it is not.
    """

    answer: str | None = None
    value: Any = None
    problem: str | None = None


@dataclass(frozen=True)
class Form:
    """The form of an answer; drafts in another form abstain.

    Attributes:
        tools: The tools that may be called, by name, with the schema of their arguments.
        must_call: Whether a text is not an answer.
        schema: JSON schema of an answer in text; None if it need not be JSON.
        filled: Schema of the arguments of the one tool that must be called, if that call is the
            answer itself; its arguments are then counted one by one.
    """

    tools: Mapping[str, Schema] = field(default_factory=dict)
    must_call: bool = False
    schema: Schema | None = None
    filled: Schema | None = None

    @property
    def loose(self) -> bool:
        """Whether any JSON object fits."""
        return self.schema is not None and self.schema.source == ANY_OBJECT

    @classmethod
    def of(
        cls,
        tools: Sequence[Mapping[str, Any]] | None = None,
        choice: str | Mapping[str, Any] | None = None,
        response_format: Mapping[str, Any] | None = None,
        schema: Mapping[str, Any] | None = None,
    ) -> Form:
        """The form that a request of the OpenAI protocol asks for.

        Args:
            tools: Descriptions of functions.
            choice: `auto`, `none`, `required`, or the tool to call.
            response_format: The format of an answer in text.
            schema: The schema by which answers are counted, unless `response_format` has one.

        Raises:
            InputError: A schema is not valid, or there is no tool of that name.

        Example:
            >>> one = {"type": "function", "function": {"name": "stop"}}
            >>> Form.of([one], "required").must_call, Form.of([one], "none").tools
            (True, {})
        """
        functions = [tool.get("function") or {} for tool in tools or []]
        known = {str(f.get("name")): f.get("parameters") or {} for f in functions}
        named = _named(choice)
        if named is not None:
            if named not in known:
                raise InputError(f"tool_choice names {named!r}, but there is no such tool")
            known = {named: known[named]}
        schemas = {name: Schema(parameters) for name, parameters in known.items()}
        words = _schema_of(response_format, schema)
        return cls(
            tools={} if choice == "none" else schemas,
            must_call=bool(known) and (named is not None or choice in ("required", "any")),
            schema=Schema(words) if words is not None else None,
            filled=Schema(schema) if named is not None and schema is not None else None,
        )

    def read(self, text: str, calls: ToolCalls = ()) -> Reading:
        """Read a member's output as an answer of this form.

        Args:
            text: Its text.
            calls: Its tool calls; `args` is a text if it could not be read as JSON.

        Example:
            >>> form = Form.of(response_format={"type": "json_object"})
            >>> form.read('Sure: {"b": 1.0, "a": 2}').answer, form.read("No.").problem
            ('{"a": 2, "b": 1}', 'its answer is no JSON')
        """
        if calls and self.tools:
            problem = next(filter(None, map(self._misfit, calls)), None)
            if problem is not None:
                return Reading(problem=problem)
            return Reading(canonical(calls), calls[0]["args"])
        if self.must_call:
            return Reading(problem=f"it calls no tool, but must: {', '.join(self.tools)}")
        if not text:
            return Reading(problem="it calls a tool that it was not given")
        return Reading() if self.schema is None else _json(text, self.schema)

    def _misfit(self, call: Mapping[str, Any]) -> str | None:
        name, given = str(call.get("name")), call.get("args")
        if name not in self.tools:
            return f"it calls {name!r}, but has {', '.join(self.tools)}"
        if not isinstance(given, Mapping):
            return f"the arguments of its call of {name} are no JSON object"
        wrong = (self.filled or self.tools[name]).misfit(given)
        return f"its call of {name} does not fit: {wrong}" if wrong else None


def value_in(text: str) -> Any:
    r"""The JSON value of a text that is JSON, contains JSON, or is slightly broken JSON.

    Raises:
        ValueError: There is no JSON value.

    Example:
        >>> value_in("{}"), value_in("It is ```json\n[1, 2]```")
        ({}, [1, 2])
    """
    try:
        return json.loads(text, parse_constant=_no_json)
    except (ValueError, RecursionError):
        found = read(text, kind="json")
    if found is None:
        raise ValueError
    return json.loads(found, parse_constant=_no_json)


def _json(text: str, schema: Schema) -> Reading:
    try:
        value = value_in(text)
    except (ValueError, RecursionError):
        return Reading(problem="its answer is no JSON")
    if wrong := schema.misfit(value):
        return Reading(problem=f"its JSON does not fit the schema: {wrong}")
    return Reading(json.dumps(plainest(value), ensure_ascii=False), value)


def _named(choice: str | Mapping[str, Any] | None) -> str | None:
    """The tool that a `tool_choice` names."""
    if isinstance(choice, Mapping):
        return (choice.get("function") or {}).get("name")
    return None if choice in (None, "auto", "none", "required", "any") else choice


def _schema_of(
    response_format: Mapping[str, Any] | None, schema: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    kind = (response_format or {}).get("type")
    if kind == "json_schema":
        return ((response_format or {}).get("json_schema") or {}).get("schema") or ANY_OBJECT
    return (schema or ANY_OBJECT) if kind == "json_object" else None


def _no_json(constant: str) -> Any:
    raise ValueError(constant)
