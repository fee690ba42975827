"""Any other provider, by its LangChain package: `anthropic:MODEL`, `google_genai:MODEL` and so on.

The names are those of LangChain's `init_chat_model`, which is itself asked, where the package
`langchain` is installed, about a provider that is not listed here.
"""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_core.language_models import BaseChatModel
from pydantic import ValidationError

from ..errors import InputError
from ..redact import redact
from .openai import missing_key

if TYPE_CHECKING:
    from ..member import Member


class Source(NamedTuple):
    """Where a provider's chat model is found.

    `keys` are the environment variables of which it needs one; none are listed where it can do
    without, as with credentials of a cloud. `openai` says that it takes OpenAI's response formats.
    """

    module: str
    name: str
    keys: tuple[str, ...] = ()
    openai: bool = False

    @property
    def package(self) -> str:
        """What to install."""
        return self.module.partition(".")[0].replace("_", "-")


PROVIDERS: dict[str, Source] = {
    "anthropic": Source("langchain_anthropic", "ChatAnthropic", ("ANTHROPIC_API_KEY",)),
    "anthropic_bedrock": Source("langchain_aws", "ChatAnthropicBedrock"),
    "azure_ai": Source("langchain_azure_ai.chat_models", "AzureAIOpenAIApiChatModel"),
    "azure_openai": Source("langchain_openai", "AzureChatOpenAI", openai=True),
    "baseten": Source("langchain_baseten", "ChatBaseten"),
    "bedrock": Source("langchain_aws", "ChatBedrock"),
    "bedrock_converse": Source("langchain_aws", "ChatBedrockConverse"),
    "cohere": Source("langchain_cohere", "ChatCohere", ("COHERE_API_KEY",)),
    "deepseek": Source("langchain_deepseek", "ChatDeepSeek", ("DEEPSEEK_API_KEY",), openai=True),
    "fireworks": Source("langchain_fireworks", "ChatFireworks", ("FIREWORKS_API_KEY",)),
    "google_anthropic_vertex": Source(
        "langchain_google_vertexai.model_garden", "ChatAnthropicVertex"
    ),
    "google_genai": Source(
        "langchain_google_genai",
        "ChatGoogleGenerativeAI",
        ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI"),
    ),
    "google_vertexai": Source("langchain_google_vertexai", "ChatVertexAI"),
    "litellm": Source("langchain_litellm", "ChatLiteLLM"),
    "mistralai": Source("langchain_mistralai", "ChatMistralAI", ("MISTRAL_API_KEY",)),
    "nvidia": Source("langchain_nvidia_ai_endpoints", "ChatNVIDIA"),
    "perplexity": Source(
        "langchain_perplexity", "ChatPerplexity", ("PPLX_API_KEY", "PERPLEXITY_API_KEY")
    ),
    "upstage": Source("langchain_upstage", "ChatUpstage", ("UPSTAGE_API_KEY",), openai=True),
    "xai": Source("langchain_xai", "ChatXAI", ("XAI_API_KEY",), openai=True),
}


def split(model: str) -> tuple[str, str]:
    """Provider and model of `provider:model`; LangChain's own spelling of the provider.

    Example:
        >>> split("google-genai:gemini-3")
        ('google_genai', 'gemini-3')
    """
    provider, _, name = model.partition(":")
    return provider.replace("-", "_").lower(), name


def source_of(model: str) -> Source | None:
    """Where the chat model of `provider:model` is found; None for a provider not listed here."""
    return PROVIDERS.get(split(model)[0])


@cache
def chat_class(source: Source) -> type[BaseChatModel]:
    """The provider's chat model.

    Raises:
        InputError: Its package is not installed.
    """
    try:
        return getattr(import_module(source.module), source.name)
    except ImportError:
        raise InputError(_missing_package(source)) from None


def calls_tools(model: str) -> bool:
    """Whether the chat model of `provider:model` can call tools; not where it is not installed."""
    source = source_of(model)
    try:
        found = chat_class(source) if source else BaseChatModel
    except InputError:
        return False
    return found.bind_tools is not BaseChatModel.bind_tools


def check(member: Member) -> None:
    """See that package and key are there, before anything is asked.

    Raises:
        InputError: One line that says what to install or to set.
    """
    source = source_of(str(member.model))
    if source is None:
        known = ", ".join(PROVIDERS)
        raise InputError(
            f"member {member.name!r}: provider 'langchain' needs a model named "
            f"'provider:model', with one of the providers {known}"
        )
    if find_spec(source.module.partition(".")[0]) is None:
        raise InputError(f"member {member.name!r}: {_missing_package(source)}")
    _key(member, source)


def build(member: Member) -> BaseChatModel:
    """The chat model of a member, made by its provider's class.

    Raises:
        InputError: A missing package, a missing key, or an argument that the class refuses.
    """
    check(member)
    source = source_of(str(member.model))
    assert source is not None  # noqa: S101
    made = chat_class(source)
    fields = made.model_fields
    takes = {*fields, *(field.alias for field in fields.values() if field.alias)}
    options: dict[str, Any] = {"model": split(str(member.model))[1]}
    limits = {"timeout": member.timeout, "max_retries": member.retries}
    options |= {name: value for name, value in limits.items() if name in takes}
    if "max_tokens" in takes - fields.keys():
        # It has another name for each call's limit, so the longest one is set once.
        options["max_tokens"] = _longest(member)
    key = _key(member, source)
    if key is not None:
        options["api_key"] = key
    if member.base_url is not None:
        options["base_url"] = member.base_url
    try:
        return made(**options | member.params)
    except Exception as error:
        # Its text and what stands behind it may hold the key.
        raise InputError(
            f"member {member.name!r}: {source.name} refuses: {redact(_line(error), {key or ''})}"
        ) from None


def other(text: str) -> BaseChatModel | None:
    """A chat model for `provider:model` of a provider that is not listed, made by LangChain.

    Returns:
        None where the package `langchain` is not installed or does not know the provider.

    Raises:
        InputError: LangChain knows it, but cannot make the model: its package or key is missing.
    """
    if find_spec("langchain") is None:
        return None
    provider, name = split(text)
    try:
        return import_module("langchain.chat_models").init_chat_model(name, model_provider=provider)
    except Exception as error:
        if isinstance(error, ValueError) and "nsupported" in str(error):
            return None
        raise InputError(f"{text!r}: {redact(_line(error))}") from None


def _missing_package(source: Source) -> str:
    return f"its provider's package is not installed; pip install {source.package}"


def _key(member: Member, source: Source) -> str | None:
    """The key to hand over; None where the class finds it in the environment, or needs none.

    As with OpenAI's, a custom address never gets the provider's own key by default.
    """
    if member.api_key_env:
        if not os.environ.get(member.api_key_env):
            raise InputError(missing_key(member.name, member.api_key_env))
        return os.environ[member.api_key_env]
    if member.base_url:
        return "none"
    given = "api_key" in member.params or any(os.environ.get(key) for key in source.keys)
    if source.keys and not given:
        raise InputError(missing_key(member.name, source.keys[0]))
    return None


def _longest(member: Member) -> int:
    """The longest answer allowed at any stage."""
    given = member.max_tokens
    return given if isinstance(given, int) else max([2048, *given.values()])


def _line(error: Exception) -> str:
    """What an error says, on one line."""
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"]).splitlines()[0]
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
