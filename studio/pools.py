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
from ..nodes.call import Ask, Reply, ask
from ..pool import Pool, slug
from ..redact import redact

_HEAD = """\
# The models of your ensemble, written by `ensemble pool init`.
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
#   native_n: false                    # the server ignores n (Ollama does)
#   system_role: false                 # the model knows no system messages (Gemma)

# Who writes final answers, judges drafts and ends the rounds (default: the first member):
"""


def init(base_url: str, api_key_env: str | None, out: Path, *, force: bool = False) -> None:
    """Ask an OpenAI-compatible server for its models and write `out`.

    Raises:
        InputError: The server does not answer, has no models, or the file exists.
    """
    if out.exists() and not force:
        raise InputError(f"{out} exists; write elsewhere with --out, or overwrite it with --force")
    models = _models(base_url, api_key_env)
    chat = [name for name in models if "embed" not in name.lower()]
    if not chat:
        raise InputError(f"{base_url} offers no chat model; load one there first")
    out.write_text(_yaml(base_url, api_key_env, chat), encoding="utf-8")
    Pool.from_file(out)
    sys.stdout.write(f"Wrote {out} with {len(chat)} models. Next: ensemble pool check\n")


def _models(base_url: str, api_key_env: str | None) -> list[str]:
    import openai

    key = os.environ.get(api_key_env, "") if api_key_env else "none"
    if not key:
        raise InputError(f"the environment variable {api_key_env} is not set; set it first")
    try:
        with openai.OpenAI(base_url=base_url, api_key=key, timeout=10, max_retries=1) as client:
            return sorted(model.id for model in client.models.list())
    except openai.OpenAIError as error:
        reason = redact(str(error).splitlines()[0], {key})
        raise InputError(
            f"{base_url} does not list its models ({reason}); is the server running, "
            f"and does the address end in /v1?"
        ) from None


def _yaml(base_url: str, api_key_env: str | None, models: list[str]) -> str:
    names: list[str] = []
    for model in models:
        name, count = slug(model), 2
        while name in names:
            name, count = f"{slug(model)}-{count}", count + 1
        names.append(name)
    lines = [_HEAD + f"aggregator: {names[0]}", "", "members:"]
    # Ollama answers one sample whatever n says; knowing it saves the first attempt.
    ignores_n = ":11434" in base_url
    for name, model in zip(names, models, strict=True):
        lines += [
            f"  - name: {name}",
            f"    model: {json.dumps(model)}",
            f"    base_url: {base_url}",
        ]
        if api_key_env:
            lines.append(f"    api_key_env: {api_key_env}")
        if ignores_n:
            lines.append("    native_n: false")
    return "\n".join(lines) + "\n"


def check(pool: Pool, *, as_json: bool = False) -> bool:
    """Call each member once and print what happened.

    Returns:
        Whether all of them answered.
    """
    replies = asyncio.run(_call_all(pool))
    rows = [_row(name, reply) for name, reply in replies]
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    else:
        table = Table("member", "answers", "seconds", "tokens", "says", box=None)
        for row in rows:
            mark = "[green]yes[/]" if row["ok"] else "[red]no[/]"
            says = row["text"] if row["ok"] else row["error"]
            table.add_row(row["member"], mark, f"{row['seconds']:.2f}", str(row["tokens"]), says)
        Console(highlight=False).print(table)
    return all(row["ok"] for row in rows)


async def _call_all(pool: Pool) -> list[tuple[str, Reply]]:
    prompt = [HumanMessage("What is 2 + 3? Reply with the number alone.")]
    what = [Ask(member=m, messages=prompt, stage="propose", temperature=0.0, seed=1) for m in pool]
    replies = await asyncio.gather(*(ask(each, lambda _: None) for each in what))
    return list(zip(pool.names, replies, strict=True))


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
