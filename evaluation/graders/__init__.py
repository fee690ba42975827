"""Graders: pure functions from a question's accepted answer and a model's text to a score.

Each rule has two forms. The corrected one reads answers as votes do (`voting.reading`); the one
called `published_…` is what the published scripts do, faults included, so that their numbers can be
compared with.
"""

from .choice import choice, published_choice
from .code import functions, published_scripts, scripts
from .finance import finance, published_finance
from .knights import knights, published_knights
from .korbench import korbench, published_korbench
from .mathematics import logic, mathematics, published_logic, published_mathematics
from .options import option, published_option
from .plan import plan, published_plan
from .tool_calls import published_tool_calls, tool_calls

__all__ = [
    "choice",
    "finance",
    "functions",
    "knights",
    "korbench",
    "logic",
    "mathematics",
    "option",
    "plan",
    "published_choice",
    "published_finance",
    "published_knights",
    "published_korbench",
    "published_logic",
    "published_mathematics",
    "published_option",
    "published_plan",
    "published_scripts",
    "published_tool_calls",
    "scripts",
    "tool_calls",
]
