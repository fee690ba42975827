"""Evaluate systems side by side on the same questions: record, replay, grade, compare.

Data sets with their prompts and graders, and the sandbox in which programs are judged.
"""

from .sandbox import Limits, NotGradableError, Outcome, run_script, run_tests
from .tasks import JUDGED, TASKS, Task, load

__all__ = [
    "JUDGED",
    "TASKS",
    "Limits",
    "NotGradableError",
    "Outcome",
    "Task",
    "load",
    "run_script",
    "run_tests",
]
