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
"""The fields of one member in a pool file."""

_HEAD = """\
# The models of your ensemble, written by `ensemble pool`.
# Delete the members that you do not want; check the others with `ensemble pool check`.
#
# Each member may have further settings, for example:
#   price: {input: 0.2, output: 0.6}   # US dollars per million tokens; unknown if left out
#   max_concurrency: 4                 # concurrent calls
#   requests_per_second: 5
#   timeout: 120                       # seconds for a whole call
#   context: 32768                     # tokens
#   max_tokens: {propose: 1024, aggregate: 2048, judge: 512}
#   role: You are a careful checker.   # its role as a proposer
#   machine: laptop                    # models on one machine or GPU take turns
#   native_n: false                    # the server ignores n (Ollama does)
#   system_role: false                 # the model does not support system messages (Gemma)

# The member that writes final answers, judges drafts and ends the rounds (default: the first):
"""


_CONFIDENCE = (
    "confidence: {:g} applies to Avengers, and to other graphs over a task map (--profile); "
    "without one few drafts agree, so give it to the graph itself\n"
)


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
    """Refuse to overwrite an existing file without `force`.

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
    """The members for a server's models, without embedders.

    Example:
        >>> served("http://localhost:11434/v1", ["qwen2.5:7b", "nomic-embed-text"])[0]["model"]
        'qwen2.5:7b'
    """
    members = []
    for model in models:
        if "embed" in model.lower():
            continue
        fields: Fields = {"name": slug(model), "model": model, "base_url": base_url}
        if api_key_env:
            fields["api_key_env"] = api_key_env
        if ":11434" in base_url:
            # Ollama ignores n; the field saves the first attempt.
            fields["native_n"] = False
            # Its models take turns, because each has its own threads for the same cores.
            if (where := machine(base_url)) is not None:
                fields["machine"] = where
        members.append(fields)
    return members


def write(members: list[Fields], out: Path, *, aggregator: str | None = None) -> list[str]:
    """Write a commented pool file.

    Args:
        members: Each member's fields; a repeated name gets a number.
        out: The file; an existing one is overwritten.
        aggregator: The member that writes final answers; the first member by default.

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
    """Quote names of models, because YAML would read some of them as other types."""
    return json.dumps(value) if key == "model" or not isinstance(value, str) else value


def check(pool: Pool, *, as_json: bool = False, judges: bool = False) -> bool:
    """Call each member once and print the results.

    Args:
        pool: The members.
        as_json: Whether to print JSON instead of a table.
        judges: Whether to test every member that answers as a judge, not only small ones.

    Returns:
        Whether all members answered.
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
    if pool.confidence:
        sys.stderr.write(_CONFIDENCE.format(pool.confidence))
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


def _judged(counts: dict[str, int] | None) -> str:
    if counts is None:
        return ""
    hits = ", ".join(f"{form} {count}/6" for form, count in counts.items())
    return f"{hits}: {advice(counts)}"


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
