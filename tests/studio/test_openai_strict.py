"""The OpenAI endpoint over real sockets: errors, sampling, calls in pieces, probabilities."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import app_server, write_pool

HI: Any = [{"role": "user", "content": "Say something."}]
NAMES = ("ann", "ben", "cat")
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
SAMPLING: Any = {
    "top_p": 0.5,
    "presence_penalty": 0.25,
    "frequency_penalty": -0.25,
    "logit_bias": {"50": -100},
    "reasoning_effort": "low",
}


@pytest.fixture
def client(server: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server}/v1", api_key="none") as opened:
        yield opened


@pytest.fixture(scope="module")
def picky_server(
    tmp_path_factory: pytest.TempPathFactory, provider_process: Provider
) -> Iterator[str]:
    """A pool whose members refuse options, which its server learns; one of them is missing."""
    folder = tmp_path_factory.mktemp("picky")
    lost = {"gil": {"model": "/srv/models/llama-7b.gguf"}}
    pool = write_pool(folder, provider_process.url, ["eve", "fay", "gil"], lost)
    with app_server(folder, pool) as url:
        yield url


@pytest.fixture
def picky(picky_server: str, provider: Provider) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{picky_server}/v1", api_key="x", max_retries=0) as opened:
        yield opened


def send(server: str, method: str, path: str, body: bytes | None = None) -> tuple[int, Any, Any]:
    """Status, headers and JSON of a reply."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=30)
    connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
    reply = connection.getresponse()
    text = reply.read()
    connection.close()
    return reply.status, reply.headers, json.loads(text)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("overflow", 400, "context_length_exceeded"),
        ("unauthorised", 424, "no_usable_draft"),
        ("no_format", 400, "no_usable_draft"),
    ],
)
def test_what_fails_for_good_is_asked_once(
    client: openai.OpenAI, provider: Provider, fault: Any, status: int, code: str
):
    provider.set(*(Model(name, fault=fault) for name in NAMES))
    form: Any = {"response_format": {"type": "json_object"}} if fault == "no_format" else {}
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model="moa-lite", messages=HI, **form)
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert caught.value.response.headers["x-should-retry"] == "false"
    # Three drafts, or these and the three writers; the client has not sent the request again.
    assert provider.calls() == (6 if fault == "no_format" else 3)


def test_the_model_for_titles_and_tags_makes_one_call(client: openai.OpenAI, provider: Provider):
    turns = [*HI, {"role": "assistant", "content": "So."}, {"role": "user", "content": "A title?"}]
    client.chat.completions.create(model="avengers-cheap", messages=turns)
    assert provider.calls() == 1


def test_what_may_pass_is_asked_again(client: openai.OpenAI, provider: Provider):
    provider.set(*(Model(name, fault="dead") for name in NAMES))
    with pytest.raises(openai.InternalServerError) as caught:
        client.with_options(max_retries=1).chat.completions.create(model="moa-lite", messages=HI)
    assert caught.value.status_code == 502
    assert "x-should-retry" not in caught.value.response.headers
    assert provider.calls() == 6


def test_a_budget_that_is_too_small_is_the_requests_fault(client: openai.OpenAI):
    with pytest.raises(openai.BadRequestError, match="max_total_tokens"):
        client.chat.completions.create(
            model="moa-lite", messages=HI, extra_body={"ensemble": {"max_total_tokens": 5}}
        )


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/chat/completions", 405, "method_not_allowed"),
        ("DELETE", "/v1/models", 405, "method_not_allowed"),
        ("POST", "/v1/embeddings", 404, "unknown_url"),
        ("GET", "/v1/", 404, "unknown_url"),
        ("PATCH", "/v1/nothing/here", 404, "unknown_url"),
    ],
)
def test_paths_and_methods_that_do_not_exist(server: str, method: str, path: str, status, code):
    found, headers, body = send(server, method, path)
    assert found == status
    assert body["error"]["code"] == code
    assert body["error"]["type"] == "invalid_request_error"
    assert headers["x-should-retry"] == "false"
    if status == 405:
        assert headers["allow"]


DEEP = b'{"model":"moa-lite","messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
HALF = rb'{"model":"moa-lite","messages":[{"role":"user","content":"a \ud83d b"}]}'


@pytest.mark.parametrize("body", [DEEP, HALF, b"\xff\xfe", b'{"model": NaN}', b"{"])
def test_bodies_that_break_readers_are_bad_requests(server: str, provider: Provider, body: bytes):
    status, _, reply = send(server, "POST", "/v1/chat/completions", body)
    assert status == 400
    assert reply["error"]["message"].startswith("the body is not JSON")
    assert provider.calls() == 0


def test_sampling_options_reach_the_members(client: openai.OpenAI, provider: Provider):
    reply = client.chat.completions.create(model="moa-lite", messages=HI, **SAMPLING)
    assert [entry["sampling"] for entry in provider.log()] == [SAMPLING] * 4
    assert "without" not in reply.model_extra["ensemble"]  # pyright: ignore
    provider.reset()
    client.chat.completions.create(model="avengers-balanced", messages=HI, top_p=0.25)
    assert {json.dumps(entry["sampling"]) for entry in provider.log()} == {'{"top_p": 0.25}'}


def test_a_member_that_refuses_an_option_is_asked_again_without_it(
    picky: openai.OpenAI, provider: Provider
):
    provider.set(Model("eve"), Model("fay", refuses=["logit_bias", "reasoning_effort"]))
    for tries in (3, 1):
        reply = picky.chat.completions.create(model="moa-lite", messages=HI, **SAMPLING)
        account = reply.model_extra["ensemble"]  # pyright: ignore
        assert account["without"] == {"fay": ["logit_bias", "reasoning_effort"]}
        assert [draft["status"] for draft in account["drafts"]] == ["ok", "ok", "failed"]
        asked = [entry for entry in provider.log() if entry["model"] == "fay"]
        # The refusals are learnt once.
        assert len(asked) == tries
        assert asked[-1]["sampling"] == {
            key: SAMPLING[key] for key in ("top_p", "presence_penalty", "frequency_penalty")
        }
        provider.reset()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"top_p": 2}, "top_p"),
        ({"logit_bias": {"50": "much"}}, "logit_bias"),
        ({"reasoning_effort": "Very high!"}, "reasoning_effort"),
        ({"top_logprobs": 2}, "'logprobs': true"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"audio": {"voice": "alloy"}}, "audio is not supported"),
    ],
)
def test_options_that_nobody_takes(client, provider: Provider, more: Any, words: str):
    with pytest.raises(openai.BadRequestError, match=words):
        client.chat.completions.create(model="moa-lite", messages=HI, **more)
    assert provider.calls() == 0


@pytest.mark.parametrize("kind", ["input_audio", "file", None])
def test_content_that_is_no_text_and_no_image(client: openai.OpenAI, provider: Provider, kind: Any):
    parts: Any = [{"type": "text", "text": "Write it down."}, {"type": kind, "data": "AAAA"}]
    with pytest.raises(openai.BadRequestError, match=f"content of the type '{kind}' is not"):
        client.chat.completions.create(
            model="moa-lite", messages=[{"role": "user", "content": parts}]
        )
    assert provider.calls() == 0


@pytest.mark.parametrize("model", ["moa-lite", "avengers/cheap"])
def test_tool_calls_come_in_pieces(client: openai.OpenAI, provider: Provider, model: str):
    city = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
    provider.set(*(Model(name, tool_arguments={"city": city}) for name in NAMES))
    chunks = list(
        client.chat.completions.create(model=model, messages=HI, tools=[TOOL], stream=True)
    )
    pieces = [p for c in chunks if c.choices for p in c.choices[0].delta.tool_calls or []]
    assert len(pieces) > 3
    assert pieces[0].function.name == "get_weather"  # pyright: ignore
    assert [bool(piece.id) for piece in pieces] == [True] + [False] * (len(pieces) - 1)
    said = "".join(piece.function.arguments or "" for piece in pieces)  # pyright: ignore
    assert json.loads(said) == {"city": city}
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def test_half_a_tool_call_ends_in_an_error(client: openai.OpenAI, provider: Provider):
    provider.set(Model("ann", fault="half"))
    with pytest.raises(openai.APIError, match="broke off within a tool call"):
        # Ann writes the answer, and no part of her call can be withdrawn.
        for _ in client.chat.completions.create(
            model="moa-lite", messages=HI, tools=[TOOL], stream=True
        ):
            pass


def test_errors_of_providers_name_no_paths(picky: openai.OpenAI, provider: Provider):
    provider.set(Model("eve"), Model("fay"))
    reply = picky.chat.completions.create(model="moa-lite", messages=HI)
    failed = reply.model_extra["ensemble"]["drafts"][2]["error"]  # pyright: ignore
    assert "the model '[path]' does not exist" in failed
    provider.set(Model("eve", fault="unauthorised"), Model("fay", fault="overflow"))
    with pytest.raises(openai.APIStatusError) as caught:
        picky.chat.completions.create(model="moa-lite", messages=HI)
    assert caught.value.status_code == 424
    assert "[path]" in caught.value.response.text
    assert "/srv" not in caught.value.response.text


@pytest.mark.parametrize("model", ["moa-lite", "avengers/cheap", "avengers-balanced", "ranker"])
@pytest.mark.parametrize("stream", [False, True])
def test_probabilities_of_the_answers_tokens(client: openai.OpenAI, model: str, stream: bool):
    reply: Any = client.chat.completions.create(
        model=model, messages=HI, logprobs=True, top_logprobs=2, stream=stream
    )
    if stream:
        choices = [chunk.choices[0] for chunk in reply if chunk.choices]
        text = "".join(choice.delta.content or "" for choice in choices)
        told = [c for choice in choices if choice.logprobs for c in choice.logprobs.content]
    else:
        text, told = reply.choices[0].message.content, reply.choices[0].logprobs.content
        drafts = reply.model_extra["ensemble"]["drafts"]
        assert not any("logprobs" in draft for draft in drafts)
    assert "".join(each.token for each in told).strip() == text
    assert {len(each.top_logprobs) for each in told} == {2}
    assert told[0].logprob < 0


def test_probabilities_end_with_the_answer(client: openai.OpenAI, provider: Provider):
    reply = client.chat.completions.create(
        model="moa-lite", messages=HI, logprobs=True, stop=["about"]
    )
    told = reply.choices[0].logprobs.content  # pyright: ignore
    assert [each.token for each in told] == ["ann", " says", " about"]  # pyright: ignore
    assert reply.choices[0].message.content == "ann says "
    assert {json.dumps(e["sampling"]) for e in provider.log()[:3]} == {"{}"}


def test_a_member_without_probabilities(picky: openai.OpenAI, provider: Provider):
    provider.set(*(Model(name, refuses=["logprobs"]) for name in ("eve", "fay")))
    reply = picky.chat.completions.create(model="moa-lite", messages=HI, logprobs=True)
    assert reply.choices[0].logprobs is None
    assert reply.model_extra["ensemble"]["without"] == {"eve": ["logprobs"]}  # pyright: ignore
