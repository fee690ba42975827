"""A provider: how the models of one kind of source are checked, built and called.

`member.provider` names one. The built-in ones are in `built_in.py`; packages add others by the
entry point group `langgraph_ensemble.providers` (see `registry.py`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import InputError
from ..hints import nearest
from . import registry
from .providers import missing_key

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from ..member import Member


class Provider:
    """Base class of providers; a subclass must define `build`.

    Attributes:
        key: Environment variable of its key, if it needs one. A member's `api_key_env` overrides
            it, and it is never sent to a member's own address.
        params: Names that a member's `params` may hold; None allows any.
        speaks_openai: Whether its chat model takes the arguments of `ChatOpenAI` and passes them
            on.
        response_formats: Whether its chat model takes OpenAI's `response_format`.
        serves_here: Whether it runs a server on this machine; such servers take turns.
        loads_weights: Whether a first call may load a model into memory, which takes its time.
        specialists: Whether its models know one subject each, and judge in their own way.

    Example:
        >>> from langchain_core.language_models import FakeListChatModel
        >>> class Parrot(Provider):
        ...     def build(self, member):
        ...         return FakeListChatModel(responses=[str(member.model)])
        >>> registry.register("parrot", Parrot())
        >>> from langgraph_ensemble import create_moa
        >>> create_moa(["parrot:hello"]).compile().invoke({"messages": "Hi"})["result"]["answer"]
        'hello'
    """

    key: ClassVar[str | None] = None
    params: ClassVar[frozenset[str] | None] = None
    speaks_openai: ClassVar[bool] = False
    response_formats: ClassVar[bool] = False
    serves_here: ClassVar[bool] = False
    loads_weights: ClassVar[bool] = False
    specialists: ClassVar[bool] = False

    def build(self, member: Member) -> Runnable[Any, Any]:
        """The chat model of a member, for use in the running event loop.

        It is called at the member's first call in an event loop. Import clients here, not at the
        top of the module.

        Raises:
            InputError: Something is missing; one line says what to install or to set.
        """
        raise NotImplementedError

    def check(self, member: Member) -> None:
        """Check a member's requirements before its first call.

        Raises:
            InputError: Something is missing; one line says what to install, to set or to change.
        """
        variable = member.key_variable
        if variable and not os.environ.get(variable):
            raise InputError(missing_key(member.name, variable))
        if self.params is not None:
            for name in member.params.keys() - self.params:
                hint = nearest(name, sorted(self.params), "known:", cutoff=0.5)
                raise InputError(
                    f"member {member.name!r}: provider {member.provider!r} has no parameter "
                    f"{name!r}; {hint}"
                )

    def defaults(self, model: str) -> Mapping[str, Any]:
        """Fields of a member of `model` that differ from `Member`'s, unless it sets them."""
        return {}

    def calls_tools(self, model: str) -> bool:
        """Whether `model` can call tools, unless its member sets `tools`."""
        return self.speaks_openai

    def at_openai(self, member: Member) -> bool:
        """Whether a member uses OpenAI's own address, which has its own parameter names."""
        return False


def provider_of(member: Member) -> Provider:
    """The provider of a member.

    Raises:
        InputError: It cannot be loaded; the message names its package.
    """
    return registry.load(member.provider)
