"""No form in which a server echoes a key survives; no dump or repr of a member shows one."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI
from langgraph_ensemble import Member, Pool
from langgraph_ensemble.models.clients import secrets_of
from langgraph_ensemble.models.discreet import cleanse
from langgraph_ensemble.redact import hidden, redact, secrets_in

KEYS = (
    "sk-canary-3f9a2b7c5d1e",
    "AIzaSyD3f9a2b7c5d1eQx",
    "p@ss/w+rd=3f9a2b7c",
    "plain-old-horse-7",
)
FORMS: dict[str, Callable[[str], str]] = {
    "whole": str,
    "without its end": lambda key: key[:-4],
    "beginning": lambda key: key[:10],
    "end": lambda key: key[-8:],
    "in capitals": str.upper,
    "quoted": lambda key: quote(key, safe=""),
    "every byte quoted": lambda key: "".join(f"%{byte:02X}" for byte in key.encode()),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 without its end": lambda key: base64.b64encode(key.encode()).decode()[:-5],
    "url-safe base64": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
    "basic": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "basic, shifted": lambda key: base64.b64encode(f"us:{key}:".encode()).decode(),
    "hexadecimal": lambda key: key.encode().hex(),
    "bearer": lambda key: f"Authorization: Bearer {key[:-3]}",
    "masked": lambda key: f"{key[:5]}********{key[-4:]}",
    "masked with dots": lambda key: f"{key[:6]}...{key[-4:]}",
    "JSON": json.dumps,
    "HTML": html.escape,
    "repr of bytes": lambda key: repr(key.encode()),
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_known_key_survives(key: str, form: str) -> None:
    written = FORMS[form](key)
    redacted = redact(f"401: the key {written} is refused", {key, "another-key-1234"})
    assert redacted.startswith("401: the key ")
    assert redacted.endswith(" is refused")
    assert "***" in redacted
    left = redacted.removeprefix("401: the key ").removesuffix(" is refused")
    left = left.replace("Authorization: Bearer", "")
    # In base64 a user's name may stand before the key.
    assert max(map(len, left.split("***"))) <= 8
    assert key[:5] not in left


def test_what_is_no_secret_stays() -> None:
    text = "HTTP 404: the model 'qwen2.5' does not exist at http://host:80/v1... (basic arithmetic)"
    assert redact(text, set(KEYS)) == text


def test_a_long_text_is_redacted_in_no_time() -> None:
    assert redact("word " * 20_000 + KEYS[3], {KEYS[3]}).endswith("word ***")


def test_values_are_hidden_by_their_names() -> None:
    given = {
        "default_headers": {"X-Team": "t0p-secret", "Accept": "text/plain"},
        "extra": {"client_secret": ["t0p-secret"], "eos_token": "</s>"},
        "url": "https://me:t0p-secret@host/v1",
        "http_client": object(),
        "top_k": 3,
    }
    shown = hidden(given)
    assert "t0p-secret" not in str(shown)
    assert shown["http_client"] == "object"
    assert (shown["top_k"], shown["url"]) == (3, "https://***@host/v1")
    assert shown["extra"] == {"client_secret": ["***"], "eos_token": "</s>"}
    assert set(secrets_in(given)) == {"t0p-secret", "me:t0p-secret"}


def members() -> list[Member]:
    """Members with a secret in each place where one can stand."""
    chat = ChatOpenAI(
        model="m",
        api_key="t0p-secret-1",  # pyright: ignore[reportArgumentType]
        base_url="http://me:t0p-secret-2@host/v1",
        default_headers={"X-Team": "t0p-secret-3"},
    )
    return [
        Member(name="url", model="m", base_url="http://me:t0p-secret-2@host/v1"),
        Member(name="headers", model="m", params={"default_headers": {"X-A": "t0p-secret-3"}}),
        Member(name="params", model="m", params={"model_kwargs": {"api_key": "t0p-secret-1"}}),
        Member.of(chat, "object"),
        Member.of(RunnableLambda(lambda x: x) | chat, "sequence"),
        Member.of(chat.bind(extra_headers={"X-A": "t0p-secret-3"}), "bound"),
    ]


@pytest.mark.parametrize("member", members(), ids=lambda member: member.name)
def test_no_repr_or_dump_shows_a_secret_and_all_are_known(member: Member) -> None:
    pool = Pool([member])
    shown = [repr(member), str(member), repr(pool), str(pool), str(member.model_dump())]
    shown += [member.model_dump_json(), str(list(pool)), repr({"team": pool})]
    assert "t0p-secret" not in "".join(shown)
    assert any("t0p-secret" in secret for secret in secrets_of(member))


def test_an_error_and_what_it_came_from_are_cleansed_in_place() -> None:
    cause = ConnectionError(f"refused {KEYS[3]}")
    error = ValueError("no", {"body": [KEYS[3]]})
    error.message = f"key {KEYS[3]}"  # pyright: ignore[reportAttributeAccessIssue]
    error.__cause__ = cause
    cause.__context__ = error
    cleanse(error, {KEYS[3]})
    assert error.args == ("no", {"body": ["***"]})
    assert vars(error) == {"message": "key ***"}
    assert cause.args == ("refused ***",)


def test_a_key_in_place_of_a_variables_name_is_not_printed() -> None:
    with pytest.raises(ValueError, match="api_key_env") as error:
        Member(name="a", model="m", api_key_env="sk-canary-3f9a2b7c5d1e")
    assert "canary" not in str(error.value)


def test_a_sentence_is_no_name_of_a_secret() -> None:
    said = {"Which token is the key to a password?": "The answer is 60, as always"}
    assert not list(secrets_in({"answers": said}))
    assert list(secrets_in({"answers": {"access_token": "abcdefgh1"}})) == ["abcdefgh1"]
