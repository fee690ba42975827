"""Write a pool.yaml from what a server offers, and check a pool by calling its members."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage
from rich.console import Console
from rich.table import Table

from ..errors import InputError
from ..models.ask import Ask, Reply, ask
from ..models.machines import machine
from ..models.provider import provider_of
from ..pool import Pool, slug
from ..redact import hidden, redact, secrets_in
from .pool_judges import advice, judging
from .terminal import line

Fields = dict[str, Any]
"""What a pool file says of one member."""

_HEAD = """\
# The models of your ensemble, written by `ensemble pool`.
# Leave out what you do not want; check the rest with `ensemble pool check`.
#
# Each member may have further settings, for example:
#   price: {input: 0.2, output: 0.6}   # US dollars per million tokens; unknown if left out
#   max_concurrency: 4                 # calls in flight at once
#   requests_per_second: 5
#   timeout: 120                       # seconds for a whole call
#   context: 32768                     # tokens
#   max_tokens: {propose: 1024, aggregate: 2048, judge: 512}
#   role: You are a careful checker.   # what it plays as a proposer
#   machine: laptop                    # models on one machine or GPU take turns
#   native_n: false                    # the server ignores n (Ollama does)
#   system_role: false                 # the model knows no system messages (Gemma)

# Who writes final answers, judges drafts and ends the rounds (default: the first member):
"""


def init(base_url: str, api_key_env: str | None, out: Path, *, force: bool = False) -> None:
    """Ask an OpenAI-compatible server for its models and write `out`.

    Raises:
        InputError: The server does not answer, has no models, or the file exists.
    """
    refuse_to_overwrite(out, force)
    members = served(base_url, _models(base_url, api_key_env), api_key_env)
    if not members:
        raise InputError(f"{hidden(base_url)} offers no chat model; load one there first")
    write(members, out)
    sys.stdout.write(f"Wrote {out} with {len(members)} models. Next: ensemble pool check\n")


def refuse_to_overwrite(out: Path, force: bool) -> None:
    """Leave an existing file alone unless told otherwise.

    Raises:
        InputError: The file exists.
    """
    if out.exists() and not force:
        raise InputError(f"{out} exists; write elsewhere with --out, or overwrite it with --force")


def _models(base_url: str, api_key_env: str | None) -> list[str]:
    import openai

    key = os.environ.get(api_key_env, "") if api_key_env else "none"
    if not key:
        raise InputError(f"the environment variable {api_key_env} is not set; set it first")
    try:
        with openai.OpenAI(base_url=base_url, api_key=key, timeout=10, max_retries=1) as client:
            return sorted(model.id for model in client.models.list())
    except openai.OpenAIError as error:
        reason = redact(str(error).splitlines()[0], {key, *secrets_in(base_url)})
        raise InputError(
            f"{hidden(base_url)} does not list its models ({reason}); is the server running, "
            f"and does the address end in /v1?"
        ) from None


def served(base_url: str, models: list[str], api_key_env: str | None = None) -> list[Fields]:
    """The members that stand for a server's models, embedders left out.

    Example:
        >>> served("http://localhost:11434/v1", ["qwen2.5:7b", "nomic-embed-text"])[0]["model"]
        'qwen2.5:7b'
    """
    found = []
    for model in models:
        if "embed" in model.lower():
            continue
        fields: Fields = {"name": slug(model), "model": model, "base_url": base_url}
        if api_key_env:
            fields["api_key_env"] = api_key_env
        if ":11434" in base_url:
            # Ollama answers one sample whatever n says; knowing it saves the first attempt.
            fields["native_n"] = False
            # Its models take turns: each has threads of its own, for the same cores.
            if (where := machine(base_url)) is not None:
                fields["machine"] = where
        found.append(fields)
    return found


def write(members: list[Fields], out: Path, *, aggregator: str | None = None) -> list[str]:
    """Write a commented pool file.

    Args:
        members: Each member's fields; a name that is taken gets a number.
        out: The file; an existing one is overwritten.
        aggregator: Who writes final answers; the first member by default.

    Returns:
        The members' names.
    """
    names: list[str] = []
    lines = ["", "members:"]
    for member in members:
        name, count = member["name"], 2
        while name in names:
            name, count = f"{member['name']}-{count}", count + 1
        names.append(name)
        lines.append(f"  - name: {name}")
        rest = {key: value for key, value in member.items() if key != "name"}
        lines += [f"    {key}: {_scalar(key, value)}" for key, value in rest.items()]
    text = _HEAD + f"aggregator: {aggregator or names[0]}\n" + "\n".join(lines) + "\n"
    out.write_text(text, encoding="utf-8")
    Pool.from_file(out)
    return names


def _scalar(key: str, value: Any) -> str:
    """Names of models are quoted, for some of them YAML would read as something else."""
    return json.dumps(value) if key == "model" or not isinstance(value, str) else value


def check(pool: Pool, *, as_json: bool = False, judges: bool = False) -> bool:
    """Call each member once and print what happened.

    Args:
        pool: The members.
        as_json: Print JSON instead of a table.
        judges: Let every member that answers sit the judges' exam, not only small ones.

    Returns:
        Whether all of them answered.
    """
    rows = asyncio.run(_rows(pool, judges))
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    else:
        examined = any(row["judging"] for row in rows)
        last = ["judges"] if examined else []
        table = Table("member", "answers", "seconds", "tokens", "says", *last, box=None)
        for row in rows:
            mark = "[green]yes[/]" if row["ok"] else "[red]no[/]"
            says = line(row["text"] if row["ok"] else row["error"] or "")
            judged = [_judged(row["judging"])] if examined else []
            used = [f"{row['seconds']:.2f}", str(row["tokens"])]
            table.add_row(row["member"], mark, *used, says, *judged)
        Console(highlight=False).print(table)
    return all(row["ok"] for row in rows)


async def _call_all(pool: Pool) -> list[tuple[str, Reply]]:
    prompt = [HumanMessage("What is 2 + 3? Reply with the number alone.")]
    what = [Ask(member=m, messages=prompt, stage="propose", temperature=0.0, seed=1) for m in pool]
    replies = await asyncio.gather(*(ask(each, lambda _: None) for each in what))
    return list(zip(pool.names, replies, strict=True))


async def _rows(pool: Pool, judges: bool) -> list[dict[str, Any]]:
    rows = [_row(name, reply) for name, reply in await _call_all(pool)]
    for row, member in zip(rows, pool, strict=True):
        wanted = (judges or member.small) and not provider_of(member).specialists
        row["judging"] = await judging(member) if wanted and row["ok"] else None
    return rows


def _judged(found: dict[str, int] | None) -> str:
    if found is None:
        return ""
    hits = ", ".join(f"{form} {count}/6" for form, count in found.items())
    return f"{hits}: {advice(found)}"


def _row(name: str, reply: Reply) -> dict[str, Any]:
    sample = reply.first
    return {
        "member": name,
        "ok": sample.status == "ok",
        "seconds": round(sample.latency_ms / 1000, 3),
        "tokens": sample.usage["total_tokens"] if sample.usage else None,
        "text": " ".join(sample.text.split())[:60],
        "error": sample.error,
    }
