"""The command line: `ensemble ask`, `draw`, `pool`, `serve`, `calibrate`, `evaluate`, `plan`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ..errors import InputError
from . import evaluations, server
from .engine import Engine, RayWorkers
from .evaluations import PoolFile, ProfileFolder

app: typer.Typer = typer.Typer(
    name="ensemble",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
pools: typer.Typer = typer.Typer(help="Write and check a pool of models.", no_args_is_help=True)
app.add_typer(pools, name="pool")

GraphName = Annotated[
    str, typer.Option("--graph", "-g", help="avengers, moa, smoa, or a preset such as moa-lite.")
]


@app.callback()
def ensemble(
    context: typer.Context,
    licenses: Annotated[
        bool,
        typer.Option("--licenses", "--licences", help="The licences of all installed packages."),
    ] = False,
) -> None:
    """Many language models, one better answer."""
    if licenses:
        from . import licences

        licences.show()
        raise typer.Exit
    if context.invoked_subcommand is None:
        from . import welcome

        named = {f"pool {command.name}" for command in pools.registered_commands}
        welcome.show(named)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads standard input.")],
    graph: GraphName = "avengers",
    pool: PoolFile = None,
    profile: ProfileFolder = None,
    knob: Annotated[
        list[str] | None,
        typer.Option("--set", help="A knob of the graph, such as samples=5; may be repeated."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the account of the run instead of the answer.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Ask a question; the answer streams to standard output, progress to standard error."""
    from .ask import run
    from .setting import choose

    text = sys.stdin.read() if question == "-" else question
    run(text, choose(pool, profile), graph, knob or [], as_json=as_json, quiet=quiet)


@app.command()
def draw(
    graph: GraphName = "avengers",
    pool: PoolFile = None,
    profile: ProfileFolder = None,
    form: Annotated[str, typer.Option("--format", help="mermaid or ascii.")] = "mermaid",
) -> None:
    """Print a graph's diagram, without a network service."""
    from .draw import diagram
    from .setting import choose

    typer.echo(diagram(choose(pool, profile, quiet=True), graph, form))


@pools.command("init")
def pool_init(
    base_url: Annotated[str, typer.Option("--base-url", help="An OpenAI-compatible server.")],
    api_key_env: Annotated[
        str | None, typer.Option("--api-key-env", help="Environment variable of its key.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("pool.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Ask a server for its models and write a commented pool.yaml."""
    from .pool import init

    init(base_url, api_key_env, out, force=force)


@pools.command("local")
def pool_local(
    model: Annotated[
        list[str] | None,
        typer.Option("--model", help="A model of the catalogue to run here; may be repeated."),
    ] = None,
    llamacpp: Annotated[
        bool, typer.Option("--llamacpp", help="Run models here even if a server is running.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Download models unasked.")] = False,
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("pool.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find Ollama, LM Studio, vLLM or llama.cpp on this machine, or run small models here."""
    from .pool_local import local

    asks = sys.stdin.isatty() and not as_json
    confirm = (lambda text: typer.confirm(text, default=True, err=True)) if asks else None
    local(
        out,
        models=model or (),
        llamacpp=llamacpp,
        yes=yes,
        force=force,
        as_json=as_json,
        confirm=confirm,
    )


@pools.command("check")
def pool_check(
    pool: PoolFile = None,
    judges: Annotated[
        bool, typer.Option("--judges", help="Test every member as a judge, not only small ones.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Call each member once: whether it answers, how fast, errors, and how small ones can judge."""
    from .pool import check
    from .setting import choose

    if not check(choose(pool, None).pool, as_json=as_json, judges=judges):
        raise typer.Exit(1)


app.command()(server.serve)
app.add_typer(server.keys, name="keys")


@app.command()
def calibrate(
    data: Annotated[
        Path | None, typer.Argument(help="Questions with answers or recorded scores.")
    ] = None,
    pool: Annotated[
        Path | None, typer.Option("--pool", help="The pool; not needed for recorded scores.")
    ] = None,
    recorded: Annotated[
        Path | None,
        typer.Option(
            "--recorded",
            help="What members said before, in place of asking: a file, or a folder with "
            "questions.jsonl and answers/MEMBER.jsonl.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder of the task map.")] = Path("profile"),
    samples: Annotated[int, typer.Option(help="Answers of a member to each question.")] = 3,
    budget: Annotated[
        float | None, typer.Option("--budget", help="Most US dollars, earlier runs included.")
    ] = None,
    max_calls: Annotated[
        int | None, typer.Option("--max-calls", help="Most calls, earlier runs included.")
    ] = None,
    probe: Annotated[
        float | None,
        typer.Option("--probe", help="Ask only this share of all pairs, chosen adaptively: 0.35."),
    ] = None,
    embedder: Annotated[
        str, typer.Option(help="lexical, openai:MODEL, huggingface:MODEL, or several with +.")
    ] = "lexical",
    concurrency: Annotated[int, typer.Option(help="Concurrent calls.")] = 16,
    engine: Engine = "local",
    workers: RayWorkers = None,
    temperature: Annotated[float, typer.Option(help="Sampling temperature.")] = 0.7,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave bad rows out.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of all random choices.")] = 42,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Ask every model, grade, and draw the task map; run again to resume after a stop."""
    from .calibrate import run

    knobs = {"samples": samples, "budget_usd": budget, "max_calls": max_calls, "seed": seed}
    knobs |= {
        "probe": probe,
        "embedder": embedder,
        "concurrency": concurrency,
        "temperature": temperature,
        "engine": engine,
        "workers": workers,
    }
    if (data is None) == (recorded is None):
        raise InputError("name the questions, or --recorded answers: one of the two")
    if recorded is not None and pool is not None:
        raise InputError("--recorded asks nobody: leave --pool out, or name the file without it")
    source = recorded if data is None else data
    run(source, pool, out, skip_bad=skip_bad, as_json=as_json, quiet=quiet, **knobs)  # pyright: ignore[reportArgumentType]


app.command()(evaluations.evaluate)
app.command()(evaluations.plan)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; bad input ends with exit code 2 and one line."""
    from ..redact import redact

    try:
        code = app(arguments, standalone_mode=False)
    except InputError as error:
        _leave(2, str(error))
    except (KeyboardInterrupt, typer.Abort):
        _leave(130, "stopped")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()  # pyright: ignore[reportAttributeAccessIssue]
            sys.exit(0)
        if hasattr(error, "format_message"):  # a wrong option or command
            _leave(2, error.format_message())  # pyright: ignore[reportAttributeAccessIssue]
        if type(error).__name__ == "NoUsableDraftError":
            _leave(1, redact(str(error)))
        raise
    sys.exit(code if isinstance(code, int) else 0)


def _leave(code: int, line: str) -> NoReturn:
    from ..records import printable

    # What others wrote may be in it: a file's keys, a server's error.
    sys.stderr.write(f"ensemble: {' '.join(printable(line).split())}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
