"""The data sets of the Avengers, MoA and SMoA that can be graded without a judge.

A task's rows have the columns of its source. `TASKS` holds them by name, `load` reads rows:
`docs/tasks.md` has the table of sources, rules, faults and corrections.
"""

from . import elsewhere, knowledge, programs, reasoning
from .loading import load
from .task import Form, Row, Source, Task

TASKS: dict[str, Task] = {
    task.name: task for room in (reasoning, programs, knowledge, elsewhere) for task in room.TASKS
}

__all__ = ["TASKS", "Form", "Row", "Source", "Task", "load"]
