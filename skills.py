"""Skills: which member is good at which keyword, for Symbolic-MoE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError
from .profiles import Profile
from .routing import storage
from .routing.checks import numbers
from .routing.embedders import Embedder, make, restore
from .routing.modes import softmax
from .routing.table import table

Array = np.ndarray


@dataclass(frozen=True)
class Skills:
    """What each member proved on each keyword: +1 for a right answer, -1 for a wrong one.

    Source: Chen et al., "Symbolic Mixture-of-Experts", arXiv 2503.05641.

    Attributes:
        members: Names, in the order that breaks ties.
        keywords: The known keywords, each once.
        points: Sum over the questions with a keyword, [keywords, members].
        embedder: Finds the nearest known keyword; None: the one of similar spelling.
        vectors: The embedded keywords, [keywords, d]; None without an embedder.
    """

    members: list[str]
    keywords: list[str]
    points: Array
    embedder: Embedder | None = None
    vectors: Array | None = None

    @classmethod
    def fit(
        cls,
        records: Iterable[Mapping[str, Any]],
        *,
        embedder: Any = None,
        members: Sequence[str] | None = None,
    ) -> Skills:
        """Learn from recorded scores of questions with keywords.

        Args:
            records: `{"query": str, "scores": {member: float in [0, 1]}, "keywords": [str]}`. A
                score s counts 2s - 1. `nodes.keywords.tagged` has a member write the keywords.
            embedder: As for `Profile.fit`; it finds the known keyword nearest to a new one. In the
                paper it is MiniLM; by default keywords of similar spelling are taken.
            members: Which members, and in which order; by default all, by name.

        Raises:
            InputError: A record has no keywords, or the records cannot be used.

        Example:
            >>> rows = [{"query": "1 + 1", "scores": {"a": 1, "b": 0}, "keywords": ["algebra"]}]
            >>> Skills.fit(rows).points.tolist()
            [[1.0, -1.0]]
        """
        rows = list(records)
        for number, row in enumerate(rows, 1):
            words = row.get("keywords")
            if not isinstance(words, list | tuple) or not words:
                raise InputError(
                    f"record {number} has no 'keywords': have a member write them with "
                    "nodes.keywords.tagged(records, member)"
                )
        data = table(rows, members)
        spoken = [sorted({plain(word) for word in row["keywords"]}) for row in rows]
        keywords = sorted({word for words in spoken for word in words if word})
        place = {word: number for number, word in enumerate(keywords)}
        points = np.zeros((len(keywords), len(data.members)))
        by_query = dict(zip(data.queries, np.nan_to_num(2 * data.scores - 1), strict=True))
        for row, words in zip(rows, spoken, strict=True):
            for word in filter(None, words):
                points[place[word]] += by_query[row["query"]]
        if embedder is None:
            return cls(data.members, keywords, points)
        made = make(embedder, keywords)
        return cls(data.members, keywords, points, made, made.embed(keywords))

    @classmethod
    def of(cls, profile: Profile) -> Skills:
        """The skills that a task map shows: its clusters' words are the keywords.

        Each word counts for as many right and wrong answers as its clusters have.
        """
        keywords = sorted({plain(word) for each in profile.clusters for word in each["words"]})
        points = np.zeros((len(keywords), len(profile.members)))
        for each in profile.clusters:
            for column, name in enumerate(profile.members):
                record = each["members"][name]
                for word in {plain(word) for word in each["words"]}:
                    points[keywords.index(word), column] += record["n"] * (2 * record["mean"] - 1)
        if not keywords:
            return cls.unknown(profile.members)
        return cls(list(profile.members), keywords, points)

    @classmethod
    def unknown(cls, members: Sequence[str]) -> Skills:
        """Nothing is known, so that all members are equally likely to be recruited."""
        return cls(list(members), [], np.zeros((0, len(members))))

    def save(self, path: str | Path) -> None:
        """Save as a folder of JSON and npz."""
        data: dict[str, Any] = {"members": self.members, "keywords": self.keywords}
        arrays = {"points": self.points}
        if self.embedder is not None and self.vectors is not None:
            data["embedder_data"], own = self.embedder.state()
            data["embedder"] = self.embedder.spec()
            arrays |= {f"embedder.{name}": array for name, array in own.items()}
            arrays["vectors"] = self.vectors
        storage.write(path, data, arrays)

    @classmethod
    def load(cls, path: str | Path, embedder: Any = None) -> Skills:
        """Load saved skills.

        Args:
            path: The folder.
            embedder: Needed only if they were made with a LangChain object.

        Raises:
            InputError: The folder holds no skills, or they are damaged.
        """
        data, arrays = storage.read(path)
        if "keywords" not in data:
            raise InputError(f"{path} holds no skills: save some there with skills.save(path)")
        with storage.whole(path):
            members = [str(name) for name in data["members"]]
            keywords = [str(word) for word in data["keywords"]]
            points = numbers(arrays, "points", (len(keywords), len(members)))
            if "embedder" not in data:
                return cls(members, keywords, points)
            own = {k[9:]: a for k, a in arrays.items() if k.startswith("embedder.")}
            made = restore(data["embedder"], data["embedder_data"], own, embedder)
            vectors = numbers(arrays, "vectors", (len(keywords), None))
        return cls(members, keywords, points, made, vectors)

    async def known(self, keywords: Sequence[str]) -> list[str]:
        """The known keyword nearest to each of `keywords`; unlike any known one, it is left out."""
        words = [word for word in map(plain, keywords) if word]
        new = [word for word in words if word not in self.keywords]
        near: dict[str, str] = {}
        if self.embedder is None or self.vectors is None:
            close = [get_close_matches(word, self.keywords, n=1) for word in new]
            near = {word: found[0] for word, found in zip(new, close, strict=True) if found}
        elif new:
            cosines = (await self.embedder.aembed(new)) @ self.vectors.T
            for word, line in zip(new, cosines, strict=True):
                near |= {word: self.keywords[int(line.argmax())]} if line.max() > 0 else {}
        found = [word if word in self.keywords else near.get(word, "") for word in words]
        return list(dict.fromkeys(word for word in found if word))

    def chances(
        self, keywords: Sequence[str], members: Sequence[str], temperature: float = 0.5
    ) -> list[float]:
        """The probability of each member to be recruited, by known keywords.

        A member's points on the keywords are multiplied by its strength, the square of its sum of
        points over all keywords, normalised over the members; then a softmax.

        Args:
            keywords: Known keywords; without any only the strength counts.
            members: Those available.
            temperature: Temperature of the softmax, 0.5 in the paper.

        Example:
            >>> rows = [{"query": "1 + 1", "scores": {"a": 1, "b": 0}, "keywords": ["algebra"]}]
            >>> [round(chance, 2) for chance in Skills.fit(rows).chances(["algebra"], ["a", "b"])]
            [0.88, 0.12]
        """
        columns = [self.members.index(name) for name in members]
        own = self.points[:, columns]
        strength = np.maximum(own.sum(axis=0), 0.0) ** 2
        total = strength.sum()
        share = strength / total if total else np.full(len(columns), 1 / len(columns))
        rows = [self.keywords.index(word) for word in keywords]
        worth = own[rows].sum(axis=0) * share if rows else share
        return softmax(worth / temperature).tolist()


def plain(keyword: object) -> str:
    """A keyword as it is compared.

    Example:
        >>> plain("  Linear  Algebra ")
        'linear algebra'
    """
    return " ".join(str(keyword).casefold().split())
