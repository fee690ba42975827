"""Metrics for Prometheus: requests, runs, calls, tokens, cost, failures and times.

They are in prometheus-client's own registry, so that LangGraph's `/metrics` shows them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...records import Call
from .usage import gave_nothing
from .watch import Run, Sink

if TYPE_CHECKING:
    from ...models.exchange import Ask, Sample

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320)

REQUESTS = Counter("ensemble_requests", "Requests.", ["route", "status"])
REQUEST_SECONDS = Histogram(
    "ensemble_request_seconds", "Seconds until a reply was complete.", ["route"], buckets=_SECONDS
)
REFUSED = Counter("ensemble_refused", "Requests that a limit refused.", ["reason"])
RUNS = Counter("ensemble_runs", "Runs of graphs.", ["graph", "status"])
RUN_SECONDS = Histogram("ensemble_run_seconds", "Seconds of runs.", ["graph"], buckets=_SECONDS)
RUNNING = Gauge("ensemble_runs_in_progress", "Runs in progress.")
WAITING = Gauge("ensemble_requests_waiting", "Requests that wait for a run to end.")
_BY = ["graph", "member"]
CALLS = Counter("ensemble_calls", "Calls of members.", [*_BY, "stage", "status"])
FAILURES = Counter("ensemble_call_failures", "Calls that gave no answer.", _BY)
CALL_SECONDS = Histogram("ensemble_call_seconds", "Seconds of calls.", _BY, buckets=_SECONDS)
TOKENS = Counter("ensemble_tokens", "Tokens of calls.", [*_BY, "kind"])
COST = Counter("ensemble_cost_usd", "US dollars; calls without a known price add nothing.", _BY)
UNPRICED = Counter("ensemble_unpriced_calls", "Calls whose cost is not known.", _BY)
MEMBER_UP = Gauge("ensemble_member_up", "Whether a member answers, as far as known.", ["member"])


class Metrics(Sink):
    """Counts runs and calls."""

    def began(self, run: Run) -> None:
        """See `Sink`."""
        RUNNING.inc()

    def called(
        self, run: Run, what: Ask, samples: Sequence[Sample], call: Call, *, nested: bool
    ) -> None:
        """See `Sink`."""
        graph, member = run.graph, call["member"]
        CALLS.labels(graph, member, call["stage"], call["status"]).inc()
        CALL_SECONDS.labels(graph, member).observe(call["latency_ms"] / 1000)
        if gave_nothing(call):
            FAILURES.labels(graph, member).inc()
        if nested:
            return
        if usage := call["usage"]:
            TOKENS.labels(graph, member, "input").inc(usage["input_tokens"])
            TOKENS.labels(graph, member, "output").inc(usage["output_tokens"])
        if call["cost_usd"] is None:
            UNPRICED.labels(graph, member).inc()
        else:
            COST.labels(graph, member).inc(call["cost_usd"])

    def ended(self, run: Run) -> None:
        """See `Sink`."""
        RUNNING.dec()
        RUNS.labels(run.graph, run.status).inc()
        RUN_SECONDS.labels(run.graph).observe(run.seconds)


async def _metrics(_: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def routes() -> list[Route]:
    """The route to mount."""
    return [Route("/metrics", _metrics)]
