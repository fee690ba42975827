"""`ensemble serve`, and `ensemble keys`: keys for its users, and what they have used."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from ..errors import InputError
from .evaluations import PoolFile, ProfileFolder

keys: typer.Typer = typer.Typer(
    help="Make keys for a server, and report what they have used.", no_args_is_help=True
)


def serve(
    port: Annotated[int | None, typer.Option(help="The port; a free one by default.")] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    pool: PoolFile = None,
    profile: ProfileFolder = None,
    data: Annotated[
        str | None,
        typer.Option(help="Where conversations are kept: a SQLite file, or postgresql://…"),
    ] = None,
    engine: Annotated[
        str,
        typer.Option(help="own: one server; aegra: a worker among many, on PostgreSQL and Redis."),
    ] = "own",
    studio: Annotated[bool, typer.Option(help="With the LangGraph API for Studio.")] = True,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A further name of the server, such as a proxy's.")
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(help="A further origin that may call it: http://localhost:3000."),
    ] = None,
    api_key: Annotated[
        list[str] | None,
        typer.Option(
            help="Environment variable that holds a key, or a file of keys (`ensemble keys new`); "
            "may be repeated."
        ),
    ] = None,
    max_runs: Annotated[int | None, typer.Option(help="Most runs at once: 256.", min=1)] = None,
    queue: Annotated[
        int | None, typer.Option(help="Most requests that wait; others get 429: 256.", min=0)
    ] = None,
    max_body: Annotated[
        int | None, typer.Option(help="Largest body of a request, in bytes: 16777216.", min=1)
    ] = None,
    response_days: Annotated[
        float | None,
        typer.Option(help="Days for which responses of /v1/responses are kept: 30.", min=0.001),
    ] = None,
    root_path: Annotated[
        str | None, typer.Option(help="Path under which a proxy publishes the server: /ensemble.")
    ] = None,
    log_texts: Annotated[
        bool, typer.Option("--log-texts", help="Log and trace questions and answers.")
    ] = False,
    show_team: Annotated[
        bool, typer.Option("--show-team", help="Show who is at work in agent-chat-ui.")
    ] = False,
) -> None:
    """Serve the chat page, an OpenAI-compatible endpoint and LangGraph Studio's API."""
    from ..studio.serve import serve as start
    from .setting import pool_path, profile_path

    files = {"pool": pool_path(pool), "profile": profile_path(profile)}
    settings = {
        "api_keys": " ".join(api_key) if api_key else None,
        "max_runs": max_runs,
        "queue": queue,
        "max_body": max_body,
        "response_days": response_days,
        "root_path": root_path,
        "log_texts": log_texts or None,
        "show_team": show_team or None,
    }
    code = start(
        port,
        host,
        **files,
        data=data,
        engine=engine,
        studio=studio,
        hosts=allow_host or (),
        origins=allow_origin or (),
        settings=settings,
    )
    raise typer.Exit(code)


@keys.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Name of the key in logs and reports.")],
    budget: Annotated[
        float | None, typer.Option("--budget", help="Most US dollars in a period.", min=0)
    ] = None,
    max_calls: Annotated[int | None, typer.Option(help="Most calls in a period.", min=0)] = None,
    period: Annotated[str, typer.Option(help="hour, day, month or total.")] = "month",
    runs_per_minute: Annotated[
        int | None, typer.Option(help="Most runs that it may start in a minute.", min=1)
    ] = None,
    admin: Annotated[
        bool, typer.Option("--admin", help="It sees the metrics and everyone's usage.")
    ] = False,
) -> None:
    """Make a key: it goes to standard error, once, and its row for keys.yaml to standard output."""
    from pydantic import ValidationError

    from ..studio.access.keys import Key, digest, new_key

    secret = new_key()
    limits: dict[str, Any] = {
        "budget_usd": budget,
        "max_calls": max_calls,
        "period": period,
        "runs_per_minute": runs_per_minute,
        "admin": admin,
    }
    try:
        Key(name=name, sha256=digest(secret), **limits)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{first['loc'][0]} {first['input']!r}: {first['msg']}") from None
    kept = {field: value for field, value in limits.items() if value not in (None, False)}
    row = ", ".join(
        f"{field}: {json.dumps(value)}"
        for field, value in {"name": name, "sha256": digest(secret), **kept}.items()
    )
    typer.echo(f"the key, which is shown only now: {secret}", err=True)
    typer.echo(f"  - {{{row}}}")


@keys.command("usage")
def usage(
    data: Annotated[
        str | None,
        typer.Option(
            "--data", help="The server's file of conversations, or postgresql://user@host/database."
        ),
    ] = None,
    days: Annotated[
        float | None, typer.Option(help="Only the last so many days.", min=0.01)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Report what each key has used with each graph; the server need not run."""
    from ..studio import defaults
    from ..studio.operations import USAGE, accounts_of

    database, file = defaults.database(data), defaults.data_file(data)
    path = file.parent / USAGE
    if not defaults.is_address(database) and not path.exists():
        raise InputError(f"{path}: no server has kept an account there; name its file with --data")
    since = 0.0 if days is None else datetime.now(UTC).timestamp() - days * 86_400
    accounts = accounts_of(database, file)
    try:
        rows = accounts.report(since)
    finally:
        accounts.close()
    if as_json:
        typer.echo(json.dumps(rows))
        return
    _show(rows)


def _show(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    names = ("key", "graph", "runs", "calls", "failed", "input_tokens", "output_tokens")
    table = Table(*names, "cost, $")
    for row in rows:
        cost = f"{row['cost_usd']:.4f}" + ("+?" if row["unpriced"] else "")
        table.add_row(*(str(row[name]) for name in names), cost)
    Console().print(table)
