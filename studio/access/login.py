"""`/login`: where a browser gives its key once, and gets a session in return.

The session is a signed cookie that scripts cannot read; requests of other sites' pages are refused
by their origin. The page is not exempt on this machine: behind a proxy every request comes from
this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from .by_key import COOKIE
from .gate import Gate
from .keys import SESSION

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in: Ensemble</title>
<link rel="icon" href="{prefix}/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{prefix}/static/base.css">
<link rel="stylesheet" href="{prefix}/static/login.css">
</head>
<body class="login">
<main>
<h1>Ensemble</h1>
<form method="post" action="{prefix}/login">
<label for="key">Key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus
 aria-describedby="said">
<p id="said"{kind}>{said}</p>
<button>Sign in</button>
</form>
</main>
</body>
</html>
"""


def routes(gate: Callable[[], Gate], prefix: str = "") -> list[Route]:
    """The routes to mount.

    Args:
        gate: Gives the keys, once the server is open.
        prefix: The path under which a proxy publishes the server.
    """

    def page(said: str, status: int = 200) -> Response:
        kind = ' role="status"' if status == 200 else ' role="alert" class="problem"'
        text = _PAGE.format(prefix=escape(prefix), said=escape(said), kind=kind)
        return HTMLResponse(text, status, _HEADERS)

    async def ask(_: Request) -> Response:
        if not gate().keys:
            return RedirectResponse(f"{prefix}/", 303)
        return page("The key that you were given for this server.")

    async def sign_in(request: Request) -> Response:
        # A form of one field needs no parser of files.
        fields = parse_qs((await request.body()).decode("utf-8", "replace"))
        keys = gate().keys
        key = keys.find(fields.get("key", [""])[0].strip())
        if key is None:
            return page("This key is not known.", 401)
        reply = RedirectResponse(f"{prefix}/", 303)
        secure = request.headers.get("x-forwarded-proto", request.url.scheme) == "https"
        reply.set_cookie(
            COOKIE,
            keys.sign(key),
            max_age=SESSION,
            path=f"{prefix}/",
            httponly=True,
            secure=secure,
            samesite="lax",
        )
        return reply

    async def sign_out(_: Request) -> Response:
        reply = RedirectResponse(f"{prefix}/login", 303)
        reply.delete_cookie(COOKIE, path=f"{prefix}/")
        return reply

    return [
        Route("/login", ask),
        Route("/login", sign_in, methods=["POST"]),
        Route("/logout", sign_out, methods=["POST"]),
    ]
