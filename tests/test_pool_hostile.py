"""A pool file from a stranger: read, or refused at once in one line that says what to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph_ensemble import InputError, Member, Pool
from langgraph_ensemble.cli.main import main

A = "name: a, model: m, base_url: 'http://x'"
HOSTILE = {
    "alias bomb": (
        "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40)),
        "on line 13: it has more than 20,000 values",
    ),
    "deep aliases": (
        "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 40)),
        "nested more than 20 levels deep",
    ),
    "recursive alias": ("members: &a [*a]", "on line 1: *a refers to itself or to nothing"),
    "alias of nothing": ("members: [*a]", "on line 1: *a refers to itself or to nothing"),
    "deep list": ("members: " + "[" * 5000 + "]" * 5000, "nest"),
    "deep mapping": ("members: " + "{a: " * 5000, "nest"),
    "deep lines": ("\n".join(" " * i + "-" for i in range(1000)), "on line 19: it is nested more"),
    "long integer": (f"members: [{{{A}, context: {'9' * 5000}}}]", "on line 1: this cannot be"),
    "long hexadecimal": (f"members: [{{{A}, context: 0x{'f' * 5000}}}]", "'context': input should"),
    "large integer": (f"members: [{{{A}, max_tokens: {'9' * 400}}}]", "'max_tokens"),
    "infinite timeout": (f"members: [{{{A}, timeout: .inf}}]", "'timeout': input should be a fin"),
    "no number": (f"members: [{{{A}, timeout: .nan}}]", "'timeout': input should be a finite"),
    "infinite price": (f"members: [{{{A}, price: {{input: .inf, output: 1}}}}]", "'price.input'"),
    "infinite context": (f"members: [{{{A}, context: .inf}}]", "'context'"),
    "confidence": (f"members: [{{{A}}}]\nconfidence: .nan", "confidence must lie from 0 to 1"),
    "file address": ("members: [{name: a, model: m, base_url: 'file:///x'}]", "begin with http"),
    "other protocol": ("members: [{name: a, model: m, base_url: 'ftp://x'}]", "begin with http"),
    "no protocol": ("members: [{name: a, model: m, base_url: 'host:80/v1'}]", "begin with http"),
    "no address": ("members: [{name: a, model: m, base_url: 'http://[x'}]", "begin with http"),
    "file at another": (
        "members: [{name: a, provider: huggingface, model: m, base_url: 'file:///x'}]",
        "begin with http",
    ),
    "key twice": (f"members: [{{{A}}}]\nmembers: []", "on line 2: the key 'members' stands there"),
    "field twice": ("members:\n- name: a\n  model: m\n  model: n", "on line 4: the key 'model'"),
    "tabs": ("members:\n\t- name: a", "on line 2: found character"),
    "binary": ("\0\1\2\3members", "control characters are not allowed"),
    "date": (f"members: [{{{A}, role: 2026-99-99}}]", "this cannot be read as timestamp"),
    "object": ("members: !!python/object/apply:os.system [id]", "constructor for the tag"),
    "number of words": ("members: [!!int x]", "this cannot be read as int"),
    "truth of words": ("members: [!!bool x]", "this cannot be read as bool"),
    "key that is a number": ("members: [{1: 2, name: a, model: m}]", "unknown key '1'"),
    "key that is nothing": ("members: [{null: 2}]", "unknown key 'None'"),
    "key that is a list": ("members: [{[1]: 2}]", "found unhashable key"),
    "params that are none": (f"members: [{{{A}, params: 5}}]", "'params'"),
    "long name": (f"members: [{{name: {'k' * 900_000}, model: m}}]", "a name has 1 to 64 letters"),
    "variables": ("members: [{name: a, model: '" + "${a:-" * 150_000 + "'}]", "member 'a'"),
    "many values": ("members: [" + "a," * 400_000 + "]", "more than 20,000 values"),
    "two documents": ("members: []\n---\nmembers: []", "another document"),
    "large": ("members: [" + " " * 2_000_000, "more than 1,000,000 bytes"),
}


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.mark.parametrize(("text", "message"), HOSTILE.values(), ids=list(HOSTILE))
def test_each_is_refused_in_one_line(
    tmp_path: Path, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pool.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        Pool.from_file(path)
    said = str(error.value)
    assert said.startswith(f"{path}: ")
    assert message in said
    assert "\n" not in said
    assert len(said) < 1000
    with pytest.raises(SystemExit) as left:
        main(["ask", "What is it?", "--pool", str(path)])
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "pool.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000_000)
    with pytest.raises(InputError, match="more than 1,000,000 bytes"):
        Pool.from_file(path)


def test_aliases_that_programs_write_are_taken(tmp_path: Path) -> None:
    price = {"input": 1.0, "output": 2.0}
    members = [{"name": n, "model": n, "base_url": "http://x", "price": price} for n in "ab"]
    text = yaml.safe_dump({"members": members})
    assert "*id001" in text
    path = tmp_path / "pool.yaml"
    path.write_text(text)
    assert Pool.from_file(path)[1].price == Pool.from_file(path)[0].price
    path.write_text(
        f"members:\n- &a {{{A}, params: {{x: 1}}}}\n- &b {{<<: *a, name: b}}\n- {{<<: *b, name: c}}"
    )
    assert Pool.from_file(path).names == ["a", "b", "c"]


@pytest.mark.parametrize("field", ["timeout", "idle_timeout", "requests_per_second", "size"])
@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_no_number_of_a_member_is_infinite(field: str, value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Member(name="a", model="m", **{field: value})


def test_an_address_of_another_protocol_is_the_matter_of_its_own_provider(tmp_path: Path) -> None:
    path = tmp_path / "pool.yaml"
    path.write_text("members: [{name: a, provider: huggingface, model: m, base_url: 'grpc://x'}]")
    assert Pool.from_file(path)[0].base_url == "grpc://x"


@pytest.mark.parametrize(
    "params",
    [
        {"trust_remote_code": True},
        {"trust_remote_code": "yes"},
        {"model_kwargs": {"trust_remote_code": 1}},
        {"a": [{"b": {"trust_remote_code": True}}, 1]},
    ],
)
def test_code_of_strangers_is_run_only_where_it_is_allowed(
    tmp_path: Path, params: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pool.yaml"
    fields = {"name": "a", "provider": "huggingface", "model": "m", "params": params}
    path.write_text(yaml.safe_dump({"members": [fields]}))
    with pytest.raises(InputError, match="set ENSEMBLE_TRUST_REMOTE_CODE=1") as error:
        Pool.from_file(path)
    assert "\n" not in str(error.value)
    monkeypatch.setenv("ENSEMBLE_TRUST_REMOTE_CODE", "1")
    assert Pool.from_file(path)[0].params == params
    monkeypatch.delenv("ENSEMBLE_TRUST_REMOTE_CODE")
    assert Pool([Member(**fields)])[0].params == params
    off = {"model_kwargs": {"trust_remote_code": False}}
    path.write_text(yaml.safe_dump({"members": [{**fields, "params": off}]}))
    assert Pool.from_file(path)[0].params == off


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(st.characters(codec="utf-8"), max_size=9)
    | st.sampled_from(["m", "http://x", "${HOME}", "ollama:m", "a", "openai", "pocket"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
FIELDS = st.sampled_from([*Member.model_fields, "api_key", "x"])
PARTS = st.sampled_from(["aggregator", "judge", "proposers", "confidence", "decline", "y"])


@settings(max_examples=300, deadline=None, derandomize=True)
@pytest.mark.slow
@given(
    members=st.lists(st.dictionaries(FIELDS, VALUES, max_size=4) | VALUES, max_size=3),
    more=st.dictionaries(PARTS, VALUES, max_size=2),
)
def test_any_value_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, members: list[Any], more: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    named = [{"name": f"a{i}", "model": "m", **m} if isinstance(m, dict) else m
             for i, m in enumerate(members)]  # fmt: skip
    path.write_text(yaml.safe_dump({"members": named, **more}, allow_unicode=True))
    try:
        pool = Pool.from_file(path)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - any of two outcomes is right
    else:
        assert 0 < len(pool) <= len(members) + len(more)
