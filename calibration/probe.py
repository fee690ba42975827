"""Probe calibration: ask fewer members fewer questions, and use the calls where they decide.

It is successive halving (Karnin, Koren & Somekh 2013) in all clusters in parallel: all members
answer a first share of a cluster's questions; each round keeps the better half of the remaining
members and those that do not differ clearly from the best, and these answer the next share. The
other scores stay unknown, which `capability.difficulty` and the posteriors take into account.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import InputError
from ..routing.capability import difficulty, posterior, tally
from ..routing.clustering import nested

Array = np.ndarray

#: Maps (question number, member number) pairs to a score in [0, 1] each, NaN for a failure.
Oracle = Callable[[list[tuple[int, int]]], Sequence[float]]


#: Number of rounds.
ROUNDS = 6


@dataclass(frozen=True)
class Probed:
    """The result of a probe.

    Attributes:
        scores: float [n, M], NaN if the pair was not asked or the call failed.
        calls: Number of calls.
        trace: After each round: calls so far, and the members still in the race by cluster.
    """

    scores: Array
    calls: int
    trace: list[dict[str, object]] = field(default_factory=list)

    def records(self, queries: Sequence[str], members: Sequence[str]) -> list[dict[str, object]]:
        """The scores as records for `Profile.fit`, without the unknown ones."""
        out: list[dict[str, object]] = []
        for query, line in zip(queries, self.scores, strict=True):
            scores = {m: float(s) for m, s in zip(members, line, strict=True) if not np.isnan(s)}
            out.append({"query": query, "scores": scores})
        return out


def probe(
    vectors: Array,
    members: int,
    ask: Oracle,
    *,
    budget: float = 0.35,
    rounds: int = ROUNDS,
    clusters: int = 8,
    families: int = 8,
    doubt: float = 1.0,
    seed: int = 42,
) -> Probed:
    """Ask adaptively.

    Args:
        vectors: The embedded questions [n, d].
        members: Number of members, M.
        ask: Called once per round with all its pairs, so that they can run concurrently.
        budget: The largest share of the n x M calls.
        rounds: Number of rounds.
        clusters: Number of clusters, each with a race of its own.
        families: Number of families of clusters.
        doubt: Standard deviations of the difference within which a member stays in the race.
        seed: Seed of the clusters and the order of questions.

    Raises:
        InputError: The budget is not a share in (0, 1].

    Example:
        >>> probed = probe(np.eye(8), 2, lambda pairs: [float(m == 1) for _, m in pairs])
        >>> probed.calls <= 0.35 * 8 * 2
        True
    """
    race = Race(
        vectors,
        np.full((len(vectors), members), np.nan),
        check_budget(budget),
        clusters=clusters,
        families=families,
        doubt=doubt,
        seed=seed,
    )
    for number in range(rounds):
        pairs = race.next_pairs(rounds - number)
        if not pairs:
            break
        answers = ask(pairs)
        if len(answers) != len(pairs):
            raise InputError(f"the oracle answered {len(answers)} of {len(pairs)} questions")
        race.tell(pairs, answers)
    return Probed(race.scores, race.calls, race.trace)


def check_budget(budget: float) -> float:
    """Refuse a share outside (0, 1]."""
    if not 0.0 < budget <= 1.0:
        raise InputError(f"budget must be a share of the calls in (0, 1], not {budget}")
    return float(budget)


class Race:
    """The members still in the race in each cluster, and the scores so far.

    It depends only on the scores that it is told: a calibration resumes by telling it the same
    again.

    Args:
        vectors: The embedded questions [n, d].
        known: Recorded scores [n, M], NaN if there is none; they cost nothing.
        budget: The largest share of the askable pairs.
        askable: Pairs that may be asked, bool [n, M]; by default those without a recorded score.
        clusters: Number of clusters, each with a race of its own.
        families: Number of families of clusters.
        doubt: Standard deviations of the difference within which a member stays in the race.
        seed: Seed of the clusters and the order of questions.
    """

    def __init__(
        self,
        vectors: Array,
        known: Array,
        budget: float,
        *,
        askable: Array | None = None,
        clusters: int = 8,
        families: int = 8,
        doubt: float = 1.0,
        seed: int = 42,
    ) -> None:
        n, members = known.shape
        clusters = max(1, min(clusters, n // 12))
        _, _, family, labels = nested(vectors, clusters, min(families, clusters), seed=seed)
        self.labels: Array = labels
        self.family: Array = family
        self.doubt: float = doubt
        self.scores: Array = known.astype(np.float64)
        self.askable: Array = np.isnan(known) if askable is None else askable & np.isnan(known)
        self.limit: int = int(budget * int(self.askable.sum()))
        self.calls: int = 0
        self.trace: list[dict[str, object]] = []
        self.active: Array = np.ones((len(family), members), dtype=bool)
        order = np.random.default_rng(seed).permutation(n)
        self.queue: list[list[int]] = [
            order[labels[order] == c].tolist() for c in range(len(family))
        ]

    def next_pairs(self, rounds_left: int) -> list[tuple[int, int]]:
        """The next round's pairs: an equal share of the remaining calls, by cluster size."""
        spend = (self.limit - self.calls) // rounds_left
        waiting = np.array([len(q) for q in self.queue], dtype=float)
        racing = self.active.sum(1)
        if self.active.shape[1] > 1:
            waiting[racing < 2] = 0.0  # decided
        if spend < 1 or not waiting.any():
            return []
        share = min(1.0, spend / (waiting * racing).sum())
        pairs: list[tuple[int, int]] = []
        for cluster in np.argsort(-waiting, kind="stable").tolist():
            wanted = int(np.ceil(share * waiting[cluster]))
            while wanted and self.queue[cluster]:
                question = self.queue[cluster][-1]
                asked = np.flatnonzero(self.active[cluster] & self.askable[question]).tolist()
                if self.calls + len(pairs) + len(asked) > self.limit:
                    break
                self.queue[cluster].pop()
                pairs += [(question, m) for m in asked]
                wanted -= 1
        self.calls += len(pairs)
        return pairs

    def tell(self, pairs: list[tuple[int, int]], answers: Sequence[float]) -> None:
        """Add scores, and drop members."""
        for (question, member), score in zip(pairs, answers, strict=True):
            self.scores[question, member] = score
        asked = ~np.isnan(self.scores).all(axis=1)
        if not asked.any():
            return
        kinds = self.labels[asked]
        level = difficulty(self.scores[asked], self.family[kinds])
        record = tally(self.scores[asked], kinds, len(self.family), level)
        estimates = posterior(record, self.family, (2.0, 20.0, 100.0))
        for cluster in range(len(self.family)):
            self._drop(cluster, estimates.mean[cluster], estimates.sd[cluster])
        racing = self.active.sum(1).tolist()
        self.trace.append({"calls": self.calls, "racing": racing})

    def _drop(self, cluster: int, mean: Array, sd: Array) -> None:
        racing = np.flatnonzero(self.active[cluster])
        best = racing[mean[racing].argmax()]
        order = racing[np.argsort(-mean[racing], kind="stable")]
        half = set(order[: max(1, (len(order) + 1) // 2)].tolist())
        for member in racing:
            gap = (mean[best] - mean[member]) / np.hypot(sd[best], sd[member])
            if member not in half and gap > self.doubt:
                self.active[cluster, member] = False
