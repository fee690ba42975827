"""Run graphs as models of inspect-ai, in its own process and without a server.

    inspect eval task.py --model ensemble/moa-lite -M pool=pool.yaml

The result of each run (drafts, votes, calls, cost) is kept in the log, as metadata of the output.
inspect-ai is imported at first use; it is the extra `inspect`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage
from langchain_core.messages.utils import convert_to_messages

from ..chat import EnsembleChatModel
from ..errors import InputError
from ..graphs.from_preset import from_preset
from ..hints import nearest
from ..pool import Pool
from ..presets import PRESETS, preset
from ..profiles import Profile

if TYPE_CHECKING:
    from inspect_ai.model import Model  # pyright: ignore[reportMissingImports]

MISSING = "inspect-ai is not installed: pip install 'langgraph-ensemble[inspect]'"
_KNOBS = ("temperature", "max_tokens", "seed")


def inspect_model(graph: Any, *, name: str | None = None, **knobs: Any) -> Model:
    """A graph as a model of inspect-ai, for `eval(task, model=…)`.

    Args:
        graph: Compiled, or as the builders return it.
        name: Its name in the logs, after `ensemble/`; by default the graph's.
        knobs: Knobs of every run.

    Returns:
        An `inspect_ai.model.Model`. Of inspect's `GenerateConfig` it reads temperature, max_tokens,
        seed, stop_seqs and response_schema.

    Raises:
        InputError: inspect-ai is not installed, there is no such knob, or this is no graph.

    Example:
        >>> from importlib.util import find_spec
        >>> from langgraph_ensemble import create_moa
        >>> from langgraph_ensemble.testing import says
        >>> graph = create_moa([says("ann", "Answer: 4")], layers=2)
        >>> str(inspect_model(graph)) if find_spec("inspect_ai") else "ensemble/moa"
        'ensemble/moa'
    """
    api = model_api()
    from inspect_ai.model import GenerateConfig, Model  # pyright: ignore[reportMissingImports]

    chat = EnsembleChatModel(graph, context=knobs)
    made = api(name or chat.model_name, graph=chat)
    return Model(made, GenerateConfig())


@cache
def model_api() -> Any:
    """Register `ensemble/…` with inspect-ai; its entry point calls this.

    Raises:
        InputError: inspect-ai is not installed.
    """
    try:
        from inspect_ai.model import (  # pyright: ignore[reportMissingImports]
            GenerateConfig,
            ModelAPI,
            messages_to_openai,
            modelapi,
        )
    except ModuleNotFoundError:
        raise InputError(MISSING) from None

    @modelapi("ensemble")
    class EnsembleAPI(ModelAPI):
        """The models of `ensemble serve` by name, or a graph."""

        def __init__(
            self,
            model_name: str,
            base_url: str | None = None,
            api_key: str | None = None,
            config: Any = None,
            graph: EnsembleChatModel | None = None,
            pool: str | None = None,
            profile: str | None = None,
            **knobs: Any,
        ) -> None:
            super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
            served = None if graph else _served(model_name, pool, profile)
            self.chat = graph or EnsembleChatModel(served, context=knobs)

        async def generate(self, input: Any, tools: Any, tool_choice: Any, config: Any) -> Any:
            """Ask the graph."""
            asked = convert_to_messages(await messages_to_openai(input))  # pyright: ignore
            model: Any = self.chat
            if tools and tool_choice != "none":
                choice = getattr(tool_choice, "name", tool_choice)
                model = model.bind_tools([_tool(each) for each in tools], tool_choice=choice)
            said = await model.ainvoke(asked, stop=config.stop_seqs, **_options(config))
            return _output(said, self.model_name)

    return EnsembleAPI


def __getattr__(name: str) -> Any:
    # inspect-ai loads its entry points by name, without calling them.
    if name == "EnsembleAPI":
        return model_api()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _served(name: str, pool: str | None, profile: str | None) -> Any:
    """The graph of a preset, by default over the bundled models."""
    names = [each.name for each in PRESETS]
    if name not in names:
        raise InputError(f"there is no model {name[:80]!r}; {nearest(name, names, 'there are')}")
    members = Pool.from_file(Path(pool)) if pool else Pool.pocket()
    return from_preset(preset(name), members, Profile.load(profile) if profile else None)


def _tool(info: Any) -> dict[str, Any]:
    """A tool of inspect-ai as OpenAI describes it."""
    parameters = info.parameters.model_dump(exclude_none=True)
    described = {"name": info.name, "description": info.description, "parameters": parameters}
    return {"type": "function", "function": described}


def _options(config: Any) -> dict[str, Any]:
    """The knobs that inspect's `GenerateConfig` sets."""
    given = {name: getattr(config, name) for name in _KNOBS}
    if (form := config.response_schema) is not None:
        schema = {"name": form.name, "schema": form.json_schema.model_dump(exclude_none=True)}
        if form.strict is not None:
            schema["strict"] = form.strict
        given["response_format"] = {"type": "json_schema", "json_schema": schema}
    return {name: value for name, value in given.items() if value is not None}


def _output(said: AIMessage, name: str) -> Any:
    """The answer as inspect's `ModelOutput`, with the usage and the cost of all calls."""
    from inspect_ai.model import (  # pyright: ignore[reportMissingImports]
        ChatCompletionChoice,
        ChatMessageAssistant,
        ModelOutput,
        ModelUsage,
    )
    from inspect_ai.tool import ToolCall  # pyright: ignore[reportMissingImports]

    result = said.response_metadata["result"]
    calls = [
        ToolCall(id=str(call["id"]), function=call["name"], arguments=call["args"])
        for call in said.tool_calls
    ]
    ended = said.response_metadata.get("finish_reason")
    stop = "tool_calls" if calls else "max_tokens" if ended == "length" else "stop"
    message = ChatMessageAssistant(
        content=str(said.text), tool_calls=calls or None, model=name, source="generate"
    )
    used = result["usage"] or {}
    counts = {k: used[k] for k in ("input_tokens", "output_tokens", "total_tokens") if used.get(k)}
    return ModelOutput(
        model=name,
        choices=[ChatCompletionChoice(message=message, stop_reason=stop)],
        usage=ModelUsage(**counts, total_cost=result["cost_usd"]),
        metadata={"result": result},
    )
