"""Profiles on disk load completely or are refused, without pickle; the Avengers' artefacts."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.profiles import Profile

ROWS = [
    {"query": f"{kind} {i}", "scores": {"a": float(kind == "add"), "b": float(kind == "poem")}}
    for i in range(8)
    for kind in ("add", "poem")
]


@pytest.fixture
def folder(tmp_path) -> Path:
    Profile.fit(ROWS).save(tmp_path / "profile")
    return tmp_path / "profile"


def test_it_names_what_it_was_made_from(folder: Path) -> None:
    data = json.loads((folder / "profile.json").read_text())
    assert data["embedder"]["kind"] == "lexical"
    assert len(data["embedder"]["checksum"]) == 64
    assert data["info"]["seed"] == 42
    assert data["info"]["data"]["queries"] == 16
    assert data["info"]["data"]["scores"] == 32
    assert len(data["info"]["data"]["fingerprint"]) == 64
    assert data["format"] == 1
    assert sorted(p.name for p in folder.iterdir()) == ["arrays.npz", "profile.json"]


@pytest.mark.parametrize("name", ["profile.json", "arrays.npz"])
@pytest.mark.parametrize("how", ["cut", "flip", "gone", "empty"])
def test_a_damaged_profile_is_refused_in_one_line(folder: Path, name: str, how: str) -> None:
    path = folder / name
    content = path.read_bytes()
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    changed = {"cut": content[:middle], "flip": flipped, "empty": b""}
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(changed[how])
    with pytest.raises(InputError, match=r"damaged|no profile|format") as caught:
        Profile.load(folder)
    assert "\n" not in str(caught.value)


def test_a_changed_number_is_noticed(folder: Path) -> None:
    path = folder / "profile.json"
    path.write_text(path.read_text().replace('"seed": 42', '"seed": 43'))
    with pytest.raises(InputError, match="damaged"):
        Profile.load(folder)


def test_another_format_says_so(folder: Path) -> None:
    path = folder / "profile.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(InputError, match="format 99"):
        Profile.load(folder)


def test_pickled_arrays_are_never_opened(folder: Path) -> None:
    (folder / "arrays.npz").write_bytes(pickle.dumps({"view0": 1}))
    with pytest.raises(InputError, match="damaged"):
        Profile.load(folder)


def test_saving_again_replaces(folder: Path) -> None:
    Profile.fit(ROWS, seed=7).save(folder)
    assert Profile.load(folder).info["seed"] == 7
    with pytest.raises(InputError, match="is a file"):
        Profile.load(folder).save(folder / "profile.json")


def test_routing_from_a_saved_profile_needs_no_scikit_learn(folder: Path) -> None:
    code = (
        "import sys; from langgraph_ensemble.profiles import Profile\n"
        f"Profile.load({str(folder)!r}).route(['add 1'])\n"
        "heavy = {'sklearn', 'scipy', 'torch', 'langchain_openai'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class Plane(Embeddings):
    """An embedder of two dimensions."""

    model = "plane"

    def embed_query(self, text: str) -> list[float]:
        return [float(text.count("e")), float(text.count("n")), 0.1]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(t) for t in texts]


def artefacts(folder: Path, *, names_first: bool) -> Path:
    folder.mkdir()
    np.save(folder / "ranking_centers_x.npy", np.array([[0.9, 0, 0], [0, 0.8, 0]]))
    ranking = {
        "0": {"total": 10, "scores": {"M1": 0.9, "M2": 0.4}, "ranking": ["M1", "M2"]},
        "1": {"total": 30, "scores": {"M2": 0.7, "M1": 0.6, "M3": 0.8}, "ranking": ["M3"]},
    }
    (folder / "ranking_x.json").write_text(json.dumps(ranking))
    names = {"M1": "east-model", "M2": "north-model", "M3": "far-model"}
    names = {v: k for k, v in names.items()} if names_first else names
    (folder / "map_x.json").write_text(json.dumps(names))
    (folder / "normalizer_x.joblib").write_bytes(b"\x80never opened")
    return folder


@pytest.mark.parametrize("names_first", [False, True])
def test_the_avengers_artefacts_are_read(tmp_path, names_first: bool) -> None:
    folder = artefacts(tmp_path / "avengers", names_first=names_first)
    profile = Profile.from_avengers(folder, embedder=Plane())
    assert profile.members == ["east-model", "far-model", "north-model"]
    east, north = profile.route(["eee", "nnn"], mode="published", top_n=2)
    assert (east[0].member, east[0].score, east[0].cluster) == ("east-model", 0.9, 0)
    assert [c.member for c in north] == ["far-model", "north-model"]
    both = profile.route(["en"], mode="reference", top_k=2, beta=0.0)[0][0]
    assert both.member == "far-model" or both.score > 0
    profile.save(tmp_path / "own")
    again = Profile.load(tmp_path / "own", embedder=Plane())
    assert again.route(["eee"], mode="published") == [east[:1]]


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("ranking_centers_x.npy", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        ("ranking_x.json", b"version https://git-lfs", "git lfs pull"),
        ("ranking_x.json", b"{}", "0 clusters named"),
        ("map_x.json", b'{"M1": "one", "M2": "two"}', "'M3'"),
        ("map_x.json", None, "no files named"),
        ("ranking_centers_y.npy", b"second", "2 files named"),
    ],
)
def test_broken_artefacts_say_what_is_wrong(tmp_path, name, content, match) -> None:
    folder = artefacts(tmp_path / "avengers", names_first=False)
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(InputError, match=match):
        Profile.from_avengers(folder, embedder=Plane())
