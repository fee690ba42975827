"""The OpenAI-compatible endpoint, through common clients."""

from __future__ import annotations

import json
import subprocess

import openai
import pytest
from langchain_openai import ChatOpenAI
from langgraph_ensemble.testing import Model, Provider, bank
from serving import get

ASKED = bank()[0].text
JSON = ["-H", "Content-Type: application/json"]
HI = [{"role": "user", "content": "Say something."}]


@pytest.fixture
def client(server: str):
    with openai.OpenAI(base_url=f"{server}/v1", api_key="none", max_retries=0) as opened:
        yield opened


def test_every_graph_and_preset_is_a_model(client: openai.OpenAI):
    names = [model.id for model in client.models.list()]
    assert names == [
        *("avengers", "avengers-cheap", "avengers-balanced", "avengers-best"),
        *("moa", "moa-lite", "moa-adaptive", "self-moa", "smoa", "smoa-cheap"),
        *(
            "avengers-published",
            "avengers-code",
            "avengers-readme",
            "avengers-pro",
            "self-consistency",
        ),
        *("model-switch", "model-switch-eager", "llm-router"),
        *("moa-published", "moa-lite-published", "smoa-published", "moa-oracle"),
        *("ranker", "debate", "debate-published", "symbolic-moe"),
    ]
    assert client.models.retrieve("smoa/cheap").id == "smoa-cheap"


@pytest.mark.parametrize(
    "model",
    [
        "avengers",
        "avengers/cheap",
        "moa",
        "moa-lite",
        "self-moa",
        "smoa",
        "smoa/cheap",
        "ranker",
        "debate",
    ],
)
def test_plain_and_streamed_answers_are_the_same(client: openai.OpenAI, model: str):
    asked = [{"role": "user", "content": ASKED}]
    plain = client.chat.completions.create(model=model, messages=asked, seed=7)  # pyright: ignore
    text = plain.choices[0].message.content
    assert text
    stream = client.chat.completions.create(  # pyright: ignore
        model=model,
        messages=asked,
        seed=7,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert said == text
    assert plain.usage
    assert chunks[-1].usage == plain.usage
    reasons = [c.choices[0].finish_reason for c in chunks if c.choices]
    assert reasons[-1] == "stop"
    assert not any(reasons[:-1])


def test_drafts_and_routing_are_an_extension_of_the_reply(client: openai.OpenAI):
    asked = [{"role": "user", "content": ASKED}]
    reply = client.chat.completions.create(model="avengers-balanced", messages=asked)  # pyright: ignore
    account = reply.model_extra["ensemble"]  # pyright: ignore
    assert len(account["drafts"]) == 5
    assert account["routing"]["picked"]
    assert account["votes"]
    assert "answer" not in account
    quiet = client.chat.completions.create(  # pyright: ignore
        model="moa-lite", messages=asked, extra_body={"ensemble": {"account": False}}
    )
    assert "ensemble" not in quiet.model_extra  # pyright: ignore


def test_the_reply_says_how_far_the_answer_can_be_trusted(client: openai.OpenAI):
    asked = [{"role": "user", "content": "Whither goest thou, quaint wanderer?"}]
    reply = client.chat.completions.create(  # pyright: ignore
        model="avengers-balanced", messages=asked, extra_body={"ensemble": {"confidence": 0.5}}
    )
    told = reply.model_extra["ensemble"]  # pyright: ignore
    assert (told["unsure"], told["confidence"], told["declined"]) == (True, 0.0, False)
    assert told["confidence_parts"]["familiarity"] == 0.0


def test_knobs_of_one_request(client: openai.OpenAI, provider: Provider):
    client.chat.completions.create(  # pyright: ignore
        model="moa", messages=HI, temperature=0.1, extra_body={"ensemble": {"layers": 2}}
    )
    assert provider.calls() == 4
    assert {entry["temperature"] for entry in provider.log()} == {0.1}


def test_events_come_as_chunks_without_a_choice(client: openai.OpenAI):
    stream = client.chat.completions.create(  # pyright: ignore
        model="smoa/cheap", messages=HI, stream=True, extra_body={"ensemble": {"events": True}}
    )
    extras = [chunk.model_extra["ensemble"] for chunk in stream if "ensemble" in chunk.model_extra]  # pyright: ignore
    types = [extra["event"]["type"] for extra in extras if "event" in extra]
    assert {"started", "token", "done", "judged", "selected", "moderated"} <= set(types)
    assert "drafts" in extras[-1]


def test_several_choices_differ_and_are_all_counted(client: openai.OpenAI):
    reply = client.chat.completions.create(model="moa-lite", messages=HI, n=3)  # pyright: ignore
    assert [choice.index for choice in reply.choices] == [0, 1, 2]
    assert len({choice.message.content for choice in reply.choices}) == 3
    runs = [choice.model_extra["ensemble"]["usage"] for choice in reply.choices]  # pyright: ignore
    assert reply.usage
    assert reply.usage.total_tokens == sum(run["total_tokens"] for run in runs)
    stream = client.chat.completions.create(model="moa-lite", messages=HI, n=2, stream=True)  # pyright: ignore
    said = ["", ""]
    for chunk in stream:
        for choice in chunk.choices:
            said[choice.index] += choice.delta.content or ""
    assert said == [choice.message.content for choice in reply.choices[:2]]


@pytest.mark.parametrize("stream", [False, True])
def test_stop_ends_the_answer(client: openai.OpenAI, stream: bool):
    reply = client.chat.completions.create(  # pyright: ignore
        model="moa-lite", messages=HI, stop=["about this", "never"], stream=stream
    )
    if stream:
        chunks = [chunk.choices[0] for chunk in reply if chunk.choices]
        text = "".join(chunk.delta.content or "" for chunk in chunks)
    else:
        text = reply.choices[0].message.content
    assert text == "ann says "


def test_max_tokens_reaches_every_member(client: openai.OpenAI, provider: Provider):
    client.chat.completions.create(model="moa-lite", messages=HI, max_tokens=5)  # pyright: ignore
    assert {entry["max_tokens"] for entry in provider.log()} == {5}


def test_turns_of_a_conversation_reach_the_members(client: openai.OpenAI, provider: Provider):
    turns = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "First."},
        {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "Second."},
    ]
    client.chat.completions.create(model="avengers/cheap", messages=turns)  # pyright: ignore
    seen = [(m["role"], m["content"]) for m in provider.log()[0]["messages"]]
    assert seen == [(turn["role"], turn["content"]) for turn in turns]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"model": "mao"}, 404, "did you mean 'moa'"),
        ({"model": "moa", "ensemble": {"layer": 2}}, 400, "did you mean 'layers'"),
        ({"model": "moa", "ensemble": {"layers": 99}}, 400, "knob 'layers'"),
        ({"model": "moa", "temperature": 9}, 400, "temperature"),
        ({"model": "moa", "messages": []}, 400, "messages"),
        ({"model": "moa", "messages": [{"role": "assistant", "content": "x"}]}, 400, "person"),
        ({"model": "moa", "messages": [{"role": "pope", "content": "x"}]}, 400, "role"),
        ({"model": "moa", "tools": [{"type": "function"}]}, 400, "tools.0.function"),
        ({"model": "moa", "functions": [{"name": "f"}]}, 400, "use tools"),
        ({"model": "moa", "response_format": {"type": "xml"}}, 400, "response_format.type"),
        ({"model": "moa", "n": 99}, 400, "n: "),
        ("not json", 400, "not JSON"),
        ([], 400, "JSON object"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(server: str, body: object, status, words):
    if isinstance(body, dict):
        body = {"messages": HI, **body}
    text = body if isinstance(body, str) else json.dumps(body)
    ran = subprocess.run(
        ["curl", "-s", "-w", "\n%{http_code}", f"{server}/v1/chat/completions", "-d", text, *JSON],
        capture_output=True,
        text=True,
        check=True,
    )
    reply, code = ran.stdout.rsplit("\n", 1)
    error = json.loads(reply)["error"]
    assert int(code) == status
    assert words in error["message"]
    assert error["type"] == "invalid_request_error"
    assert "\n" not in error["message"]


def test_a_dead_member_is_no_error(client: openai.OpenAI, provider: Provider):
    provider.set(Model("ben", fault="dead"))
    reply = client.chat.completions.create(model="moa-lite", messages=HI)  # pyright: ignore
    drafts = reply.model_extra["ensemble"]["drafts"]  # pyright: ignore
    assert [draft["status"] for draft in drafts] == ["ok", "failed", "ok"]


@pytest.mark.parametrize("stream", [False, True])
def test_all_members_dead_is_an_error_that_names_them(client, provider: Provider, stream: bool):
    provider.set(*(Model(name, fault="dead") for name in ("ann", "ben", "cat")))
    with pytest.raises(openai.APIError, match="no member gave a usable answer") as caught:
        list(client.chat.completions.create(model="moa-lite", messages=HI, stream=stream))
    assert caught.value.code == "no_usable_draft"
    assert "ann" in str(caught.value)


def test_a_key_that_a_provider_echoes_never_shows(
    client: openai.OpenAI, provider: Provider, server: str
):
    provider.set(*(Model(name, key="right") for name in ("ann", "ben", "cat")))
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(  # pyright: ignore
            model="moa", messages=[{"role": "user", "content": "hi"}]
        )
    assert "401" in str(caught.value)
    assert "Bearer" not in str(caught.value)


def test_hanging_up_ends_the_run(client: openai.OpenAI, provider: Provider):
    provider.set(*(Model(name, token_ms=60) for name in ("ann", "ben", "cat")))
    stream = client.chat.completions.create(  # pyright: ignore
        model="moa", messages=HI, stream=True, extra_body={"ensemble": {"events": True}}
    )
    next(stream)
    next(stream)
    stream.close()
    client.chat.completions.create(model="avengers/cheap", messages=HI)  # pyright: ignore
    finished = [entry for entry in provider.log() if entry["stream"] and entry["ended"]]
    assert len(provider.log()) <= 4
    assert len(finished) <= 1


def test_through_langchain(server: str):
    model = ChatOpenAI(
        model="moa-lite",
        base_url=f"{server}/v1",
        api_key="none",  # pyright: ignore[reportArgumentType]
        extra_body={"ensemble": {"layers": 2}},
    )
    whole = model.invoke("Say something.")
    assert whole.text
    assert whole.usage_metadata
    said = "".join(chunk.text for chunk in model.stream("Say something."))
    assert said == whole.text


def test_health_and_models_without_a_client(server: str):
    assert get(f"{server}/health")["status"] == "ok"
    first = get(f"{server}/v1/models")["data"][0]
    assert first["ensemble"]["method"] == "avengers"
