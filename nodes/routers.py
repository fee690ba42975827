"""Who routes in the Avengers: the task map, a learned router, a member, or nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from langchain_core.runnables import Runnable

from ..errors import InputError
from ..hints import nearest
from ..member import Member
from ..pool import Pool
from ..profiles import Profile
from ..routing.capabilities import capabilities
from ..routing.router import Router
from .abilities import cannot_draft
from .base import Run, Step
from .context import AvengersContext
from .route import asked_first, kept


class Routing(NamedTuple):
    """Who routes.

    Attributes:
        pool: The pool, with the member that routes.
        map: The task map.
        learned: Another router over embedded questions.
        advisor: A member that is asked.
        descriptions: What the advisor is told of each member, by name.
    """

    pool: Pool
    map: Profile | None = None
    learned: Router | None = None
    advisor: Member | None = None
    descriptions: Mapping[str, str] = {}

    @property
    def by(self) -> Router | None:
        """The router over embedded questions, if there is one."""
        return self.map or self.learned


def routing_of(
    pool: Pool,
    profile: Profile | None,
    router: Router | Member | Runnable[Any, Any] | str | bool | None,
    descriptions: Mapping[str, str] | None,
) -> Routing:
    """Who routes, from a builder's arguments.

    Raises:
        InputError: They contradict each other, or name members that there are not.
    """
    if router is None or router is False:
        if descriptions:
            raise InputError("descriptions are read by a router: name a member as router=")
        return Routing(pool, profile)
    if isinstance(router, Router):
        if profile is not None:
            raise InputError(
                "a router takes the place of the task map: create_avengers(pool, None, router=…)"
            )
        return Routing(pool, learned=router)
    team = pool
    chosen = pool.judge or pool.aggregator or pool[0].name if router is True else router
    pool, advisor = pool.joined(chosen, "router")
    for name in descriptions or {}:
        if name not in team.names:
            raise InputError(
                f"description of {name!r}: {nearest(name, team.names, 'the pool has')}"
            )
    known = {member.name: _unknown(member) for member in team}
    known |= capabilities(profile) if profile else {}
    known = {name: text for name, text in known.items() if name in team.names}
    known |= descriptions or {}
    return Routing(pool, advisor=advisor, descriptions=known)


def _unknown(member: Member) -> str:
    """What is known of a member without records: its model and its role."""
    role = f" Its role: {member.role}" if member.role else ""
    return f"The model {member.model_name}.{role}"


def make_learned_route(router: Router, known: Sequence[Member]) -> Step:
    """The node that ranks the members for the embedded question by any router."""
    team = {member.name: member for member in known}
    names = [name for name in router.members if name in team]

    async def route(state: Any, run: Run[AvengersContext]) -> dict[str, Any]:
        knobs = run.knobs
        vector = np.asarray([state["vector"]], dtype=np.float32)
        ranked = router.route_vectors(vector, top_n=len(names), members=names)[0]
        ranking = [
            {"member": each.member, "score": round(float(each.score), 6), "record": None}
            for each in ranked
            if cannot_draft(team[each.member], state["messages"], knobs) is None
        ]
        update = {
            "ranking": kept(ranking, state.get("picked") or [], knobs.sticky),
            **{"cluster": None, "position": None, "familiarity": None},
        }
        return asked_first(update, knobs, knobs.top_n, team, run)

    return route
