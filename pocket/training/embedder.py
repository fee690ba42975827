"""The profile's embedder: n-grams weighted by how well they separate the domains.

An unsupervised embedder spends its dimensions on greetings and nouns. This one is the same
`LexicalEmbedder`, but its projection is that of a linear classifier of training questions, with one
dimension for each domain and one for no domain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..questions import DOMAINS, OUTSIDE, sample

if TYPE_CHECKING:
    from ...routing.lexical import LexicalEmbedder


def routing_embedder(
    *, each: int = 3000, outside: int = 6000, terms: int = 9000, seed: int = 0
) -> LexicalEmbedder:
    """Fit the embedder on questions of the training split.

    Args:
        each: Number of questions of each domain.
        outside: Number of questions of no domain.
        terms: Number of n-grams to keep, the most frequent first.
        seed: Seed of the questions.

    Returns:
        A `LexicalEmbedder` with one dimension more than there are domains.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier

    from ...routing.lexical import LexicalEmbedder as Made
    from ...routing.text import ngrams

    asked = [q for domain in DOMAINS for q in sample(domain, each, seed + 7, "train")]
    asked += sample(OUTSIDE, outside, seed + 7, "train")
    options: dict[str, Any] = {"analyzer": ngrams, "dtype": np.float32, "sublinear_tf": True}
    vectorizer = TfidfVectorizer(max_features=terms, min_df=3, **options)
    matrix = vectorizer.fit_transform([q.text for q in asked])
    classes = [*DOMAINS, OUTSIDE]
    labels = [classes.index(q.domain) for q in asked]
    model = SGDClassifier(
        loss="modified_huber", alpha=1e-5, max_iter=30, tol=1e-4, random_state=seed, average=True
    )
    weights = np.asarray(model.fit(matrix, labels).coef_).T
    return Made(
        vectorizer.get_feature_names_out().tolist(),
        vectorizer.idf_.astype(np.float32),
        np.ascontiguousarray(weights, dtype=np.float16),
    )
