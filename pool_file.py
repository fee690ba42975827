"""Read `pool.yaml`: fill in environment variables, and report each mistake in one line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError

from .errors import InputError
from .hints import nearest, shown
from .member import Member
from .models.provider import provider_of
from .models.providers import meant
from .pool_yaml import read_yaml

PARTS = ("aggregator", "judge", "moderator", "escalate_to")
"""Parts that name a member."""

TRUST = "ENSEMBLE_TRUST_REMOTE_CODE"
"""The environment variable that allows `trust_remote_code` in a pool file: 1."""

_WORDS = ("confidence", "decline")
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


P = TypeVar("P")


def read_pool(path: Path, pool: Callable[..., P]) -> P:
    """See `Pool.from_file`."""
    data = read_yaml(path)
    try:
        return _pool(data, pool)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _pool(data: Any, pool: Callable[..., P]) -> P:
    if not isinstance(data, dict) or not isinstance(data.get("members"), list):
        raise InputError("it must hold a list called 'members'")
    known = ["members", *PARTS, "proposers", *_WORDS]
    if unknown := [key for key in data if key not in known]:
        raise InputError(_unknown(str(unknown[0]), known))
    members = [_member(item, index) for index, item in enumerate(data["members"])]
    names: set[str] = set()
    for member in members:
        if member.name in names:
            raise InputError(
                f"two members are called {member.name!r}; give one of them another name"
            )
        names.add(member.name)
    proposers = data.get("proposers")
    if proposers is not None and not isinstance(proposers, list):
        raise InputError("'proposers' must be a list of members' names")
    confidence, decline = data.get("confidence"), data.get("decline")
    if confidence is not None and not _is_number(confidence):
        raise InputError(f"'confidence' must be a number from 0 to 1, not {confidence!r}")
    if decline is not None and not isinstance(decline, str):
        raise InputError("'decline' must be a text")
    return pool(
        members,
        proposers=proposers,
        confidence=confidence,
        decline=None if decline is None else _expand(decline, "decline"),
        **{part: data[part] for part in PARTS if data.get(part) is not None},
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _member(item: Any, index: int) -> Member:
    where = f"members[{index}]"
    if isinstance(item, str):
        return Member.of(_expand(item, where))
    if not isinstance(item, dict):
        raise InputError(f"{where} must be a mapping or a 'provider:model' string")
    where = f"member {shown(item['name'])}" if item.get("name") else where
    params = item.get("params")
    if "api_key" in item or (isinstance(params, dict) and "api_key" in params):
        raise InputError(f"{where}: a key never stands in the file; use 'api_key_env: VARIABLE'")
    if wrong := [key for key in item if not isinstance(key, str)]:
        raise InputError(f"{where}: {_unknown(str(wrong[0]), list(Member.model_fields))}")
    values = _spelled_out(_expand(item, where))
    if isinstance(fallbacks := values.get("fallbacks"), list):
        own = {"name": values.get("name"), "model": values.get("model")}
        values["fallbacks"] = [
            _member(each if isinstance(each, str) else {**own, **_mapping(each, where)}, index)
            for each in fallbacks
        ]
    try:
        member = Member(**values)
    except ValidationError as error:
        raise InputError(f"{where}: {_one_line(error, list(Member.model_fields))}") from None
    if not _reachable(member):
        raise InputError(f"{where}: 'base_url' must begin with http:// or https:// and a host")
    if _trusts(member.params) and os.environ.get(TRUST) != "1":
        raise InputError(
            f"{where}: trust_remote_code would run the code of a model's repository on this "
            f"machine; to allow it, set {TRUST}=1 or make the member in Python"
        )
    provider_of(member).check(member)
    return member


def _mapping(item: Any, where: str) -> dict[str, Any]:
    """A fallback's fields.

    Raises:
        InputError: It is neither a mapping nor a text, or has fallbacks of its own.
    """
    if not isinstance(item, dict) or "fallbacks" in item:
        raise InputError(
            f"{where}: a fallback is a mapping, such as base_url: https://…, or a "
            "'provider:model' string, without fallbacks of its own"
        )
    return item


def _trusts(value: Any) -> bool:
    """Whether `trust_remote_code` is on somewhere in the arguments of a model."""
    if isinstance(value, dict):
        on = value.get("trust_remote_code")
        return on not in (None, False) or any(map(_trusts, value.values()))
    return isinstance(value, list) and any(map(_trusts, value))


def _reachable(member: Member) -> bool:
    """Whether its address, if it has one, is no file and no other protocol than HTTP."""
    try:
        scheme = urlsplit(member.base_url or "").scheme
    except ValueError:
        return False
    return scheme in ("", "http", "https") or not (scheme == "file" or member.speaks_openai)


def _spelled_out(values: dict[str, Any]) -> dict[str, Any]:
    """The values with a well-known provider's name replaced by its fields."""
    model = values.get("model")
    fields = meant(str(values.get("provider", "openai")), str(model))
    if fields is None:
        return values
    values = {**values, "provider": fields["provider"]}
    if model and fields["model"] != str(model):
        values["model"] = fields["model"]
    if not values.get("base_url") and "base_url" in fields:
        # The key of a well-known server is sent only to its own address.
        values["base_url"] = fields["base_url"]
        values.setdefault("api_key_env", fields["api_key_env"])
    return values


def _expand(value: Any, where: str) -> Any:
    """Fill in environment variables in every text of `value`."""
    if isinstance(value, dict):
        return {key: _expand(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, where) for item in value]
    if not isinstance(value, str):
        return value

    def put(match: re.Match[str]) -> str:
        name, default = match.groups()
        found = os.environ.get(name) or default
        if found is None:
            raise InputError(
                f"{where}: the environment variable {name} is not set; "
                f"set it, or give a default with ${{{name}:-…}}"
            )
        return found

    # Behind the last brace there is no variable: looking for one there would take long.
    end = value.rfind("}") + 1
    return _VARIABLE.sub(put, value[:end]) + value[end:]


def _unknown(key: str, known: Iterable[str]) -> str:
    """One line for an unknown key; `key` may be a dotted path."""
    hint = nearest(key.rpartition(".")[2], known, "known keys:", cutoff=0.5)
    return f"unknown key {shown(key)}; {hint}"


def _one_line(error: ValidationError, known: Iterable[str]) -> str:
    """The first error of pydantic as one line."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return _unknown(key, known)
    if first["type"] == "missing":
        return f"{key!r} is missing"
    message = first["msg"].removeprefix("Value error, ")
    if not key:
        # The error comes from the provider, whose package is broken.
        return message
    return f"{key!r}: {message[0].lower()}{message[1:]}"
