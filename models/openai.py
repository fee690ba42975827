"""Any OpenAI-compatible endpoint, through langchain-openai."""

from __future__ import annotations

import asyncio
import os
import weakref
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import InputError
from ..redact import without_user
from .provider import provider_of
from .providers import missing_key

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

    from ..member import Member

Chat = TypeVar("Chat", bound="ChatOpenAI")


def connect(member: Member) -> ChatOpenAI:
    """A chat model for a member at an endpoint, for use in the running event loop.

    Raises:
        InputError: The environment variable of the key is not set.
    """
    from langchain_openai import ChatOpenAI

    variable = member.key_variable
    key = os.environ.get(variable, "") if variable else "none"
    if not key:
        raise InputError(missing_key(member.name, str(variable)))
    # HTTP clients log addresses, so the user and password must not be in them.
    address, user = without_user(member.base_url or "https://api.openai.com/v1")
    params = dict(member.params)
    if user is not None:
        params["default_headers"] = {"Authorization": user, **params.get("default_headers", {})}
    return build(
        member,
        ChatOpenAI,
        base_url=address,
        api_key=key,
        http_client=_sync_client(),
        http_async_client=_async_client(),
        **params,
    )


def build(member: Member, kind: type[Chat], **options: Any) -> Chat:
    """A chat model of class `kind` with the member's limits.

    The HTTP client comes with `options`, because langchain-openai shares one asynchronous client
    per process, and a connection of one event loop cannot be used in another.
    """
    return kind(
        model=str(member.model),
        # Retries are ours: see `attempts.py`.
        max_retries=0,
        timeout=member.timeout,
        stream_chunk_timeout=None,
        stream_usage=True,
        **options,
    )


@cache
def _sync_client() -> Any:
    """A client without calls, because langchain-openai would build one for every model."""
    import openai

    return openai.DefaultHttpxClient()


_async_clients: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()


def _async_client() -> Any:
    """One HTTP client for all members in the running event loop; timeouts come with each call."""
    import openai

    loop = asyncio.get_running_loop()
    if loop not in _async_clients:
        _async_clients[loop] = openai.DefaultAsyncHttpxClient()
    return _async_clients[loop]


def options(
    member: Member, *, temperature: float | None, max_tokens: int | None, seed: int | None, n: int
) -> dict[str, Any]:
    """Keyword arguments of one request, in the form of the endpoint."""
    arguments: dict[str, Any] = {}
    if temperature is not None:
        arguments["temperature"] = temperature
    if seed is not None and member.send_seed:
        arguments["seed"] = seed
    if n > 1:
        arguments["n"] = n
    if max_tokens is not None:
        # langchain-openai renames max_tokens to max_completion_tokens, which only OpenAI's own
        # endpoint certainly supports; every compatible server reads max_tokens.
        if provider_of(member).at_openai(member):
            arguments["max_tokens"] = max_tokens
        else:
            arguments["extra_body"] = {
                **member.params.get("extra_body", {}),
                "max_tokens": max_tokens,
            }
    return arguments
