"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import langgraph_ensemble
import pytest

# Studio's graphs start a server, training needs torch, Aegra Python 3.12; all have their own tests.
LEFT_OUT = (
    "langgraph_ensemble.studio.graphs",
    *(f"langgraph_ensemble.studio.aegra.{name}" for name in ("app", "graphs", "worker")),
    "langgraph_ensemble.pocket.training",
    "__main__",
)
MODULES = [
    module.name
    for module in pkgutil.walk_packages(langgraph_ensemble.__path__, "langgraph_ensemble.")
    if ".tests." not in module.name and not any(name in module.name for name in LEFT_OUT)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), extraglobs={})
    assert result.failed == 0
