"""The tables of the documentation that derive from the code; `make tables` writes them.

In a page, `<!-- table: NAME -->` begins a table and `<!-- end -->` ends it; `TABLES` has the names.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from langgraph_ensemble import presets
from langgraph_ensemble.calibration.context import CalibrationContext
from langgraph_ensemble.evaluation import tasks
from langgraph_ensemble.nodes import context as contexts
from langgraph_ensemble.nodes import systems
from langgraph_ensemble.nodes.knob import Knob, bounds, knobs_of
from langgraph_ensemble.studio import config

ROOT = Path(__file__).parents[1]
_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
_TABLE = re.compile(r"(<!-- table: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def preset_table(method: presets.Method) -> str:
    """The presets of a method, without the one that has the method's name."""
    forms = [p for p in presets.PRESETS if p.method == method and p.name != method]
    return "\n| preset | what it is | arguments | from |\n|---|---|---|---|\n" + "".join(
        f"| `{form.name}` | {form.about} | {_arguments(form)} | {form.source} |\n" for form in forms
    )


def knob_table(context: str) -> str:
    """The knobs that a context adds to those of its bases."""
    known = {**vars(systems), **vars(contexts), "CalibrationContext": CalibrationContext}
    schema = known[context]
    inherited = {name for base in schema.__mro__[1:] for name in getattr(base, "model_fields", {})}
    own = {name: knob for name, knob in knobs_of(schema).items() if name not in inherited}
    if not own:
        return "\nIt has no knobs of its own.\n"
    rows = [_row(name, schema.model_fields[name], knob) for name, knob in own.items()]
    return "\n| knob | default | bounds | meaning |\n|---|---|---|---|\n" + "".join(rows)


def _row(name: str, info: Any, knob: Knob) -> str:
    default = info.default
    words = "none" if default is None else f"`{default}`" if isinstance(default, str) else default
    said = [f"{_BOUNDS[key]} {value}" for key, value in bounds(info).items()]
    choices = [f"`{each}`" for each in get_args(info.annotation) if isinstance(each, str)]
    limits = " or ".join(choices) or ", ".join(said)
    return f"| `{name}` | {knob.usual or words} | {limits} | {info.description} |\n"


def names_of_models(_: str = "") -> str:
    """Every preset's name, as the endpoint offers it."""
    return "\n" + ", ".join(f"`{form.name}`" for form in presets.PRESETS) + "\n"


def task_table(kind: str) -> str:
    """The data sets: `graded` by a rule, `judged`, or where the `names` of all come from."""
    if kind == "names":
        rows = [*tasks.TASKS.values(), *tasks.JUDGED.values()]
        head = "\n| task | on Hugging Face | columns | seen in |\n|---|---|---|---|\n"
        return head + "".join(map(_name_row, rows))
    held = tasks.JUDGED if kind == "judged" else tasks.TASKS
    head = "\n| task | source | published rule | known faults | default |\n|---|---|---|---|---|\n"
    return head + "".join(map(_task_row, held.values()))


def _task_row(task: tasks.Task) -> str:
    size = f", {task.size:,} questions" if task.size else ""
    about = f"{task.source}; licence: {task.licence}{size}; {task.used_by}"
    cells = (f"`{task.name}`<br>{task.title}", about, task.rule, "; ".join(task.faults))
    return f"| {' | '.join(cells)} | {task.corrected} |\n"


def _name_row(task: tasks.Task) -> str:
    columns = ", ".join(f"`{column}`" for column in task.columns)
    places = [str(source) for source in task.sources]
    shown = [f"`{place}`" for place in places[:2]]
    where = "<br>".join([*shown, *([f"and {len(places) - 2} more"] if len(places) > 2 else [])])
    return f"| `{task.name}` | {where or 'no: a file'} | {columns} | {task.seen} |\n"


def _arguments(form: presets.Preset) -> str:
    plain = {name: value for name, value in form.arguments.items() if name != "knobs"}
    given = {**plain, **form.arguments.get("knobs", {})}
    return ", ".join(f"`{name}={value!r}`" for name, value in given.items())


TABLES: dict[str, Callable[..., str]] = {
    "knobs": knob_table,
    "presets": preset_table,
    "models": names_of_models,
    "tasks": task_table,
}
"""The function for a marker's first word; it is called with the rest of the marker."""


def filled(page: str) -> str:
    """A page with every table filled in from the code."""

    def table(found: re.Match[str]) -> str:
        kind, _, about = found[2].partition(" ")
        return f"{found[1]}{TABLES[kind](about)}\n{found[3]}"

    return _TABLE.sub(table, page)


def files() -> dict[Path, str]:
    """Every file that derives from the code, with its current text."""
    pages = {path: filled(path.read_text()) for path in sorted((ROOT / "docs").glob("*.md"))}
    return {**pages, config.FILE: config.text()}


def main() -> None:
    """Write the files that have changed."""
    for path, text in files().items():
        if text != path.read_text():
            path.write_text(text)
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
