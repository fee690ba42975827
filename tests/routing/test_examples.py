"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import langgraph_ensemble.routing
import pytest

MODULES = ["langgraph_ensemble.profiles"] + [
    f"langgraph_ensemble.routing.{m.name}"
    for m in pkgutil.iter_modules(langgraph_ensemble.routing.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name), extraglobs={})
    assert found.failed == 0
