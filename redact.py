"""Keep secrets out of everything that is stored, streamed or printed."""

import re

# Shapes that are secrets wherever they stand: bearer tokens, vendor keys, user:password in a URL.
_SHAPES = (
    (re.compile(r"(?i)(bearer\s+)[\w.~+/=-]{8,}"), r"\1***"),
    (re.compile(r"\b(?:sk|pk|hf|gsk|xai|key)[-_][\w*-]{8,}"), "***"),
    (re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"), "***"),
)


def redact(text: str, secrets: frozenset[str] | set[str] = frozenset()) -> str:
    """Replace known secrets, and what looks like one, by three stars.

    Args:
        text: Any text, an exception's most often.
        secrets: Exact secrets to remove, such as the keys of a pool's members.

    Returns:
        The text without them.

    Example:
        >>> redact("401: bad key sk-abcdefgh1234")
        '401: bad key ***'
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= 4:
            text = text.replace(secret, "***")
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text
