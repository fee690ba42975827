"""A profile from a stranger, its checksums in order: whole, or refused in one line."""

from __future__ import annotations

import hashlib
import io
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langgraph_ensemble import InputError, Profile
from langgraph_ensemble.cli.main import main
from langgraph_ensemble.routing import storage
from langgraph_ensemble.routing.avengers import read_artefacts
from langgraph_ensemble.routing.checks import check_parts
from langgraph_ensemble.routing.npz import load_npy, load_npz

ROWS = [
    {
        "query": f"{verb} {word} {i}",
        "scores": {"ann": float(verb == "add"), "ben": float(verb == "write"), "cat": 0.5},
        "answers": {"ann": f"Answer: {i}", "ben": f"Answer: {i + (verb == 'add')}", "cat": "4"},
    }
    for i, word in enumerate(("one", "two", "three", "four", "five", "six"))
    for verb in ("add", "write")
]
Parts = tuple[dict[str, Any], dict[str, np.ndarray]]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    profile = Profile.fit(ROWS, clusters=2)
    assert profile.votes is not None
    profile.save(folder)
    return folder


def forge(folder: Path, data: dict[str, Any], payload: bytes) -> Path:
    """A profile of these parts with checksums that are right."""
    data = {k: v for k, v in data.items() if k not in ("arrays", "checksum")}
    manifest = {"format": 1, **data, "arrays": hashlib.sha256(payload).hexdigest()}
    manifest["checksum"] = storage.digest(manifest)
    folder.mkdir(exist_ok=True)
    (folder / "profile.json").write_text(json.dumps(manifest))
    (folder / "arrays.npz").write_bytes(payload)
    return folder


def packed(arrays: dict[str, np.ndarray], **more: bytes) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    with zipfile.ZipFile(buffer, "a") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that is there twice
        for name, content in more.items():
            file.writestr(name, content)
    return buffer.getvalue()


def refused(folder: Path, message: str) -> None:
    with pytest.raises(InputError) as error:
        Profile.load(folder)
    said = str(error.value)
    assert message in said
    assert str(folder) in said
    assert "\n" not in said
    assert len(said) < 600


def replaced(name: str, change: Callable[[np.ndarray], Any]) -> Callable[[Parts], None]:
    def edit(parts: Parts) -> None:
        parts[1][name] = np.asarray(change(parts[1][name].copy()))

    return edit


def filled(name: str, value: float) -> Callable[[Parts], None]:
    def put(array: np.ndarray) -> np.ndarray:
        array.flat[0] = value
        return array

    return replaced(name, put)


def without(name: str) -> Callable[[Parts], None]:
    def edit(parts: Parts) -> None:
        del parts[1][name]

    return edit


def json_of(**values: Any) -> Callable[[Parts], None]:
    return lambda parts: parts[0].update(values)


def votes_of(**values: Any) -> Callable[[Parts], None]:
    return lambda parts: parts[0]["votes"].update(values)


HOSTILE: dict[str, tuple[Callable[[Parts], None], str]] = {
    "no number among centroids": (filled("view0.centroids", np.nan), "view0.centroids"),
    "infinite centroid": (filled("flat.centroids", np.inf), "flat.centroids"),
    "huge centroid": (filled("view0.centroids", 1e30), "view0.centroids"),
    "no number among scores": (filled("view0.score", np.nan), "view0.score"),
    "infinite gain": (filled("view0.gain", np.inf), "view0.gain"),
    "negative count": (filled("view0.count", -1), "view0.count"),
    "negative cost": (filled("flat.cost", -1), "flat.cost"),
    "negative size": (filled("view0.size", -1), "view0.size"),
    "negative shrinkage": (filled("view0.shrinkage", -1), "view0.shrinkage"),
    "more right than asked": (filled("flat.score", 1e6), "flat.score"),
    "family that is none": (filled("view0.family", 99), "view0.family"),
    "negative family": (filled("view0.family", -1), "view0.family"),
    "no number among points": (filled("points", np.nan), "points"),
    "no number among levels": (filled("levels.values", np.nan), "levels.values"),
    "levels out of order": (replaced("levels.keys", lambda a: a[::-1]), "levels.keys"),
    "levels of another number": (replaced("levels.values", lambda a: a[:-1]), "levels.values"),
    "usual out of order": (replaced("usual.similar", lambda a: a[::-1]), "usual.similar"),
    "no number among usual": (filled("usual.known", np.nan), "usual.known"),
    "a member less": (replaced("view0.count", lambda a: a[:, 1:]), "view0.count"),
    "a cluster less": (replaced("view1.gain", lambda a: a[1:]), "view1.gain"),
    "no cluster": (replaced("view0.centroids", lambda a: a[:0]), "view0.centroids"),
    "one dimension": (replaced("view0.centroids", lambda a: a[0]), "view0.centroids"),
    "other dimensions": (replaced("view1.centroids", lambda a: a[:, 1:]), "view1.centroids"),
    "whole numbers": (replaced("view0.score", lambda a: a.astype(np.int64)), "view0.score"),
    "text": (replaced("view0.score", lambda a: a.astype("U9")), "something else than numbers"),
    "complex numbers": (replaced("points", lambda a: a + 1j), "something else than numbers"),
    "objects": (replaced("points", lambda a: a.astype(object)), "something else than numbers"),
    "no array": (without("flat.level"), "flat.level is missing"),
    "members doubled": (json_of(members=["ann", "ann", "cat"]), "a member stands there twice"),
    "members missing": (json_of(members=[]), "members"),
    "members that are none": (json_of(members=[1, 2, 3]), "members"),
    "another number of members": (json_of(members=["ann", "ben"]), "view0.count"),
    "long name": (json_of(members=["a" * 1000, "ben", "cat"]), "members"),
    "many views": (json_of(views=10**9), "views"),
    "no views": (json_of(views=0), "views"),
    "views that are none": (json_of(views="5"), "views"),
    "cards that are none": (json_of(cards=[1, 2]), "cards"),
    "another number of cards": (json_of(cards=[{"words": [], "examples": []}]), "view0.centroids"),
    "embedder that is none": (json_of(embedder=5), "embedder"),
    "terms that are none": (json_of(embedder_data={"terms": [1]}), "embedder terms"),
    "terms doubled": (json_of(embedder_data={"terms": ["a", "a"]}), "embedder terms"),
    "no terms": (json_of(embedder_data={}), "terms"),
    "terms less": (json_of(embedder_data={"terms": ["a", "b"]}), "idf"),
    "no number among components": (filled("embedder.components", np.nan), "components"),
    "fewer components": (replaced("embedder.components", lambda a: a[:, 1:]), "the embedder's"),
    "joined of nothing": (json_of(embedder={"kind": "joined", "parts": 5, "weights": [1]}), ""),
    "voters that are strangers": (votes_of(members=["ann", "ben", "zoe"]), "votes.members"),
    "voters doubled": (votes_of(members=["ann", "ann", "ben"]), "votes.members"),
    "a plan that is none": (votes_of(plan={"choice": "all", "member": "ann"}), "votes.plan"),
    "no plan": (votes_of(plan={}), "choice"),
    "no number among weights": (filled("votes.member", np.nan), "votes.member"),
    "no temperature": (replaced("votes.temperature", lambda a: a * 0), "votes.temperature"),
    "fewer weights": (replaced("votes.pairs", lambda a: a[1:]), "votes.pairs"),
    "unknown version": (json_of(format=2), "profile format 2, but this version reads 1"),
    "version that is none": (json_of(format=["x" * 1000]), "this version reads 1"),
}


@pytest.mark.parametrize(("edit", "message"), HOSTILE.values(), ids=list(HOSTILE))
def test_parts_that_do_not_fit_are_refused(
    saved: Path, tmp_path: Path, edit: Callable[[Parts], None], message: str
) -> None:
    data, arrays = storage.read(saved)
    edit((data, arrays))
    refused(forge(tmp_path / "p", data, packed(arrays)), message)


def lying(shape: tuple[int, ...], content: bytes = b"\0" * 64) -> bytes:
    """An npy file that says it is larger than it is."""
    buffer = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, header)
    return buffer.getvalue() + content


FILES = {
    "sixteen gigabytes claimed": ({"x.npy": lying((2_000_000_000,))}, "as large as it says"),
    "more than there is memory": ({"x.npy": lying((2**62, 2**62))}, "as large as it says"),
    "negative length": ({"x.npy": lying((-1,))}, "something else than numbers"),
    "bytes behind the array": ({"x.npy": lying((1,))}, "as large as it says"),
    "a file outside": ({"../../x.npy": lying((8,))}, "other files than arrays"),
    "an absolute name": ({"/tmp/x.npy": lying((8,))}, "other files than arrays"),  # noqa: S108
    "another file": ({"x.pkl": b"cos\nsystem\n(S'id'\ntR."}, "other files than arrays"),
    "an array twice": ({"points.npy": lying((8,))}, "stands there twice"),
    "no array": ({"x.npy": b"cos\nsystem\n(S'id'\ntR."}, "magic"),
    "long header": ({"x.npy": b"\x93NUMPY\x02\0\xff\xff\xff\x7f" + b" " * 99}, ""),
    "header that runs": ({"x.npy": b"\x93NUMPY\x01\0\x1c\0{'descr': print('run'), 1: 1}\n"}, ""),
    "header that is deep": ({"x.npy": b"\x93NUMPY\x01\0\x28\x23" + b"-" * 9000}, ""),
    "header of brackets": ({"x.npy": b"\x93NUMPY\x01\0\x28\x23" + b"[" * 9000}, ""),
    "unknown npy version": ({"x.npy": b"\x93NUMPY\x09\0" + b" " * 99}, "unknown version"),
    "many arrays": ({f"a{i}.npy": b"" for i in range(2000)}, "too many"),
}


@pytest.mark.parametrize(("files", "message"), FILES.values(), ids=list(FILES))
def test_files_that_lie_are_refused_before_they_are_read(
    saved: Path, tmp_path: Path, files: dict[str, bytes], message: str
) -> None:
    data, arrays = storage.read(saved)
    refused(forge(tmp_path / "p", data, packed(arrays, **files)), message)


def test_a_small_file_that_unpacks_to_much_is_not_unpacked(saved: Path, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file,
        file.open("x.npy", "w") as entry,
    ):
        entry.write(lying((80_000_000,), b""))
        for _ in range(64):
            entry.write(bytes(10_000_000))
    assert len(buffer.getvalue()) < 1_000_000
    refused(forge(tmp_path / "p", storage.read(saved)[0], buffer.getvalue()), "more than 536,870,9")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000 + "]" * 100_000, "does not match"),
        ('{"a":' * 100_000, "does not match"),
        ('{"checksum": "x", "a": ' + "[" * 900 + "]" * 900 + "}", ""),
        ("[]", "does not match"),
        ('{"checksum": ' + "9" * 5000 + "}", "does not match"),
        ("\0\1\2", "does not match"),
        ('{"format": 1, "checksum": "x"}', "does not match"),
        ('{"a": "' + "x" * 17_000_000 + '"}', "too large for a profile"),
    ],
)
def test_json_that_is_no_profile_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "profile.json").write_text(text)
    (tmp_path / "arrays.npz").write_bytes(b"")
    refused(tmp_path, message)


def test_huge_files_are_not_read(saved: Path, tmp_path: Path) -> None:
    forge(tmp_path, storage.read(saved)[0], b"")
    for name in ("arrays.npz", "profile.json"):
        with (tmp_path / name).open("r+b") as file:
            file.truncate(200_000_000_000)
        refused(tmp_path, "too large for a profile")


def test_the_command_line_says_it_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "profile.json").write_text("[" * 100_000)
    with pytest.raises(SystemExit) as left:
        main(["ask", "What?", "--profile", str(tmp_path)])
    assert left.value.code == 2
    assert capsys.readouterr().err.count("damaged") == 1


def test_a_profile_that_is_forged_without_change_is_whole(saved: Path, tmp_path: Path) -> None:
    data, arrays = storage.read(saved)
    check_parts(data, arrays)
    found = Profile.load(forge(tmp_path, data, packed(arrays)))
    assert found.route(["add one 1"]) == Profile.load(saved).route(["add one 1"])


def test_published_artefacts_that_lie_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "ranking_centers_1.npy"
    path.write_bytes(lying((2_000_000_000, 8)))
    with pytest.raises(InputError, match="not a numeric npy array"):
        read_artefacts(tmp_path)
    with pytest.raises(ValueError, match="as large as it says"):
        load_npy(path)
    np.save(path, np.ones((2, 3)))
    (tmp_path / "ranking_1.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match="not valid JSON"):
        read_artefacts(tmp_path)


def test_every_array_that_numpy_saves_is_read_the_same() -> None:
    given = {
        "a": np.arange(6.0).reshape(2, 3),
        "b": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "c": np.array(3.5),
        "d": np.zeros((0, 4), dtype=np.float16),
        "e": np.array([True, False]),
        "f": np.arange(3, dtype=">u8"),
    }
    found = load_npz(packed(given))
    assert {name: array.tolist() for name, array in found.items()} == {
        name: array.tolist() for name, array in given.items()
    }


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"url": "file:///etc/passwd"}, "'url' must begin with http"),
        ({"url": "http://me:pw@x"}, "holds a user or password"),
        ({"url": "http://x", "key_env": "sk-canary-1234"}, "must name an environment variable"),
        ({"url": "http://x", "key_env": "NO_SUCH_KEY_AT_ALL"}, "NO_SUCH_KEY_AT_ALL"),
        ({"url": "http://x", "hook": "os.system"}, "unknown field 'hook'"),
        ({"kind": "word2vec"}, "unknown embedder 'word2vec'"),
    ],
)
def test_an_embedder_of_a_stranger_is_checked(
    saved: Path, tmp_path: Path, more: dict[str, str], message: str
) -> None:
    data, arrays = storage.read(saved)
    data["embedder"] = {"kind": "openai", "model": "m", **more}
    with pytest.raises(InputError, match=message) as error:
        Profile.load(forge(tmp_path / "p", data, packed(arrays)))
    assert "sk-canary" not in str(error.value)


def test_a_strangers_server_never_gets_the_key_of_openai(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-3f9a2b7c5d1e")
    data, arrays = storage.read(saved)
    data["embedder"] = {"kind": "openai", "model": "m", "url": "http://stranger.example/v1"}
    found: Any = Profile.load(forge(tmp_path / "p", data, packed(arrays))).embedder
    assert found.model.openai_api_key.get_secret_value() == "not-needed"


def test_only_what_a_damaged_profile_raises_is_told_as_damage(tmp_path: Path) -> None:
    for error in (KeyError("x"), IndexError("y"), RecursionError(), ZeroDivisionError("z")):
        with pytest.raises(InputError, match="damaged"), storage.whole(tmp_path):
            raise error
    with pytest.raises(InputError, match="as it is"), storage.whole(tmp_path):
        raise InputError("as it is")
    with pytest.raises(AssertionError), storage.whole(tmp_path):
        raise AssertionError
