"""The structure of the package: imports point one way, no cycles, one subject per file."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import langgraph_ensemble
import pytest

ROOT = Path(str(langgraph_ensemble.__file__)).parent
ROOMS = (
    "calibration", "cli", "evaluation", "graphs", "models", "nodes", "pocket", "prompts", "routing",
    "studio", "testing", "voting",
)  # fmt: skip

# Each room may import the rooms after it, and its own files. Bare names are files of the root.
ARROWS: dict[str, set[str]] = {
    "cli": {
        "studio",
        "evaluation",
        "graphs",
        "calibration",
        "nodes",
        "models",
        "pocket",
        "routing",
        "prompts",
    },
    "evaluation": {"graphs", "calibration", "nodes", "models", "voting", "routing", "prompts"},
    "studio": {"graphs", "nodes", "models", "pocket", "routing", "prompts"},
    "graphs": {"calibration", "nodes", "models", "voting", "routing", "prompts"},
    "calibration": {"nodes", "models", "voting", "routing", "prompts"},
    "nodes": {"models", "voting", "routing", "prompts"},
    "models": {"pocket"},
    "voting": set(),
    "routing": set(),
    "prompts": set(),
    "pocket": {"routing", "prompts"},
    "testing": set(),
}  # fmt: skip
# The same within `studio/`, whose own files (the applications on top, settings below) any may use.
SERVERS: dict[str, set[str]] = {
    "aegra": {"data", "telemetry", "ui"},
    "endpoint": {"access", "telemetry"},
    "page": {"endpoint", "access", "telemetry"},
    "ui": {"access"},
    "access": {"telemetry", "data"},
    "telemetry": set(),
    "data": set(),
}
# Who may import which file of the root; any may import what is not named here.
DATA = {"errors", "hints", "records", "redact", "seeds", "events", "member", "thoughts"}
ROOT_FILES = {
    "models": DATA,
    "voting": {"errors", "records", "seeds", "thoughts"},
    "routing": {"errors"},
    "prompts": set(),
    "testing": {"errors", "hints", "member"},
}


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name; the root's own name is empty."""
    files = [*ROOT.glob("*.py"), *(p for room in ROOMS for p in (ROOT / room).rglob("*.py"))]
    paths = {}
    for path in files:
        parts = path.relative_to(ROOT).with_suffix("").parts
        paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return paths


@cache
def imports() -> dict[str, set[str]]:
    """The package's modules that each module imports, lazily and for types included."""
    known = modules()
    targets: dict[str, set[str]] = {name: set() for name in known}
    for name, path in known.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                package = path.relative_to(ROOT).parent.parts
                base = package[: len(package) - node.level + 1]
                target = ".".join([*base, *(node.module or "").split(".")]).strip(".")
                for alias in node.names:
                    part = f"{target}.{alias.name}".strip(".")
                    targets[name].add(part if part in known else target)
    return targets


def room(module: str) -> str:
    """The folder of a module; the root's files are rooms of their own."""
    return module.split(".")[0]


def test_every_room_is_packaged() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {path.parent for room in ROOMS for path in (ROOT / room).rglob("__init__.py")}
    packages = {".".join(["langgraph_ensemble", *f.relative_to(ROOT).parts]) for f in folders}
    # Training needs a checkout, so it is not part of the installed package.
    packages -= {"langgraph_ensemble.pocket.training"}
    assert set(listed) == packages | {"langgraph_ensemble"}
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == set(ROOMS)


def test_no_import_goes_round() -> None:
    graph = {name: goals - {name} for name, goals in imports().items() if name}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("name", sorted(ARROWS))
def test_imports_point_one_way(name: str) -> None:
    files = {path.stem for path in ROOT.glob("*.py")}
    allowed = ARROWS[name] | {name} | ROOT_FILES.get(name, files)
    against = [
        f"{module} imports {goal}"
        for module, goals in imports().items()
        for goal in goals
        if room(module) == name and room(goal) not in allowed
    ]
    assert not against


def test_rooms_of_the_servers_point_one_way() -> None:
    assert {path.parent.name for path in (ROOT / "studio").glob("*/__init__.py")} == set(SERVERS)
    against = [
        f"{module} imports {goal}"
        for module, goals in imports().items()
        for goal in goals
        if (here := server(module)) and (there := server(goal)) and here != there
        if there not in SERVERS[here]
    ]
    assert not against


def server(module: str) -> str | None:
    """The room within `studio/` that a module is in."""
    parts = module.split(".")
    return parts[1] if parts[0] == "studio" and len(parts) > 2 else None


@pytest.mark.parametrize("name", sorted(set(modules())))
def test_a_file_has_one_subject(name: str) -> None:
    text = modules()[name].read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    subject = (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0]
    assert subject.endswith((".", ":", "?")), "the first line of a module says what it is about"
    assert len(subject) <= 200


def test_the_face_names_what_it_has() -> None:
    for name in langgraph_ensemble.__all__:
        assert getattr(langgraph_ensemble, name).__doc__


@pytest.mark.parametrize(
    "method", ["moa", "smoa", "avengers", "ranker", "debate", "symbolic_moe", "calibration"]
)
def test_a_builder_is_one_screen_of_wiring(method):
    """A builder has at most 60 lines, with its arguments and without its docstring."""
    tree = ast.parse((ROOT / "graphs" / f"{method}.py").read_text())
    built = next(f for f in tree.body if getattr(f, "name", "") == f"create_{method}")
    assert isinstance(built, ast.FunctionDef)
    text = built.body[0]
    lines = text.lineno - built.lineno + (built.end_lineno or 0) - (text.end_lineno or 0)
    assert 20 < lines <= 60


@pytest.mark.parametrize("room", ["voting", "routing"])
def test_every_public_function_of_voting_and_routing_is_called_alone(room):
    """Called in an example of its own, or by name in a test of its room or of the steps."""
    tests = "\n".join(
        path.read_text()
        for folder in (room, "nodes", "calibration")
        for path in (ROOT / "tests" / folder).glob("*.py")
    )
    for path in (ROOT / room).glob("*.py"):
        for function in ast.parse(path.read_text()).body:
            name = getattr(function, "name", "_")
            if not isinstance(function, ast.FunctionDef) or name.startswith("_"):
                continue
            example = ">>>" in (ast.get_docstring(function) or "")
            assert example or re.search(rf"\b{name}\b", tests), f"{path.name}: {name}"
