"""Whose runs Aegra queues: the name of the key that asked is stored with each run.

Aegra stores its user with a run and hands it to the worker that takes it, perhaps another one. To
Aegra all are one user, as to LangGraph's server: keys limit what people spend, not what they see.
"""

from __future__ import annotations

from typing import Any

from langgraph_sdk import Auth

from ..telemetry.watch import HANDED_ON

ASKED = "ensemble_asked"
"""The field of Aegra's user that holds the names of `HANDED_ON`."""

auth = Auth()


@auth.authenticate
async def _user(headers: dict[str, str]) -> Any:
    """The one user, with what our layers in front have written into the headers."""
    asked = {name: headers[name] for name in HANDED_ON if name in headers}
    return {"identity": "anonymous", "display_name": "Anonymous User", ASKED: asked}


def asked_by(configurable: dict[str, Any]) -> dict[str, str]:
    """The names that our layers gave the request of a run, from its configuration.

    Example:
        >>> asked_by({"langgraph_auth_user": {ASKED: {"x-ensemble-key": "ann"}}})
        {'x-ensemble-key': 'ann'}
    """
    user = configurable.get("langgraph_auth_user")
    found = user.get(ASKED) if isinstance(user, dict) else getattr(user, ASKED, None)
    return {name: str(found[name]) for name in HANDED_ON if name in found} if found else {}
