"""Read YAML that a stranger may have written: small, flat, and each key once.

Aliases are taken, for programs that write YAML use them; they count as often as they stand there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import InputError

LARGEST = 1_000_000
"""Bytes of a file."""
MOST = 20_000
"""Values and keys of a file, aliases written out: hundreds of members."""
DEEPEST = 20
"""Lists and mappings within each other."""

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):
    """A safe loader that tells a value that cannot be read from its tag."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, TypeError, OverflowError):
            kind = str(node.tag).rpartition(":")[2]
            problem = f"this cannot be read as {kind[:40]}; correct it, or put it in quotes"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None


@dataclass
class _Open:
    """A list or mapping that is being read: what it holds so far, its aliases written out."""

    anchor: str | None = None
    keys: set[str] | None = None
    children: int = 0
    size: int = 1
    depth: int = 1


def read_yaml(path: Path) -> Any:
    """What a file of YAML holds.

    Args:
        path: The file.

    Raises:
        InputError: It cannot be read, is too large, is no YAML, or has a key twice or too
            many values; one line that names the file, the line and the remedy.
    """
    text = _text(path)
    try:
        _look_through(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - it derives from the safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" on line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None)
        raise InputError(f"{path}: not valid YAML{line}: {problem or 'syntax error'}") from None
    except RecursionError:
        raise InputError(f"{path}: not valid YAML: it is nested too deeply") from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        text = data.decode("utf-8-sig", "ignore" if len(data) > LARGEST else "strict")
    except (OSError, ValueError) as error:
        null = "it is no path" if "\0" in str(path) else "it is not UTF-8 text"
        reason = getattr(error, "strerror", None) or null
        raise InputError(f"{path}: cannot be read ({reason})") from None
    if len(data) > LARGEST:
        raise InputError(f"{path}: more than {LARGEST:,} bytes; name a file that lists models")
    return text


def _look_through(text: str) -> None:
    """Refuse what takes long to load, before it is loaded: the parser alone is cheap."""
    known: dict[str, _Open] = {}
    opened, total = [_Open()], 0
    for event in yaml.parse(text, Loader=_BASE):
        found = None
        if isinstance(event, yaml.CollectionStartEvent):
            keys = set() if isinstance(event, yaml.MappingStartEvent) else None
            opened.append(_Open(event.anchor, keys))
        elif isinstance(event, yaml.CollectionEndEvent):
            found = opened.pop()
        elif isinstance(event, yaml.AliasEvent):
            found = known.get(event.anchor)
            if found is None:
                raise _error(event, f"*{event.anchor[:40]} refers to itself or to nothing")
            total += found.size
        elif isinstance(event, yaml.ScalarEvent):
            found = _Open(event.anchor)
            _check_key(opened[-1], event)
        if found is not None:
            _add(opened[-1], found)
            if found.anchor:
                known[found.anchor] = found
        if len(opened) + opened[-1].depth > DEEPEST:
            raise _error(event, f"it is nested more than {DEEPEST} levels deep; make it flatter")
        total += isinstance(event, yaml.NodeEvent)
        if total > MOST:
            raise _error(event, f"it has more than {MOST:,} values; list fewer models")


def _add(whole: _Open, part: _Open) -> None:
    whole.children += 1
    whole.size += part.size
    whole.depth = max(whole.depth, part.depth + 1)


def _check_key(whole: _Open, event: Any) -> None:
    if whole.keys is None or whole.children % 2:
        return
    if event.value in whole.keys and event.value != "<<":
        name = event.value[:80]
        raise _error(event, f"the key {name!r} stands there twice; remove one of them")
    whole.keys.add(event.value)


def _error(event: Any, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, problem, event.start_mark)
