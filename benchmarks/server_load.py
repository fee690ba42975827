"""A crowd against an admission limit, and what watching costs: parts of `benchmarks/server.py`."""

from __future__ import annotations

import asyncio
import statistics
import sys
import threading
import time
import urllib.request
from collections import Counter
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from langgraph_ensemble.studio.access.keys import digest
from langgraph_ensemble.testing.serving import app_server, free_port, serving

KEY = "ens-benchmark-0123456789"
RUNS, QUEUE = 64, 128
# The application without anything that this benchmark measures.
BARE = """
import sys, uvicorn
from langgraph_ensemble.studio.telemetry import watch
from langgraph_ensemble.studio.app import app

class Nobody(list):
    def append(self, _): pass
    def remove(self, _): pass

watch.CURRENT = Nobody()
from langgraph_ensemble.studio import operations
operations.CURRENT = watch.CURRENT
kept = ("TrustedHostMiddleware", "Guard", "BodyLimit")
app.user_middleware = [each for each in app.user_middleware if each.cls.__name__ in kept]
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
"""


def figure(url: str, name: str) -> float:
    """A figure of the server's process."""
    request = urllib.request.Request(  # noqa: S310
        f"{url}/metrics", headers={"Authorization": f"Bearer {KEY}"}
    )
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
        lines = reply.read().decode().splitlines()
    return float(next(line for line in lines if line.startswith(name + " ")).split()[1])


async def crowd(folder: Path, pool: Path, clients: int, client: Any) -> None:
    """So many clients at the same moment; each is answered or turned away."""
    limits = {"ENSEMBLE_MAX_RUNS": str(RUNS), "ENSEMBLE_QUEUE": str(QUEUE)}
    with app_server(folder, pool, None, limits) as url:
        port = int(url.rsplit(":", 1)[1])
        await client(port).ask("Warm up.")
        before = figure(url, "process_resident_memory_bytes")
        asked = [asyncio.create_task(client(port).ask(f"Question {i}.")) for i in range(clients)]
        most = before
        while not all(task.done() for task in asked):
            await asyncio.sleep(0.5)
            now = await asyncio.to_thread(figure, url, "process_resident_memory_bytes")
            most = max(most, now)
        seen = [task.result() for task in asked]
    statuses = Counter(one.problem or "200" for one in seen)
    print(f"crowd   {clients} clients, {RUNS} runs at once, {QUEUE} wait: {dict(statuses)}")
    print(f"        resident memory {before / 1e6:.0f} MB before, at most {most / 1e6:.0f} MB")


def overhead(folder: Path, pool: Path, client: Any, rounds: int, questions: int) -> None:
    """CPU time of the server for a question: bare, as by default, and with everything.

    The bare server stands there twice: their ratio is the noise of the measurement.
    """
    keys = folder / "keys.yaml"
    keys.write_text(
        f"- {{name: bench, sha256: {digest(KEY)}, budget_usd: 1000, runs_per_minute: 1000000, "
        "admin: true}\n"
    )
    with ExitStack() as stack:
        collector = stack.enter_context(_collector())
        everything = {
            "ENSEMBLE_API_KEYS": str(keys),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
        }
        ports = {}
        for name, server in (
            ("bare", _bare(folder / "bare", pool)),
            ("bare again", _bare(folder / "again", pool)),
            ("default", app_server(_made(folder / "default"), pool)),
            ("everything", app_server(_made(folder / "everything"), pool, None, everything)),
        ):
            ports[name] = stack.enter_context(server)
        times: dict[str, list[float]] = {name: [] for name in ports}
        for round_ in range(rounds + 1):
            names = list(ports)
            for place in range(len(names)):
                # Each is first as often as the others.
                name = names[(round_ + place) % len(names)]
                spent = asyncio.run(_spent(ports[name], client, questions))
                if round_:
                    times[name].append(spent)
    bare = times["bare"]
    print(f"overhead: CPU time of the server for a question, {rounds} rounds of {questions}")
    for name, each in times.items():
        ratios = [one / other for one, other in zip(each, bare, strict=True)]
        print(
            f"        {name:11} {statistics.mean(each) * 1000:6.2f} ms   ratio to bare: of all "
            f"rounds {sum(each) / sum(bare):.3f}, median {statistics.median(ratios):.3f}"
        )


async def _spent(url: str, client: Any, questions: int) -> float:
    port = int(url.rsplit(":", 1)[1])
    before = figure(url, "process_cpu_seconds_total")
    for start in range(0, questions, 8):
        asked = (client(port, KEY).ask(f"Question {i}.") for i in range(start, start + 8))
        for seen in await asyncio.gather(*asked):
            if seen.problem:
                raise RuntimeError(seen.problem)
    return (figure(url, "process_cpu_seconds_total") - before) / questions


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def _bare(folder: Path, pool: Path) -> AbstractContextManager[str]:
    port = free_port()
    env = {"ENSEMBLE_POOL": str(pool), "ENSEMBLE_DATA": str(_made(folder) / "c.sqlite")}
    return serving([sys.executable, "-c", BARE, str(port)], port, env, "/live")


@contextmanager
def _collector() -> Any:
    """An address that takes traces and forgets them."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            time.sleep(0)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
