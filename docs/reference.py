"""Hooks of mkdocs and of its docstring reader for this project.

The checkout's root is the package `langgraph_ensemble`. The reader needs a folder of that name. It
would walk through everything behind a link to the root, virtual environments too, so it gets a
folder of links to the package's own files.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import griffe

ROOT = Path(__file__).parents[1]
BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
PACKAGE = ROOT / "build" / "reference" / "langgraph_ensemble"


def on_startup(**_: Any) -> None:
    """Make the links before the reader looks for the folder."""
    PACKAGE.mkdir(parents=True, exist_ok=True)
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {name.split(".")[1] for name in setuptools["packages"] if "." in name}
    for path in (*ROOT.glob("*.py"), *(ROOT / name for name in folders)):
        link = PACKAGE / path.name
        if not link.is_symlink():
            link.symlink_to(path)


class Reader(griffe.Extension):
    """Adapts docstrings and knobs of this project for the pages."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Treat our `Example:` sections like Google's `Examples:`."""
        if obj.docstring:
            value = obj.docstring.value
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", value, flags=re.MULTILINE)

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Show pydantic models as plain classes, each field with its bounds."""
        for module in (pkg["nodes.context"], pkg["member"]):
            for model in module.classes.values():
                model.extra["mkdocstrings"].pop("template", None)
                for field in model.attributes.values():
                    bounds = field.extra["griffe_pydantic"].get("constraints") or {}
                    said = [
                        f"{word} {bounds[key]}" for key, word in BOUNDS.items() if key in bounds
                    ]
                    told = f" Must be {' and '.join(said)}."
                    # The hook is called once for every page with an object of the package.
                    if said and field.docstring and not field.docstring.value.endswith(told):
                        field.docstring.value += told
