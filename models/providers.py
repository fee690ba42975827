"""Tables of the providers by name, and what each needs; clients are built elsewhere.

Apart from OpenAI-compatible endpoints, the names are those of LangChain's `init_chat_model`. If the
package `langchain` is installed, it is also asked about providers that are not listed here.
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
    """The module and class of a provider's chat model.

    It needs one of the environment variables `keys`; there are none if it can work without, as with
    cloud credentials. `openai` says that it supports OpenAI's response formats.
    """

    module: str
    name: str
    keys: tuple[str, ...] = ()
    openai: bool = False

    @property
    def package(self) -> str:
        """The package to install."""
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
    """Provider and model of `provider:model`, with LangChain's spelling of the provider.

    Example:
        >>> split("google-genai:gemini-3")
        ('google_genai', 'gemini-3')
    """
    provider, _, name = model.partition(":")
    return provider.replace("-", "_").lower(), name


def meant(provider: str, model: str) -> dict[str, Any] | None:
    """The fields of a member for a well-known server or a provider of LangChain.

    Returns:
        None if `provider` is neither.

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
    """The source of the chat model of `provider:model`; None if the provider is not listed here."""
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
    """Whether the chat model of `provider:model` supports tools; False if it is not installed."""
    source = source_of(model)
    try:
        kind = chat_class(source) if source else BaseChatModel
    except InputError:
        return False
    return kind.bind_tools is not BaseChatModel.bind_tools


def check(
    name: str, model: str, api_key_env: str | None, base_url: str | None, params: Mapping[str, Any]
) -> str | None:
    """Check the package and key of a `provider:model` before the first call.

    As with OpenAI, a custom address never gets the provider's own key by default.

    Args:
        name: The member's name, for errors.
        model: `provider:model`.
        api_key_env: The environment variable that the member names for its key.
        base_url: The member's address, if it is not the provider's own.
        params: Further arguments of the class, which may include `api_key`.

    Returns:
        The key to pass; None if the class reads it from the environment, or needs none.

    Raises:
        InputError: Something is missing; one line says what to install or to set.
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
    """A chat model of a provider that is not listed here, made by LangChain.

    Returns:
        None if the package `langchain` is not installed or does not know the provider.

    Raises:
        InputError: LangChain cannot make the model, because its package or key is missing.
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
    """The error text for a key that is not in the environment."""
    return (
        f"member {name!r}: the environment variable {variable} is not set; "
        f"set it, or name another one with 'api_key_env'"
    )


def _missing_package(source: Source) -> str:
    return f"its provider's package is not installed; pip install {source.package}"


def one_line(error: Exception) -> str:
    """The text of an error on one line."""
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"]).splitlines()[0]
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
