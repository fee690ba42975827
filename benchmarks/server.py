"""Latency of the server: first draft event, first token of the answer, many clients, page size.

    python benchmarks/server.py                 latency alone and with 200 clients
    python benchmarks/server.py --crowd 1000    1,000 clients against an admission limit
    python benchmarks/server.py --overhead      what keys, metrics, log and traces cost

Server, provider and clients are three processes on this machine. The provider takes 50 ms to the
first token and 5 ms a token. `first event` is the first of the stream, before the run works; `draft
event` is the first event of a proposer (`started`), `draft token` the first of its words; `answer`
is the first token of the final answer, counted from the last draft.

`--overhead` starts four servers: two that neither count, log nor check anything, one as it is by
default, and one with keys, budgets and traces that are sent to a collector. The same clients ask
them in turn, and the ratios are what counts, because the machine's speed drifts. The provider
answers at once there.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import statistics
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import server_load
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import app_server, write_pool

MODEL = "moa-lite"
STATIC = Path(__file__).parent.parent / "studio" / "page" / "static"


@dataclass
class Seen:
    """What one client received, in seconds since its request."""

    first: float | None = None
    event: float | None = None
    draft: float | None = None
    last_draft: float | None = None
    answer: float | None = None
    end: float | None = None
    problem: str = ""

    def take(self, kind: str, data: Any, now: float) -> None:
        """Record one item of the stream."""
        if kind == "event" and data["stage"] == "propose":
            self.event = self.event or now
            if data["type"] in ("token", "done"):
                self.draft = self.draft or now
            if data["type"] == "done":
                self.last_draft = now
        elif kind == "token":
            self.answer = self.answer or now
        elif kind in ("failed", "end"):
            self.end = now
            self.problem = data or ""


@dataclass
class Client:
    """A client on a bare socket, so that the measurement adds little load of its own."""

    port: int
    way: str
    key: str = ""
    seen: Seen = field(default_factory=Seen)

    async def ask(self, question: str) -> Seen:
        """Send a question and read the stream to its end."""
        path, body = self._request(question)
        data = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self.key}\r\n"
            f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n"
        )
        began = time.perf_counter()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(head.encode() + data)
            status = await reader.readline()
            if b" 200 " not in status:
                self.seen.problem = status.decode().split(" ", 1)[1].strip()
            async for line in reader:
                if line.startswith(b"data: {"):
                    now = time.perf_counter() - began
                    self.seen.first = self.seen.first or now
                    kind, told = self._read(json.loads(line[6:]))
                    self.seen.take(kind, told, now)
            writer.close()
        except OSError as error:
            self.seen.problem = str(error)
        if self.seen.end is None and not self.seen.problem:
            self.seen.problem = "the stream ended early"
        return self.seen

    def _request(self, question: str) -> tuple[str, dict[str, Any]]:
        if self.way == "page":
            body = {"question": question, "model": MODEL}
            return f"/api/threads/{uuid.uuid4()}/turns", body
        turns = [{"role": "user", "content": question}]
        body = {"model": MODEL, "messages": turns, "stream": True, "ensemble": {"events": True}}
        return "/v1/chat/completions", body

    def _read(self, item: dict[str, Any]) -> tuple[str, Any]:
        if self.way == "page":
            if item["kind"] == "over":
                done = item["data"]["status"] == "done"
                return "end", "" if done else item["data"].get("error", item["data"]["status"])
            return item["kind"], item["data"]
        if "error" in item:
            return "end", item["error"]["message"]
        if event := item.get("ensemble", {}).get("event"):
            return "event", event
        choice = item["choices"][0]
        if choice["finish_reason"]:
            return "end", ""
        return ("token", choice["delta"]["content"]) if choice["delta"].get("content") else ("", 0)


def milliseconds(values: Sequence[float | None], share: float = 0.5) -> str:
    known = sorted(value for value in values if value is not None)
    if not known:
        return "-"
    if share == 0.5:
        return f"{statistics.median(known) * 1000:.0f}"
    return f"{known[min(len(known) - 1, int(share * len(known)))] * 1000:.0f}"


async def idle(port: int, way: str, runs: int) -> None:
    seen = [await Client(port, way).ask(f"Tell me something, {i}.") for i in range(runs + 1)]
    first, rest = seen[0], seen[1:]
    gaps = [s.answer - s.last_draft for s in rest if s.answer and s.last_draft]
    print(
        f"{way:7} 1 client   draft event {milliseconds([s.event for s in rest]):>5} ms "
        f"(the very first {milliseconds([first.event])} ms)   "
        f"draft token {milliseconds([s.draft for s in rest]):>5} ms   "
        f"answer after the last draft {milliseconds(gaps):>5} ms   "
        f"errors {sum(bool(s.problem) for s in seen)}"
    )


async def crowd(port: int, way: str, clients: int) -> None:
    began = time.perf_counter()
    seen = await asyncio.gather(*(Client(port, way).ask(f"Question {i}.") for i in range(clients)))
    firsts, events = [s.first for s in seen], [s.event for s in seen]
    problems = {s.problem for s in seen if s.problem}
    print(
        f"{way:7} {clients} clients first event p95 {milliseconds(firsts, 0.95):>5} ms   "
        f"draft event p50 {milliseconds(events):>5} ms  "
        f"p95 {milliseconds(events, 0.95):>5} ms   all done in {time.perf_counter() - began:.1f} s"
        f"   errors {sum(bool(s.problem) for s in seen)} {problems or ''}"
    )


def weight() -> None:
    total = zipped = 0
    for path in STATIC.rglob("*"):
        if path.suffix in (".html", ".js", ".css", ".svg", ".woff2"):
            data = path.read_bytes()
            total += len(data)
            zipped += len(data) if path.suffix == ".woff2" else len(gzip.compress(data))
    print(f"page    {total / 1000:.0f} kB, {zipped / 1000:.0f} kB over the wire")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clients", type=int, default=200)
    options.add_argument("--runs", type=int, default=9)
    options.add_argument("--crowd", type=int, default=0)
    options.add_argument("--overhead", action="store_true")
    options.add_argument("--rounds", type=int, default=24)
    options.add_argument("--questions", type=int, default=16)
    given = options.parse_args()
    names = ("ann", "ben", "cat")
    first, token = (0, 0) if given.overhead else (50, 5)
    models = [Model(name, first_token_ms=first, token_ms=token) for name in names]
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        provider = stack.enter_context(Provider(models))
        pool = write_pool(folder, provider.url, names)

        def client(port: int, key: str = "") -> Client:
            return Client(port, "openai", key)

        if given.overhead:
            server_load.overhead(folder, pool, client, given.rounds, given.questions)
            return
        if given.crowd:
            asyncio.run(server_load.crowd(folder, pool, given.crowd, client))
            return
        server = app_server(folder, pool, None)
        port = int(stack.enter_context(server).rsplit(":", 1)[1])
        for way in ("openai", "page"):
            asyncio.run(idle(port, way, given.runs))
        for way in ("openai", "page"):
            asyncio.run(crowd(port, way, given.clients))
    weight()


if __name__ == "__main__":
    main()
