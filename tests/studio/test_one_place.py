"""A preset is one record and a knob is one field: everything else derives from them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import langgraph_ensemble
import pytest
from langgraph_ensemble import EnsembleChatModel, Pool
from langgraph_ensemble.graphs import moa
from langgraph_ensemble.nodes import context, systems
from langgraph_ensemble.nodes.context import MoaContext
from langgraph_ensemble.nodes.defaults import resolve
from langgraph_ensemble.nodes.knob import Knob, check_knobs, knobs_of
from langgraph_ensemble.presets import preset
from langgraph_ensemble.studio.catalogue import Catalogue
from langgraph_ensemble.studio.endpoint.request import read
from langgraph_ensemble.studio.endpoint.runs import _knobs
from langgraph_ensemble.studio.forms import dressed
from langgraph_ensemble.studio.page.cards import card
from pydantic import Field

ROOT = Path(str(langgraph_ensemble.__file__)).parent

# A process of its own: the record must be there before anything else is imported.
ADD_A_RECORD = """
import asyncio, runpy
from langgraph_ensemble import presets

form = presets.Preset("moa-deep", "moa", "Five layers.", "ours", {"layers": 5, "proposers": 2})
presets.PRESETS.append(form)

from langgraph_ensemble import Pool
from langgraph_ensemble.graphs import moa
from langgraph_ensemble.studio import config, graphs
from langgraph_ensemble.studio.catalogue import Catalogue
from langgraph_ensemble.studio.endpoint import completions
from langgraph_ensemble.studio.page import cards

catalogue = Catalogue(Pool(["ollama:a", "ollama:b", "ollama:c"]))
graph = catalogue.graph("moa/deep")
drafting = [node for node in graph.nodes if node.startswith("propose_")]
tables = runpy.run_path("docs/tables.py")

assert moa.PRESETS["moa-deep"] == {"layers": 5, "proposers": 2}
assert "moa-deep" in catalogue.names
assert (graph.name, graph.context_schema().layers, len(drafting)) == ("moa-deep", 5, 2)
assert completions._card(form)["ensemble"] == {"about": "Five layers.", "method": "moa"}
card = cards.card(catalogue, form)
assert (card["about"], card["knobs"]["layers"]["default"]) == ("Five layers.", 5)
told = config.config()["graphs"]["moa-deep"]
assert told["description"] == "Five layers."
module, _, variable = told["path"].rpartition(":")
assert module == graphs.__name__
graphs.catalogue = lambda: catalogue
assert asyncio.run(vars(graphs)[variable]()).name == "moa-deep"
assert "moa-deep" in tables["config"].text()
row = "| `moa-deep` | Five layers. | `layers=5`, `proposers=2` | ours |"
assert row in tables["files"]()[tables["ROOT"] / "docs" / "moa.md"]
assert "`moa-deep`" in tables["files"]()[tables["ROOT"] / "docs" / "openai.md"]
"""


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    """`docs/tables.py`, which is not part of the package."""
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


class Hushed(MoaContext):
    """Mixture-of-Agents with one more knob."""

    hush: Annotated[float, Knob("propose_ aggregate", label="Quietness")] = Field(
        default=0.5, ge=0, le=2, description="How little is said."
    )


@pytest.fixture
def hushed(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """The graphs over three members, MoA with the further knob."""
    monkeypatch.setattr(moa, "MoaContext", Hushed)
    monkeypatch.setattr(context, "Hushed", Hushed, raising=False)
    return Catalogue(Pool(["ollama:a", "ollama:b", "ollama:c"]))


def test_a_field_is_all_that_a_knob_needs(hushed: Catalogue, tables: ModuleType) -> None:
    graph, schema = hushed.graph("moa"), hushed.knobs("moa")
    form = dressed(schema, list(graph.nodes)).model_json_schema()["properties"]["hush"]
    assert form["x_oap_ui_config"] == {
        "type": "slider", "min": 0, "max": 2, "step": 0.1, "default": 0.5,
        "description": "How little is said.",
    }  # fmt: skip
    drafting = {node for node in graph.nodes if node.startswith("propose_")}
    assert set(form["langgraph_nodes"]) == {*drafting, "aggregate"}
    assert (form["minimum"], form["maximum"]) == (0, 2)
    shown = card(hushed, preset("moa"))["knobs"]["hush"]
    assert (shown["label"], shown["limit"], shown["maximum"]) == ("Quietness", False, 2)
    assert "| `hush` | 0.5 | at least 0, at most 2 | How little is said. |" in tables.knob_table(
        "Hushed"
    )
    assert "`layers`" not in tables.knob_table("Hushed")


def test_every_way_to_set_a_knob_knows_it(hushed: Catalogue) -> None:
    schema = hushed.knobs("moa")
    assert check_knobs(schema, {"hush": 1}) == {"hush": 1}
    hi = [{"role": "user", "content": "hi"}]
    asked = read({"model": "moa", "messages": hi, "ensemble": {"hush": 1.5}})
    assert _knobs(schema, asked) == {"hush": 1.5}
    for wrong, said in (({"hush": 3}, "knob 'hush'"), ({"hus": 1}, "did you mean 'hush'")):
        with pytest.raises(langgraph_ensemble.InputError, match=said):
            check_knobs(schema, wrong)
    model = EnsembleChatModel(hushed.graph("moa"))
    assert model._context({"hush": 1.0, "unknown": 1}) == {"hush": 1.0}
    assert resolve(Hushed, {"hush": 0.1, "theirs": 1}).hush == 0.1


@pytest.mark.parametrize(
    "name", [n for n in {**vars(systems), **vars(context)} if n.endswith("Context")]
)
def test_every_knob_says_where_it_acts(name: str, tables: ModuleType) -> None:
    schema: Any = {**vars(systems), **vars(context)}[name]
    assert all(knob.at for knob in knobs_of(schema).values())
    pages = "".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
    assert f"<!-- table: knobs {name} -->" in pages
    assert tables.knob_table(name) in pages
