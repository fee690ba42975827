"""Remove secrets from the arguments of a call's callbacks before any callback runs.

Tracers such as LangSmith's, and other callbacks of a chat model, receive its arguments (including
headers, and the user and password of an address), its replies and the errors of its server, which
may echo a key. Replies are cleaned in place, so that whoever asked gets them clean as well; only
the bare text of a token, which LangChain hands to each callback beside its chunk, stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import BaseCallbackHandler, BaseCallbackManager

from ..redact import everywhere, hidden
from .clients import clients_of, secrets_of
from .echoes import EchoStream

if TYPE_CHECKING:
    from ..member import Member


class Discreet(BaseCallbackHandler):
    """A handler that runs first and removes secrets from the arguments of the others.

    Args:
        member: The member with the secrets.
    """

    # Handlers that run inline run before the others, in order.
    run_inline = True

    def __init__(self, member: Member) -> None:
        self._member = member
        self._streams: dict[Any, EchoStream] = {}

    def on_chat_model_start(self, serialized: Any, *_: Any, **__: Any) -> None:
        """Clean the arguments of a chat model."""
        _hide(serialized)

    def on_llm_start(self, serialized: Any, *_: Any, **__: Any) -> None:
        """Clean the arguments of a model."""
        _hide(serialized)

    def on_chain_start(self, serialized: Any, *_: Any, **__: Any) -> None:
        """Clean the arguments of a Runnable."""
        _hide(serialized)

    def on_llm_new_token(
        self, token: Any, *, chunk: Any = None, run_id: Any = None, **_: Any
    ) -> None:
        """Clean a chunk of a stream, which all others get after this."""
        echoes, message = clients_of(self._member).echoes, getattr(chunk, "message", None)
        if echoes.forms and message is not None:
            stream = self._streams.get(run_id) or self._streams.setdefault(
                run_id, EchoStream(echoes)
            )
            stream.clean(message)
            if isinstance(message.content, str):
                chunk.text = message.content

    def on_llm_end(self, response: Any, *, run_id: Any = None, **_: Any) -> None:
        """Clean the reply of a model."""
        self._streams.pop(run_id, None)
        echoes = clients_of(self._member).echoes
        for generation in generations_of(response) if echoes.forms else ():
            generation.text = echoes.hide(generation.text)
            echoes.clean(getattr(generation, "message", None))

    def on_llm_error(
        self, error: BaseException, *, response: Any = None, run_id: Any = None, **_: Any
    ) -> None:
        """Clean the error of a model, and its reply."""
        secrets = secrets_of(self._member)
        cleanse(error, secrets)
        for generation in generations_of(response):
            if (message := getattr(generation, "message", None)) is not None:
                message.response_metadata = everywhere(message.response_metadata, secrets)
        self.on_llm_end(response, run_id=run_id)

    def on_chain_error(self, error: BaseException, **_: Any) -> None:
        """Clean the error of a Runnable."""
        cleanse(error, secrets_of(self._member))

    def on_tool_error(self, error: BaseException, **_: Any) -> None:
        """Clean the error of a tool that a member calls by itself."""
        cleanse(error, secrets_of(self._member))


def generations_of(response: Any) -> Iterator[Any]:
    """The generations of a result of LangChain, if there is one."""
    for row in getattr(response, "generations", None) or ():
        yield from row


def with_discretion(callbacks: Any, member: Member) -> Any:
    """The callbacks of a call of `member`, with `Discreet` as the first one."""
    first = Discreet(member)
    if not isinstance(callbacks, BaseCallbackManager):
        return [first, *(callbacks or [])]
    manager = callbacks.copy()
    manager.handlers.insert(0, first)
    manager.inheritable_handlers.insert(0, first)
    return manager


def cleanse(error: BaseException | None, secrets: set[str]) -> None:
    """Remove secrets from an error and its causes, in place."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or any(one is each for each in seen):
            continue
        seen.append(one)
        one.args = everywhere(one.args, secrets)
        for name, value in list(vars(one).items()):
            if isinstance(value, str | dict | list):
                one.__dict__[name] = everywhere(value, secrets)
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def _hide(serialized: Any) -> None:
    if isinstance(serialized, dict) and isinstance(serialized.get("kwargs"), dict):
        serialized["kwargs"] = hidden(serialized["kwargs"])
