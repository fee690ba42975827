"""The licences of all packages that are installed with this one."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import Requirement
from rich.console import Console
from rich.table import Table

PACKAGE = "langgraph-ensemble"

NOTE = (
    "langgraph-api and langgraph-runtime-inmem come only with the [studio] extra. They are under "
    "the Elastic License 2.0, which is not an open-source licence: among other things it forbids "
    "offering them to others as a managed service. Everything else works without them."
)

_NAME = re.compile(r"[-_.]+")


def licences() -> list[tuple[str, str, str]]:
    """Name, version and licence of this package and its dependencies, including extras.

    Packages that are not installed are left out.

    Example:
        >>> "langgraph" in [name for name, _, _ in licences()]
        True
    """
    rows = [(each.metadata["Name"], each.version, _licence(each.metadata)) for each in _closure()]
    return sorted(rows, key=lambda row: _plain(row[0]))


def show() -> None:
    """Print the licences as a table, with a remark."""
    table = Table("name", "version", "licence", box=None)
    for row in licences():
        table.add_row(*row)
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 120)
    console.print(table)
    console.print(f"\n{NOTE}")


def _closure() -> Iterator[metadata.Distribution]:
    """This package's distribution and its installed dependencies, each once."""
    waiting: list[tuple[str, frozenset[str]]] = [(PACKAGE, frozenset())]
    done: dict[str, set[str]] = {}
    while waiting:
        name, extras = waiting.pop()
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        if _plain(name) == PACKAGE:
            extras = frozenset(package.metadata.get_all("Provides-Extra") or ())
        known = done.get(_plain(name))
        if known is None:
            yield package
        elif extras <= known:
            continue
        done[_plain(name)] = {*(known or ()), *extras}
        for line in package.requires or ():
            needed = Requirement(line)
            if _wanted(needed, extras):
                waiting.append((needed.name, frozenset(needed.extras)))


def _wanted(needed: Requirement, extras: frozenset[str]) -> bool:
    """Whether a requirement applies here, with one of the extras or without any."""
    return needed.marker is None or any(
        needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)
    )


def _plain(name: str) -> str:
    """A package's normalised name."""
    return _NAME.sub("-", name).lower()


def _licence(about: metadata.PackageMetadata) -> str:
    """The licence in a package's metadata: an expression, a short text, or its classifiers."""
    if expression := about.get_all("License-Expression"):
        return expression[0]
    classifiers = about.get_all("Classifier") or []
    named = [c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License :: ")]
    named = [name for name in named if name != "OSI Approved"]
    # Some packages put the whole text there, whose first line is its title.
    text, *more = (about.get_all("License") or [""])[0].strip().splitlines() or [""]
    if text and not (more and named) and len(text) <= 60 and text.upper() != "UNKNOWN":
        return text
    return ", ".join(named) or "not told"
