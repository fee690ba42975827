"""Log, metrics, traces, and the state of members: what an operator sees, over sockets."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from collector import Collector, attributes, collecting
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import app_server
from operated import Server

pytest.importorskip("opentelemetry.sdk", reason="pip install 'langgraph-ensemble[tracing]'")
SECRET_QUESTION = "What is the colour of Zanzibar's zebra?"  # noqa: S105 - nobody's password
ASK = {"model": "moa-lite", "messages": [{"role": "user", "content": SECRET_QUESTION}]}
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def process(
    files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory, collector: Collector
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("operations")
    settings = {
        # As Langfuse wants it; LangSmith is named, but not switched on.
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"{collector.url}/api/public/otel",
        "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Basic%20abc",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "LANGSMITH_ENDPOINT": f"{collector.url}/langsmith",
        "LANGSMITH_API_KEY": "lsv2-nothing",
    }
    with app_server(folder, files["pool"], files["profile"], settings) as url:
        yield Server(url, folder)


@pytest.fixture
def server(process: Server, provider: Provider, collector: Collector) -> Server:
    collector.sent.clear()
    return process


def test_a_run_is_a_span_and_each_call_one_inside(server: Server, collector: Collector) -> None:
    parent = f"00-{TRACE}-b7ad6b7169203331-01"
    reply = server.send("POST", "/v1/chat/completions", ASK, traceparent=parent, x_request_id="r-1")
    account = reply.json["ensemble"]
    spans = collector.spans(5)
    (run,) = (span for span in spans if span.name == "invoke_agent moa-lite")
    calls = [span for span in spans if span.name.startswith("chat ")]
    assert len(calls) == len(spans) - 1 == 4
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    assert {span.parent_span_id for span in calls} == {run.span_id}
    told = attributes(run)
    assert told["gen_ai.operation.name"] == "invoke_agent"
    assert told["ensemble.request.id"] == "r-1"
    assert told["ensemble.cost_usd"] == pytest.approx(account["cost_usd"])
    parts = [attributes(span) for span in calls]
    assert {part["ensemble.stage"] for part in parts} == {"propose", "aggregate"}
    assert {part["gen_ai.request.model"] for part in parts} == {"ann", "ben", "cat"}
    assert all(part["gen_ai.provider.name"] == "openai" for part in parts)
    assert sum(part["ensemble.cost_usd"] for part in parts) == pytest.approx(account["cost_usd"])
    used = sum(part["gen_ai.usage.input_tokens"] for part in parts)
    assert used == account["usage"]["input_tokens"] == told["gen_ai.usage.input_tokens"]
    assert all(span.end_time_unix_nano > span.start_time_unix_nano for span in spans)
    (sent, *_) = collector.sent
    assert sent.path == "/api/public/otel/v1/traces"
    assert sent.headers["authorization"] == "Basic abc"


def test_a_dead_member_is_seen_everywhere(
    server: Server, provider: Provider, collector: Collector
) -> None:
    provider.set(Model("ben", fault="dead"))
    before = _metrics(server)
    server.send("POST", "/v1/chat/completions", ASK, x_request_id="r-2")
    spans = [attributes(span) | {"code": span.status.code} for span in collector.spans(5)]
    (failed,) = (span for span in spans if span.get("error.type") == "failed")
    assert (failed["ensemble.member"], failed["code"]) == ("ben", 2)
    (line,) = server.log(1, event="call_failed", request_id="r-2")
    assert (line["member"], line["status"]) == ("ben", "failed")
    (run,) = server.log(1, event="run", request_id="r-2")
    assert (run["status"], run["failed"], run["graph"]) == ("ok", 1, "moa-lite")
    after = _metrics(server)
    name = 'ensemble_call_failures_total{graph="moa-lite",member="ben"}'
    assert after[name] == before.get(name, 0) + 1


def test_metrics_add_up_to_the_accounts(server: Server) -> None:
    before = _metrics(server)
    account = server.send("POST", "/v1/chat/completions", ASK).json["ensemble"]
    after = _metrics(server)

    def more(start: str) -> float:
        return sum(v - before.get(k, 0) for k, v in after.items() if k.startswith(start))

    by = '{graph="moa-lite",member='
    assert more(f"ensemble_calls_total{by}") == account["calls"]
    assert more(f"ensemble_cost_usd_total{by}") == pytest.approx(account["cost_usd"])
    assert more('ensemble_tokens_total{graph="moa-lite",') == account["usage"]["total_tokens"]
    assert more(f"ensemble_call_seconds_count{by}") == account["calls"]
    assert more('ensemble_runs_total{graph="moa-lite",status="ok"}') == 1
    assert more('ensemble_requests_total{route="/v1/chat/completions",status="200"}') == 1
    assert after["ensemble_runs_in_progress"] == 0


def test_strangers_paths_make_no_series(server: Server) -> None:
    preflight = {"Origin": server.url, "Access_Control_Request_Method": "POST"}
    large = {"Content_Length": "99999999", "Content_Type": "application/json"}
    for word in ("aaaa", "bbbb", "cccc"):
        for start in ("threads", "api/threads", "runs", "v1", "x", "assistants"):
            server.send("OPTIONS", f"/{start}/{word}/runs", **preflight)
            server.send("POST", f"/{start}/{word}", **large)
    text = server.send("GET", "/metrics").text
    assert 'route="/threads/-",status="413"' in text
    assert not any(word in text for word in ("aaaa", "bbbb", "cccc"))


def test_each_request_has_an_id_and_a_line(server: Server) -> None:
    given = server.send("GET", "/v1/models", x_request_id="my-id.7")
    assert given.headers["x-request-id"] == "my-id.7"
    (line,) = server.log(1, request_id="my-id.7")
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/models", 200)
    odd = server.send("GET", "/v1/models?secret=1", x_request_id='a"b\\ c')
    made = odd.headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    assert server.log(1, request_id=made)
    assert "secret" not in (server.folder / "log.jsonl").read_text()


def test_no_text_and_nothing_else_leaves_unless_switched_on(
    server: Server, collector: Collector
) -> None:
    answer = server.send("POST", "/v1/chat/completions", ASK).json["choices"][0]["message"]
    assert len(collector.spans(5)) == 5
    words = (b"Zanzibar", answer["content"].encode()[:40])
    for sent in collector.sent:
        assert sent.path.endswith("/v1/traces")
        assert not any(word in sent.body for word in words)
    assert "Zanzibar" not in (server.folder / "log.jsonl").read_text()


def test_a_client_that_leaves_is_a_cancelled_run(
    server: Server, provider: Provider, collector: Collector
) -> None:
    provider.set(*(Model(name, first_token_ms=2000) for name in ("ann", "ben", "cat")))
    with pytest.raises(TimeoutError):
        _leave(server, {**ASK, "stream": True})
    (line,) = server.log(1, event="run", status="cancelled")
    assert line["graph"] == "moa-lite"
    assert _metrics(server)["ensemble_runs_in_progress"] == 0
    (run,) = (s for s in collector.spans(1) if s.name == "invoke_agent moa-lite")
    assert attributes(run)["error.type"] == "cancelled"


@pytest.mark.slow
def test_texts_are_logged_and_traced_once_they_are_switched_on(
    files: dict[str, Path], tmp_path: Path, provider: Provider, collector: Collector
) -> None:
    collector.sent.clear()
    settings = {
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{collector.url}/otel/v1/traces",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "ENSEMBLE_LOG_TEXTS": "true",
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_ENDPOINT": f"{collector.url}/langsmith",
        "LANGSMITH_API_KEY": "lsv2-nothing",
    }
    with app_server(tmp_path, files["pool"], files["profile"], settings) as url:
        server = Server(url, tmp_path)
        reply = server.send("POST", "/v1/chat/completions", ASK).json
        answer = reply["choices"][0]["message"]["content"]
        spans = collector.spans(5)
        (line,) = server.log(1, event="run")
        assert line["question"] == [{"role": "human", "content": SECRET_QUESTION}]
        assert line["answer"] == answer
        assert b"Zanzibar" in collector.to("/langsmith", 15)
    (run,) = (s for s in spans if s.name == "invoke_agent moa-lite")
    asked = json.loads(attributes(run)["gen_ai.input.messages"])
    assert asked == [{"role": "user", "parts": [{"type": "text", "content": SECRET_QUESTION}]}]
    said = json.loads(attributes(run)["gen_ai.output.messages"])
    assert said[0]["parts"][0]["content"] == answer
    assert all("gen_ai.input.messages" in attributes(span) for span in spans)


@pytest.mark.slow
def test_health_does_not_lie(tmp_path: Path) -> None:
    """A server whose members die one after the other, and come back."""
    with Provider([Model("ann")]) as one, Provider([Model("ben")]) as other:
        pool = tmp_path / "pool.yaml"
        rows = [
            {"name": "ann", "model": "ann", "base_url": one.url, "retries": 0},
            {"name": "ben", "model": "ben", "base_url": other.url, "retries": 0},
        ]
        pool.write_text(json.dumps({"members": rows}))
        with app_server(tmp_path, pool, None, {"ENSEMBLE_PROBE_SECONDS": "0.2"}) as url:
            server = Server(url, tmp_path)
            assert server.send("GET", "/ready").json["status"] == "ok"
            other.__exit__(None, None, None)
            degraded = _until(server, "degraded")
            assert degraded.status == 200
            assert degraded.json["members"]["ann"] == {"status": "answers"}
            assert "does not answer" in degraded.json["members"]["ben"]["error"]
            one.__exit__(None, None, None)
            assert _until(server, "down").status == 503
            health = server.send("GET", "/health")
            assert (health.status, health.json["status"]) == (503, "down")
            assert server.send("GET", "/live").status == 200
            assert _metrics(server)['ensemble_member_up{member="ann"}'] == 0


def _until(server: Server, status: str) -> Any:
    until = time.monotonic() + 15
    while (reply := server.send("GET", "/ready")).json["status"] != status:
        assert time.monotonic() < until, reply
        time.sleep(0.1)
    return reply


def _metrics(server: Server) -> dict[str, float]:
    lines = server.send("GET", "/metrics").text.splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


def _leave(server: Server, body: dict[str, Any]) -> None:
    line = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=0.5)
    try:
        named = {"Content-Type": "application/json"}
        line.request("POST", "/v1/chat/completions", json.dumps(body), named)
        while line.getresponse().read():
            pass
    finally:
        line.close()
