"""Reading requests and shaping replies, without a server."""

from __future__ import annotations

import pytest
from langgraph_ensemble.studio.endpoint.request import RefusedError, read

HI = [{"role": "user", "content": "hi"}]


def test_null_means_unset():
    asked = read({"model": "moa", "messages": HI, "n": None, "stop": None, "ensemble": None})
    assert (asked.n, asked.stop, asked.ensemble) == (1, [], {})
    assert asked.knobs() == {}


def test_the_newer_name_of_max_tokens_wins():
    asked = read(
        {"model": "m", "messages": HI, "max_tokens": 5, "max_completion_tokens": 7, "stop": "x"}
    )
    assert asked.knobs() == {"max_tokens": 7}
    assert asked.stop == ["x"]


def test_what_waives_itself_is_not_passed_on():
    tool = {"type": "function", "function": {"name": "f"}}
    asked = read({"model": "m", "messages": HI, "tools": [tool], "tool_choice": "none"})
    assert asked.knobs() == {}
    form = {"type": "text"}
    asked = read({"model": "m", "messages": HI, "response_format": form, "logprobs": False})
    assert asked.knobs() == {}
    with pytest.raises(RefusedError, match="functions is not supported") as caught:
        read({"model": "m", "messages": HI, "functions": [{"name": "f"}]})
    assert caught.value.param == "functions"


def test_images_and_tools_results_are_read():
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    ]
    (turn,) = read({"model": "m", "messages": [{"role": "user", "content": parts}]}).conversation()
    assert turn.content == parts
