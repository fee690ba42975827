"""Probe calibration: ask fewer members fewer questions, and spend the calls where they decide.

Successive halving (Karnin, Koren & Somekh 2013) in every cluster at once: all members answer a
first share of its questions; each round keeps, of the members still in the race, the better half
and whoever cannot yet be told from the best, and these answer the next share. What was not asked
stays a hole, which `capability.difficulty` and the posteriors know how to read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import InputError
from ..routing.capability import difficulty, posterior, tally
from ..routing.clustering import nested

Array = np.ndarray

#: Asks (question number, member number) pairs; answers a score in [0, 1] each, NaN for a failure.
Oracle = Callable[[list[tuple[int, int]]], Sequence[float]]


#: Rounds of asking.
ROUNDS = 6


@dataclass(frozen=True)
class Probed:
    """What a probe found.

    Attributes:
        scores: float [n, M], NaN where nothing was asked or the call failed.
        calls: Calls made.
        trace: After each round: calls so far, and the members still in the race by cluster.
    """

    scores: Array
    calls: int
    trace: list[dict[str, object]] = field(default_factory=list)

    def records(self, queries: Sequence[str], members: Sequence[str]) -> list[dict[str, object]]:
        """The scores as records for `Profile.fit`, holes left out."""
        out: list[dict[str, object]] = []
        for query, line in zip(queries, self.scores, strict=True):
            found = {m: float(s) for m, s in zip(members, line, strict=True) if not np.isnan(s)}
            out.append({"query": query, "scores": found})
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
        vectors: The questions, embedded [n, d].
        members: How many members there are, M.
        ask: Called once a round with all its pairs, so they can run at the same time.
        budget: The largest share of the n x M calls.
        rounds: Rounds of asking.
        clusters: Clusters that race on their own.
        families: Families the clusters belong to.
        doubt: Standard deviations of the difference within which a member stays in the race.
        seed: Seeds clusters and the order of questions.

    Raises:
        InputError: If the budget is not a share in (0, 1].

    Example:
        >>> found = probe(np.eye(8), 2, lambda pairs: [float(m == 1) for _, m in pairs])
        >>> found.calls <= 0.35 * 8 * 2
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
    """The members still in the race in each cluster, and what was asked so far.

    A function of what it was told alone: told the same again it goes on as before, which is how a
    calibration resumes.

    Args:
        vectors: The questions, embedded [n, d].
        known: Scores known beforehand [n, M], NaN where there is none; they cost nothing.
        budget: The largest share of the askable pairs.
        askable: Which pairs may be asked, bool [n, M]; by default those not known.
        clusters: Clusters that race on their own.
        families: Families the clusters belong to.
        doubt: Standard deviations of the difference within which a member stays in the race.
        seed: Seeds clusters and the order of questions.
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
        self.labels, self.family, self.doubt = labels, family, doubt
        self.scores = known.astype(np.float64)
        self.askable = np.isnan(known) if askable is None else askable & np.isnan(known)
        self.limit = int(budget * int(self.askable.sum()))
        self.calls = 0
        self.trace: list[dict[str, object]] = []
        self.active = np.ones((len(family), members), dtype=bool)
        order = np.random.default_rng(seed).permutation(n)
        self.queue = [order[labels[order] == c].tolist() for c in range(len(family))]

    def next_pairs(self, rounds_left: int) -> list[tuple[int, int]]:
        """The next round's calls: an equal part of what is left, by the size of the clusters."""
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
        """Take the scores in, and let members go."""
        for (question, member), score in zip(pairs, answers, strict=True):
            self.scores[question, member] = score
        asked = ~np.isnan(self.scores).all(axis=1)
        if not asked.any():
            return
        kinds = self.labels[asked]
        level = difficulty(self.scores[asked], self.family[kinds])
        record = tally(self.scores[asked], kinds, len(self.family), level)
        found = posterior(record, self.family, (2.0, 20.0, 100.0))
        for cluster in range(len(self.family)):
            self._drop(cluster, found.mean[cluster], found.sd[cluster])
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
