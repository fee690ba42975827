"""A preset is one record: what derives from the records has it without another edit."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import langgraph_ensemble
import pytest

ROOT = Path(str(langgraph_ensemble.__file__)).parent

# A process of its own: the record must be there before anything else is imported.
ADD_A_RECORD = """
import asyncio, runpy
from langgraph_ensemble import presets

form = presets.Preset("moa-deep", "moa", "Five layers.", "ours", {"layers": 5}, proposers=2)
presets.PRESETS.append(form)

from langgraph_ensemble import Pool
from langgraph_ensemble.graphs import moa
from langgraph_ensemble.studio import completions, config, graphs, page_api
from langgraph_ensemble.studio.catalogue import Catalogue

catalogue = Catalogue(Pool(["ollama:a", "ollama:b", "ollama:c"]))
graph = catalogue.graph("moa/deep")
drafting = [node for node in graph.nodes if node.startswith("propose_")]
tables = runpy.run_path("docs/tables.py")

assert moa.PRESETS["moa-deep"] == {"layers": 5}
assert "moa-deep" in catalogue.names
assert (graph.name, graph.context_schema().layers, len(drafting)) == ("moa-deep", 5, 2)
assert completions._card(form)["ensemble"] == {"about": "Five layers.", "method": "moa"}
card = page_api._card(catalogue, form)
assert (card["about"], card["knobs"]["layers"]["default"]) == ("Five layers.", 5)
told = config.config()["graphs"]["moa-deep"]
assert told["description"] == "Five layers."
module, _, variable = told["path"].rpartition(":")
assert module == graphs.__name__
graphs.catalogue = lambda: catalogue
assert asyncio.run(vars(graphs)[variable]()).name == "moa-deep"
assert "moa-deep" in tables["config"].text()
row = "| `moa-deep` | Five layers. | `layers=5`, the first 2 proposers | ours |"
assert row in tables["files"]()[tables["ROOT"] / "docs" / "moa.md"]
assert "`moa-deep`" in tables["files"]()[tables["ROOT"] / "docs" / "openai.md"]
"""


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    """`docs/tables.py`, which no package holds."""
    spec = importlib.util.spec_from_file_location("tables", ROOT / "docs" / "tables.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_record_is_all_that_a_preset_needs() -> None:
    command = [sys.executable, "-W", "error", "-c", ADD_A_RECORD]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_what_derives_from_the_code_says_what_the_code_says(tables: ModuleType) -> None:
    old = [path.name for path, text in tables.files().items() if path.read_text() != text]
    assert not old, "run: make tables"
