"""Images count in the longest conversation, on the page and in responses that follow each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import app_server, write_pool
from operated import Server

LONGEST = 5000
PICTURE = "data:image/png;base64," + "A" * 2000
THREAD = "/api/threads/0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, provider_process: Provider) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("limited")
    pool = write_pool(folder, provider_process.url, ["ann"], more={"ann": {"vision": True}})
    more = {"ENSEMBLE_MAX_CONVERSATION": str(LONGEST)}
    with app_server(folder, pool, more=more) as url:
        yield url


@pytest.fixture
def limited(process: str, provider: Provider) -> str:
    provider.set(Model("ann", sees=True))
    return process


def test_images_of_a_conversation_of_the_page_count(limited: str, provider: Provider):
    server = Server(limited, Path())
    shown = {"question": "What is it?", "model": "moa-lite", "images": [PICTURE]}
    assert [server.send("POST", f"{THREAD}/turns", shown).status for _ in range(2)] == [200, 200]
    asked = provider.calls()
    full = server.send("POST", f"{THREAD}/turns", shown)
    assert (full.status, "new conversation" in full.json["error"]) == (413, True)
    assert provider.calls() == asked
    # The images of other conversations are theirs, and a text still fits into this one.
    other = THREAD.replace("0123", "ffff")
    assert server.send("POST", f"{other}/turns", shown).status == 200
    more = server.send("POST", f"{THREAD}/turns", {**shown, "images": []})
    assert more.status == 200
    # One question alone may be too large.
    three = {**shown, "images": [PICTURE] * 3}
    assert server.send("POST", f"{THREAD.replace('0123', 'eeee')}/turns", three).status == 413


def test_images_of_responses_that_follow_each_other_count(limited: str, provider: Provider):
    seen: Any = [{"type": "input_image", "image_url": PICTURE}]
    asked: Any = {"model": "moa-lite", "input": [{"role": "user", "content": seen}]}
    with openai.OpenAI(base_url=f"{limited}/v1", api_key="none", max_retries=0) as client:
        first = client.responses.create(**asked)
        second = client.responses.create(**asked, previous_response_id=first.id)
        calls = provider.calls()
        for stream in (False, True):
            with pytest.raises(openai.APIStatusError, match="too long with its images") as caught:
                client.responses.create(**asked, previous_response_id=second.id, stream=stream)
            assert caught.value.status_code == 413
            assert caught.value.code == "conversation_too_large"
        assert provider.calls() == calls
        told = client.responses.create(
            model="moa-lite", input="And?", previous_response_id=second.id
        )
        assert told.status == "completed"
