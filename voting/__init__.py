"""Read answers out of what models said, tell which are the same, and count them."""

from .counting import Vote, candidates, vote
from .reading import read, same

__all__ = ["Vote", "candidates", "read", "same", "vote"]
