"""Pools: from lists, from files, and every mistake in one line."""

from __future__ import annotations

import pytest
from helpers import CANARY
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_openai import ChatOpenAI
from langgraph_ensemble import InputError, Member, Pool

GOOD = """
aggregator: qwen
members:
  - name: qwen
    model: qwen2.5:7b
    base_url: ${SERVER:-http://localhost:11434/v1}
    price: {input: 0.1, output: 0.2}
    max_tokens: {propose: 100, aggregate: 200}
  - name: gemma
    provider: ollama
    model: gemma2:9b
  - together:meta-llama/Llama-3-8b
"""


def write(tmp_path, text: str):
    path = tmp_path / "pool.yaml"
    path.write_text(text)
    return path


def test_a_good_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TOGETHER_API_KEY", CANARY)
    monkeypatch.setenv("SERVER", "http://other:1/v1")
    pool = Pool.from_file(write(tmp_path, GOOD))
    assert pool.names == ["qwen", "gemma", "Llama-3-8b"]
    assert pool[0].base_url == "http://other:1/v1"
    assert pool[1].base_url == "http://localhost:11434/v1"
    assert (pool[0].tokens("propose"), pool[0].tokens("judge")) == (100, 2048)
    assert pool[2].api_key_env == "TOGETHER_API_KEY"
    assert pool.secrets == {CANARY}
    assert CANARY not in repr(pool) + str([m.model_dump() for m in pool])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("members: [", "not valid YAML on line"),
        ("- a", "it must hold a list called 'members'"),
        ("membres: []", "it must hold a list called 'members'"),
        ("members: []", "a pool needs at least one member"),
        ("members: [{<A>}]\nagregator: a", "did you mean 'aggregator'"),
        ("members: [{<A>, retires: 2}]", "unknown key 'retires'; did you mean 'retries'"),
        ("members: [{name: a, base_url: x}]", "member 'a': 'model' is missing"),
        ("members: [{name: a/b, model: m, base_url: x}]", "a name has 1 to 64 letters"),
        ("members: [{<A>, timeout: -1}]", "'timeout': input should be greater"),
        ("members: [{<A>}, {<A>}]", "two members are called 'a'"),
        ("members: [{<A>}]\naggregator: b", "aggregator 'b' is not in the pool"),
        ("members: [{<A>}]\nproposers: [b]", "proposer 'b' is not in the pool"),
        ("members: [{<A>, role: '${NOWHERE}'}]", "environment variable NOWHERE is not set"),
        ("members: [{name: a, model: m, api_key: sk-123}]", "use 'api_key_env: VARIABLE'"),
        ("members: [{<A>, api_key_env: NO_KEY}]", "variable NO_KEY is not set"),
        ("members: [{<A>, params: {api_key: sk-123}}]", "use 'api_key_env: VARIABLE'"),
        ("members: [{<A>}]\nconfidence: much", "'confidence' must be a number from 0 to 1"),
        ("members: [{<A>}]\nconfidence: 1.5", "confidence must lie from 0 to 1, not 1.5"),
        ("members: [{<A>}]\nconfidance: 0.5", "did you mean 'confidence'"),
        ("members: [{<A>}]\ndecline: [no]", "'decline' must be a text"),
        ("members: [{<A>}]\nescalate_to: b", "escalate_to 'b' is not in the pool"),
        ("members: ['nobody:m']", "unknown provider 'nobody'"),
        ("members: [just-a-word]", "is not 'provider:model'"),
        ("members: [{name: a, model: m, provider: openia}]", "'provider'"),
    ],
)  # fmt: skip
def test_every_mistake_is_one_line_that_names_file_key_and_remedy(tmp_path, text, message) -> None:
    path = write(tmp_path, text.replace("<A>", "name: a, model: m, base_url: x"))
    with pytest.raises(InputError) as error:
        Pool.from_file(path)
    assert str(path) in str(error.value)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert "sk-123" not in str(error.value)


def test_a_file_that_is_not_there_or_not_text(tmp_path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        Pool.from_file(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        Pool.from_file(tmp_path / "bad.yaml")


def test_members_from_whatever_people_have() -> None:
    model = ChatOpenAI(model="gpt-x", api_key=CANARY)  # pyright: ignore
    pool = Pool([model, model, "ollama:qwen2.5:7b", FakeListChatModel(responses=["a"])])
    assert pool.names == ["gpt-x", "gpt-x-2", "qwen2.5-7b", "FakeListChatModel"]
    assert pool.secrets == {CANARY}
    with pytest.raises(InputError, match="not int"):
        Pool([3])  # pyright: ignore


def test_openai_needs_its_key_and_says_so(monkeypatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(InputError, match="OPENAI_API_KEY is not set"):
        Pool(["openai:gpt-x"])


def test_explicit_names_must_differ_and_subsets_keep_their_parts() -> None:
    ann, ben = Member(name="ann", model="m"), Member(name="ben", model="m")
    with pytest.raises(InputError, match="two members are called 'ann'"):
        Pool([ann, ann])
    pool = Pool([ann, ben], aggregator="ben", proposers=["ann"])
    assert pool.subset(["ben"]).aggregator == "ben"
    assert pool.subset(["ann"]).aggregator is None


def test_a_file_says_what_becomes_of_unsure_answers(tmp_path) -> None:
    members = "members: [{name: a, model: m, base_url: x}, {name: b, model: m, base_url: x}]"
    text = f"{members}\nconfidence: 0.4\ndecline: I will not guess.\nescalate_to: b"
    pool = Pool.from_file(write(tmp_path, text))
    assert (pool.confidence, pool.decline, pool.escalate_to) == (0.4, "I will not guess.", "b")
    assert pool.proposers == ["a"], "who is asked when the team is unsure is no part of it"


def test_the_bundled_pool() -> None:
    pool = Pool.pocket()
    assert pool.confidence == 0.5
    assert "\n" not in str(pool.decline)
    assert "ensemble pool local" in str(pool.decline)
    assert len(pool) >= 5
    assert all(m.price is not None and m.price.input == 0 for m in pool)
