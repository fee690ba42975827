"""The providers by name: the built-in ones, those of installed packages, those registered by hand.

A package offers a provider by an entry point of the group `langgraph_ensemble.providers`; its name
is the provider's, its value an instance of `Provider`. All are loaded when first needed, so a
broken one is no trouble to those who do not use it.

Nothing here depends on members or clients, so that `Member` may ask for its provider.
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

# The class of each, in `built_in.py`; by name, for it knows members and clients.
_BUILT_IN = {
    "openai": "OpenAI",
    "llamacpp": "LlamaCpp",
    "huggingface": "HuggingFace",
    "pocket": "Pocket",
    "langchain": "LangChain",
}
_registered: dict[str, Any] = {}


def register(name: str, provider: Any) -> None:
    """Offer a provider in this process; one of the same name is replaced.

    Args:
        name: What `member.provider` and `"provider:model"` call it.
        provider: An instance of `Provider`.

    Raises:
        InputError: It is no `Provider`, or the name is that of a built-in one.

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
        InputError: There is none, two packages have one of that name, or its package is broken.
    """
    if name in _BUILT_IN:
        return _built_in(name)
    if name in _registered:
        return _registered[name]
    return _from_package(name)


def is_known(name: str) -> bool:
    """Whether there is a provider of that name; it is not loaded."""
    return name in _BUILT_IN or name in _registered or name in _offered()


def names() -> list[str]:
    """Every provider that a member can name, LangChain's and those of packages included.

    Example:
        >>> names()[:2]
        ['openai', 'llamacpp']
    """
    found = [*_BUILT_IN, *ENDPOINTS, *_registered, *_offered(), *PROVIDERS]
    return list(dict.fromkeys(found))


def unknown(name: object) -> str:
    """The words for a provider that nobody offers, with the nearest one."""
    return f"unknown provider {name!r}; {nearest(name, names(), 'known:')}"


def forget_packages() -> None:
    """Look for installed packages anew, as after an installation while Python runs."""
    _offered.cache_clear()
    _from_package.cache_clear()


def _taken() -> set[str]:
    return {*_BUILT_IN, *ENDPOINTS, *PROVIDERS}


@cache
def _built_in(name: str) -> Any:
    return getattr(import_module(f"{__package__}.built_in"), _BUILT_IN[name])()


@cache
def _offered() -> dict[str, list[EntryPoint]]:
    """The entry points of installed packages by name; names of ours are not theirs to give."""
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        if point.name not in _taken():
            found.setdefault(point.name, []).append(point)
    return found


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
        found = points[0].load()
    except Exception as error:
        # Whatever a stranger's module does when it is imported.
        raise InputError(
            f"provider {name!r} of {package} cannot be loaded: "
            f"{type(error).__name__}: {redact(one_line(error))}"
        ) from error
    return _checked(name, found, package)


def _package(point: EntryPoint) -> str:
    return f"package {point.dist.name} {point.dist.version}" if point.dist else point.value


def _checked(name: str, found: Any, where: str) -> Any:
    base = import_module(f"{__package__}.provider").Provider
    if not isinstance(found, base):
        raise InputError(
            f"provider {name!r} of {where} is not an instance of "
            f"langgraph_ensemble.models.Provider but {type(found).__name__}"
        )
    return found
