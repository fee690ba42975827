"""Keys of an endpoint: who may use it, how often, and for how much.

Only SHA-256 digests are kept in memory. Keys are long and random, so that a digest without salt
tells nothing about them.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...errors import InputError
from ...hints import nearest
from ...pool_yaml import read_yaml

Period = Literal["hour", "day", "month", "total"]
BEGINNING = "ens-"
"""What a key begins with, so that scanners of leaked secrets can find it."""
SESSION = 30 * 24 * 3600
"""Seconds for which a browser stays signed in."""
_SHORTEST = 16
_NAME = re.compile(r"[A-Za-z0-9][\w.@-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEX = r"^[0-9a-fA-F]{64}$"


class Key(BaseModel):
    """One key: its name, its digest and its limits.

    Attributes:
        name: Shown in logs and reports in place of the key.
        sha256: Digest of the key, as `ensemble keys new` prints it.
        key_env: Environment variable that holds the key, in place of the digest.
        budget_usd: Most US dollars in a period.
        max_calls: Most calls of members in a period.
        period: When the budget begins anew: each `hour`, `day` or `month` (UTC), or never.
        runs_per_minute: Most runs that it may start in a minute.
        admin: Whether it sees the usage of all keys, and the metrics.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=_NAME.pattern + "$")
    sha256: str | None = Field(default=None, pattern=_HEX)
    key_env: str | None = None
    budget_usd: float | None = Field(default=None, ge=0)
    max_calls: int | None = Field(default=None, ge=0)
    period: Period = "month"
    runs_per_minute: int | None = Field(default=None, ge=1)
    admin: bool = False

    def begins(self, now: float) -> float:
        """When the current period began, as seconds since 1970.

        Example:
            >>> Key(name="a", period="day").begins(90_000.0)
            86400.0
        """
        at = datetime.fromtimestamp(now, UTC).replace(minute=0, second=0, microsecond=0)
        if self.period == "total":
            return 0.0
        if self.period in ("day", "month"):
            at = at.replace(hour=0)
        return (at.replace(day=1) if self.period == "month" else at).timestamp()


class Keys:
    """All keys of a server.

    Example:
        >>> keys = Keys([Key(name="ann", sha256=digest("ens-0123456789abcdef"))])
        >>> keys.find("ens-0123456789abcdef").name, keys.find("another")
        ('ann', None)
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = {key.name: key for key in keys}

    def __bool__(self) -> bool:
        return bool(self._keys)

    def __iter__(self) -> Any:
        return iter(self._keys.values())

    def named(self, name: str | None) -> Key | None:
        """The key of that name."""
        return self._keys.get(name or "")

    def find(self, secret: str) -> Key | None:
        """Whose key this is; every key is compared, in constant time."""
        given, found = digest(secret), None
        for key in self._keys.values():
            if hmac.compare_digest(key.sha256 or "", given):
                found = key
        return found

    def sign(self, key: Key, now: float | None = None) -> str:
        """A browser's session: the name, its end, and a signature that only the key's digest makes.

        It needs no memory of the server's, and ends with the key.
        """
        text = f"{key.name}:{int((now or time.time()) + SESSION)}"
        return f"{text}:{_signature(key, text)}"

    def signed(self, session: str, now: float | None = None) -> Key | None:
        """Whose session this is; None if it is over or nobody's."""
        text, _, signature = session.rpartition(":")
        name, _, end = text.rpartition(":")
        key = self.named(name)
        if key is None or not end.isdigit() or int(end) < (now or time.time()):
            return None
        return key if hmac.compare_digest(_signature(key, text), signature) else None

    @classmethod
    def read(cls, sources: str, environment: Mapping[str, str] = os.environ) -> Keys:
        """The keys of environment variables and files.

        Args:
            sources: Names of variables, and paths of YAML files, separated by spaces.
            environment: The environment.

        Raises:
            InputError: A source cannot be used; the line never holds a key.
        """
        keys: list[Key] = []
        for source in sources.split():
            if is_file(source):
                keys += _from_file(Path(source), environment)
            else:
                keys.append(_from_variable(source, environment))
        names = [key.name for key in keys]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise InputError(f"two keys are named {twice!r}: give each a name of its own")
        return cls(keys)


def is_file(source: str) -> bool:
    """Whether a source is a file of keys, and not a variable.

    Example:
        >>> is_file("keys.yaml"), is_file("TEAM_KEY")
        (True, False)
    """
    return source.endswith((".yaml", ".yml"))


def digest(secret: str) -> str:
    """The digest of a key.

    Example:
        >>> digest("a")[:8]
        'ca978112'
    """
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def new_key() -> str:
    """A key: 32 random bytes.

    Example:
        >>> new_key()[:4]
        'ens-'
    """
    return BEGINNING + secrets.token_urlsafe(32)


def _signature(key: Key, text: str) -> str:
    return hmac.new((key.sha256 or "").encode(), text.encode(), hashlib.sha256).hexdigest()


def _from_variable(name: str, environment: Mapping[str, str]) -> Key:
    if not _VARIABLE.fullmatch(name):
        # Others on this machine can read command lines, and it may be a key.
        raise InputError(
            "--api-key takes the name of an environment variable, or a file of keys such as "
            "keys.yaml, never the key itself"
        )
    # It has no limits, so it is the operator's own.
    return Key(name=name.lower()[:64], sha256=digest(_held(name, environment)), admin=True)


def _held(variable: str, environment: Mapping[str, str]) -> str:
    secret = environment.get(variable, "").strip()
    if not secret:
        # What is long and not in capitals may be a key in the place of a variable.
        shown = variable if variable.isupper() or len(variable) < _SHORTEST else "that you named"
        raise InputError(f"the environment variable {shown} is not set; put the key into it")
    if len(secret) < _SHORTEST:
        raise InputError(
            f"the key in {variable} is shorter than {_SHORTEST} characters; `ensemble keys new` "
            "makes one"
        )
    return secret


def _from_file(path: Path, environment: Mapping[str, str]) -> list[Key]:
    read = read_yaml(path)
    rows = read.get("keys") if isinstance(read, dict) else read
    if not isinstance(rows, list) or not rows:
        raise InputError(f"{path}: write a list of keys; `ensemble keys new NAME >> {path.name}`")
    return [_from_row(path, place, row, environment) for place, row in enumerate(rows, 1)]


def _from_row(path: Path, place: int, row: Any, environment: Mapping[str, str]) -> Key:
    where = f"{path}: key {place}"
    if not isinstance(row, dict):
        raise InputError(f"{where}: write name, sha256 and limits; see `ensemble keys new`")
    if unknown := [each for each in row if each not in Key.model_fields]:
        hint = nearest(str(unknown[0]), list(Key.model_fields), "there are")
        # A value may be a secret, so only the name is told.
        raise InputError(f"{where}: there is no field {str(unknown[0])[:40]!r}; {hint}")
    try:
        key = Key.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{where}: {first['loc'][0]}: {first['msg']}") from None
    if (key.sha256 is None) == (key.key_env is None):
        raise InputError(f"{where} ({key.name}): give sha256 or key_env, one of the two")
    made = key.sha256 or digest(_held(str(key.key_env), environment))
    return key.model_copy(update={"sha256": made.lower()})
