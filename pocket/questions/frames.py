"""Wordings by the frame: what is asked, said in each split's own ways.

A model that has read "sort the letters of …" in six sentences takes the sentence for the task.
Frames give it many, and none of them is in two splits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .base import SPLITS, Phrasings, Split

DOING: Mapping[Split, Sequence[str]] = {
    "train": (
        "{V}.",
        "Your task: {v}.",
        "I would like you to {v}.",
        "Will you {v}?",
        "Let us {v}.",
        "Now {v}, please.",
    ),
    "calibration": ("Can you {v}?", "Please, {v}.", "I want you to {v}.", "Help me to {v}."),
    "test": (),
}
"""Frames of what to do: ``{v}`` as in "sort the list", ``{V}`` the same with a capital."""

NAMING: Mapping[Split, Sequence[str]] = {
    "train": (
        "What is {x}?",
        "Write {x}.",
        "Show me {x}.",
        "Work out {x}.",
        "I would like {x}.",
        "What would {x} be?",
    ),
    "calibration": ("Tell me {x}.", "Give me {x}.", "I want {x}.", "Do you know {x}?"),
    "test": (),
}
"""Frames of what is wanted: ``{x}`` as in "the sum of 3 and 4"."""


def framed(
    phrasings: Phrasings,
    doing: Mapping[str, Sequence[str]],
    naming: Mapping[str, Sequence[str]],
) -> Phrasings:
    """Add to the train and calibration splits every task in every frame of the split.

    What a later split has word for word is left out, so that no phrasing is in two splits.

    Args:
        phrasings: the templates written out by hand.
        doing: operation -> what to do, such as ``"sort the list {s}"``.
        naming: operation -> what is wanted, such as ``"the sum of {a} and {b}"``.

    Example:
        >>> written = {"sum": {"train": (), "calibration": (), "test": ("Tell me the sum.",)}}
        >>> framed(written, {}, {"sum": ["the sum"]})["sum"]["calibration"]
        ('Give me the sum.', 'I want the sum.', 'Do you know the sum?')
    """
    wider = {}
    for operation, splits in phrasings.items():
        taken: set[str] = set()
        made: dict[Split, tuple[str, ...]] = {}
        # The test split first: what it holds, the others may not.
        for split in reversed(SPLITS):
            new = [*splits[split]]
            new += [
                frame.replace("{v}", task).replace("{V}", task[0].upper() + task[1:])
                for frame in DOING[split]
                for task in doing.get(operation, ())
            ]
            new += [
                frame.replace("{x}", thing)
                for frame in NAMING[split]
                for thing in naming.get(operation, ())
            ]
            made[split] = tuple(t for t in dict.fromkeys(new) if t.lower() not in taken)
            taken |= {template.lower() for template in made[split]}
        wider[operation] = made
    return wider
