"""What only a judge can grade: preferences, conversations, aspects, skills, bias."""

from .asking import Judge, NoVerdictError
from .benchmarks import (
    ASPECTS,
    aspect_scores,
    bias_mean,
    bias_score,
    conversation_score,
    preference,
)
from .grading import JudgedTask
from .length_control import WinRate, difficulties, win_rate
from .skills import SKILLS, skill_means, skill_scores

__all__ = [
    "ASPECTS",
    "SKILLS",
    "Judge",
    "JudgedTask",
    "NoVerdictError",
    "WinRate",
    "aspect_scores",
    "bias_mean",
    "bias_score",
    "conversation_score",
    "difficulties",
    "preference",
    "skill_means",
    "skill_scores",
    "win_rate",
]
