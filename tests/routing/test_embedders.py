"""Embedders: order, size and identity of vectors are checked."""

import asyncio
import random
from typing import Any

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.profiles import Profile
from langgraph_ensemble.routing.cache import CANARY
from langgraph_ensemble.routing.embedders import from_langchain, make
from langgraph_ensemble.routing.lexical import LexicalEmbedder

ROWS = [
    {"query": f"{kind} {i}", "scores": {"a": float(kind == "add"), "b": float(kind == "poem")}}
    for i in range(6)
    for kind in ("add", "poem")
]


class Letters(Embeddings):
    """Counts letters and remembers the texts."""

    model = "letters-1"

    def __init__(self, size: int = 26, turn: int = 0) -> None:
        self.size, self.turn, self.batches = size, turn, []

    def embed_query(self, text: str) -> list[float]:
        counts = [1.0 + text.lower().count(chr(97 + i)) for i in range(self.size)]
        return counts[self.turn :] + counts[: self.turn]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.batches.append(list(texts))
        return [self.embed_query(t) for t in texts]


class Shuffling(Letters):
    """Returns the vectors in a random order."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = super().embed_documents(texts)
        random.Random(len(texts)).shuffle(vectors)
        return vectors


class Doubling(Letters):
    """Returns one vector twice."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = super().embed_documents(texts)
        return [*vectors, vectors[-1]]


class Reversing(Letters):
    """Embeds a single text correctly, but returns every batch in reverse."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        middle = super().embed_documents(texts)[1:-1][::-1]
        return [self.embed_query(texts[0]), *middle, self.embed_query(texts[-1])]


def test_vectors_belong_to_texts_not_to_places() -> None:
    model = Letters()
    embedder = from_langchain(model)
    first = embedder.embed(["aa", "bb", "cc"])
    again = embedder.embed(["cc", "new", "aa", "aa", "bb"])
    assert np.array_equal(again[[2, 4, 0]], first)
    assert np.array_equal(again[2], again[3])
    assert [t for t in model.batches[1] if t == "aa"] == []


def test_each_batch_holds_each_text_once() -> None:
    model = Letters()
    from_langchain(model).embed(["x", "y", "x", "x"])
    sent = [text for text in model.batches[0] if text != CANARY]
    assert sorted(sent) == ["x", "y"]


@pytest.mark.parametrize("count", range(2, 12))
def test_an_embedder_that_answers_backwards_is_refused(count) -> None:
    with pytest.raises(InputError, match="out of order"):
        from_langchain(Reversing()).embed([f"text {chr(97 + i) * 9}" for i in range(count)])


@pytest.mark.parametrize("model", [Shuffling(), Doubling()])
def test_an_embedder_that_shuffles_or_doubles_is_refused(model: Letters) -> None:
    with pytest.raises(InputError, match=r"out of order|one vector a text"):
        from_langchain(model).embed([f"text number {w}" for w in ("one", "two", "three", "four")])


def test_sizes_must_agree(tmp_path) -> None:
    profile = Profile.fit(ROWS, embedder=Letters())
    profile.save(tmp_path)
    with pytest.raises(InputError, match="size 9"):
        Profile.load(tmp_path, embedder=Letters(size=9))


def test_a_profile_refuses_another_embedder(tmp_path) -> None:
    profile = Profile.fit(ROWS, embedder=Letters())
    profile.save(tmp_path)
    assert Profile.load(tmp_path, embedder=Letters()).route(["add 7"]) == profile.route(["add 7"])
    with pytest.raises(InputError, match="pass it"):
        Profile.load(tmp_path)
    with pytest.raises(InputError, match="another model"):
        Profile.load(tmp_path, embedder=Letters(turn=5))
    other = Letters()
    other.model = "letters-2"
    with pytest.raises(InputError, match="letters-1"):
        Profile.load(tmp_path, embedder=other)


def test_a_lexical_profile_refuses_another(tmp_path) -> None:
    Profile.fit(ROWS).save(tmp_path)
    with pytest.raises(InputError, match="lexical"):
        Profile.load(tmp_path, embedder=Letters())
    with pytest.raises(InputError, match="lexical"):
        Profile.load(tmp_path, embedder=LexicalEmbedder.fit(["something", "else"]))


def test_joined_embedders_are_one(tmp_path) -> None:
    profile = Profile.fit(ROWS, embedder=["lexical", Letters()])
    vectors = profile.embed(["add 3", "poem 2"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    profile.save(tmp_path)
    again = Profile.load(tmp_path, embedder=["lexical", Letters()])
    assert again.route(["add 3", "poem 2"]) == profile.route(["add 3", "poem 2"])


async def test_the_async_way_is_the_same() -> None:
    profile = Profile.fit(ROWS, embedder=["lexical", Letters()])
    both = await asyncio.gather(profile.aembed(["add 9"]), profile.aembed(["poem 9", "add 9"]))
    assert np.array_equal(both[0][0], both[1][1])
    assert np.array_equal(both[1], profile.embed(["poem 9", "add 9"]))


def test_one_call_embeds_all() -> None:
    model = Letters()
    profile = Profile.fit(ROWS, embedder=model)
    before = len(model.batches)
    profile.route([f"add {w}" for w in ("x", "y", "z")])
    assert len(model.batches) == before + 1


def test_keys_are_named_never_kept(tmp_path, monkeypatch) -> None:
    spec = {"kind": "openai", "model": "bge", "url": "http://127.0.0.1:9/v1", "key_env": "MY_KEY"}
    with pytest.raises(InputError, match="MY_KEY"):
        make(spec)
    monkeypatch.setenv("MY_KEY", "sk-very-secret")
    embedder = make(spec)
    assert "sk-very-secret" not in str(embedder.spec())
    with pytest.raises(InputError, match="unknown field 'api_key'"):
        make({**spec, "api_key": "x"})


@pytest.mark.parametrize("spec", ["word2vec:x", "openai", 7])
def test_unknown_embedders_are_named(spec) -> None:
    with pytest.raises(InputError, match=r"word2vec|names no model|int"):
        make(spec)


@pytest.mark.parametrize(
    "text", ["", "   ", "数学题", "ภาษาไทย", "हिन्दी", "\ud800 broken", "x" * 100_000, "🙂", "\x00"]
)
def test_the_lexical_embedder_takes_any_text(text: str) -> None:
    embedder = LexicalEmbedder.fit(["数学 题 one", "ภาษา two", "हिन्दी three", text or "four"])
    vector = embedder.embed([text])
    assert vector.shape == (1, embedder.dim)
    assert np.isfinite(vector).all()


def test_lexical_vectors_are_those_of_scikit_learn() -> None:
    from langgraph_ensemble.routing.text import ngrams
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    texts = [row["query"] for row in ROWS] + ["add a poem to 3 sums", "sums and poems"]
    ours = LexicalEmbedder.fit(texts)
    options: dict[str, Any] = {"analyzer": ngrams, "vocabulary": ours.index}
    tfidf: Any = TfidfVectorizer(sublinear_tf=True, **options).fit(texts)
    expected: Any = normalize(tfidf.transform(texts) @ ours.components.astype(np.float64))
    assert np.allclose(ours.embed(texts), expected, atol=1e-5)


def test_a_vector_does_not_depend_on_its_company() -> None:
    embedder = LexicalEmbedder.fit([row["query"] for row in ROWS])
    together = embedder.embed(["add 1", "poem 2", "add 3"])
    assert np.array_equal(together[1], embedder.embed(["poem 2"])[0])
