"""The built-in providers, with their needs and abilities; clients are imported when built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from . import providers
from .catalogue import find
from .provider import Provider

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from ..member import Member


class OpenAI(Provider):
    """Any OpenAI-compatible endpoint."""

    key = "OPENAI_API_KEY"
    speaks_openai = True
    response_formats = True

    def build(self, member: Member) -> Runnable[Any, Any]:
        """See `models/openai.py`."""
        from . import openai

        return openai.connect(member)

    def at_openai(self, member: Member) -> bool:
        """Whether the member names no other address."""
        return member.base_url is None


class LlamaCpp(Provider):
    """GGUF models that this package runs itself, behind a server on this machine."""

    speaks_openai = True
    response_formats = True
    serves_here = True
    loads_weights = True

    def build(self, member: Member) -> Runnable[Any, Any]:
        """See `models/llamacpp.py`."""
        from . import llamacpp

        return llamacpp.build(member)

    def check(self, member: Member) -> None:
        """Check the model (of the catalogue, or a GGUF file) and the server's numbers."""
        super().check(member)
        try:
            find(str(member.model))
        except InputError as error:
            raise InputError(f"member {member.name!r}: {error}") from None
        for name, least in (("parallel", 1), ("threads", 0)):
            value = str(member.params.get(name, least))
            if not value.isdecimal() or int(value) < least:
                raise InputError(
                    f"member {member.name!r}: params.{name} must be a whole number, at least "
                    f"{least}, not {value!r}"
                )

    def defaults(self, model: str) -> Mapping[str, Any]:
        """Defaults of a server whose memory grows with its context."""
        return {
            "context": 4096,
            "max_tokens": 1024,
            "max_concurrency": 4,
            "price": {"input": 0, "output": 0},
            # The server supports n, but counts the tokens of only one sample; several calls share
            # the prompt anyway.
            "native_n": False,
        }


class HuggingFace(Provider):
    """Local weights through transformers, or a hosted endpoint."""

    loads_weights = True

    def build(self, member: Member) -> Runnable[Any, Any]:
        """See `models/huggingface.py`."""
        from . import huggingface

        return huggingface.build(member)


class Pocket(Provider):
    """The bundled models."""

    params = frozenset({"temperature", "seed", "n", "max_tokens", "stop"})
    specialists = True
    loads_weights = True

    def build(self, member: Member) -> Runnable[Any, Any]:
        """See `pocket/chat.py`."""
        from ..pocket.chat import ChatPocket

        return ChatPocket(model=str(member.model), **member.params)


class LangChain(Provider):
    """`provider:model` of any provider that has a LangChain package."""

    response_formats = True

    def build(self, member: Member) -> Runnable[Any, Any]:
        """See `models/langchain.py`."""
        from . import langchain

        return langchain.build(member)

    def check(self, member: Member) -> None:
        """Check that the package and the key are present."""
        model, params = str(member.model), member.params
        providers.check(member.name, model, member.api_key_env, member.base_url, params)

    def defaults(self, model: str) -> Mapping[str, Any]:
        """Do not send OpenAI's response formats to providers that do not support them."""
        source = providers.source_of(model)
        return {} if source is None or source.openai else {"structured": "text"}

    def calls_tools(self, model: str) -> bool:
        """Whether the provider's class supports tools."""
        return providers.calls_tools(model)
