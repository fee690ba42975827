"""The last step of MoA and SMoA: an aggregator writes the answer, or a vote chooses a draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..member import Member
from ..pool import Pool
from ..records import Draft
from .aggregate import make_aggregate, stand_ins
from .base import Step
from .choose import Finish, ending_of, make_choose


@dataclass(frozen=True)
class Last:
    """The step that gives the answer.

    Attributes:
        node: Name of the node: `aggregate` or `choose`.
        step: The step.
        writers: Members that may write the answer, the aggregator first; none if a draft is chosen.
    """

    node: str
    step: Step
    writers: tuple[Member, ...] = ()

    @property
    def chooses(self) -> bool:
        """Whether a draft becomes the answer."""
        return not self.writers


def make_last(
    strategy: str,
    finish: Finish,
    pool: Pool,
    aggregator: Member,
    drafting: Sequence[Member],
    kept: Callable[[Any], list[Draft]],
    told: Sequence[str] = (),
) -> Last:
    """The last step, in the form that `finish` names.

    Args:
        strategy: Name of the method, for `result`.
        finish: `write`, `choose`, or `auto`.
        pool: The members; the others are substitutes of the aggregator.
        aggregator: The member that writes.
        drafting: The members that draft.
        kept: Function from the state to the drafts that the aggregator reads.
        told: Channels of the state that are copied to `result`.

    Raises:
        InputError: `finish` is not one of its three values.
    """
    node = ending_of(finish, aggregator)
    if node == "choose":
        return Last(node, make_choose(strategy, drafting, told))
    writers = stand_ins(pool, aggregator)
    return Last(node, make_aggregate(strategy, writers, kept, told), tuple(writers))
