"""Secrets taken out of what HTTP clients log.

At level DEBUG they log the headers of each reply, in which a server may echo a key, and the options
of each request. Only then does this cost anything.
"""

from __future__ import annotations

import logging
import weakref
from typing import TYPE_CHECKING, Any

from ..redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterable

_LAYERS = ("", ".connection", ".http11", ".http2", ".http_proxy", ".proxy", ".socks")
LOGGERS = (
    *(f"{package}{layer}" for package in ("httpcore", "httpcore2") for layer in _LAYERS),
    *("httpx", "httpx2", "openai._base_client", "anthropic._base_client"),
)
"""Loggers of the clients; a filter holds for the very logger that it is added to."""

_owners: weakref.WeakKeyDictionary[Any, frozenset[str]] = weakref.WeakKeyDictionary()


class _Discreet(logging.Filter):
    """Lets every record pass, without the secrets that are known."""

    def filter(self, record: logging.LogRecord) -> bool:
        secrets = frozenset[str]().union(*list(_owners.values()))
        if secrets:
            told = record.getMessage()
            if (clean := redact(told, secrets)) != told:
                record.msg, record.args = clean, ()
        return True


_discreet = _Discreet()


def hush(owner: object, secrets: Iterable[str]) -> None:
    """Keep `secrets` out of the clients' logs for as long as `owner` lives.

    Example:
        >>> class Client: ...
        >>> client = Client()
        >>> hush(client, {"correct-horse-battery"})
        >>> told = ("correct-horse-battery",)
        >>> record = logging.LogRecord("httpx", logging.DEBUG, "", 0, "key %s", told, None)
        >>> logging.getLogger("httpx").filter(record) and record.getMessage()
        'key ***'
    """
    _owners[owner] = frozenset(secrets)
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_discreet)
