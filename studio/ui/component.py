"""The component that front ends load to show the team: LangGraph's `/ui/ASSISTANT`.

LangGraph's server builds components with Node when it starts. Ours is a file, so that it needs
neither Node nor a network.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ...presets import PRESETS
from ..access.refusals import refusal
from .team import NAME

_HEADERS = {
    # It is text for a script that fetches it, never a page of this server.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def routes() -> list[BaseRoute]:
    """The route `POST /ui/ASSISTANT` with `{"name": …}`, which LangGraph's own would answer."""
    # Like LangGraph's own it is a matter of the SDK, and so not in the documents of the API.
    return [Route("/ui/{assistant}", _component, methods=["POST"], include_in_schema=False)]


@cache
def markup() -> str:
    """The component as the HTML that the SDK puts into a shadow root.

    The script stands in it: a browser sends neither key nor origin with the request of a script, so
    that a guarded server would refuse it.

    Example:
        >>> # The SDK puts the element's id into the first such place.
        >>> markup().count("{{shadowRootId}}")
        1
    """
    script = Path(__file__).with_name("team.js").read_text(encoding="utf-8")
    return f"<script>\n{script}</script>"


async def _component(request: Request) -> Response:
    path, assistant = request.url.path, request.path_params["assistant"]
    try:
        asked = await request.json()
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or not isinstance(asked.get("name"), str):
        return refusal(path, 422, 'name the component, as in {"name": "team"}')
    if not _known(assistant):
        return refusal(path, 404, f"there is no assistant {json.dumps(assistant)}")
    if asked["name"] != NAME:
        text = f"there is no component {json.dumps(asked['name'])}; there is {NAME}"
        return refusal(path, 404, text)
    return Response(markup(), media_type="text/html", headers=_HEADERS)


def _known(assistant: str) -> bool:
    """Whether it is a graph of ours, or may be the id of an assistant."""
    if any(each.name == assistant for each in PRESETS):
        return True
    try:
        UUID(assistant)
    except ValueError:
        return False
    return True
