"""The providers by name, and what each needs. Tables only: clients are built elsewhere.

The names beside OpenAI-compatible endpoints are those of LangChain's `init_chat_model`, which is
itself asked, where the package `langchain` is installed, about a provider that is not listed here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from langchain_core.language_models import BaseChatModel
from pydantic import ValidationError

from ..errors import InputError
from ..redact import redact


class Endpoint(NamedTuple):
    """A well-known server: its address and the environment variable of its key, if it needs one."""

    base_url: str | None
    api_key_env: str | None


ENDPOINTS: dict[str, Endpoint] = {
    "openai": Endpoint(None, "OPENAI_API_KEY"),
    "ollama": Endpoint("http://localhost:11434/v1", None),
    "vllm": Endpoint("http://localhost:8000/v1", None),
    "together": Endpoint("https://api.together.xyz/v1", "TOGETHER_API_KEY"),
    "openrouter": Endpoint("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "groq": Endpoint("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
}


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


def meant(provider: str, model: str) -> dict[str, Any] | None:
    """The fields of a member that a well-known server or a provider of LangChain's stands for.

    Returns:
        None where `provider` is the name of neither.

    Example:
        >>> meant("ollama", "qwen2.5:7b")["base_url"]
        'http://localhost:11434/v1'
        >>> meant("cohere", "command-r")
        {'provider': 'langchain', 'model': 'cohere:command-r'}
    """
    if endpoint := ENDPOINTS.get(provider):
        return {"provider": "openai", "model": model, **endpoint._asdict()}
    if split(provider)[0] in PROVIDERS:
        return {"provider": "langchain", "model": f"{provider}:{model}"}
    return None


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


def check(
    name: str, model: str, api_key_env: str | None, base_url: str | None, params: Mapping[str, Any]
) -> str | None:
    """See that package and key of a `provider:model` are there, before anything is asked.

    As with OpenAI's, a custom address never gets the provider's own key by default.

    Args:
        name: The member's, for errors.
        model: `provider:model`.
        api_key_env: The environment variable that the member names for its key.
        base_url: Its address, where it is not the provider's own.
        params: Further arguments of the class; `api_key` may be among them.

    Returns:
        The key to hand over; None where the class finds it in the environment, or needs none.

    Raises:
        InputError: One line that says what to install or to set.
    """
    source = source_of(model)
    if source is None:
        raise InputError(
            f"member {name!r}: provider 'langchain' needs a model named "
            f"'provider:model', with one of the providers {', '.join(PROVIDERS)}"
        )
    if find_spec(source.module.partition(".")[0]) is None:
        raise InputError(f"member {name!r}: {_missing_package(source)}")
    if api_key_env:
        if not os.environ.get(api_key_env):
            raise InputError(missing_key(name, api_key_env))
        return os.environ[api_key_env]
    if base_url:
        return "none"
    given = "api_key" in params or any(os.environ.get(key) for key in source.keys)
    if source.keys and not given:
        raise InputError(missing_key(name, source.keys[0]))
    return None


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
        raise InputError(f"{text!r}: {redact(one_line(error))}") from None


def missing_key(name: str, variable: str) -> str:
    """The one line for a key that is not in the environment."""
    return (
        f"member {name!r}: the environment variable {variable} is not set; "
        f"set it, or name another one with 'api_key_env'"
    )


def _missing_package(source: Source) -> str:
    return f"its provider's package is not installed; pip install {source.package}"


def one_line(error: Exception) -> str:
    """What an error says, on one line."""
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"]).splitlines()[0]
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
