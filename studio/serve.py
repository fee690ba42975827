"""Serve everything on one port: page, OpenAI-compatible endpoint, and the LangGraph API."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError
from ..records import printable
from . import defaults
from .access.guard import checked_origin
from .access.keys import Keys, is_file
from .aegra import engine as aegra
from .config import config
from .listen import LOCAL, free_port, is_open
from .settings import PREFIX, Settings

_LARGEST = 5_000_000
"""Bytes of a log after which a new one is begun."""
_INSTALL = "pip install 'langgraph-ensemble[studio]'"


def serve(
    port: int | None = None,
    host: str = "127.0.0.1",
    pool: str | Path | None = None,
    profile: str | Path | None = None,
    studio: bool = True,
    data: str | Path | None = None,
    hosts: Sequence[str] = (),
    origins: Sequence[str] = (),
    settings: Mapping[str, object] | None = None,
    engine: str = "own",
) -> int:
    """Serve until Ctrl-C.

    Args:
        port: The port; None takes a free one.
        host: The address; any address but a loopback one lets others use your models.
        pool: A pool.yaml; by default `ENSEMBLE_POOL`, or the bundled models.
        profile: A profile's folder; by default `ENSEMBLE_PROFILE`, or the bundled models' map.
        studio: Whether to start the LangGraph server (Studio, SDK) too, if it is installed.
        data: Where conversations are kept: a SQLite file, or `postgresql://…` for many servers; by
            default `ENSEMBLE_DATA`, or a file in the user's data folder.
        hosts: Further names under which the server answers, such as that of a proxy. At a loopback
            address it answers only to its own names and to these.
        origins: Further origins whose pages may call the server, such as `http://localhost:3000`,
            besides its own, Studio's and those of `ENSEMBLE_ORIGINS`.
        settings: Values of `Settings` that replace those of the environment.
        engine: `own`: one server; `aegra`: a worker among many, on PostgreSQL and Redis.

    Returns:
        The server's exit status; 0 after Ctrl-C.

    Raises:
        InputError: The pool, the task map or the keys cannot be used, the port is taken, or there
            is no such address or origin.
    """
    port = free_port(host, port)
    env = _environment(pool, profile, data)
    many = engine == "aegra"
    if many:
        aegra.check(env)
    elif engine != "own":
        raise InputError(f"--engine {engine!r}: there are own and aegra")
    chosen, keys = _settings(env, settings or {})
    _name(env, host, hosts)
    _need("starlette")
    _need("uvicorn")
    if is_open(host) and not keys:
        _tell(
            f"warning: {host} can be reached from other machines, and no keys are set: everyone "
            "who can reach it can use your models at your cost; set keys with --api-key"
        )
    own = studio and find_spec("langgraph_api") is not None and find_spec("langgraph_cli")
    whole = many or own
    if own and not many and ":" in host:
        raise InputError(
            f"--host {host!r}: LangGraph's server has no IPv6; choose 127.0.0.1 or 0.0.0.0, or add "
            "--no-studio, which serves page and endpoint without it"
        )
    if studio and not whole:
        _say(f"Studio and the LangGraph API are not installed; to add them: {_INSTALL}")
    env[defaults.ORIGINS] = _origins(env, origins, whole=bool(whole))
    _tell(_loading(env, whole=bool(whole)))
    with tempfile.TemporaryDirectory(prefix="ensemble-") as folder:
        problem = Path(folder) / "problem"
        env[defaults.PROBLEM] = str(problem)
        if many:
            command = aegra.command(host, port, Path(folder), env)
        else:
            command = _langgraph(host, port, Path(folder), env) if own else _alone(host, port)
        url = f"http://{_shown(host)}:{port}{chosen.root_path}"
        return _run(command, env, url, bool(whole), problem)


def _loading(env: dict[str, str], *, whole: bool) -> str:
    """A line that says what is loaded before the server answers."""
    pool, profile = env.get(defaults.POOL), env.get(defaults.PROFILE)
    parts = [
        f"the pool {pool}" if pool else "the bundled models",
        f"the task map {profile}" if profile else "" if pool else "their task map",
        "the LangGraph API" if whole else "",
    ]
    return f"loading {', '.join(part for part in parts if part)} ..."


def _environment(
    pool: str | Path | None, profile: str | Path | None, data: str | Path | None
) -> dict[str, str]:
    """The servers' environment, with absolute paths because they run in another folder."""
    env = dict(os.environ)
    for name, given in ((defaults.POOL, pool), (defaults.PROFILE, profile), (defaults.DATA, data)):
        if chosen := given or env.get(name):
            address = name == defaults.DATA and defaults.is_address(chosen)
            env[name] = str(chosen if address else Path(chosen).expanduser().absolute())
    # Each would send data to other machines, so each must be switched on.
    env.setdefault("LANGGRAPH_CLI_NO_ANALYTICS", "1")
    env.setdefault("LANGGRAPH_NO_VERSION_CHECK", "1")
    env.setdefault("LANGSMITH_TRACING", "false")
    # The environment's task map does not fit another pool than the environment's.
    if pool and not profile:
        env.pop(defaults.PROFILE, None)
    return env


def _settings(env: dict[str, str], given: Mapping[str, object]) -> tuple[Settings, bool]:
    """Put the given settings into the environment; the settings, and whether there are keys."""
    for name, value in given.items():
        if value is not None:
            env[PREFIX + name.upper()] = str(value)
    files = env.get(f"{PREFIX}API_KEYS", "").split()
    paths = [str(Path(each).absolute()) if is_file(each) else each for each in files]
    if any(" " in path for path in paths):
        raise InputError("--api-key: the path of a file of keys cannot have spaces")
    env[f"{PREFIX}API_KEYS"] = " ".join(paths)
    chosen = Settings.read(env)
    return chosen, bool(Keys.read(chosen.api_keys, env))


def _name(env: dict[str, str], host: str, more: Sequence[str]) -> None:
    """Set the names that a request may use for the server.

    Another site can point a name to this machine, and the browser then treats its page as the
    server's own. A server on other addresses is meant to be reached from elsewhere by any name, so
    names are checked there only if some are given.
    """
    if host in LOCAL or more:
        known = [*LOCAL, "[::1]", host, *more, *env.get(defaults.HOSTS, "").split()]
        env[defaults.HOSTS] = " ".join(dict.fromkeys(known))


def _origins(env: dict[str, str], more: Sequence[str], *, whole: bool) -> str:
    """The checked origins that may call the server: Studio's, the environment's, and more."""
    studio = [defaults.STUDIO] if whole else []
    named = [*studio, *env.get(defaults.ORIGINS, "").split(), *more]
    return " ".join(dict.fromkeys(checked_origin(each) for each in named))


def _need(module: str) -> None:
    if find_spec(module) is None:
        raise InputError(f"the server needs {module}; install it with: {_INSTALL}")


def _langgraph(host: str, port: int, folder: Path, env: dict[str, str]) -> list[str]:
    """`langgraph dev`, with the graphs that this pool allows."""
    path = folder / "langgraph.json"
    path.write_text(
        json.dumps(config(mapped=defaults.has_map(env), origins=env[defaults.ORIGINS].split()))
    )
    env.setdefault("LOG_LEVEL", "warning")
    options = ["--no-browser", "--no-reload", "--n-jobs-per-worker", "10"]
    # A pool may hold any Runnable, and some of them block the event loop.
    options += ["--server-log-level", "error", "--allow-blocking"]
    where = ["--config", str(path), "--host", host, "--port", str(port)]
    return [sys.executable, "-m", "langgraph_cli", "dev", *where, *options]


def _alone(host: str, port: int) -> list[str]:
    app = f"{__package__}.app:app"
    where = ["--host", host, "--port", str(port)]
    return [sys.executable, "-m", "uvicorn", app, *where, "--log-level", "warning"]


def _run(command: list[str], env: dict[str, str], url: str, whole: bool, problem: Path) -> int:
    """Run the server in a folder of its own, print its addresses, and wait for its end.

    Only the server reads the pool and the task map. It writes an error in them to the file
    `problem`, so that a mistake is reported in one line and not in a server's log.
    """
    log = defaults.data_file(env.get(defaults.DATA)).parent / "server.log"
    with _opened(log) as output:
        process = subprocess.Popen(  # noqa: S603
            command,
            env=env,
            cwd=log.parent,
            stdout=output,
            stderr=output,
            # LangGraph's server keeps threads beside the conversations, readable by all otherwise.
            umask=0o077,
        )
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if _answers(url, process):
            beside = f"  Studio: https://smith.langchain.com/studio/?baseUrl={url}" if whole else ""
            _say(f"Page: {url}/  OpenAI: {url}/v1{beside}  (Ctrl-C stops)")
        status = process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end(process)
    if problem.exists():
        raise InputError(problem.read_text())
    if status:
        sys.stderr.write(f"the server ended ({status}); its log, {log}, ends:\n{_tail(log)}\n")
    return status


def _opened(log: Path) -> BinaryIO:
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _continued(log)
    except OSError as error:
        raise InputError(f"cannot write to {log.parent}: {error.strerror}") from None


def _continued(log: Path) -> BinaryIO:
    """The log, to be continued; a large one is put aside first."""
    if log.exists() and log.stat().st_size > _LARGEST:
        log.replace(log.with_name(log.name + ".1"))
    return open(log, "ab", opener=lambda path, how: os.open(path, how, 0o600))


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/live", timeout=2):  # noqa: S310 - our own server
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def _interrupt(*_: object) -> None:
    """End like Ctrl-C, so that the child process ends too."""
    raise KeyboardInterrupt


def _tail(log: Path, lines: int = 15) -> str:
    return printable("\n".join(log.read_text(errors="replace").splitlines()[-lines:]))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let the server finish its work within a time limit."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(10)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


def _shown(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104


def _tell(text: str) -> None:
    """Print a line on standard error; standard output holds only the addresses."""
    sys.stderr.write(f"ensemble: {printable(text)}\n")
    sys.stderr.flush()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
