"""Errors of a run in plain words and without secrets."""

from __future__ import annotations

from ..errors import InputError
from ..nodes.aggregate import NoUsableDraftError
from ..redact import redact


def plain_words(error: BaseException, secrets: frozenset[str]) -> tuple[str, str]:
    """An error as a short code and a line for people, without secrets.

    Returns:
        The code, which is `invalid`, `no_usable_draft` or `internal`, and the line.
    """
    if isinstance(error, InputError):
        return "invalid", redact(str(error), secrets)
    if isinstance(error, NoUsableDraftError):
        return "no_usable_draft", redact(str(error), secrets)
    # Any other error is a bug or a disk error; its text may hold anything.
    return "internal", f"the run failed: {type(error).__name__}"
