"""The data sets of the Avengers, MoA and SMoA, with their prompts and rules.

A task's rows have the columns of its source, and `load` reads them. `TASKS` holds the tasks by
name; those in `JUDGED` need a judge. `docs/tasks.md` has the table of sources, rules, faults and
corrections.
"""

from . import ceb, elsewhere, judged, knowledge, mmau, programs, reasoning
from .loading import load
from .task import Form, Row, Source, Task

TASKS: dict[str, Task] = {
    task.name: task
    for room in (reasoning, programs, knowledge, elsewhere, mmau, ceb)
    for task in room.TASKS
}

JUDGED: dict[str, Task] = {task.name: task for task in judged.TASKS}

__all__ = ["JUDGED", "TASKS", "Form", "Row", "Source", "Task", "load"]
