"""What Aegra's table of runs says: who has which run, and when another worker has it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import psycopg

WATCHED = 60.0
"""Seconds after which a run that nobody has taken over counts as lost."""


@dataclass
class Taken:
    """The runs of a killed worker.

    Attributes:
        runs: Names of the runs that it had.
        waits: Seconds from the end of a run's lease until another worker had it.
        since: Seconds from the kill until then.
        lost: Runs that nobody took over.
    """

    runs: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    since: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def holders(address: str, pid: int) -> dict[str, float]:
    """The runs that the worker of a process has, and the ends of their leases since 1970."""
    query = (
        "SELECT run_id, extract(epoch FROM lease_expires_at) FROM runs "
        "WHERE status = 'running' AND claimed_by LIKE %s"
    )
    with psycopg.connect(address) as database:
        return {str(r): float(e) for r, e in database.execute(query, [f"%-{pid}-worker-%"])}


def takeover(address: str, pid: int, held: dict[str, float], killed: float) -> Taken:
    """Wait until other workers have the runs of a killed one.

    Args:
        address: PostgreSQL.
        pid: The killed process.
        held: Its runs, with the ends of their leases.
        killed: The time of the kill.
    """
    taken, left = Taken(list(held)), dict(held)
    query = "SELECT run_id, status, claimed_by FROM runs WHERE run_id = ANY(%s)"
    with psycopg.connect(address, autocommit=True) as database:
        while left and time.time() < killed + WATCHED:
            for run, status, owner in database.execute(query, [list(left)]).fetchall():
                elsewhere = status == "running" and owner and f"-{pid}-worker-" not in owner
                if elsewhere or status not in ("running", "pending"):
                    now = time.time()
                    ends = left.pop(str(run))
                    if elsewhere:
                        taken.waits.append(now - ends)
                        taken.since.append(now - killed)
            time.sleep(0.05)
    taken.lost = list(left)
    return taken
