"""Any other provider through its LangChain package: `anthropic:MODEL`, `google_genai:MODEL`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel

from ..errors import InputError
from ..redact import redact, secrets_in
from .providers import chat_class, check, one_line, source_of, split

if TYPE_CHECKING:
    from ..member import Member


def build(member: Member) -> BaseChatModel:
    """The chat model of a member, made by its provider's class.

    Raises:
        InputError: The package or the key is missing, or the class refuses an argument.
    """
    key = check(member.name, str(member.model), member.api_key_env, member.base_url, member.params)
    source = source_of(str(member.model))
    assert source is not None  # noqa: S101
    made = chat_class(source)
    fields = made.model_fields
    takes = {*fields, *(field.alias for field in fields.values() if field.alias)}
    options: dict[str, Any] = {"model": split(str(member.model))[1]}
    limits = {"timeout": member.timeout, "max_retries": 0}  # Retries are ours: see `attempts.py`.
    options |= {name: value for name, value in limits.items() if name in takes}
    if "max_tokens" in takes - fields.keys():
        # The class has another name for the limit of a call, so the longest one is set once.
        options["max_tokens"] = _longest(member)
    if key is not None:
        options["api_key"] = key
    if member.base_url is not None:
        options["base_url"] = member.base_url
    try:
        return made(**options | member.params)
    except Exception as error:
        # The error's text and its cause may hold the key.
        raise InputError(
            f"member {member.name!r}: {source.name} refuses: "
            f"{redact(one_line(error), {*secrets_in(options | member.params)})}"
        ) from None


def _longest(member: Member) -> int:
    """The longest answer allowed at any stage."""
    given = member.max_tokens
    return given if isinstance(given, int) else max([2048, *given.values()])
