"""Read answers from the texts of models, compare them, and count them."""

from .counting import Vote, candidates, vote
from .reading import read, same

__all__ = ["Vote", "candidates", "read", "same", "vote"]
