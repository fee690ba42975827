"""Keep secrets out of everything that is stored, streamed or printed."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from pydantic import BaseModel, SecretStr

HIDDEN = "***"
"""Replacement for a secret."""

# Patterns that are secrets in any text: bearer tokens, vendor keys, user:password in a URL.
_SHAPES = (
    (re.compile(r"(?i)(bearer\s+)[\w.~+/=-]{8,}"), r"\1***"),
    (re.compile(r"(?i)(authorization[\"']?\s*[:=]\s*[\"']?basic\s+)[\w+/=-]{4,}"), r"\1***"),
    (re.compile(r"\b(?:sk|pk|hf|gsk|xai|key)[-_][\w*-]{8,}"), HIDDEN),
    (re.compile(r"\bAIza[\w-]{8,}"), HIDDEN),
    (re.compile(r"(?<=://)[^/\s?#@]+(?=@)"), HIDDEN),
)
_USER = re.compile(r"(?<=://)([^/\s?#]*)@")
_SECRET_NAME = re.compile(
    r"(?i)api[_-]?key|access[_-]?key|secret|passw|authoriz|credential|cookie"
    r"|(?:^|[_-])(?:key|auth|api_token|access_token)$|(?<!eos)(?<!bos)(?<!pad)_token$|^token$"
)
_HEADERS = re.compile(r"(?i)headers$")
# Headers whose values are not secret: they describe the client and the request.
_PUBLIC = re.compile(
    r"(?i)accept|user-agent|content-|(?:http-)?referer|origin|x-title|.*-(?:version|beta)$"
)
_MASK = re.compile(r"[*•…·]+|\.{3,}|x{4,}|X{4,}")
_SHORTEST, _WINDOW, _ENDS = 4, 8, 3
"""Characters of a secret that is looked for at all, of a part of one, and beside a mask."""


def redact(text: str, secrets: frozenset[str] | set[str] = frozenset()) -> str:
    """Replace known secrets, and text that looks like a secret, by three stars.

    Parts of a secret are found as well (eight of its characters in a row, or the ends that a server
    shows of a masked one), and so are forms that are percent-encoded, in base64, in hexadecimal, in
    JSON or in HTML.

    Args:
        text: Any text, most often that of an exception.
        secrets: Exact secrets to remove, such as the keys of a pool's members.

    Returns:
        The redacted text.

    Example:
        >>> redact("401: bad key sk-abcdefgh1234")
        '401: bad key ***'
        >>> redact("401: bad key correct-horse-b", {"correct-horse-battery"})
        '401: bad key ***'
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, HIDDEN)
    text = _without_parts(text, secrets)
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text


def hidden(value: Any, name: str = "") -> Any:
    """Hide header values, values with a secret's name, and `user:password@` in a value.

    Args:
        value: Arguments of a client, or a part of them.
        name: Name of the value.

    Example:
        >>> hidden({"default_headers": {"X-Team": "blue"}, "url": "http://me:pw@host", "n": 1})
        {'default_headers': {'X-Team': '***'}, 'url': 'http://***@host', 'n': 1}
    """
    if isinstance(value, Mapping):
        inside = name if _HEADERS.search(name) or _SECRET_NAME.search(name) else ""
        return {key: hidden(each, inside or str(key)) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [hidden(each, name) for each in value]
    if isinstance(value, str):
        secret = _HEADERS.search(name) or _names_a_secret(name)
        return HIDDEN if secret else _USER.sub(f"{HIDDEN}@", value)
    plain = value is None or isinstance(value, bool | int | float)
    # The repr of an object may contain private data.
    return value if plain else type(value).__name__


def secrets_in(value: Any, name: str = "", depth: int = 6) -> Iterator[str]:
    """The texts that `hidden` hides in a value, except headers that every client sends.

    Args:
        value: Arguments of a client, a client with fields such as a chat model, or a part of them.
        name: Name of the value.
        depth: Greatest depth of nested clients that is searched.

    Example:
        >>> sorted(secrets_in({"url": "http://me:pw@host", "api_key": "abcd", "n": 1}))
        ['abcd', 'me:pw', 'pw']
    """
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for field, each in vars(value).items() if depth else ():
            yield from secrets_in(each, field, depth - 1)
    elif isinstance(value, Mapping):
        inside = "api_key" if _names_a_secret(name) else ""
        for key, each in value.items():
            if not _HEADERS.search(name):
                yield from secrets_in(each, inside or str(key), depth)
            elif not _PUBLIC.match(str(key)):
                yield from secrets_in(each, "api_key", depth)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from secrets_in(each, name, depth)
    elif isinstance(value, str):
        yield from _secrets_of_text(value, name)


def _names_a_secret(name: str) -> bool:
    """Whether a field's name says that it holds a secret; a sentence is no name."""
    return len(name) <= 64 and " " not in name and bool(_SECRET_NAME.search(name))


def _secrets_of_text(value: str, name: str) -> Iterator[str]:
    if _names_a_secret(name):
        yield value.removeprefix("Bearer ").removeprefix("Basic ")
    for user in _USER.findall(value):
        yield from {user, unquote(user), unquote(user.partition(":")[2])} - {""}


def without_user(url: str) -> tuple[str, str | None]:
    """An address without its `user:password@`, and the equivalent `Authorization` header.

    Example:
        >>> without_user("http://me:pw@host/v1")
        ('http://host/v1', 'Basic bWU6cHc=')
    """
    found = _USER.search(url)
    if found is None:
        return url, None
    user = unquote(found[1])
    pair = user if ":" in user else f"{user}:"
    return _USER.sub("", url), f"Basic {base64.b64encode(pair.encode()).decode()}"


def everywhere(value: Any, secrets: frozenset[str] | set[str]) -> Any:
    """Redact every text in a JSON value; other objects stay as they are."""
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, dict):
        return {key: everywhere(each, secrets) for key, each in value.items()}
    if isinstance(value, list | tuple):
        each = [everywhere(one, secrets) for one in value]
        return each if isinstance(value, list) else tuple(each)
    return value


def _without_parts(text: str, secrets: frozenset[str] | set[str]) -> str:
    """Hide parts of secrets, in all forms in which a server may echo them."""
    low = text.lower()
    if len(low) != len(text):
        low = text
    mask = bytearray(len(text))
    for size, parts in _parts(secrets).items():
        for start in range(len(low) - size + 1):
            if low[start : start + size] in parts:
                mask[start : start + size] = b"\1" * size
    for start, end in _beside_masks(low, secrets):
        mask[start:end] = b"\1" * (end - start)
    if not any(mask):
        return text
    pieces, start = [], 0
    for run in re.finditer(rb"\x01+", bytes(mask)):
        pieces += [text[start : run.start()], HIDDEN]
        start = run.end()
    return "".join([*pieces, text[start:]])


def _parts(secrets: frozenset[str] | set[str]) -> dict[int, set[str]]:
    """Parts of the secrets, by length; each is long enough to identify its secret."""
    parts: dict[int, set[str]] = {}
    for secret in secrets:
        if len(secret) < _WINDOW:
            continue
        for form, size in _forms(secret):
            form = form.lower()
            size = min(size, len(form))
            for start in range(len(form) - size + 1):
                parts.setdefault(size, set()).add(form[start : start + size])
    return parts


def _forms(secret: str) -> Iterator[tuple[str, int]]:
    """The forms of a secret, each with the number of its characters to search for."""
    raw = secret.encode("utf-8", "replace")
    short = _WINDOW if len(secret) >= 12 else len(secret) * 2 // 3
    for form in {secret, quote(secret, safe=""), html.escape(secret), json.dumps(secret)[1:-1]}:
        yield form, short
    yield "".join(f"%{byte:02x}" for byte in raw), 3 * short
    yield raw.hex(), 2 * short
    for before in range(3):
        # Base64 of a text that contains the secret, for each position of its first byte.
        coded = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        inner = coded[(0, 2, 3)[before] : -1]
        yield inner, short + 2
        yield inner.translate(str.maketrans("+/", "-_")), short + 2


def forms_of(secrets: Iterable[str]) -> set[str]:
    """The secrets as they are, and encoded as servers write them.

    Example:
        >>> "team%2F7b1f0c93" in forms_of(["team/7b1f0c93"])
        True
    """
    return {form for secret in secrets for form, _ in _forms(secret)}


def _beside_masks(low: str, secrets: frozenset[str] | set[str]) -> Iterator[tuple[int, int]]:
    """The parts of masked secrets that servers show: beginnings before a mask, ends after one."""
    for mask in _MASK.finditer(low):
        for secret in map(str.lower, secrets):
            if len(secret) < _WINDOW:
                continue
            for size in range(len(secret) // 2 + 1, _ENDS - 1, -1):
                if low.endswith(secret[:size], 0, mask.start()):
                    yield mask.start() - size, mask.end()
                    break
            for size in range(len(secret) // 2 + 1, _ENDS - 1, -1):
                if low.startswith(secret[-size:], mask.end()):
                    yield mask.start(), mask.end() + size
                    break
