"""Profile: the task map (clusters of questions) and each member's record on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError
from .profile_votes import Voting
from .routing import storage
from .routing.archive import pack, unpack
from .routing.assemble import from_artefacts, from_table
from .routing.checks import check_parts
from .routing.crossval import held_out_records
from .routing.describe import record_card
from .routing.familiarity import Usual, familiarity
from .routing.fitting import VIEWS
from .routing.projection import place
from .routing.ranking import Choice, Rule, columns, rank, select
from .routing.table import table
from .voting.team import Team

Array = np.ndarray


@dataclass(frozen=True)
class Profile(Voting):
    """Which member is good at what.

    A profile never changes: edits return a new one. Make it with `fit`, `load` or `from_avengers`.

    Attributes:
        members: Names, in the order that breaks ties.
        embedder: The model that turns a question into a vector.
        views: Clusterings with the members' records; the first is the one people see.
        flat: The first view's clusters without the hierarchy, for the published modes.
        levels: The difficulty of each calibration question, for the records of new members.
        cards: For each cluster of the first view its words and examples, plain JSON.
        points: 2-D place of each cluster of the first view, [K, 2].
        info: Seed, counts, settings and the fingerprint of the data, plain JSON.
        usual: Distances of the calibration questions to their clusters; None if the map has no
            such questions or was saved by a version that did not keep them.
        votes: The learnt vote; None where the records held no answers.
    """

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
            records: `{"query": str, "scores": {member: float in [0, 1]}}`; members may be missing.
                Optional: `costs` ({member: usd}), `dataset`, and `answers` ({member: text, tool
                calls, or samples}), from which the vote is learnt.
            embedder: `"lexical"`, `"openai:MODEL"`, `"huggingface:MODEL"`, several joined by
                `+`, a mapping with more settings, or a LangChain `Embeddings` object.
            clusters: Their number, or `"auto"`: chosen by cross-validated routing accuracy.
            families: Number of coarser clusters, chosen likewise by default; 1 is the paper's flat
                K-means.
            kappa: Pseudo-questions with which a cluster's record is shrunk towards its family's.
            seed: Fixes all random choices.
            method: kmeans, minibatch, ward, gmm, spectral or birch.
            views: Clusterings to average over.
            members: Which members, and in which order; by default all, by name.
            vectors: The embedded queries [n, d], if they were embedded before with `embedder`.

        Raises:
            InputError: The records or settings cannot be used.

        Example:
            >>> scores = {"a": 1.0, "b": 0.0}
            >>> rows = [{"query": f"add {i} to 2", "scores": scores} for i in range(8)]
            >>> Profile.fit(rows).route(["add 9 to 2"])[0][0].member
            'a'
        """
        rows = list(records)
        data, shape = table(rows, members), {"families": families, "kappa": kappa}
        shape |= {"clusters": clusters, "method": method, "views": views}
        profile = cls(**from_table(data, embedder, vectors, seed, **shape))
        if not any(row.get("answers") for row in rows):
            return profile
        here = profile.embed(data.queries) if vectors is None else vectors
        labelled = [(view.assign(here), view.family) for view in profile.views]
        shrinkage = profile.views[0].shrinkage
        records = held_out_records(data.scores, labelled, shrinkage, seed=seed)
        votes = Team.fit(rows, profile.members, records, seed, labelled[0][0])
        return replace(profile, votes=votes)

    @classmethod
    def from_avengers(cls, folder: str | Path, *, embedder: Any) -> "Profile":
        """Import the published artefacts of the Avengers (see routing/avengers.py).

        Args:
            folder: With `ranking_centers_*.npy`, `ranking_*.json` and `map_*.json`.
            embedder: The embedder of the artefacts (in the paper gte-qwen2-7B-instruct), as in
                `fit`.

        Raises:
            InputError: An artefact is missing or damaged, or does not fit the others.
        """
        return cls(**from_artefacts(folder, embedder))

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
            top_n: Members per question; the result has fewer if fewer are available.
            mode: `published` (nearest cluster, best accuracy: the paper), `reference` (the
                published code: softmax over the `top_k` nearest clusters x 1/(rank + 0.1)) or
                `posterior` (ours).
            alpha: The cost-quality dial of Avengers-Pro: 1 is quality alone, 0 is cost alone.
            prices: US dollars by member, in any common unit; without it the mean cost of a question
                that the calibration recorded in the cluster, as in Avengers-Pro.
            members: Those available; by default all.
            top_k: Nearest clusters of mode `reference`.
            beta: Sharpness of mode `reference`.

        Returns:
            For each question its choices, best first; ties keep the order of `members`.

        Raises:
            InputError: An option is out of range, a member is unknown, or a price is missing.
        """
        vectors = self._check(vectors)
        chosen = columns(self.members, members)
        names = [self.members[c] for c in chosen]
        if top_n < 1:
            raise InputError(f"top_n must be at least 1, not {top_n}")
        rule = Rule(mode, alpha, prices, top_k, beta)
        scores, clusters = rank(self.views, self.flat, vectors, names, chosen, rule)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :top_n]
        return [
            [Choice(names[m], float(line[m]), int(c)) for m in best]
            for line, best, c in zip(scores, order.tolist(), clusters, strict=True)
        ]

    def knows_costs(self, members: Sequence[str]) -> bool:
        """Whether the calibration recorded costs of each of these members.

        Example:
            >>> row = {"query": "add 1", "scores": {"a": 1.0, "b": 0.0}, "costs": {"a": 0.01}}
            >>> known = Profile.fit([row] * 8)
            >>> known.knows_costs(["a"]), known.knows_costs(["a", "b"])
            (True, False)
        """
        priced = self.views[0].record.priced[:, columns(self.members, members)]
        return bool((priced.sum(axis=0) > 0).all())

    def familiarity(self, vectors: Array, queries: Sequence[str] | None = None) -> Array:
        """How similar embedded questions are to the calibration questions, [n] in [0, 1].

        The value is a conformal p-value (see routing/familiarity.py). It is 0 if no word is known,
        and always 1 if the profile cannot compute it (`usual` is None).

        Args:
            vectors: From `embed`, [n, d].
            queries: Their texts; with them unknown words count too, which is more accurate.

        Example:
            >>> rows = [{"query": f"add {w} to 2", "scores": {"a": 1.0}} for w in "abcd" * 3]
            >>> Profile.fit(rows).familiarity(Profile.fit(rows).embed(["add b to 2"])).round(1)
            array([1.])
        """
        vectors = self._check(vectors)
        return familiarity(self.usual, self.views[0], vectors, self.embedder, queries)

    def with_usual(self, queries: Sequence[str]) -> "Profile":
        """Learn from unscored questions which questions are usual, if the profile lacks this."""
        own = ~np.isnan(self.levels.find(queries))
        usual = Usual.of(self.views[0], self.embed(queries), self.embedder, queries, own)
        return replace(self, usual=usual)

    @property
    def clusters(self) -> list[dict[str, Any]]:
        """Each cluster: id, size, words, examples and each member's record, plain JSON."""
        return [self.describe_cluster(i) for i in range(len(self.cards))]

    def describe_cluster(self, number: int) -> dict[str, Any]:
        """A cluster with its words, examples, 2-D place and members, best first."""
        card = record_card(self.views[0], number, self.members)
        x, y = self.points[number].tolist()
        return {"id": number, **self.cards[number], **card, "x": x, "y": y}

    def position(self, vector: Array) -> tuple[float, float]:
        """The place of an embedded question on the 2-D map."""
        x, y = self.positions(np.atleast_2d(vector))[0].tolist()
        return x, y

    def positions(self, vectors: Array) -> Array:
        """As `position`, for many questions: float32 [n, 2]."""
        return place(self._check(vectors), self.views[0].centroids, self.points)

    def select(self, m: int) -> list[str]:
        """The best `m` members by the paper's rank score: the sum over clusters of 1/rank."""
        return [self.members[i] for i in select(self.flat.accuracy, m)]

    def save(self, path: str | Path) -> None:
        """Save as a folder of JSON and npz."""
        data, arrays = pack(
            self.embedder, self.views, self.flat, self.levels, self.points, self.usual
        )
        data |= {"members": self.members, "cards": self.cards, "info": self.info}
        if self.votes is not None:
            self.votes.pack(data, arrays)
        storage.write(path, data, arrays)

    @classmethod
    def load(cls, path: str | Path, embedder: Any = None) -> "Profile":
        """Load a saved profile.

        Args:
            path: The folder.
            embedder: Needed only if the profile was made with a LangChain object.

        Raises:
            InputError: The profile is missing, damaged, too large, or was made with another
                embedder.
        """
        data, arrays = storage.read(path)
        with storage.whole(path):
            check_parts(data, arrays)
            made, views, flat, known, points, usual = unpack(data, arrays, embedder)
            votes = Team.unpack(data, arrays, data["members"])
        named = (data["members"], made, views, flat, known, data["cards"], points, data["info"])
        return cls(*named, usual, votes)
