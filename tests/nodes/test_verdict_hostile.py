"""No text of a judge, a moderator or an author of roles can crash or block a run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph_ensemble.nodes.verdict import (
    Unreadable,
    read_cast,
    read_decision,
    read_letter,
    read_verdict,
)

READERS: dict[str, Callable[[str], Any]] = {
    "judge": lambda text: read_verdict(text, 3),
    "moderator": read_decision,
    "roles": lambda text: read_cast(text, 2),
    "letter": lambda text: read_letter(text, {}, 3),
}
HOSTILE = {
    "braces": "{" * 100_000,
    "brackets": "[" * 50_000,
    "brackets in a field": '{"chosen": ' + "[" * 50_000,
    "objects": '{"a":' * 50_000,
    "roles in roles": '{"roles":[' + '{"a":' * 3000,
    "a long number": '{"chosen":[' + "9" * 5000 + '],"stop":true}',
    "a long number in quotes": '{"chosen":["' + "9" * 5000 + '"],"stop":true}',
    "no numbers": '{"chosen":[NaN,Infinity,1e999],"stop":1e999,"roles":[NaN, 1e999]}',
    "backslashes": '{"reason":"' + "\\" * 100_000,
    "commas": "{" + "'a':1," * 30_000,
    "quotes": "{" + "\"'" * 50_000,
    "fences": "```json\n{" * 20_000,
    "a megabyte": '{"chosen":[1],"stop":true,"roles":["a","b"],"reason":"' + "x" * 1_000_000 + '"}',
    "nulls": "\0" * 1000 + '{"chosen":"\0"}',
    "comments": "{" + "/*" * 20_000,
    "spaces": "{" + " " * 500_000,
}
SCRAPS = st.sampled_from(
    [
        *'{}[]:,"()B2',
        *(
            "'",
            "```json\n",
            "```",
            "\\",
            "\\u",
            "\ud800",
            "\0",
            "//",
            "/*",
            " ",
            "\n",
            "...",
            "“",
            "”",
        ),
        *("chosen", "stop", "reason", "roles", "true", "None", "NaN", "1e999", "-1", "9" * 4301),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(["chosen", "stop", "reason", "roles", "ids", "Chosen Drafts", "end"])


def check(read: Callable[[str], Any], text: str) -> None:
    """The text is read or refused as unreadable; a result can be stored."""
    began = time.perf_counter()
    try:
        result = read(text)
    except Unreadable as error:
        assert len(str(error).encode()) < 500  # noqa: PT017 - any of two outcomes is right
    else:
        kept = result if isinstance(result, list) else result.model_dump()
        json.dumps(kept, ensure_ascii=False).encode()
        assert "\0" not in str(kept)
    # Not a measurement: a reader that hung took fifteen seconds and more.
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_known_attacks_are_read_or_refused_at_once(reader: str, text: str) -> None:
    check(READERS[reader], text)


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=150, deadline=None)
@pytest.mark.slow
@given(scraps=st.lists(SCRAPS | st.text(max_size=9), max_size=40))
def test_any_scraps_of_json_are_read_or_refused(reader: str, scraps: list[str]) -> None:
    check(READERS[reader], "".join(scraps))


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=150, deadline=None)
@pytest.mark.slow
@given(data=st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_object_is_read_or_refused(reader: str, data: dict) -> None:
    check(READERS[reader], json.dumps(data))


@settings(max_examples=150, deadline=None)
@pytest.mark.slow
@given(said=VALUES, inner=VALUES, text=st.text(max_size=20))
def test_a_server_may_tell_anything_of_its_tokens(said: Any, inner: Any, text: str) -> None:
    for metadata in (
        {"logprobs": said},
        {"logprobs": {"content": said}},
        {"logprobs": {"content": [said]}},
        {"logprobs": {"content": [{"top_logprobs": [{"token": said, "logprob": inner}]}]}},
    ):
        check(lambda text, metadata=metadata: read_letter(text, metadata, 3), text)


def test_a_judge_that_reasons_in_braces_first_is_read_all_the_same() -> None:
    text = 'Of {a, b} the {first}:\n```json\n{"chosen": [2], "reason": "\\ud800 ok"}\n```'
    assert (read_verdict(text, 3).chosen, read_verdict(text, 3).reason) == ([2], "� ok")
