"""What only a judge can grade: preferences, scores of conversations, aspects of answers."""

from .asking import Judge
from .benchmarks import ASPECTS, aspect_scores, conversation_score, preference
from .length_control import WinRate, difficulties, win_rate

__all__ = [
    "ASPECTS",
    "Judge",
    "WinRate",
    "aspect_scores",
    "conversation_score",
    "difficulties",
    "preference",
    "win_rate",
]
