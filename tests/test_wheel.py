"""The wheel holds every package and the weights, and nothing that trains them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import langgraph_ensemble
import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
LIMIT = 40_000_000
# Builds leave files beside the sources; an old `build` folder would end up in the wheel.
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv*", "build", "dist", "*.egg-info", "node_modules", "__pycache__", "tests"
)
# These modules are started as programs or need an extra.
_STUDIO = ("graphs", "aegra.graphs", "aegra.app", "aegra.worker")
NOT_IMPORTED = (*(f"langgraph_ensemble.studio.{name}" for name in _STUDIO), "__main__")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built outside of it."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=LEFT_BEHIND, symlinks=True)
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*PIP, "wheel", *options, str(folder / "source")], check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_it_is_small_and_trains_nothing(wheel: Path, names: set[str]) -> None:
    assert wheel.stat().st_size < LIMIT
    assert not [n for n in names if "/training/" in n or "/tests/" in n or n.endswith(".ipynb")]
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"langgraph_ensemble", f"langgraph_ensemble-{metadata_version()}.dist-info"}


@pytest.mark.parametrize(
    "folder", ["pocket/weights", "pocket/profile", "studio/page/static", "prompts"]
)
def test_it_has_the_data(names: set[str], folder: str) -> None:
    there = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    wanted = [p.relative_to(ROOT).as_posix() for p in there if "__pycache__" not in p.parts]
    assert wanted
    assert [path for path in wanted if f"langgraph_ensemble/{path}" not in names] == []
    assert {"langgraph_ensemble/py.typed", "langgraph_ensemble/langgraph.json"} <= names


def test_every_package_is_imported_from_it(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    subprocess.run([*PIP, "install", "--no-deps", "--target", str(target), str(wheel)], check=True)
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import importlib, pkgutil, langgraph_ensemble as whole\n"
        "for found in pkgutil.walk_packages(whole.__path__, 'langgraph_ensemble.'):\n"
        f"    if not found.name.endswith({NOT_IMPORTED!r}):\n"
        "        module = importlib.import_module(found.name)\n"
        "        assert module.__file__.startswith(sys.argv[1]), module.__file__\n"
        "        print(found.name)\n"
        "from langgraph_ensemble import Pool, create_moa\n"
        "moa = create_moa(Pool.pocket(), layers=2).compile()\n"
        "print(moa.invoke({'messages': 'What is the capital of France?'})['messages'][-1].text)\n"
        "print(whole.__version__)\n"
    )
    command = [sys.executable, "-c", script, str(target)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    packages = set(PROJECT["tool"]["setuptools"]["packages"]) - {"langgraph_ensemble"}
    assert packages <= set(done.stdout.splitlines())
    assert "Paris" in done.stdout
    assert done.stdout.splitlines()[-1] == metadata_version()


def test_the_version_stands_in_one_place() -> None:
    assert langgraph_ensemble.__version__ == metadata.version("langgraph-ensemble")
    assert langgraph_ensemble.__version__ == metadata_version()


def metadata_version() -> str:
    return PROJECT["project"]["version"]
