"""GGUF models that this package runs itself, with llama.cpp through xllamacpp.

A member's `model` is a name of the catalogue or a .gguf file. The first call downloads missing
weights and starts a server process on a free port of this machine; later calls work as for any
OpenAI-compatible member. `params` may hold `parallel` (concurrent calls, 4) and `threads` (all
cores but one); other parameters go to `ChatOpenAI`.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import aclosing
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr

from ..errors import InputError
from . import openai
from .catalogue import Entry, find
from .llamacpp_process import LlamaServer, ServerError, Settings, server_of

if TYPE_CHECKING:
    from ..member import Member

# A placeholder that is replaced by the server's address before the first call.
_NOWHERE = "http://127.0.0.1:9/v1"


def build(member: Member) -> ChatLlamaCpp:
    """A chat model for a `llamacpp` member, for use in the running event loop.

    Raises:
        InputError: The `llamacpp` extra is missing, or there is no such model.
    """
    if find_spec("xllamacpp") is None:
        raise InputError(
            f"member {member.name!r} runs a GGUF model and needs the llamacpp extra: "
            f"pip install 'langgraph-ensemble[llamacpp]' (xllamacpp is missing)"
        )
    meant = find(str(member.model))
    params = dict(member.params)
    trained = meant.context if isinstance(meant, Entry) else member.context
    settings = Settings(
        model=meant.name if isinstance(meant, Entry) else str(meant),
        context=min(member.context, trained),
        parallel=int(params.pop("parallel", 4)),
        threads=int(params.pop("threads", 0)) or threads(),
    )
    server = server_of(settings)
    model = openai.build(
        member,
        ChatLlamaCpp,
        base_url=_NOWHERE,
        api_key=server.key,
        http_client=_sync_client(),
        http_async_client=_http.get(),
        **params,
    )
    model.attach(server)
    return model


def threads() -> int:
    """Number of computing threads: all cores that this process may use, except one.

    llama.cpp's threads wait for each other at every step. With a thread on every core, one other
    busy process made a model ten times slower (6 tokens per second instead of 59, on two cores).
    """
    usable = getattr(os, "sched_getaffinity", None)
    cores = len(usable(0)) if usable else os.cpu_count() or 1
    return max(1, cores - 1)


@cache
def _sync_client() -> Any:
    import openai

    return openai.DefaultHttpxClient(trust_env=False)


_http = openai.HttpClients(trust_env=False)
"""Clients that ignore proxies of the environment, because the server is on this machine."""


class ChatLlamaCpp(ChatOpenAI):
    """`ChatOpenAI` for a server that the first call starts."""

    _server: LlamaServer = PrivateAttr()

    @property
    def _llm_type(self) -> str:
        return "llamacpp"

    @property
    def server(self) -> LlamaServer:
        """The process behind the model."""
        return self._server

    def attach(self, server: LlamaServer) -> None:
        """Set the server of the model."""
        self._server = server

    def _at(self, address: str) -> None:
        for client in (self.root_client, self.root_async_client):
            client.base_url = f"{address}/v1/"

    async def _ready(self) -> None:
        address = self._server.address or await _in_thread(self._server.start)
        self._at(address)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self._at(self._server.start())
        return super()._generate(messages, stop, run_manager, **kwargs)

    def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        self._at(self._server.start())
        yield from super()._stream(*args, **kwargs)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        for last in (False, True):
            await self._ready()
            try:
                return await super()._agenerate(messages, stop, run_manager, **kwargs)
            except Exception as error:
                if last or not await self._is_gone(error):
                    raise self._explained(error) from error
        raise AssertionError("unreachable")

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        for last in (False, True):
            await self._ready()
            started = False
            try:
                # Closed with this stream, because a cancelled call must free the server's slot.
                async with aclosing(super()._astream(*args, **kwargs)) as stream:  # pyright: ignore[reportArgumentType]
                    async for chunk in stream:
                        started = True
                        yield chunk
                return
            except Exception as error:
                # A server that died before the first word starts again, because no text was sent.
                if last or not await self._is_gone(error) or started:
                    raise self._explained(error) from error

    async def _is_gone(self, error: Exception) -> bool:
        """Whether a call failed because the server ended.

        A killed process loses its connections before its end can be seen, which can take a second
        on a busy machine. A reply with a status, or a timeout, comes from a running server.
        """
        if not hasattr(error, "status_code") and not _timed_out(error):
            await asyncio.to_thread(self._server.ends_within, 2.0)
        return not self._server.address

    def _explained(self, error: Exception) -> Exception:
        """Replace a broken connection by the end of the server, if that is the cause."""
        return error if self._server.address else ServerError(self._server.ended())


def _timed_out(error: Exception) -> bool:
    import httpx
    import openai

    return isinstance(error, TimeoutError | httpx.TimeoutException | openai.APITimeoutError)


async def _in_thread(work: Callable[[], str]) -> str:
    """Run `work` in a daemon thread, which unlike asyncio's threads does not block the exit.

    A call that is cancelled during a download does not stop the download, which the next call uses.
    """
    done: Future[str] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, daemon=True, name="llamacpp-start").start()
    return await asyncio.shield(asyncio.wrap_future(done))
