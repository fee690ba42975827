"""Sampling options of the OpenAI protocol, which a member takes, or is asked again without.

They come from a request, so they go only to members that have not settled them in the pool file. A
server that refuses one is asked again without it, and not with it in this process any more;
`result["without"]` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel

from .retries import status_of

if TYPE_CHECKING:
    from ..member import Member

NAMES = (
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "reasoning_effort",
    "logprobs",
)
"""The options. `logprobs` is the number of alternatives to each token whose probabilities are
wanted beside the token's own."""


def sendable(model: Any, member: Member, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The wanted options that a request to `model` can have.

    Example:
        >>> from ..member import Member
        >>> ann = Member(name="ann", model="m", base_url="http://h/v1", params={"top_p": 0.9})
        >>> sendable(None, ann, {"top_p": 0.5, "presence_penalty": 1.0})
        {'presence_penalty': 1.0}
    """
    if member.speaks_openai:
        settled = {*member.params}
        for inside in ("extra_body", "model_kwargs"):
            settled |= {*(member.params.get(inside) or {})}
        return {name: value for name, value in wanted.items() if name not in settled}
    if not isinstance(model, BaseChatModel):
        return {}
    fields = type(model).model_fields
    return {name: value for name, value in wanted.items() if name in fields}


def refused(error: Exception, names: Iterable[str]) -> set[str]:
    """The options that a server's refusal names.

    Example:
        >>> class Refused(Exception):
        ...     status_code = 400
        >>> refused(Refused("Unsupported parameter: 'top_p'"), ["top_p", "logprobs"])
        {'top_p'}
    """
    if status_of(error) not in (400, 422):
        return set()
    said = f"{error} {getattr(error, 'param', None)}"
    return {name for name in names if re.search(rf"(?<![a-z])(?:top_)?{name}(?![a-z])", said)}


def arguments(sampling: Mapping[str, Any]) -> dict[str, Any]:
    """The options as keyword arguments of a chat model.

    Example:
        >>> arguments({"top_p": 0.5, "logprobs": 2})
        {'top_p': 0.5, 'logprobs': True, 'top_logprobs': 2}
    """
    given = dict(sampling)
    if (alternatives := given.pop("logprobs", None)) is not None:
        given["logprobs"] = True
        if alternatives:
            given["top_logprobs"] = alternatives
    return given
