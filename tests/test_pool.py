"""Pools from lists and files; every mistake is reported in one line."""

from __future__ import annotations

import pytest
from helpers import CANARY
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_openai import ChatOpenAI
from langgraph_ensemble import InputError, Member, Pool, create_moa, create_smoa

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
    assert pool.proposers == ["a"], "the member for unsure answers is not part of the team"


def test_the_bundled_pool() -> None:
    pool = Pool.pocket()
    assert pool.confidence == 0.3
    assert "\n" not in str(pool.decline)
    assert "ensemble pool local" in str(pool.decline)
    assert len(pool) >= 5
    assert all(m.price is not None and m.price.input == 0 for m in pool)


class Chatty(FakeListChatModel):
    """A chat model whose repr shows more than it should."""

    def __repr__(self) -> str:
        return CANARY

    __str__ = __repr__


CHATTY = Chatty(responses=["a"])


def test_a_part_is_a_name_or_a_further_model_that_does_not_draft() -> None:
    ann, big = Member(name="ann", model="m"), Member(name="big", model="m")
    pool = Pool([ann], aggregator=big, judge=CHATTY, moderator="ollama:gemma2:9b")
    assert (pool.aggregator, pool.judge, pool.moderator) == ("big", "Chatty", "gemma2-9b")
    assert pool.names == ["ann", "big", "Chatty", "gemma2-9b"]
    assert pool.proposers == ["ann"]
    assert pool.member("big") is big


def test_a_model_of_the_pool_plays_a_part_without_joining_again() -> None:
    pool = Pool([Member(name="a.b", model="m"), CHATTY, "ollama:gemma2:9b"])
    for item, name in (
        (CHATTY, "Chatty"),
        ("ollama:gemma2:9b", "gemma2-9b"),
        ("gemma2-9b", "gemma2-9b"),
        (pool[0], "a.b"),
        (Member(name="a.b", model="m"), "a.b"),
    ):
        same, member = pool.joined(item)
        assert same is pool
        assert member.name == name


def test_one_further_model_in_two_parts_joins_once_and_another_of_its_name_is_numbered() -> None:
    pool, first = Pool(["ollama:a"]).joined(CHATTY, "judge")
    again, second = pool.joined(CHATTY, "aggregator")
    assert again is pool
    assert second is first
    other, third = pool.joined(Chatty(responses=["b"]))
    assert third.name == "Chatty-2"
    assert other.proposers == ["a"]
    with pytest.raises(InputError, match="two members are called 'Chatty'"):
        pool.joined(Member(name="Chatty", model="m"))


@pytest.mark.parametrize("part", ["aggregator", "judge", "moderator"])
@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            3,
            "must be a member's name, a chat model, a Member or a 'provider:model' string, not int",
        ),
        ([CHATTY], "string, not list"),
        ("qwem", "'qwem' is not in the pool; did you mean 'qwen'?"),
        ("zoe", "'zoe' is not in the pool; it has qwen"),
        ("nobody:m", "unknown provider 'nobody'"),
    ],
)
def test_what_plays_no_part_is_told_by_its_class(part, item, message) -> None:
    for build in (Pool, create_smoa):
        with pytest.raises(InputError) as error:
            build([Member(name="qwen", model="m")], **{part: item})
        assert str(error.value).startswith(part)
        assert message in str(error.value)
        assert CANARY not in str(error.value)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Pool(CHATTY),
        lambda: Pool("ollama:a"),
        lambda: Pool([CHATTY], proposers=[CHATTY]),
        lambda: create_moa([CHATTY], proposers=[CHATTY]),
        lambda: create_moa([CHATTY], proposers=[["Chatty"], CHATTY]),
        lambda: create_moa([CHATTY], layers=CHATTY),
        lambda: Member.of([CHATTY]),
        lambda: Member(name="a", model="m", role=CHATTY),
        lambda: Member(name=CHATTY, model="m"),
    ],
)
def test_no_error_prints_an_object(build) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011
        build()
    assert CANARY not in str(error.value)
