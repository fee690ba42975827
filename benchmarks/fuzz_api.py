"""Random requests from `/openapi.json`, right and wrong ones: no reply may be a server's error.

    pip install schemathesis
    python benchmarks/fuzz_api.py

schemathesis makes the requests for each operation. `few` sends the same bodies, but with only two
of their fields in an otherwise right request, so that more of them reach a run; `bad` adds bodies
that break readers of JSON.
`--url` fuzzes a server that runs already, so that schemathesis may have an environment of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BROKE_OFF = 599
"""Counted for a connection that the server closed without a reply."""

BROKEN = (
    b"[" * 100_000,
    b'{"model":' + b"[" * 100_000,
    rb'{"model":"moa","messages":[{"role":"user","content":"\ud83d"}],"input":"\udc00","prompt":"\ud800"}',
    b"\xff\xfe\x00",
    b'{"model":NaN}',
    b"",
    b"null",
    b'"moa"',
    b'{"model":1e999}',
)
"""Bodies that are sent to every operation that takes one."""
RIGHT: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": "moa-lite", "messages": [{"role": "user", "content": "Hi"}]},
    "/v1/completions": {"model": "avengers-cheap", "prompt": "Hi"},
    "/v1/responses": {"model": "smoa-cheap", "input": "Hi"},
    "/api/threads/{thread}/turns": {"model": "moa-lite", "question": "Hi"},
}
"""A request to each operation that is answered."""
JSON = {"Content-Type": "application/json"}


@contextlib.contextmanager
def own_server() -> Iterator[str]:
    """A server over three simulated models."""
    from langgraph_ensemble.testing import Model, Provider
    from langgraph_ensemble.testing.serving import app_server, write_pool

    names = ["ann", "ben", "cat"]
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    with (
        Provider([Model(name, sees=True) for name in names]) as provider,
        app_server(folder, write_pool(folder, provider.url, names)) as url,
    ):
        yield url


def fuzz(url: str, examples: int) -> dict[str, tuple[Counter[int], float, list[str]]]:
    """Send the requests.

    Returns:
        For each operation the statuses, the slowest reply in seconds, and the failing bodies.
    """
    import requests
    import schemathesis  # pyright: ignore[reportMissingImports]
    from hypothesis.errors import Unsatisfiable

    schema: Any = schemathesis.openapi.from_url(f"{url}/openapi.json")
    rows: dict[str, tuple[Counter[int], float, list[str]]] = {}
    session = requests.Session()

    def send(name: str, call: Any) -> None:
        statuses, slowest, failing = rows.get(name, (Counter(), 0.0, []))
        began = time.perf_counter()
        try:
            reply = call()
        except requests.ConnectionError as error:
            statuses[BROKE_OFF] += 1
            sent = getattr(error.request, "body", None)
            failing.append(f"{error} <- {str(sent)[:600]}")
            rows[name] = (statuses, slowest, failing)
            return
        statuses[reply.status_code] += 1
        if reply.status_code >= 500:
            sent = reply.request.body
            failing.append(f"{reply.status_code} {reply.text[:300]} <- {str(sent)[:600]}")
        rows[name] = (statuses, max(slowest, time.perf_counter() - began), failing)

    for found in schema.get_all_operations():
        operation = found.ok()
        name = f"{operation.method.upper()} {operation.path}"
        takes_body = bool(operation.body)
        for mode in ("POSITIVE", "NEGATIVE"):
            count = examples if takes_body else max(10, examples // 10)
            try:
                made = operation.as_strategy(getattr(schemathesis.GenerationMode, mode))
                _each(made, count, partial(_sent, send, name, url, session))
            except Unsatisfiable:
                # A path without parameters cannot be asked for in a wrong way.
                continue
        for body in BROKEN if takes_body else ():
            path = operation.path.replace("{thread}", "0" * 32)
            send(
                f"{name} bad",
                lambda b=body, p=path: session.post(url + p, b, headers=JSON, timeout=60),
            )
    return rows


def _sent(send: Any, name: str, url: str, session: Any, case: Any) -> None:
    send(name, lambda: case.call(base_url=url, session=session, timeout=60))
    right = RIGHT.get(case.operation.path)
    if right is None or not isinstance(case.body, dict):
        return
    draw = random.Random(json.dumps(case.body, default=str, sort_keys=True))
    fields = draw.sample(sorted(case.body), min(2, len(case.body)))
    body = {**right, **{field: case.body[field] for field in fields}}
    path = case.operation.path.replace("{thread}", uuid.uuid4().hex)
    try:
        sent = json.dumps(body).encode()
    except (TypeError, ValueError):
        return
    send(f"{name} few", lambda: session.post(url + path, sent, headers=JSON, timeout=60))


def _each(made: Any, count: int, use: Callable[[Any], None]) -> None:
    """Call `use` with so many examples, the same in every run."""
    from hypothesis import HealthCheck, Phase, given, settings

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(made)
    def one(case: Any) -> None:
        use(case)

    one()


def main() -> int:
    """Print one row for each operation; 1 if a reply was a server's error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a server that runs already")
    parser.add_argument("--examples", type=int, default=150, help="requests of each kind")
    given = parser.parse_args()
    if find_spec("schemathesis") is None:
        sys.stderr.write("nothing was sent: pip install schemathesis\n")
        return 0
    server = contextlib.nullcontext(given.url) if given.url else own_server()
    with server as url:
        rows = fuzz(str(url), given.examples)
    print(f"{'operation':46} {'requests':>8} {'5xx':>4} {'slowest':>8}  statuses")
    for name, (statuses, slowest, _) in rows.items():
        listed = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        errors = sum(count for status, count in statuses.items() if status >= 500)
        print(f"{name:46} {statuses.total():8} {errors:4} {slowest:6.2f} s  {listed}")
    failing = [each for _, _, found in rows.values() for each in found]
    print(f"{sum(s.total() for s, _, _ in rows.values())} requests, {len(failing)} errors")
    for each in failing[:10]:
        print(each)
    return int(bool(failing))


if __name__ == "__main__":
    sys.exit(main())
