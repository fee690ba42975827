"""Secrets taken out of what the callbacks of a call are told, before any of them is told.

Tracers such as LangSmith's, and whoever else listens to the callbacks of a chat model, are told its
arguments (headers, and the user and password of an address, among them) and the errors of its
server, which may echo a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import BaseCallbackHandler, BaseCallbackManager

from ..redact import everywhere, hidden
from .clients import secrets_of

if TYPE_CHECKING:
    from ..member import Member


class Discreet(BaseCallbackHandler):
    """The first of all handlers: what it is told is told to the others without secrets.

    Args:
        member: Whose secrets they are.
    """

    # Handlers that run inline run before the others, in their order.
    run_inline = True

    def __init__(self, member: Member) -> None:
        self._member = member

    def on_chat_model_start(self, serialized: Any, *_: Any, **__: Any) -> None:
        """The arguments of a chat model."""
        _hide(serialized)

    def on_llm_start(self, serialized: Any, *_: Any, **__: Any) -> None:
        """The arguments of a model."""
        _hide(serialized)

    def on_chain_start(self, serialized: Any, *_: Any, **__: Any) -> None:
        """The arguments of a Runnable."""
        _hide(serialized)

    def on_llm_error(self, error: BaseException, *, response: Any = None, **_: Any) -> None:
        """The error of a model, and the reply that it came with."""
        secrets = secrets_of(self._member)
        cleanse(error, secrets)
        for generation in (each for row in getattr(response, "generations", ()) for each in row):
            if (message := getattr(generation, "message", None)) is not None:
                message.response_metadata = everywhere(message.response_metadata, secrets)

    def on_chain_error(self, error: BaseException, **_: Any) -> None:
        """The error of a Runnable."""
        cleanse(error, secrets_of(self._member))

    def on_tool_error(self, error: BaseException, **_: Any) -> None:
        """The error of a tool that a member calls by itself."""
        cleanse(error, secrets_of(self._member))


def with_discretion(callbacks: Any, member: Member) -> Any:
    """The callbacks of a call of `member`, with `Discreet` before all others."""
    first = Discreet(member)
    if not isinstance(callbacks, BaseCallbackManager):
        return [first, *(callbacks or [])]
    manager = callbacks.copy()
    manager.handlers.insert(0, first)
    manager.inheritable_handlers.insert(0, first)
    return manager


def cleanse(error: BaseException | None, secrets: set[str]) -> None:
    """Take secrets out of an error and of those that it came from, in place."""
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
