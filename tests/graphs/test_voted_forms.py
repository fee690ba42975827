"""Tools and JSON through the Avengers: votes on calls by value, on JSON field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers import ask, member, profile
from langchain_core.language_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_ensemble import EnsembleChatModel, InputError, Pool, create_avengers, create_moa
from langgraph_ensemble.nodes.aggregate import NoUsableDraftError
from langgraph_ensemble.testing import Model, Provider
from pydantic import BaseModel
from typing_extensions import TypedDict

ASKED = HumanMessage("What is the weather in Paris?")
STRATEGIES: list[dict[str, Any]] = [
    {"strategy": "self_consistency", "samples": 3},
    {"strategy": "model_switch", "samples": 4, "threshold": 1.0},
    {"strategy": "team", "settled": 1.0},
]


def get_weather(city: str, days: int = 1) -> str:
    """The weather in a city."""
    return f"Rain in {city} for {days} days."


def stop() -> None:
    """Stop."""


class Person(BaseModel):
    """A person."""

    name: str
    age: int
    city: str


class PersonDict(TypedDict):
    """A person."""

    name: str
    age: int
    city: str


SCHEMAS: list[Any] = [Person, PersonDict, Person.model_json_schema() | {"title": "person"}]


def call(**arguments: Any) -> dict[str, Any]:
    return {"name": "get_weather", "arguments": arguments}


def team(provider: Provider, **more: dict[str, Any]) -> Pool:
    provider.set(*(Model(name, **about) for name, about in more.items()))
    return Pool([member(provider, name) for name in more])


async def run(graph: Any, tools: Any = (get_weather, stop), **options: Any) -> Any:
    model = EnsembleChatModel(graph).bind_tools(list(tools), **options)
    return await model.ainvoke([ASKED])


def result_of(message: Any) -> dict[str, Any]:
    return message.response_metadata["result"]


async def test_calls_are_counted_by_value_and_given_once(provider: Provider) -> None:
    both = [call(city="Rome"), {"name": "stop", "arguments": {}}]
    pool = team(
        provider,
        ann={"calls": [[call(city="Paris", days=2)]]},
        ben={"calls": [both]},
        cat={"calls": [[both[1], call(city="Rome")]]},
    )
    said = await run(create_avengers(pool, None, samples=3))
    assert sorted((c["name"], c["args"]) for c in said.tool_calls) == [
        ("get_weather", {"city": "Rome"}),
        ("stop", {}),
    ]
    ids = {c["id"] for c in said.tool_calls}
    assert len(ids) == 2
    assert not ids & {"call_1_0", "call_1_1"}, "fresh ones"
    result = result_of(said)
    canonical = '[{"name": "get_weather", "args": {"city": "Rome"}}, {"name": "stop", "args": {}}]'
    assert (result["kind"], result["margin"]) == ("tool_calls", pytest.approx(1 / 3, abs=1e-6))
    assert result["votes"][0]["answer"] == canonical
    assert result["tally"][canonical] == 2
    assert 0.5 < result["probability"] < 1
    answers = {draft["member"]: draft["answer"] for draft in result["drafts"]}
    assert answers["ben"] == answers["cat"] == canonical
    assert result["winner"] == "1.ben.0"


async def test_samples_of_one_request_have_calls_of_their_own(provider: Provider) -> None:
    calls = [[call(city="Paris", days=1.0)], [call(city="Paris", days=1)], [call(city="Rome")]]
    pool = team(provider, ann={"calls": calls})
    said = await run(create_avengers(pool, None, samples=3))
    assert [entry["n"] for entry in provider.log()] == [3]
    assert said.tool_calls[0]["args"]["city"] == "Paris"
    assert [vote["count"] for vote in result_of(said)["votes"]] == [2, 1]


async def test_words_compete_as_no_call(provider: Provider) -> None:
    words = {"calls": [[]], "says": "Answer: 7 degrees"}
    pool = team(provider, ann={}, ben=words, cat={"calls": [[]], "says": "Answer: 8 degrees"})
    said = await run(create_avengers(pool, None, samples=3))
    assert (said.tool_calls, said.text) == ([], "Answer: 7 degrees")
    result = result_of(said)
    assert (result["votes"][0]["answer"], result["votes"][0]["count"]) == ("no call", 2)
    assert len(result["votes"][0]["answers"]) == 2, "the vote among the texts"
    provider.set(Model("cat"))
    assert (await run(create_avengers(pool, None, samples=3))).tool_calls
    # If no member calls a tool, the texts are counted as usual.
    provider.set(*(Model(name, **words) for name in ("ann", "ben", "cat")))
    result = result_of(await run(create_avengers(pool, None, samples=3)))
    assert (result["votes"][0]["answer"], result["kind"]) == ("7 degrees", "classification")


async def test_the_choice_of_a_tool_is_honoured(provider: Provider) -> None:
    silent = {"calls": [[]], "says": "Answer: no"}
    pool = team(provider, ann=silent, ben=silent, cat={})
    graph = create_avengers(pool, None, samples=3)
    said = await run(graph, tool_choice="any")
    assert said.tool_calls[0]["name"] == "get_weather"
    result = result_of(said)
    assert result["abstained"] == 2
    errors = {draft["member"]: draft["error"] for draft in result["drafts"]}
    assert errors["ann"] == "it calls no tool, but must: get_weather, stop"
    assert [entry["tool_choice"] for entry in provider.log()] == ["required"] * 3
    assert (await run(graph, tool_choice="stop")).tool_calls[0]["name"] == "stop"
    assert (await run(graph, tool_choice="none")).tool_calls == []
    provider.set(Model("cat", **silent))
    with pytest.raises(NoUsableDraftError, match="cat: it calls no tool, but must: get"):
        await run(graph, tool_choice="any")
    provider.reset()
    with pytest.raises(InputError, match="names 'fly', but there is no such tool"):
        await run(graph, tool_choice={"type": "function", "function": {"name": "fly"}})
    assert provider.calls() == 0


async def test_chat_models_of_other_providers_are_told_the_choice_as_langchain_has_it() -> None:
    seen: list[Any] = []

    class Tooled(FakeMessagesListChatModel):
        def bind_tools(self, tools: Any, *, tool_choice: Any = None, **_: Any) -> Any:
            seen.append(tool_choice)
            return self

    said = AIMessage("", tool_calls=[{"name": "stop", "args": {}, "id": "0"}])
    graph = create_avengers([Tooled(responses=[said])], None, samples=2)
    for choice, told in {"any": "any", "stop": "stop", "auto": "auto"}.items():
        message = await run(graph, tool_choice=choice)
        assert [c["name"] for c in message.tool_calls] == ["stop"]
        assert set(seen) == {told}
        seen.clear()


async def test_calls_that_cannot_be_made_abstain(provider: Provider) -> None:
    broken = {"name": "get_weather", "arguments": '{"city": "Par'}
    pool = team(
        provider,
        ann={"calls": [[broken]]},
        ben={"calls": [[call(town="Paris")]]},
        cat={"calls": [[{"name": "fly", "arguments": {}}]]},
        dan={"calls": [[call(city="Paris")]]},
    )
    said = await run(create_avengers(pool, None, samples=4))
    assert said.tool_calls[0]["args"] == {"city": "Paris"}
    assert said.invalid_tool_calls == []
    result = result_of(said)
    assert result["abstained"] == 3
    problems = {draft["member"]: draft["error"] for draft in result["drafts"]}
    assert problems["ann"] == "the arguments of its call of get_weather are no JSON object"
    assert "'city' is a required property" in problems["ben"]
    assert "it calls 'fly', but has get_weather, stop" in problems["cat"]
    assert problems["dan"] is None


async def test_the_next_member_stands_in_where_no_call_is_one(provider: Provider) -> None:
    pool = team(provider, ann={"calls": [[call(town="Rome")]]}, ben={})
    said = await run(create_avengers(pool, None, samples=1))
    assert said.tool_calls[0]["args"] == {"city": "Paris"}
    assert [entry["model"] for entry in provider.log()] == ["ann", "ben"]


async def test_who_cannot_call_tools_is_passed_over_and_told(provider: Provider) -> None:
    provider.set(Model("ann"), Model("ben"))
    pool = [member(provider, "ann", tools=False), member(provider, "ben")]
    said = await run(create_avengers(pool, None, samples=2))
    assert said.tool_calls
    skipped = next(d for d in result_of(said)["drafts"] if d["member"] == "ann")
    assert (skipped["status"], skipped["error"]) == ("skipped", "it cannot call tools")
    mapped = create_avengers(pool, profile(ann=["algebra", "history"], ben=[]), samples=2)
    skipped = result_of(await run(mapped))["drafts"][0]
    assert (skipped["member"], skipped["error"]) == ("ann", "it cannot call tools")
    assert {entry["model"] for entry in provider.log()} == {"ben"}
    with pytest.raises(InputError, match="ann: it cannot call tools"):
        await run(create_avengers(pool[:1], None))


@pytest.mark.parametrize("samples", [1, 2])
async def test_a_conversation_with_tools_goes_on(pool: Pool, samples: int) -> None:
    graph = create_avengers(pool, None, samples=samples).compile(checkpointer=InMemorySaver())
    thread: Any = {"configurable": {"thread_id": "1"}}
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    given: Any = {"context": {"answer_tools": tools}}
    state = await graph.ainvoke({"messages": [ASKED]}, thread, **given)
    name = state["messages"][-1].tool_calls[0]["id"]
    brought = ToolMessage("Rain.", tool_call_id=name)
    state = await graph.ainvoke({"messages": [brought]}, thread, **given)
    assert [m.type for m in state["messages"]] == ["human", "ai", "tool", "ai"]
    assert state["messages"][-1].text.endswith("was told: Rain.")


@pytest.mark.parametrize("samples", [1, 3])
async def test_a_call_is_streamed_once(pool: Pool, samples: int) -> None:
    graph = create_avengers(pool, None, samples=samples)
    model = EnsembleChatModel(graph).bind_tools([get_weather])
    streamed: Any = None
    async for chunk in model.astream([ASKED]):
        streamed = chunk if streamed is None else streamed + chunk
    assert [c["args"] for c in streamed.tool_calls] == [{"city": "Paris"}]
    tools = model.kwargs["answer_tools"]  # pyright: ignore[reportAttributeAccessIssue]
    whole: dict[str, Any] = {}
    last: Any = None
    async for mode, item in graph.compile().astream(
        {"messages": [ASKED]}, context={"answer_tools": tools}, stream_mode=["messages", "values"]
    ):
        if mode == "values":
            last = item["messages"][-1]
        else:
            message = item[0]
            whole[message.id] = whole[message.id] + message if message.id in whole else message
    (shown,) = [message for message in whole.values() if message.tool_calls]
    assert shown.tool_calls == last.tool_calls, "the same ids in the stream and in the state"


@pytest.mark.parametrize("options", STRATEGIES, ids=lambda o: o["strategy"])
@pytest.mark.parametrize("method", ["function_calling", "json_schema", "json_mode"])
@pytest.mark.parametrize("schema", SCHEMAS, ids=["pydantic", "typed_dict", "json"])
async def test_structured_output_is_voted_on_field_by_field(
    provider: Provider, options: dict[str, Any], method: Any, schema: Any
) -> None:
    """No member has every field right; the answer takes its fields from three of them."""
    given = {
        "ann": {"name": "Ann", "age": 31, "city": "Oslo"},
        "ben": {"name": "Bea", "age": 30, "city": "Oslo"},
        "cat": {"name": "Ann", "age": 30, "city": "Rome"},
        "dan": {"name": "Ann", "age": "thirty", "city": "Rome"},
    }
    name = "person" if isinstance(schema, dict) else schema.__name__
    apart = options["strategy"] != "self_consistency"
    order = ["dan", "ann", "ben", "cat"] if apart else ["ann", "ben", "cat"]
    pool = team(
        provider,
        **{
            who: {
                "says": json.dumps(given[who]),
                "calls": [[{"name": name, "arguments": given[who]}]],
            }
            for who in order
        },
    )
    graph = create_avengers(pool, None, **options)
    model = EnsembleChatModel(graph).with_structured_output(schema, method=method, include_raw=True)
    output = await model.ainvoke([ASKED])
    assert output["parsing_error"] is None
    answer = output["parsed"]
    answer = answer if isinstance(answer, dict) else answer.model_dump()
    assert answer == {"name": "Ann", "age": 30, "city": "Oslo"}
    account = result_of(output["raw"])
    assert account["kind"] == "json"
    assert 0 < account["margin"] < 1
    assert list(account["tally"].values()) == [pytest.approx(2 / 3, abs=1e-6)]
    if "dan" in order:
        wrong = next(d for d in account["drafts"] if d["member"] == "dan")
        assert "'thirty' is not of type 'integer'" in wrong["error"]
        assert account["abstained"] == 1


@pytest.mark.parametrize("method", ["function_calling", "json_schema", "json_mode"])
async def test_nobody_fits_the_schema(provider: Provider, method: Any) -> None:
    about = {"says": '{"name": 7}', "calls": [[{"name": "Person", "arguments": {"name": 7}}]]}
    pool = team(provider, ann=about, ben=about)
    graph = create_avengers(pool, None, samples=2)
    model = EnsembleChatModel(graph).with_structured_output(Person, method=method)
    with pytest.raises(NoUsableDraftError, match=r"ben: .* does not fit"):
        await model.ainvoke([ASKED])


async def test_structured_output_of_a_writer(provider: Provider) -> None:
    person = {"name": "Ann", "age": 30, "city": "Oslo"}
    pool = team(provider, ann={"says": json.dumps(person), "tool_arguments": person}, ben={})
    model = EnsembleChatModel(create_moa(pool, layers=2))
    for method in ("function_calling", "json_schema", "json_mode"):
        bound = model.with_structured_output(Person, method=method)  # pyright: ignore[reportArgumentType]
        assert await bound.ainvoke([ASKED]) == Person(**person)
    with pytest.raises(InputError, match="method must be one of"):
        model.with_structured_output(Person, method="telepathy")  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match="needs a schema"):
        model.with_structured_output()


async def test_json_is_read_out_of_the_words_around_it(provider: Provider) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "p", "schema": SCHEMAS[2]}}
    context = {"answer_format": form}
    pool = team(
        provider, ann={"says": '{"age": 30, "name": "Ann", "city": "Oslo"} I hope that helps.'}
    )
    graph = create_avengers(pool, None, samples=1).compile()
    state = await graph.ainvoke(ask("Who?"), context=context)
    assert json.loads(state["messages"][-1].text) == {"name": "Ann", "age": 30, "city": "Oslo"}
    wrong = {**form, "json_schema": {"name": "p", "schema": {"type": "nothing"}}}
    with pytest.raises(InputError, match="schema of the answer is not valid"):
        await graph.ainvoke(ask("Who?"), context={"answer_format": wrong})


async def test_tools_and_json_together(provider: Provider) -> None:
    words = {"calls": [[]], "says": '{"name": "Ann", "age": 30, "city": "Oslo"}'}
    pool = team(provider, ann={}, ben=words, cat=words)
    form = {"type": "json_schema", "json_schema": {"name": "p", "schema": SCHEMAS[2]}}
    said = await run(create_avengers(pool, None, samples=3), response_format=form)
    assert json.loads(said.text) == {"name": "Ann", "age": 30, "city": "Oslo"}
    assert result_of(said)["votes"][0]["answer"] == "no call"


async def test_who_is_asked_instead_has_the_tools_too(provider: Provider) -> None:
    pool = team(
        provider,
        ann={"calls": [[call(city="Rome")]]},
        ben={"calls": [[call(city="Oslo")]]},
        dan={"calls": [[call(city="Paris")]]},
    )
    graph = create_avengers(pool, None, samples=2, confidence=0.9, escalate_to="dan")
    said = await run(graph)
    assert said.tool_calls[0]["args"] == {"city": "Paris"}
    result = result_of(said)
    assert result["escalated_to"] == "dan"
    assert json.loads(result["guess"])[0]["name"] == "get_weather"
    # A tool call is not an answer that a text could replace.
    graph = create_avengers(pool, None, samples=2, confidence=0.9, decline="I would not guess.")
    said = await run(graph)
    assert said.tool_calls
    assert result_of(said)["unsure"]


async def test_an_ensemble_that_votes_is_a_member_with_tools(pool: Pool) -> None:
    inner = EnsembleChatModel(create_avengers(pool, None, samples=2))
    said = await run(create_avengers([inner], None, samples=1))
    assert said.tool_calls[0]["args"] == {"city": "Paris"}
