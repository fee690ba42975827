"""Graders: pure functions from a question's accepted answer and a model's text to a score.

Each rule has two forms. The corrected one reads answers as votes do (`voting.reading`); the one
called `published_…` is what the published scripts do, faults included, so that their numbers can be
compared with.
"""

from .choice import choice, published_choice
from .code import functions, scripts
from .finance import finance, published_finance
from .knights import knights, published_knights
from .korbench import korbench, published_korbench
from .mathematics import logic, mathematics, published_logic, published_mathematics

__all__ = [
    "choice",
    "finance",
    "functions",
    "knights",
    "korbench",
    "logic",
    "mathematics",
    "published_choice",
    "published_finance",
    "published_knights",
    "published_korbench",
    "published_logic",
    "published_mathematics",
    "scripts",
]
