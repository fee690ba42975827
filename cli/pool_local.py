"""`ensemble pool local`: a pool of this machine's running servers, or of small GGUF models."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ..errors import InputError
from ..models.catalogue import CATALOGUE, Entry, find, megabytes
from ..models.weights import cached, weights
from .pool import Fields, refuse_to_overwrite, served, write

PORTS: dict[str, int] = {"Ollama": 11434, "LM Studio": 1234, "vLLM": 8000, "llama.cpp": 8080}
"""The usual port of each server."""

Confirm = Callable[[str], bool]

_SECONDS = 1.0
_INSTALL = "pip install 'langgraph-ensemble[llamacpp]'"


@dataclass(frozen=True)
class Found:
    """A running server.

    Attributes:
        name: Name of the server that usually listens on its port.
        base_url: Its address, including `/v1`.
        members: Its chat models, as fields of members.
    """

    name: str
    base_url: str
    members: list[Fields]


def discover(ports: Mapping[str, int] = PORTS) -> list[Found]:
    """The OpenAI-compatible servers on this machine that offer a chat model.

    Args:
        ports: Names of servers and their usual ports.

    Example:
        >>> discover({"nobody": 9})
        []
    """
    with ThreadPoolExecutor(len(ports)) as threads:
        found = threads.map(_look, ports.items())
    return [server for server in found if server]


def _look(where: tuple[str, int]) -> Found | None:
    import httpx

    name, port = where
    base_url = f"http://127.0.0.1:{port}/v1"
    try:
        # A proxy in the environment does not apply to this machine.
        with httpx.Client(trust_env=False, timeout=_SECONDS) as client:
            answer = client.get(f"{base_url}/models").raise_for_status().json()
        models = sorted(str(model["id"]) for model in answer["data"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None
    members = served(base_url, models)
    return Found(name, base_url, members) if members else None


def local(
    out: Path,
    *,
    models: Sequence[str] = (),
    llamacpp: bool = False,
    yes: bool = False,
    force: bool = False,
    as_json: bool = False,
    ports: Mapping[str, int] = PORTS,
    confirm: Confirm | None = None,
) -> None:
    """Write a pool of running servers on this machine, or of models of the catalogue.

    Args:
        out: The pool file.
        models: Names of the catalogue; if there are any, running servers are not looked for.
        llamacpp: Whether to skip the search for running servers.
        yes: Whether to download missing models without a question.
        force: Whether to overwrite `out`.
        as_json: Whether to print JSON.
        ports: Names of servers and their usual ports.
        confirm: Asks the user a question; None if there is no terminal.

    Raises:
        InputError: A model is not in the catalogue, or cannot be downloaded.
    """
    refuse_to_overwrite(out, force)
    chosen = [_entry(name) for name in dict.fromkeys(models)]
    servers = [] if llamacpp or chosen else discover(ports)
    if servers:
        _offer(servers, out, yes, as_json, confirm)
        return
    if not llamacpp and not chosen:
        _say("No model server runs on its usual port; these models can run here.")
    _run_here(chosen or list(CATALOGUE.values()), bool(chosen), out, yes, as_json, confirm)


def _entry(name: str) -> Entry:
    entry = find(name)
    if not isinstance(entry, Entry):
        raise InputError(f"--model takes names of the catalogue; write {name!r} into the pool file")
    return entry


def _offer(
    servers: list[Found], out: Path, yes: bool, as_json: bool, confirm: Confirm | None
) -> None:
    for server in servers:
        count = len(server.members)
        _say(f"{server.name} runs at {server.base_url} with {count} model{'s' * (count != 1)}.")
    members = [fields for server in servers for fields in server.members]
    if confirm and not yes and not confirm(f"Write {out} with these {len(members)} models?"):
        _report({"servers": [vars(server) for server in servers], "wrote": None}, "", as_json)
        return
    names = write(members, out)
    told: dict[str, Any] = {"servers": [vars(server) for server in servers], "wrote": str(out)}
    line = f"Wrote {out} with {len(names)} models. Next: ensemble pool check"
    _report({**told, "members": names}, line, as_json)


def _run_here(
    entries: list[Entry],
    named: bool,
    out: Path,
    yes: bool,
    as_json: bool,
    confirm: Confirm | None,
) -> None:
    Console(stderr=True, highlight=False).print(_table(entries))
    if find_spec("xllamacpp") is None:
        raise InputError(f"to run models here, first install llama.cpp: {_INSTALL}")
    had, missing = [], []
    for entry in entries:
        (had if cached(entry) else missing).append(entry)
    wanted = [entry for entry in missing if yes or (confirm and confirm(_question(entry)))]
    if missing and not yes and confirm is None and (named or not had):
        line = (
            f"Nothing was downloaded, and {out} was not written. This would download "
            f"{', '.join(f'{e.name} ({megabytes(e.size)}, {e.licence})' for e in missing)}; "
            f"run again with --yes, or name fewer with --model"
        )
        _report({"servers": [], "wrote": None, "would_fetch": _plan(missing)}, line, as_json)
        return
    failed = []
    for entry in had + wanted:
        try:
            weights(entry, _say)
        except InputError as error:
            if named:
                raise
            _say(f"Left out: {error}")
            failed.append(entry)
    kept = [entry for entry in entries if entry in had + wanted and entry not in failed]
    if not kept:
        raise InputError("no model of the catalogue is on this machine, so no pool was written")
    largest = max(kept, key=lambda entry: entry.parameters).name
    names = write([_member(entry) for entry in kept], out, aggregator=largest)
    line = f"Wrote {out} with {', '.join(names)}. Next: ensemble pool check"
    told = {"servers": [], "wrote": str(out), "members": names}
    _report({**told, "would_fetch": []}, line, as_json)


def _member(entry: Entry) -> Fields:
    return {"name": entry.name, "provider": "llamacpp", "model": entry.name, "context": 4096}


def _plan(entries: list[Entry]) -> list[dict[str, Any]]:
    return [
        {"name": e.name, "bytes": e.size, "licence": e.licence, "repo": e.repo} for e in entries
    ]


def _question(entry: Entry) -> str:
    return f"Fetch {entry.name} ({megabytes(entry.size)}, licence {entry.licence})?"


def _table(entries: list[Entry]) -> Table:
    table = Table("model", "family", "size", "licence", "here", box=None)
    for entry in entries:
        here = "yes" if cached(entry) else "no"
        table.add_row(entry.name, entry.family, megabytes(entry.size), entry.licence, here)
    return table


def _report(told: dict[str, Any], line: str, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    elif line:
        sys.stdout.write(f"{line}\n")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
