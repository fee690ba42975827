"""What mkdocs and its reader of docstrings must know about this project.

The checkout's root is the package `langgraph_ensemble`. The reader wants a folder of that name, and
in a link to the root it would walk through everything, virtual environments too: so it gets a
folder of links to the package's own files.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import griffe

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "build" / "reference" / "langgraph_ensemble"


def on_config(config: Any) -> None:
    """Lay the links before anything is read."""
    PACKAGE.mkdir(parents=True, exist_ok=True)
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {name.split(".")[1] for name in setuptools["packages"] if "." in name}
    for found in (*ROOT.glob("*.py"), *(ROOT / name for name in folders)):
        link = PACKAGE / found.name
        if not link.is_symlink():
            link.symlink_to(found)


class Examples(griffe.Extension):
    """Show `Example:`, our singular, as the code that Google's `Examples:` is."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rename the section before it is parsed."""
        if obj.docstring:
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.M)
