"""`/v1/responses` and `/v1/completions` over real sockets, through OpenAI's own client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from langgraph_ensemble.testing import Model, Provider
from openai.types.responses import Response
from serving import get

NAMES = ("ann", "ben", "cat")
TOOL: Any = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": False,
}
HI = "Say something."


@pytest.fixture
def client(server: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server}/v1", api_key="none", max_retries=0) as opened:
        yield opened


def heard(provider: Provider, name: str = "ann") -> list[tuple[str, Any]]:
    """The conversation as a member got it last."""
    entry = [each for each in provider.log() if each["model"] == name][-1]
    return [(message["role"], message["content"]) for message in entry["messages"]]


def test_a_text_in_a_response(client: openai.OpenAI, provider: Provider):
    reply = client.responses.create(
        model="avengers/cheap", input=HI, instructions="Be kind.", metadata={"a": "b"}, top_p=0.5
    )
    assert reply.output_text
    assert reply.status == "completed"
    assert reply.usage
    assert reply.usage.total_tokens == reply.usage.input_tokens + reply.usage.output_tokens
    assert (reply.metadata, reply.instructions) == ({"a": "b"}, "Be kind.")
    assert reply.model_extra["ensemble"]["drafts"]  # pyright: ignore
    asked = provider.log()[0]["messages"]
    assert [(m["role"], m["content"]) for m in asked] == [("system", "Be kind."), ("user", HI)]
    assert provider.log()[0]["sampling"] == {"top_p": 0.5}
    Response.model_validate(reply.to_dict(), strict=False)


@pytest.mark.parametrize("model", ["moa-lite", "avengers-balanced"])
def test_the_events_of_a_text(client: openai.OpenAI, model: str):
    whole = client.responses.create(model=model, input=HI)
    events = list(client.responses.create(model=model, input=HI, stream=True))
    kinds = [event.type for event in events]
    assert kinds[:4] == [
        *("response.created", "response.in_progress"),
        *("response.output_item.added", "response.content_part.added"),
    ]
    assert kinds[-4:] == [
        *("response.output_text.done", "response.content_part.done"),
        *("response.output_item.done", "response.completed"),
    ]
    assert set(kinds[4:-4]) == {"response.output_text.delta"}
    assert [event.sequence_number for event in events] == list(range(len(events)))
    said = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    last: Any = events[-1]
    assert said == whole.output_text == last.response.output_text
    assert last.response.usage == whole.usage


def test_the_typed_stream_of_the_client(client: openai.OpenAI):
    with client.responses.stream(model="moa-lite", input=HI) as stream:
        snapshots = [e.snapshot for e in stream if e.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert snapshots[-1] == final.output_text


@pytest.mark.parametrize("stream", [False, True])
def test_a_tool_is_called_and_its_result_is_read(client, provider: Provider, stream: bool):
    asked: Any = [{"role": "user", "content": "What is the weather in Paris?"}]
    given: Any = {"model": "moa-lite", "tools": [TOOL]}
    if stream:
        events = list(client.responses.create(input=asked, stream=True, **given))
        reply = events[-1].response
        pieces = [e.delta for e in events if e.type == "response.function_call_arguments.delta"]
        assert len(pieces) > 1
        assert "".join(pieces) == reply.output[0].arguments
        added = next(e for e in events if e.type == "response.output_item.added")
        assert (added.item.name, added.item.arguments) == ("get_weather", "")
    else:
        reply = client.responses.create(input=asked, **given)
    (call,) = reply.output
    assert call.type == "function_call"
    assert json.loads(call.arguments) == {"city": "Paris"}
    result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "Rain."}
    whole = client.responses.create(input=[*asked, call.to_dict(), result], **given)
    assert whole.output_text.endswith("was told: Rain.")
    by_name = client.responses.create(input=[result], previous_response_id=reply.id, **given)
    assert by_name.output_text == whole.output_text
    reference: Any = {"type": "item_reference", "id": call.id}
    by_item = client.responses.create(input=[*asked, reference, result], **given)
    assert by_item.output_text == whole.output_text


def test_a_conversation_is_remembered_by_name(client: openai.OpenAI, provider: Provider):
    first = client.responses.create(model="avengers/cheap", input="One.", instructions="Be kind.")
    second = client.responses.create(
        model="avengers/cheap", input="Two.", previous_response_id=first.id, stream=True
    )
    last: Any = list(second)[-1]
    client.responses.create(
        model="moa-lite", input="Three.", previous_response_id=last.response.id, store=False
    )
    # Instructions hold for one response only, as at OpenAI.
    turns = [turn for turn in heard(provider, "ben") if turn[0] != "system"]
    assert [role for role, _ in turns] == ["user", "assistant", "user", "assistant", "user"]
    assert [turns[0][1], turns[1][1], turns[2][1]] == ["One.", first.output_text, "Two."]
    shown = client.responses.retrieve(last.response.id)
    assert shown.output_text == last.response.output_text
    items: Any = client.responses.input_items.list(last.response.id).data
    assert items[0].content == "Two."
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError, match="no stored response"):
        client.responses.create(model="moa", input="Four.", previous_response_id=last.response.id)


def test_what_is_not_stored_is_not_found(client: openai.OpenAI, server: str):
    before = get(f"{server}/api/threads")["threads"]
    reply = client.responses.create(model="avengers/cheap", input=HI, store=False)
    for call in (client.responses.retrieve, client.responses.delete):
        with pytest.raises(openai.NotFoundError, match="'store': false"):
            call(reply.id)
    # Nothing of it shows among the page's conversations.
    assert get(f"{server}/api/threads")["threads"] == before


def test_an_answer_that_is_cut_and_one_in_json(client: openai.OpenAI, provider: Provider):
    cut = client.responses.create(model="avengers/cheap", input=HI, max_output_tokens=4)
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")  # pyright: ignore
    form: Any = {
        "format": {
            "type": "json_schema",
            "name": "sky",
            "schema": {"type": "object", "properties": {"sky": {"type": "string"}}},
        }
    }
    reply = client.responses.create(model="moa-lite", input=HI, text=form)
    assert list(json.loads(reply.output_text)) == ["sky"]


def test_probabilities_in_a_response(client: openai.OpenAI):
    wanted: Any = {"include": ["message.output_text.logprobs"], "top_logprobs": 2}
    reply: Any = client.responses.create(model="avengers-balanced", input=HI, **wanted)
    told = reply.output[0].content[0].logprobs
    assert "".join(each.token for each in told).strip() == reply.output_text
    assert len(told[0].top_logprobs) == 2


@pytest.mark.parametrize("stream", [False, True])
def test_a_response_that_fails(client: openai.OpenAI, provider: Provider, stream: bool):
    provider.set(*(Model(name, fault="overflow") for name in NAMES))
    if not stream:
        with pytest.raises(openai.BadRequestError) as caught:
            client.responses.create(model="moa-lite", input=HI)
        assert caught.value.code == "context_length_exceeded"
        return
    last: Any = list(client.responses.create(model="moa-lite", input=HI, stream=True))[-1]
    assert last.type == "response.failed"
    assert last.response.error.code == "context_length_exceeded"
    assert "ann" in last.response.error.message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"tools": [{"type": "web_search"}]}, "'web_search' are not supported"),
        ({"background": True}, "background is not supported"),
        ({"conversation": "conv_1"}, "previous_response_id"),
        ({"input": [{"type": "computer_call"}]}, "'computer_call' are not supported"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "no stored item 'msg_1'"),
        ({"input": []}, "input: give a question"),
        ({"input": None}, "input: give a question"),
        ({"previous_response_id": "resp_1"}, "no stored response 'resp_1'"),
        ({"ensemble": {"layer": 2}}, "did you mean 'layers'"),
        ({"tool_choice": {"type": "allowed_tools"}}, "tool_choice"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_audio", "data": "A"}]}]},
            "'input_audio' is not supported",
        ),
    ],
)
def test_responses_that_cannot_be_made(client: openai.OpenAI, provider: Provider, body, words):
    given = {"model": "moa", "input": HI, **body}
    with pytest.raises(openai.APIStatusError, match=words) as caught:
        client.post("/responses", body=given, cast_to=object)
    assert caught.value.status_code in (400, 404)
    assert caught.value.response.headers["x-should-retry"] == "false"
    assert provider.calls() == 0


def test_prompts_are_answered(client: openai.OpenAI, provider: Provider):
    reply = client.completions.create(model="avengers/cheap", prompt=HI, logprobs=1, seed=7)
    (choice,) = reply.choices
    assert choice.finish_reason == "stop"
    assert choice.logprobs
    assert "".join(choice.logprobs.tokens or ()).strip() == choice.text
    assert choice.model_extra["ensemble"]["drafts"]  # pyright: ignore
    assert heard(provider, provider.log()[0]["model"])[-1] == ("user", HI)
    many = client.completions.create(model="moa-lite", prompt=["One.", "Two."], n=2, max_tokens=6)
    assert [each.index for each in many.choices] == [0, 1, 2, 3]
    assert {each.finish_reason for each in many.choices} == {"length"}
    stream = client.completions.create(
        model="avengers/cheap",
        prompt=HI,
        seed=7,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    assert "".join(c.choices[0].text for c in chunks if c.choices) == choice.text
    assert chunks[-1].usage == reply.usage


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"prompt": [1, 2]}, "not of tokens"),
        ({"prompt": ""}, "."),
        ({"suffix": "x"}, "suffix is not supported"),
        ({"best_of": 3}, "best_of"),
        ({"prompt": ["a"] * 9, "n": 2}, "at most 16"),
    ],
)
def test_prompts_that_cannot_be_answered(client, provider: Provider, body: Any, words: str):
    with pytest.raises(openai.BadRequestError, match=words):
        client.completions.create(**{"model": "moa", "prompt": HI, **body})
    assert provider.calls() == 0
