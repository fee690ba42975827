"""Write the ONNX graphs that the saved models need: `write_graphs(folder)`."""

from __future__ import annotations

import json
from pathlib import Path

from ..session import graph_path
from .graph import write_graph


def write_graphs(weights: Path) -> None:
    """Write one graph for each model shape of a folder into `graphs/` beside the models."""
    for path in sorted(weights.glob("*/config.json")):
        config = json.loads(path.read_text())
        write_graph(config, weights / "graphs" / graph_path(config).name)


def merge_records(weights: Path) -> None:
    """Collect every model's training record in one `training.json`."""
    records = {}
    for path in sorted(weights.glob("*/training.json")):
        records[path.parent.name] = json.loads(path.read_text())
        path.unlink()
    merged = weights / "training.json"
    known = json.loads(merged.read_text()) if merged.exists() else {}
    merged.write_text(json.dumps(known | records, indent=1, sort_keys=True) + "\n")
