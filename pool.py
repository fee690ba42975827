"""Pool: the models of an ensemble and the parts that they play."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from langchain_core.runnables import Runnable

from .errors import InputError
from .hints import nearest, shown
from .member import Member, Stage
from .models.clients import secrets_of, share
from .models.model_names import slug
from .pool_file import PARTS, read_pool
from .price import Price

__all__ = ["Member", "Pool", "Price", "Stage", "secrets_of", "slug"]


class Pool(Sequence[Member]):
    """The models of an ensemble, in order, and the parts that they play.

    Example:
        >>> pool = Pool(["ollama:qwen2.5:7b", "ollama:gemma2:9b"])
        >>> pool.names
        ['qwen2.5-7b', 'gemma2-9b']
    """

    def __init__(
        self,
        members: Iterable[Member | Runnable[Any, Any] | str],
        *,
        aggregator: Member | Runnable[Any, Any] | str | None = None,
        judge: Member | Runnable[Any, Any] | str | None = None,
        moderator: Member | Runnable[Any, Any] | str | None = None,
        proposers: Sequence[str] | None = None,
        confidence: float | None = None,
        escalate_to: Member | Runnable[Any, Any] | str | None = None,
        decline: str | None = None,
    ) -> None:
        """Check the members and give each a name of its own.

        A part is given as a member's name, or as a further model: a `Member`, a chat model, a
        Runnable or a `"provider:model"` string. A further model joins the pool and does not draft.

        Args:
            members: `Member`s, chat models, Runnables or `"provider:model"` strings. A model that
                is listed twice becomes `name` and `name-2`.
            aggregator: The model that writes final answers; by default the first member.
            judge: The model that judges drafts; by default the aggregator.
            moderator: The model that ends the rounds; by default the judge's verdict ends them.
            proposers: Names of the members that draft; by default all but `escalate_to`.
            confidence: Graphs over this pool call an answer below it unsure; from 0 to 1.
            escalate_to: The model that answers in place of an unsure answer.
            decline: Text that replaces an unsure answer if no other model could be asked.

        Raises:
            InputError: There is no member, two explicit members have the same name, a name is
                unknown, or the confidence is out of bounds.
        """
        if isinstance(members, str | Member | Runnable):
            raise InputError("a pool is a list of models; put this one into a list: [model]")
        self._members = _named_once(members)
        if not self._members:
            raise InputError("a pool needs at least one member")
        if confidence is not None and not 0 <= confidence <= 1:
            raise InputError(f"confidence must lie from 0 to 1, not {confidence}")
        team = self.names
        parts: dict[str, str | None] = dict.fromkeys(PARTS)
        for part, item in zip(PARTS, (aggregator, judge, moderator, escalate_to), strict=True):
            if item is not None:
                self._members, member = _with_part(self._members, item, part)
                parts[part] = member.name
        self.aggregator: str | None = parts["aggregator"]
        self.judge: str | None = parts["judge"]
        self.moderator: str | None = parts["moderator"]
        self.escalate_to: str | None = parts["escalate_to"]
        drafting = list(proposers or [n for n in team if n != self.escalate_to] or team)
        self.proposers: list[str] = [self.member(name, "proposer").name for name in drafting]
        self.confidence = confidence
        self.decline = decline
        share(self._members)

    @classmethod
    def of(cls, pool: Pool | Iterable[Member | Runnable[Any, Any] | str]) -> Pool:
        """`pool` itself, or a pool of the listed models."""
        return pool if isinstance(pool, Pool) else cls(pool)

    @classmethod
    def from_file(cls, path: str | Path) -> Pool:
        """Read a pool from YAML.

        Values may contain `${VARIABLE}` or `${VARIABLE:-default}`. The file never contains keys;
        `api_key_env` names their environment variables.

        Args:
            path: The file, such as `pool.yaml`.

        Raises:
            InputError: The file has a mistake; one line names the file, the key and the remedy.
        """
        return read_pool(Path(path), cls)

    @classmethod
    def pocket(cls) -> Pool:
        """The bundled models, which run on any machine without a key or a network.

        Example:
            >>> "arithmetic" in Pool.pocket().names
            True
        """
        from .pocket.chat import ChatPocket
        from .prompts import render

        special = ("aggregator", "judge")
        names = ChatPocket.available()
        members = [_pocket(name) for name in names if name not in special]
        members += [_pocket(name) for name in special if name in names]
        parts = {part: part for part in special if part in names}
        return cls(
            members,
            proposers=[n for n in names if n not in special],
            confidence=0.3,
            decline=render("decline_pocket"),
            **parts,
        )

    @property
    def names(self) -> list[str]:
        """The members' names, in order."""
        return [member.name for member in self._members]

    @property
    def secrets(self) -> frozenset[str]:
        """The keys of all members, to be redacted from texts; never store or print them."""
        keys: set[str] = set()
        for member in self._members:
            keys |= secrets_of(member)
        return frozenset(keys)

    def member(self, name: str, what: str = "member") -> Member:
        """The member called `name`.

        Raises:
            InputError: There is no such member; `what` names the part in the error.
        """
        return _find(self._members, name, what)

    def joined(self, item: Member | Runnable | str, what: str = "member") -> tuple[Pool, Member]:
        """The member that plays a part, and a pool that contains it.

        Args:
            item: A member's name, or a further model: a `Member`, a chat model, a Runnable or a
                `"provider:model"` string. A string that is a member's name means that member.
            what: The part, for error texts.

        Returns:
            The pool and the member: this pool if `item` is one of its members, or else a new pool
            with the model as a further member that does not draft.

        Raises:
            InputError: There is no member of that name, another member has the model's name, or
                `item` is none of these.

        Example:
            >>> pool, big = Pool(["ollama:qwen2.5:7b"]).joined("ollama:gemma2:27b", "aggregator")
            >>> pool.names, pool.proposers, big.name
            (['qwen2.5-7b', 'gemma2-27b'], ['qwen2.5-7b'], 'gemma2-27b')
        """
        members, member = _with_part(self._members, item, what)
        if members == self._members:
            return self, member
        parts = {part: getattr(self, part) for part in PARTS}
        whole = {"confidence": self.confidence, "decline": self.decline}
        return Pool(members, proposers=self.proposers, **whole, **parts), member

    def subset(self, names: Iterable[str]) -> Pool:
        """A pool of the named members only, in the order given."""
        kept = list(dict.fromkeys(names))
        parts = {part: getattr(self, part) for part in PARTS}
        parts = {part: name if name in kept else None for part, name in parts.items()}
        drafting = [name for name in self.proposers if name in kept]
        return Pool(
            [self.member(name) for name in kept],
            proposers=drafting or None,
            confidence=self.confidence,
            decline=self.decline,
            **parts,
        )

    @overload
    def __getitem__(self, index: int) -> Member: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Member, ...]: ...
    def __getitem__(self, index: int | slice) -> Member | tuple[Member, ...]:
        return self._members[index]

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members)

    def __repr__(self) -> str:
        return f"Pool({', '.join(self.names)})"


def _pocket(name: str) -> Member:
    """A bundled model: it is free and cannot follow a JSON schema."""
    return Member(
        name=name,
        provider="pocket",
        model=name,
        price=Price(input=0, output=0),
        temperature=0.0 if name == "aggregator" else None,
        max_tokens=160,
        structured="text",
        verifies=name == "arithmetic",  # By the inverse operation, see pocket/inverse.py.
    )


def _find(members: Sequence[Member], name: object, what: str) -> Member:
    for member in members:
        if member.name == name:
            return member
    hint = nearest(name, [member.name for member in members], "it has")
    raise InputError(f"{what} {shown(name)} is not in the pool; {hint}")


def _with_part(
    members: tuple[Member, ...], item: Member | Runnable | str, what: str
) -> tuple[tuple[Member, ...], Member]:
    """The members, with `item` added if it is a further model, and its member."""
    if isinstance(item, str) and (":" not in item or any(m.name == item for m in members)):
        return members, _find(members, item, what)
    try:
        wanted = Member.of(item)
    except InputError as error:
        if isinstance(item, str):
            raise InputError(f"{what}: {error}") from None
        raise InputError(
            f"{what} must be a member's name, a chat model, a Member or a 'provider:model' "
            f"string, not {type(item).__name__}"
        ) from None
    for member in members:
        if _same(member, wanted, item):
            return members, member
    members = _named_once([*members, item])
    return members, members[-1]


def _same(member: Member, wanted: Member, item: Member | Runnable | str) -> bool:
    """Whether `item` is a model that the pool has."""
    if isinstance(item, Member):
        return member.__dict__ == item.__dict__
    if isinstance(item, str):
        fields = ("provider", "model", "base_url")
        return all(getattr(member, f) == getattr(wanted, f) for f in fields)
    return member.model is item


def _named_once(items: Iterable[Member | Runnable[Any, Any] | str]) -> tuple[Member, ...]:
    named: dict[str, Member] = {}
    for item in items:
        member = Member.of(item)
        if member.name in named:
            if isinstance(item, Member):
                raise InputError(
                    f"two members are called {member.name!r}; give one of them another name"
                )
            count = 2
            while f"{member.name}-{count}" in named:
                count += 1
            member = Member.of(item, name=f"{member.name}-{count}")
        named[member.name] = member
    return tuple(named.values())
