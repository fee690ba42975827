"""Providers from LangChain packages: one that a test writes, and packages that are missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from helpers import CANARY, ask, question
from langgraph_ensemble import InputError, Member, Pool, create_moa, create_smoa
from langgraph_ensemble.models import langchain

Q = question()
PACKAGE = """
import os
from langchain_openai import ChatOpenAI

class {name}(ChatOpenAI):
    def __init__(self, **options):
        if options.get("base_url") is None:
            options["base_url"] = os.environ["FAKE_URL"]
        options.setdefault("api_key", os.environ.get("{key}"))
        if "wrong" in options["model"]:
            raise ValueError("no such model\\nkey " + str(options["api_key"]))
        super().__init__(**options)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider) -> Iterator[Any]:
    """Write a provider's package onto the path; the test provider serves its model."""
    written: list[str] = []

    def write(module: str, text: str) -> None:
        (tmp_path / f"{module}.py").write_text(text)
        written.append(module)
        monkeypatch.syspath_prepend(tmp_path)

    monkeypatch.setenv("FAKE_URL", provider.url)
    yield write
    langchain.chat_class.cache_clear()
    for module in written:
        sys.modules.pop(module, None)


@pytest.fixture
def mistral(install, monkeypatch) -> None:
    """A package like langchain-mistralai, and its key."""
    install("langchain_mistralai", PACKAGE.format(name="ChatMistralAI", key="MISTRAL_API_KEY"))
    monkeypatch.setenv("MISTRAL_API_KEY", CANARY)


def absent(package: str) -> str:
    return package if find_spec(package.replace("-", "_")) is None else pytest.skip()


async def test_a_string_of_any_provider_is_a_member(mistral, provider) -> None:
    pool = Pool(["mistralai:ann", "mistralai:ben"], aggregator="mistralai:dan")
    assert pool.names == ["ann", "ben", "dan"]
    state = await create_moa(pool, layers=2).compile().ainvoke(ask(Q.text))
    assert [d["status"] for d in state["result"]["drafts"]] == ["ok", "ok"]
    assert state["result"]["fell_back"] == []
    assert [provider.calls(name) for name in ("ann", "ben", "dan")] == [1, 1, 1]
    assert CANARY in pool.secrets
    assert CANARY not in repr(pool) + str([m.model_dump() for m in pool]) + str(state)


async def test_the_pool_file_names_the_provider_or_langchain(mistral, provider, tmp_path) -> None:
    (tmp_path / "pool.yaml").write_text(
        "aggregator: dan\n"
        "members:\n"
        "  - {name: ann, provider: mistralai, model: ann, price: {input: 1, output: 1}}\n"
        "  - {name: dan, provider: langchain, model: 'mistralai:dan', max_tokens: 99}\n"
        "  - mistralai:ben\n"
    )
    pool = Pool.from_file(tmp_path / "pool.yaml")
    assert [m.model for m in pool] == ["mistralai:ann", "mistralai:dan", "mistralai:ben"]
    assert {m.structured for m in pool} == {"text"}
    state = await create_smoa(pool, k=1, max_rounds=1).compile().ainvoke(ask(Q.text))
    assert state["result"]["fell_back"] == []
    assert [s["member"] for s in state["result"]["steps"]] == ["dan", "dan"]


async def test_a_budget_in_money_asks_for_its_price(mistral) -> None:
    graph = create_moa(["mistralai:ann"], layers=2).compile()
    with pytest.raises(InputError, match="budget_usd needs a price of every member; 'ann'"):
        await graph.ainvoke(ask(Q.text), context={"budget_usd": 1.0})


def test_a_missing_package_is_one_line_that_names_it(tmp_path, monkeypatch) -> None:
    package = absent("langchain-upstage")
    monkeypatch.setenv("UPSTAGE_API_KEY", CANARY)
    (tmp_path / "pool.yaml").write_text("members: [{name: a, provider: upstage, model: solar}]")
    for build in (
        lambda: Member.of("upstage:solar"),
        lambda: Pool.from_file(tmp_path / "pool.yaml"),
        lambda: langchain.build(Member(name="a", provider="langchain", model="upstage:solar")),
    ):
        with pytest.raises(InputError) as error:
            build()
        assert f"pip install {package}" in str(error.value)
        assert "\n" not in str(error.value)
        assert CANARY not in str(error.value)


def test_a_missing_key_is_one_line_that_names_its_variable(mistral, monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("MISTRAL_API_KEY")
    with pytest.raises(InputError, match="variable MISTRAL_API_KEY is not set"):
        Member.of("mistralai:ann")
    text = "members: [{name: a, provider: mistralai, model: ann, api_key_env: MY_KEY}]"
    (tmp_path / "pool.yaml").write_text(text)
    with pytest.raises(InputError, match="variable MY_KEY is not set"):
        Pool.from_file(tmp_path / "pool.yaml")


async def test_what_the_class_refuses_is_a_failed_draft_without_the_key(mistral) -> None:
    pool = Pool(["mistralai:ann", "mistralai:wrong"], proposers=["ann", "wrong"])
    state = await create_moa(pool, layers=2).compile().ainvoke(ask(Q.text))
    failed = next(d for d in state["result"]["drafts"] if d["member"] == "wrong")
    assert "member 'wrong': ChatMistralAI refuses: no such model" in failed["error"]
    assert CANARY not in str(state)


async def test_another_address_does_not_get_the_providers_key(mistral, provider) -> None:
    who = Member(name="a", provider="langchain", model="mistralai:ann", base_url=provider.url)
    assert langchain.build(who).openai_api_key.get_secret_value() == "none"


def test_langchain_itself_knows_further_providers(install) -> None:
    absent("langchain")
    install(
        "langchain",
        "import sys, types\n"
        "from langchain_core.language_models.fake_chat_models import FakeListChatModel\n"
        "def init_chat_model(model, *, model_provider):\n"
        "    if model_provider == 'strange':\n"
        "        return FakeListChatModel(responses=[model])\n"
        "    if model_provider == 'keyless':\n"
        "        raise ImportError('please pip install langchain-keyless')\n"
        "    raise ValueError('Unsupported provider')\n"
        "sys.modules['langchain.chat_models'] = found = types.ModuleType('langchain.chat_models')\n"
        "found.init_chat_model = init_chat_model\n",
    )
    assert Member.of("strange:one").name == "one"
    with pytest.raises(InputError, match="pip install langchain-keyless"):
        Member.of("keyless:m")
    with pytest.raises(InputError, match="unknown provider 'nobody'"):
        Member.of("nobody:m")
    sys.modules.pop("langchain.chat_models")


@pytest.mark.parametrize("model", ["just-a-word", "nobody:m"])
def test_provider_langchain_needs_a_model_it_knows(tmp_path, model) -> None:
    text = f"members: [{{name: a, provider: langchain, model: '{model}'}}]"
    (tmp_path / "pool.yaml").write_text(text)
    with pytest.raises(InputError, match="needs a model named 'provider:model'"):
        Pool.from_file(tmp_path / "pool.yaml")
