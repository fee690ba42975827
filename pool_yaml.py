"""Read YAML that a stranger may have written: small, flat, and each key once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from .errors import InputError

LARGEST = 1_000_000
"""Bytes of a file."""
MOST = 20_000
"""Values and keys of a file: hundreds of members."""
DEEPEST = 20
"""Lists and mappings within each other."""

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):
    """A safe loader that takes no key twice, and tells a value that cannot be read from its tag."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, TypeError, OverflowError):
            kind = str(node.tag).rpartition(":")[2]
            problem = f"this cannot be read as {kind[:40]}; correct it, or put it in quotes"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else None
            if name in seen:
                problem = f"the key {key.value[:80]!r} stands there twice; remove one of them"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            if name is not None:
                seen.add(name)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """What a file of YAML holds.

    Args:
        path: The file.

    Raises:
        InputError: It cannot be read, is too large, is no YAML, or has an alias, a key twice or
            too many values; one line that names the file, the line and the remedy.
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
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_BASE)):
        if isinstance(event, yaml.AliasEvent):
            raise _error(event, "an alias (*name) is not taken; write its value out")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _error(event, f"it is nested more than {DEEPEST} levels deep; make it flatter")
        if count > MOST:
            raise _error(event, f"it has more than {MOST:,} values; list fewer models")


def _error(event: Any, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, problem, event.start_mark)
