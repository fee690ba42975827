"""Any OpenAI-compatible endpoint, through langchain-openai."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import InputError
from ..redact import without_user
from .loops import PerLoop
from .provider import provider_of
from .providers import missing_key

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable
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
        http_async_client=_http.get(),
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


async def _close(client: Any) -> None:
    await client.aclose()


class HttpClients:
    """One HTTP client for all members in the running event loop; timeouts come with each call.

    Args:
        options: Of each client.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._clients = PerLoop[Any](_close)

    def get(self) -> Any:
        """The client of the running event loop, which ends with it."""
        import openai

        return self._clients.get(
            lambda: openai.DefaultAsyncHttpxClient(verify=_certificates(), **self._options)
        )


@cache
def _certificates() -> Any:
    """Read once: a client that reads them itself takes 40 ms to make, and each loop needs one."""
    import openai

    # httpx in older releases of the openai package, httpx2 in newer ones.
    base = openai.DefaultAsyncHttpxClient.__mro__[1]
    return import_module(base.__module__.partition(".")[0]).create_ssl_context()


_http = HttpClients()


def in_this_loop(model: Runnable[Any, Any]) -> Runnable[Any, Any]:
    """Somebody's chat model for use in the running event loop.

    langchain-openai gives all its models one HTTP client, whose connections belong to the loop in
    which they were opened. A copy of the model gets one of this loop, unless the model was given
    an HTTP client, a proxy or socket options. Other models stay as they are.
    """
    root = getattr(model, "root_async_client", None)
    if root is None or not _has_shared_client(model):
        return model
    root = root.copy(http_client=_http.get())
    given = {"root_async_client": root, "async_client": root.chat.completions}
    return model.model_copy(update=given)  # pyright: ignore[reportAttributeAccessIssue]


def _has_shared_client(model: Any) -> bool:
    from langchain_openai.chat_models.base import BaseChatOpenAI

    if not isinstance(model, BaseChatOpenAI):
        return False
    own = ("http_async_client", "openai_proxy", "http_socket_options")
    if any(getattr(model, name, None) is not None for name in own):
        return False
    # Whoever has put something else there, such as a test's stand-in, wants that.
    return getattr(model.async_client, "_client", None) is model.root_async_client


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
