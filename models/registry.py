"""The providers by name: built-in, from installed packages, and registered in the process.

A package registers a provider by an entry point of the group `langgraph_ensemble.providers`, with
the provider's name and an instance of `Provider` as value. Providers are loaded at first use, so
that a broken one does not affect the others.

This module does not depend on members or clients, so that `Member` can look up its provider.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ..errors import InputError
from ..hints import nearest
from ..redact import redact
from .providers import ENDPOINTS, PROVIDERS, one_line

GROUP = "langgraph_ensemble.providers"

# The class names in `built_in.py`, which is not imported here because it knows members and clients.
_BUILT_IN = {
    "openai": "OpenAI",
    "llamacpp": "LlamaCpp",
    "huggingface": "HuggingFace",
    "pocket": "Pocket",
    "langchain": "LangChain",
}
_registered: dict[str, Any] = {}


def register(name: str, provider: Any) -> None:
    """Register a provider in this process; it replaces one of the same name.

    Args:
        name: Name in `member.provider` and `"provider:model"`.
        provider: An instance of `Provider`.

    Raises:
        InputError: It is not a `Provider`, or the name is that of a built-in one.

    Example:
        >>> from langgraph_ensemble.models import Provider
        >>> register("mine", Provider())
        >>> "mine" in names()
        True
    """
    if name in _taken():
        raise InputError(f"provider {name!r} is built in; give yours another name")
    _registered[name] = _checked(name, provider, "what was registered")


def load(name: str) -> Any:
    """The `Provider` of a name.

    Raises:
        InputError: There is none, two packages provide it, or its package is broken.
    """
    if name in _BUILT_IN:
        return _built_in(name)
    if name in _registered:
        return _registered[name]
    return _from_package(name)


def is_known(name: str) -> bool:
    """Whether there is a provider of that name, without loading it."""
    return name in _BUILT_IN or name in _registered or name in _offered()


def names() -> list[str]:
    """Every provider that a member can name, including those of LangChain and of packages.

    Example:
        >>> names()[:2]
        ['openai', 'llamacpp']
    """
    every = [*_BUILT_IN, *ENDPOINTS, *_registered, *_offered(), *PROVIDERS]
    return list(dict.fromkeys(every))


def unknown(name: object) -> str:
    """The error text for an unknown provider, with the nearest one."""
    return f"unknown provider {name!r}; {nearest(name, names(), 'known:')}"


def forget_packages() -> None:
    """Search for installed packages again, as after an installation while Python runs."""
    _offered.cache_clear()
    _from_package.cache_clear()


def _taken() -> set[str]:
    return {*_BUILT_IN, *ENDPOINTS, *PROVIDERS}


@cache
def _built_in(name: str) -> Any:
    return getattr(import_module(f"{__package__}.built_in"), _BUILT_IN[name])()


@cache
def _offered() -> dict[str, list[EntryPoint]]:
    """The entry points of installed packages by name, except for reserved names."""
    offered: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        if point.name not in _taken():
            offered.setdefault(point.name, []).append(point)
    return offered


@cache
def _from_package(name: str) -> Any:
    points = _offered().get(name)
    if not points:
        raise InputError(unknown(name))
    if len(points) > 1:
        packages = " and ".join(sorted(map(_package, points)))
        raise InputError(f"provider {name!r} comes from {packages}; uninstall one of them")
    package = _package(points[0])
    try:
        provider = points[0].load()
    except Exception as error:
        # A third-party module may raise anything when it is imported.
        raise InputError(
            f"provider {name!r} of {package} cannot be loaded: "
            f"{type(error).__name__}: {redact(one_line(error))}"
        ) from error
    return _checked(name, provider, package)


def _package(point: EntryPoint) -> str:
    return f"package {point.dist.name} {point.dist.version}" if point.dist else point.value


def _checked(name: str, provider: Any, where: str) -> Any:
    base = import_module(f"{__package__}.provider").Provider
    if not isinstance(provider, base):
        raise InputError(
            f"provider {name!r} of {where} is not an instance of "
            f"langgraph_ensemble.models.Provider but {type(provider).__name__}"
        )
    return provider
