"""A worker of Ray: it has the pool's models, and makes the requests that it is sent.

Requests and replies travel as JSON, so that no object of a model's library has to be pickled, and
no key leaves the machine that has it in its environment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

from langchain_core.messages import BaseMessage, messages_from_dict
from langchain_core.messages.base import message_to_dict

from ..redact import redact
from .arguments import Options
from .clients import clients_of, secrets_of
from .machines import HERE, machine_of
from .provider import provider_of
from .raw import Raw
from .raw_json import raw_from_json, raw_to_json
from .request import request
from .retries import causes, status_of
from .soundness import Watch

if TYPE_CHECKING:
    from ..member import Member

_SENT = (
    "n", "temperature", "max_tokens", "seed", "sample", "response_format", "tools", "tool_choice",
    "letters", "idle_timeout", "sampling", "reports_usage",
)  # fmt: skip
"""The options that decide a reply; callbacks stay where they are."""


class RemoteError(RuntimeError):
    """An error of a request that another process made; its type has the name of that error's.

    Attributes:
        status_code: HTTP status, None without one.
        response: Its headers, of which `Retry-After` is read.
    """

    def __init__(self, text: str, status: int | None, headers: dict[str, str]) -> None:
        super().__init__(text)
        self.status_code = status
        self.response: Any = type("Response", (), {"headers": headers})()


class Worker:
    """The pool's models in a process of Ray.

    Args:
        load: Makes the pool.
        given: Its arguments.
    """

    def __init__(self, load: Callable[..., Iterable[Member]], given: Sequence[Any]) -> None:
        self._members = places_of(load(*given))

    async def ready(self) -> int:
        """The number of the process, once its libraries are imported and its clients are built."""
        for member in self._members:
            with suppress(Exception):  # Its requests will tell.
                clients_of(member).model(member)
        return os.getpid()

    async def request(self, text: str) -> str:
        """Make a request: JSON of `asked` in, JSON for `replied` out."""
        data = json.loads(text)
        member = self._members[data["member"]]
        question = data["options"].pop("watched")
        watch = None if question is None else Watch(question)
        options = Options(**data["options"], watch=watch)
        try:
            model = clients_of(member).model(member)
            # A model of this machine waits for its turn here; the limits of others hold for all
            # workers together, where the requests come from.
            async with clients_of(member).slot(member) if is_local(member) else nullcontext():
                raw = await request(model, member, messages_from_dict(data["asked"]), options)
        except Exception as error:
            return json.dumps({"failed": _told(error, member)})
        return json.dumps({"reply": raw_to_json(raw)})


def is_local(member: Member) -> bool:
    """Whether each machine has the model for itself: loaded weights, or a server at localhost."""
    loaded = isinstance(member.model, str) and provider_of(member).loads_weights
    return loaded or machine_of(member) == HERE


def places_of(members: Iterable[Member]) -> list[Member]:
    """All members with their fallbacks, in an order that is the same for the same pool."""
    return [place for member in members for place in (member, *member.fallbacks)]


def asked(number: int, messages: Sequence[BaseMessage], options: Options) -> str:
    """A request to the member of a number as JSON."""
    sent: dict[str, Any] = {name: getattr(options, name) for name in _SENT}
    sent["watched"] = None if options.watch is None else options.watch.question
    return json.dumps(
        {"member": number, "asked": [message_to_dict(m) for m in messages], "options": sent}
    )


def replied(text: str) -> Raw:
    """The reply of a worker.

    Raises:
        RemoteError: The request failed.
    """
    data = json.loads(text)
    if "failed" not in data:
        return raw_from_json(data["reply"])
    outer: RemoteError | None = None
    for told in reversed(data["failed"]):
        kind = type(told["type"], (RemoteError,), {})
        error = kind(told["text"], told["status"], told["headers"])
        error.__cause__, outer = outer, error
    raise outer or RemoteError("failed for an unknown reason", None, {})


def _told(error: Exception, member: Member) -> list[dict[str, Any]]:
    """An error with its causes, outermost first, without the member's keys."""
    secrets = secrets_of(member)
    told: list[dict[str, Any]] = []
    for each in causes(error):
        headers = getattr(getattr(each, "response", None), "headers", None) or {}
        wish = headers.get("retry-after")
        told.append(
            {
                "type": type(each).__name__,
                "text": redact(str(each), secrets)[:4000],
                "status": status_of(each),
                "headers": {} if wish is None else {"retry-after": str(wish)},
            }
        )
    return told
