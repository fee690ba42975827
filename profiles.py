"""Profile: the task map (clusters of queries) and each member's record on it; save, load, route."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .errors import InputError
from .routing import storage
from .routing.avengers import read_artefacts
from .routing.describe import nearest_questions, telling_words
from .routing.edits import appended
from .routing.embedders import Embedder, make, restore
from .routing.fitting import VIEWS, build_views, default_shape, levels
from .routing.levels import Levels
from .routing.modes import MODES, check_alpha, costs_of, dial, reference_scores
from .routing.projection import layout, place
from .routing.table import table
from .routing.view import View

Array = np.ndarray


class Choice(NamedTuple):
    """A member chosen for a question.

    Attributes:
        member: Its name.
        score: What it was ranked by; larger is better. In mode ``posterior`` with ``alpha=1`` the
            expected accuracy on such questions.
        cluster: The cluster of the question.
    """

    member: str
    score: float
    cluster: int


@dataclass(frozen=True)
class Profile:
    """Which member is good at what.

    A profile never changes: methods that edit return a new one. Make it with `fit`, `load` or
    `from_avengers`.

    Attributes:
        members: Names, in the order that breaks ties.
        embedder: What turns a question into a vector.
        views: Clusterings with the members' records; the first is the one people see.
        flat: The first view's clusters without the hierarchy, for the published modes.
        levels: How hard each calibration question was, to measure new members against.
        cards: For each cluster of the first view its words and examples, plain JSON.
        points: 2-D place of each cluster of the first view, [K, 2].
        info: Seed, counts, settings and the fingerprint of the data, plain JSON.
    """

    members: list[str]
    embedder: Embedder
    views: list[View]
    flat: View
    levels: Levels
    cards: list[dict[str, Any]]
    points: Array
    info: dict[str, Any]

    @classmethod
    def fit(
        cls,
        records: Iterable[Mapping[str, Any]],
        *,
        embedder: Any = "lexical",
        clusters: int | str = "auto",
        seed: int = 42,
        method: str = "kmeans",
        views: int = VIEWS,
        families: int | None = None,
        kappa: float | None = None,
        members: Sequence[str] | None = None,
        vectors: Array | None = None,
    ) -> "Profile":
        """Fit a task map to recorded scores.

        Args:
            records: ``{"query": str, "scores": {member: float in [0, 1]}}``; a missing member is a
                hole. Optional: ``costs`` ({member: usd}), ``dataset``.
            embedder: ``"lexical"``, ``"openai:MODEL"``, ``"huggingface:MODEL"``, several joined by
                ``+``, a mapping with more settings, or a LangChain ``Embeddings`` object.
            clusters: Their number, or ``"auto"``: chosen by cross-validated routing accuracy.
            families: Coarser clusters, likewise chosen if not given; 1 is the paper's flat K-means.
            kappa: Pseudo-questions with which a cluster's record is shrunk towards its family's.
            seed: Seeds everything random.
            method: kmeans, minibatch, ward, gmm, spectral or birch.
            views: Clusterings to average over.
            members: Which members, and in which order; by default all, by name.
            vectors: The embedded queries [n, d], if they were embedded before with ``embedder``.

        Raises:
            InputError: If the records or settings cannot be used.

        Example:
            >>> scores = {"a": 1.0, "b": 0.0}
            >>> rows = [{"query": f"add {i} to 2", "scores": scores} for i in range(8)]
            >>> Profile.fit(rows).route(["add 9 to 2"])[0][0].member
            'a'
        """
        data = table(records, members)
        fitted = make(embedder, data.queries, seed=seed)
        if vectors is None:
            vectors = fitted.embed(data.queries)
        if len(vectors) != len(data.queries):
            raise InputError(f"{len(vectors)} vectors for {len(data.queries)} records")
        made, flat, chosen = build_views(
            data,
            vectors,
            clusters=clusters,
            families=families,
            kappa=kappa,
            method=method,
            views=views,
            seed=seed,
        )
        main = made[0]
        labels = main.assign(vectors)
        words = telling_words(data.queries, labels, len(main.centroids))
        examples = nearest_questions(data.queries, vectors, main.centroids, labels)
        cards = [{"words": w, "examples": e} for w, e in zip(words, examples, strict=True)]
        info = {
            "seed": seed,
            "method": method,
            "data": {"fingerprint": data.fingerprint, "queries": len(data.queries)},
            **chosen,
        }
        known = Levels.of(data.queries, levels(data.scores, main.family[labels]))
        return cls(data.members, fitted, made, flat, known, cards, layout(main.centroids), info)

    @classmethod
    def from_avengers(cls, folder: str | Path, *, embedder: Any) -> "Profile":
        """Import the published artefacts of the Avengers (see routing/avengers.py).

        Args:
            folder: With ``ranking_centers_*.npy``, ``ranking_*.json`` and ``map_*.json``.
            embedder: The one they were made with (the paper: gte-qwen2-7B-instruct), as in `fit`.

        Raises:
            InputError: If an artefact is missing, damaged, or does not fit the others.
        """
        members, view = read_artefacts(folder)
        if embedder == "lexical":
            raise InputError("name the embedder the artefacts were made with, not 'lexical'")
        k = len(view.centroids)
        info = {
            "seed": None,
            "method": "avengers",
            "data": {"fingerprint": None, "queries": int(view.record.size.sum())},
            "shape": asdict(default_shape(k)),
        }
        cards = [{"words": [], "examples": []} for _ in range(k)]
        points, none = layout(view.centroids), Levels.of([], np.zeros(0))
        return cls(members, make(embedder), [view], view, none, cards, points, info)

    # Reading ------------------------------------------------------------------------------------

    def embed(self, texts: Sequence[str]) -> Array:
        """Embed texts, float32 [n, d], with one call for all."""
        return self.embedder.embed(list(texts))

    async def aembed(self, texts: Sequence[str]) -> Array:
        """Embed texts without blocking the event loop."""
        return await self.embedder.aembed(list(texts))

    def route(self, queries: Sequence[str], **options: Any) -> list[list[Choice]]:
        """Choose members for each question, best first; options as for `route_vectors`.

        Example:
            >>> rows = [{"query": "add 1", "scores": {"a": 1.0}}] * 8
            >>> Profile.fit(rows).route(["add 3"])[0][0].cluster
            0
        """
        if isinstance(queries, str):
            raise InputError("route takes a list of questions: write route([question])")
        return self.route_vectors(self.embed(queries), **options)

    def route_vectors(
        self,
        vectors: Array,
        *,
        top_n: int = 1,
        mode: str = "posterior",
        alpha: float = 1.0,
        prices: Mapping[str, float] | None = None,
        members: Sequence[str] | None = None,
        top_k: int = 2,
        beta: float = 6.0,
    ) -> list[list[Choice]]:
        """Choose members for each embedded question.

        Args:
            vectors: From `embed`, [n, d].
            top_n: Members wanted a question; fewer come back where fewer are available.
            mode: ``published`` (nearest cluster, best accuracy: the paper), ``reference`` (the
                published code: softmax over the ``top_k`` nearest clusters x 1/(rank + 0.1)) or
                ``posterior`` (ours).
            alpha: The cost-quality dial of Avengers-Pro: 1 is quality alone, 0 is cost alone.
            prices: US dollars by member, in any common unit; without it the recorded costs.
            members: Those available; by default all.
            top_k: Nearest clusters of mode ``reference``.
            beta: Sharpness of mode ``reference``.

        Returns:
            For each question its choices, best first; ties keep the order of `members`.

        Raises:
            InputError: If an option is out of range, a member unknown, or a price missing.
        """
        vectors = self._check(vectors)
        columns = self._columns(members)
        names = [self.members[c] for c in columns]
        scores = self._scores(vectors, columns, names, mode, alpha, prices, top_k, beta)
        seen = self.views[0] if mode == "posterior" else self.flat
        clusters = seen.assign(vectors)
        if top_n < 1:
            raise InputError(f"top_n must be at least 1, not {top_n}")
        order = np.argsort(-scores, axis=1, kind="stable")[:, :top_n]
        return [
            [Choice(names[m], float(line[m]), int(c)) for m in best]
            for line, best, c in zip(scores, order.tolist(), clusters, strict=True)
        ]

    def _scores(
        self,
        vectors: Array,
        columns: list[int],
        names: list[str],
        mode: str,
        alpha: float,
        prices: Mapping[str, float] | None,
        top_k: int,
        beta: float,
    ) -> Array:
        """What members are ranked by, [n, M]."""
        alpha = check_alpha(alpha)
        if mode not in MODES:
            raise InputError(f"unknown mode '{mode}': use one of {', '.join(MODES)}")
        main = (self.views[0] if mode == "posterior" else self.flat).only(columns)
        spots = main.assign(vectors)
        record = main.record
        cost = np.zeros(record.count.shape)
        if alpha < 1.0:
            given = None if prices is None else dict(prices)
            cost = costs_of(names, given, record.cost, record.priced)
        if mode == "posterior":
            quality = self._posterior(vectors, columns)
            return quality if alpha == 1.0 else dial(quality, cost[spots], alpha)
        value = main.accuracy if alpha == 1.0 else dial(main.accuracy, cost, alpha)
        if mode == "published":
            return value[spots]
        seen = record.count > 0
        return reference_scores(vectors, main.centroids, value, seen, top_k=top_k, beta=beta)

    def _posterior(self, vectors: Array, columns: list[int]) -> Array:
        means = [v.capability.mean[v.assign(vectors)][:, columns] for v in self.views]
        return np.mean(means, axis=0)

    def _columns(self, members: Sequence[str] | None) -> list[int]:
        if members is None:
            return list(range(len(self.members)))
        known = {name: i for i, name in enumerate(self.members)}
        for name in members:
            if name not in known:
                raise InputError(
                    f"the profile has no record of member '{name}': add one with "
                    "profile.with_member(name, records), or leave the member out"
                )
        if not members:
            raise InputError("no members to route to: name at least one")
        return sorted({known[name] for name in members})

    def _check(self, vectors: Array) -> Array:
        vectors = np.asarray(vectors, dtype=np.float32)
        size = self.views[0].centroids.shape[1]
        if len(vectors) == 0:
            return np.zeros((0, size), dtype=np.float32)
        if vectors.ndim != 2 or vectors.shape[1] != size:
            raise InputError(
                f"vectors have shape {vectors.shape}, the profile needs [n, {size}]: embed with "
                "profile.embed"
            )
        return vectors

    @property
    def clusters(self) -> list[dict[str, Any]]:
        """Each cluster: id, size, words, examples and each member's record, plain JSON."""
        return [self.describe_cluster(i) for i in range(len(self.cards))]

    def describe_cluster(self, number: int) -> dict[str, Any]:
        """A cluster with its words, examples, 2-D place and members, best first."""
        view = self.views[0]
        found, record = view.capability, view.record
        members = {
            name: {
                "mean": float(found.mean[number, m]),
                "low": float(found.low[number, m]),
                "high": float(found.high[number, m]),
                "n": int(record.count[number, m]),
            }
            for m, name in enumerate(self.members)
        }
        ranked = sorted(members, key=lambda name: -members[name]["mean"])
        return {
            "id": number,
            "size": int(record.size[number]),
            **self.cards[number],
            "x": float(self.points[number, 0]),
            "y": float(self.points[number, 1]),
            "members": {name: members[name] for name in ranked},
        }

    def position(self, vector: Array) -> tuple[float, float]:
        """The place of an embedded question on the 2-D map."""
        x, y = place(self._check(np.atleast_2d(vector)), self.views[0].centroids, self.points)[0]
        return float(x), float(y)

    def select(self, m: int) -> list[str]:
        """The best ``m`` members by the paper's rank score: the sum over clusters of 1/rank."""
        accuracy = self.flat.accuracy
        order = np.argsort(-accuracy, axis=1, kind="stable")
        ranks = np.argsort(order, axis=1, kind="stable") + 1
        total = (1.0 / ranks).sum(axis=0)
        best = np.argsort(-total, kind="stable")[: max(1, m)]
        return [self.members[i] for i in best]

    # Editing: each gives a new profile, the map stays as it is ------------------------------------

    def with_member(self, name: str, records: Iterable[Mapping[str, Any]]) -> "Profile":
        """Let a member join from recorded scores, about 20 questions a cluster.

        A question of the calibration data is judged by its known difficulty, any other by the
        mean of its cluster.

        Args:
            name: The new member (or one whose record is to be replaced).
            records: ``{"query": str, "scores": {name: float}}``; others' scores are not read, a
                ``weight`` is (see `routing.newcomer.probe_questions`, which chooses the questions).

        Raises:
            InputError: If no record holds a score of ``name``.
        """
        data = table(records, [name])
        data = data.rows(np.flatnonzero(~np.isnan(data.scores[:, 0])))
        if not data.queries:
            raise InputError(f"no record holds a score of member '{name}'")
        base = self.without(name) if name in self.members else self
        vectors = base.embed(data.queries)
        level = base.levels.find(data.queries)
        views = [appended(view, data, vectors, level, data.weights) for view in base.views]
        flat = appended(base.flat, data, vectors, level, data.weights)
        return replace(base, members=[*base.members, name], views=views, flat=flat)

    add_member = with_member

    def without(self, name: str) -> "Profile":
        """Remove a member."""
        rest = [m for m in self.members if m != name]
        self._columns([name])
        columns = self._columns(rest)
        views = [view.only(columns) for view in self.views]
        return replace(self, members=rest, views=views, flat=self.flat.only(columns))

    def renamed(self, old: str, new: str) -> "Profile":
        """Give a member another name."""
        self._columns([old])
        if new in self.members or not new:
            raise InputError(f"cannot rename '{old}' to '{new}': choose a name not yet taken")
        return replace(self, members=[new if m == old else m for m in self.members])

    # Keeping ------------------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Save as a folder of JSON and npz."""
        data, arrays = self.embedder.state()
        everything = {f"embedder.{k}": a for k, a in arrays.items()}
        for number, view in enumerate(self.views):
            everything |= view.arrays(f"view{number}")
        everything |= {**self.flat.arrays("flat"), "points": self.points}
        everything |= {"levels.keys": self.levels.keys, "levels.values": self.levels.values}
        manifest = {
            "members": self.members,
            "embedder": self.embedder.spec(),
            "embedder_data": data,
            "views": len(self.views),
            "cards": self.cards,
            "info": self.info,
        }
        storage.write(path, manifest, everything)

    @classmethod
    def load(cls, path: str | Path, embedder: Any = None) -> "Profile":
        """Load a saved profile.

        Args:
            path: The folder.
            embedder: Needed only if the profile was made with a LangChain object.

        Raises:
            InputError: If the profile is missing, damaged, or made with another embedder.
        """
        data, arrays = storage.read(path)
        own = {k[9:]: a for k, a in arrays.items() if k.startswith("embedder.")}
        restored = restore(data["embedder"], data["embedder_data"], own, embedder)
        views = [View.from_arrays(f"view{i}", arrays) for i in range(data["views"])]
        flat, points = View.from_arrays("flat", arrays), arrays["points"]
        known = Levels(arrays["levels.keys"], arrays["levels.values"])
        members, cards, info = data["members"], data["cards"], data["info"]
        return cls(members, restored, views, flat, known, cards, points, info)
