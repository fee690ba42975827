"""Tools, response formats and images through the OpenAI-compatible endpoint.

The pool has a member for each case: ann is an ordinary one, ben accepts images, cat supports
neither tools nor formats. The provider refuses what a real one refuses: images for models without
vision, and tool calls without results.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import app_server, write_pool
from pydantic import BaseModel
from serving import TOOL, write_profile

ASKED: Any = [{"role": "user", "content": "What is the weather in Paris?"}]
PICTURE = "data:image/png;base64,iVBORw0KGgo="
SEEN: Any = [
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "What does this show?"},
            {"type": "image_url", "image_url": {"url": PICTURE}},
        ],
    }
]
SCHEMA: Any = {
    "type": "json_schema",
    "json_schema": {
        "name": "weather",
        "schema": {"type": "object", "properties": {"sky": {"type": "string"}}},
    },
}


class Weather(BaseModel):
    """The weather."""

    sky: str
    degrees: int


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, provider_process: Provider) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mixed")
    more = {
        "ben": {"vision": True},
        "cat": {"tools": False, "structured": "text"},
    }
    pool = write_pool(folder, provider_process.url, more=more)
    with app_server(folder, pool, write_profile(folder)) as url:
        yield url


@pytest.fixture
def client(mixed: str, provider: Provider) -> Iterator[openai.OpenAI]:
    provider.set(Model("ann"), Model("ben", sees=True), Model("cat"))
    with openai.OpenAI(base_url=f"{mixed}/v1", api_key="none", max_retries=0) as opened:
        yield opened


def has_picture(entry: dict[str, Any]) -> bool:
    return PICTURE in json.dumps(entry["messages"])


VOTES = ["avengers", "avengers/cheap", "avengers-balanced", "avengers-best"]


@pytest.mark.parametrize("model", ["moa-lite", "smoa/cheap"])
def test_a_tool_is_called_and_its_result_answered(client, provider: Provider, model: str):
    reply = client.chat.completions.create(model=model, messages=ASKED, tools=[TOOL])
    choice = reply.choices[0]
    assert choice.finish_reason == "tool_calls"
    (call,) = choice.message.tool_calls
    assert call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"city": "Paris"}
    # Proposers get no tools; only the writer of the answer does.
    with_tools = [entry for entry in provider.log() if entry["tools"]]
    assert [entry["model"] for entry in with_tools] == ["ann"]
    assert "<draft" in json.dumps(with_tools[0]["messages"])

    result = {"role": "tool", "tool_call_id": call.id, "content": "Rain, 7 degrees."}
    turns = [*ASKED, choice.message.model_dump(exclude_none=True), result]
    provider.reset()
    reply = client.chat.completions.create(model=model, messages=turns, tools=[TOOL])
    assert reply.choices[0].finish_reason == "stop"
    assert reply.choices[0].message.content == "ann was told: Rain, 7 degrees."
    assert {entry["status"] for entry in provider.log()} == {200}
    # A member that cannot call tools gets their results as text.
    told = next(e for e in provider.log() if e["model"] == "cat")["messages"]
    assert "tool" not in [message["role"] for message in told]
    assert "Rain, 7 degrees." in told[-1]["content"]


@pytest.mark.parametrize("model", VOTES)
def test_a_vote_on_calls_and_its_next_turn(client, provider: Provider, model: str):
    reply = client.chat.completions.create(model=model, messages=ASKED, tools=[TOOL])
    choice = reply.choices[0]
    assert choice.finish_reason == "tool_calls"
    (call,) = choice.message.tool_calls
    assert json.loads(call.function.arguments) == {"city": "Paris"}
    account = reply.model_extra["ensemble"]
    assert account["kind"] == "tool_calls"
    assert list(account["tally"]) == ['[{"name": "get_weather", "args": {"city": "Paris"}}]']
    assert (account["margin"], account["probability"] > 0.5) == (1.0, True)
    # cat cannot call tools; if the map routes to it, the next best member is asked.
    assert {d["member"] for d in account["drafts"] if d["status"] == "ok"} <= {"ann", "ben"}
    assert {d["error"] for d in account["drafts"] if d["member"] == "cat"} <= {
        "it cannot call tools"
    }
    assert all(entry["tools"] for entry in provider.log())

    result = {"role": "tool", "tool_call_id": call.id, "content": "Rain, 7 degrees."}
    turns = [*ASKED, choice.message.model_dump(exclude_none=True), result]
    reply = client.chat.completions.create(model=model, messages=turns, tools=[TOOL])
    assert reply.choices[0].finish_reason == "stop"
    assert reply.choices[0].message.content.endswith("was told: Rain, 7 degrees.")
    assert {entry["status"] for entry in provider.log()} == {200}


@pytest.mark.parametrize("model", ["moa-lite", *VOTES])
def test_a_streamed_call_of_a_tool(client, provider: Provider, model: str):
    chunks = list(
        client.chat.completions.create(
            model=model,
            messages=ASKED,
            tools=[TOOL],
            tool_choice="required",
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    deltas = [call for c in chunks if c.choices for call in c.choices[0].delta.tool_calls or []]
    assert {call.index for call in deltas} == {0}
    assert deltas[0].id
    assert deltas[0].function.name == "get_weather"
    assert json.loads("".join(c.function.arguments for c in deltas)) == {"city": "Paris"}
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "tool_calls"
    assert chunks[-1].usage.total_tokens
    chosen = [e["tool_choice"] for e in provider.log() if e["tools"]]
    assert chosen == ["required"] * len(chosen)


@pytest.mark.parametrize("model", ["moa-lite", "avengers-balanced"])
def test_tools_through_langchain(mixed: str, client, model: str):
    bare = ChatOpenAI(model=model, base_url=f"{mixed}/v1", api_key="none")  # pyright: ignore
    bound = bare.bind_tools([TOOL])
    asked = HumanMessage("What is the weather in Paris?")
    said = bound.invoke([asked])
    assert said.tool_calls[0]["args"] == {"city": "Paris"}
    chunks = list(bound.stream([asked]))
    streamed = chunks[0]
    for chunk in chunks[1:]:
        streamed += chunk
    assert streamed.tool_calls[0]["args"] == {"city": "Paris"}
    result = ToolMessage("Rain.", tool_call_id=said.tool_calls[0]["id"])
    assert bound.invoke([asked, said, result]).text.endswith("was told: Rain.")


@pytest.mark.parametrize("method", ["function_calling", "json_schema", "json_mode"])
@pytest.mark.parametrize("model", ["moa-lite", "avengers-balanced", "avengers-best"])
def test_structured_output_through_langchain(
    mixed: str, client, provider: Provider, model: str, method: Any
):
    sky = {"sky": "grey", "degrees": 7}
    for name in ("ann", "ben", "cat"):
        provider.set(Model(name, says=json.dumps(sky), tool_arguments=sky))
    bare = ChatOpenAI(model=model, base_url=f"{mixed}/v1", api_key="none")  # pyright: ignore
    bound = bare.with_structured_output(Weather, method=method)
    assert bound.invoke([HumanMessage("What is the weather in Paris?")]) == Weather(**sky)


def test_arguments_of_the_form_that_must_be_filled_in_are_counted_one_by_one(
    client, provider: Provider
):
    given = [{"sky": "grey", "degrees": 7}, {"sky": "blue", "degrees": 8}]
    given += [{"sky": "grey", "degrees": 8}, {"sky": "grey", "degrees": "no"}]
    calls = [[{"name": "Weather", "arguments": each}] for each in given]
    provider.set(Model("ann", calls=calls), Model("ben", calls=calls))
    form = {"name": "Weather", "parameters": Weather.model_json_schema()}
    reply = client.chat.completions.create(
        model="avengers-balanced",
        messages=ASKED,
        tools=[{"type": "function", "function": form}],
        tool_choice={"type": "function", "function": {"name": "Weather"}},
        parallel_tool_calls=False,
    )
    account = reply.model_extra["ensemble"]
    assert account["kind"] == "json"
    assert account["abstained"] == 1
    (call,) = reply.choices[0].message.tool_calls
    assert Weather.model_validate_json(call.function.arguments).sky == "grey"


@pytest.mark.parametrize("model", ["moa-lite", *VOTES])
def test_a_tool_that_may_not_be_called(client, provider: Provider, model: str):
    reply = client.chat.completions.create(
        model=model, messages=ASKED, tools=[TOOL], tool_choice="none"
    )
    assert reply.choices[0].message.content
    assert not any(entry["tools"] for entry in provider.log())


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["moa-lite", *VOTES])
def test_the_answer_in_json(client, provider: Provider, model: str, stream: bool):
    reply = client.chat.completions.create(
        model=model, messages=ASKED, response_format=SCHEMA, stream=stream
    )
    if stream:
        text = "".join(c.choices[0].delta.content or "" for c in reply if c.choices)
    else:
        text = reply.choices[0].message.content
    assert list(json.loads(text)) == ["sky"]
    asked = [entry["response_format"] for entry in provider.log()]
    if model == "moa-lite":
        assert asked == [None, None, None, SCHEMA]
    else:
        assert all(form == SCHEMA for form in asked)


@pytest.mark.parametrize("stream", [False, True])
def test_where_no_sample_fits_the_schema_the_error_says_why(client, provider, stream: bool):
    provider.set(*(Model(name, says='{"sky": 7}') for name in ("ann", "ben")))
    schema = {"type": "object", "properties": {"sky": {"type": "string"}}}
    form = {"type": "json_schema", "json_schema": {"name": "weather", "schema": schema}}
    with pytest.raises(openai.APIError, match="does not fit the schema: sky: 7 is not"):
        list(
            client.chat.completions.create(
                model="avengers-balanced", messages=ASKED, response_format=form, stream=stream
            )
        )


def test_tools_and_json_together(client, provider: Provider):
    reply = client.chat.completions.create(
        model="moa-lite", messages=ASKED, tools=[TOOL], response_format=SCHEMA, stream=True
    )
    assert any(c.choices and c.choices[0].delta.tool_calls for c in reply)
    assert provider.log()[-1]["response_format"] == SCHEMA


def test_every_sample_of_a_vote_is_in_json(client, provider: Provider):
    reply = client.chat.completions.create(
        model="avengers-balanced", messages=ASKED, response_format={"type": "json_object"}
    )
    assert json.loads(reply.choices[0].message.content)
    drafts = reply.model_extra["ensemble"]["drafts"]
    # cat does not support formats; if the map routes to it, the next best member is asked.
    asked = {d["member"] for d in drafts if d["status"] == "ok"}
    assert "cat" not in asked
    assert {entry["response_format"]["type"] for entry in provider.log()} == {"json_object"}


def test_a_schema_that_is_none_and_a_tool_that_is_not_there_cost_nothing(client, provider):
    create = client.chat.completions.create
    form = {"type": "json_schema", "json_schema": {"name": "w", "schema": {"type": "nothing"}}}
    with pytest.raises(openai.BadRequestError, match="schema of the answer is not valid"):
        create(model="avengers/cheap", messages=ASKED, response_format=form)
    chosen = {"type": "function", "function": {"name": "fly"}}
    with pytest.raises(openai.BadRequestError, match="'fly', but there is no such tool"):
        create(model="avengers/cheap", messages=ASKED, tools=[TOOL], tool_choice=chosen)
    assert provider.calls() == 0


def test_a_form_that_the_server_refuses_is_never_dropped(client, provider: Provider):
    provider.set(Model("ann", fault="no_format"), Model("ben", fault="no_format"))
    with pytest.raises(openai.BadRequestError, match="response_format is not supported"):
        client.chat.completions.create(
            model="moa-lite", messages=ASKED, response_format={"type": "json_object"}
        )


def test_a_picture_goes_to_those_who_see(client, provider: Provider):
    reply = client.chat.completions.create(model="moa", messages=SEEN)
    account = reply.model_extra["ensemble"]
    by_status: dict[str, set[str]] = {}
    for draft in account["drafts"]:
        by_status.setdefault(draft["status"], set()).add(draft["member"])
    assert by_status == {"ok": {"ben"}, "skipped": {"ann", "cat"}}
    skipped = next(d for d in account["drafts"] if d["status"] == "skipped")
    assert "vision: true" in skipped["error"]
    # The writer of the answer needs vision, too.
    assert reply.choices[0].message.content.startswith("ben")
    assert "aggregator ann: it cannot see" in account["fell_back"][0]
    assert {entry["model"] for entry in provider.log()} == {"ben"}
    assert all(has_picture(entry) for entry in provider.log())


def test_a_judge_that_is_blind_reads_the_drafts(client, provider: Provider):
    reply = client.chat.completions.create(model="smoa", messages=SEEN)
    assert reply.choices[0].message.content.startswith("ben")
    judged = [entry for entry in provider.log() if entry["model"] == "ann"]
    assert not any(has_picture(entry) for entry in judged)
    assert all(entry["status"] == 200 for entry in provider.log())


def test_the_router_passes_over_the_blind(client, provider: Provider):
    reply = client.chat.completions.create(model="avengers/cheap", messages=SEEN)
    assert reply.choices[0].message.content.startswith("ben")
    assert {entry["model"] for entry in provider.log()} == {"ben"}


def test_a_picture_of_an_earlier_turn_is_a_note_for_the_blind(client, provider: Provider):
    turns = [
        *SEEN,
        {"role": "assistant", "content": "A cat."},
        {"role": "user", "content": "What do cats eat?"},
    ]
    reply = client.chat.completions.create(model="moa-lite", messages=turns)
    assert [d["status"] for d in reply.model_extra["ensemble"]["drafts"]] == ["ok"] * 3
    seen = {entry["model"]: has_picture(entry) for entry in provider.log()[:3]}
    assert seen == {"ann": False, "ben": True, "cat": False}
    blind = next(entry for entry in provider.log() if entry["model"] == "cat")
    assert "cannot see" in json.dumps(blind["messages"])


@pytest.mark.parametrize("model", ["moa-lite", "smoa", "avengers/cheap"])
def test_a_pool_without_eyes_says_so(server: str, provider: Provider, model: str):
    with (
        openai.OpenAI(base_url=f"{server}/v1", api_key="none", max_retries=0) as client,
        pytest.raises(openai.BadRequestError, match="vision: true"),
    ):
        client.chat.completions.create(model=model, messages=SEEN)
    assert provider.calls() == 0
