"""Prompt templates, one Markdown file each, and their loader."""

from __future__ import annotations

from functools import cache
from importlib import resources
from string import Template


@cache
def template(name: str) -> Template:
    """The template in `prompts/<name>.md`; its holes are written `$hole`.

    Args:
        name: File name without the ending.

    Raises:
        FileNotFoundError: There is no such template.
    """
    text = resources.files(__package__ or "prompts").joinpath(f"{name}.md").read_text("utf-8")
    return Template(text.strip())


def render(name: str, /, **holes: object) -> str:
    """The template called `name` with its holes filled; every hole must be given.

    Example:
        >>> render("role", role="You teach chemistry.").splitlines()[0]
        'You teach chemistry.'
    """
    return template(name).substitute(holes)
