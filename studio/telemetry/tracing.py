"""OpenTelemetry spans of runs and calls, by the conventions for generative AI.

A run is a span `invoke_agent GRAPH`, and each call in it a span `chat MODEL`, with tokens, cost,
stage and member. Questions and answers are left out unless that is switched on.

Spans are sent where the standard variables say (`OTEL_EXPORTER_OTLP_ENDPOINT`, or that for traces
alone); without them nothing is traced, unless the process has set a tracer provider of its own.
Conventions: https://opentelemetry.io/docs/specs/semconv/gen-ai/
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import InputError
from ...records import Call
from .watch import Run, Sink

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from ...models.exchange import Ask, Sample

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_INSTALL = "pip install 'langgraph-ensemble[tracing]'"
_NAME = "langgraph_ensemble"


def wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment names a collector of traces.

    Example:
        >>> wanted({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"})
        True
    """
    off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    off = off or environment.get("OTEL_TRACES_EXPORTER", "otlp") == "none"
    return not off and any(environment.get(name) for name in _ENDPOINTS)


class Traces(Sink):
    """Makes spans of runs and calls.

    Args:
        tracer: Makes the spans.
        provider: Its provider if it is the server's own, which is closed with it.
        texts: Whether the spans hold questions and answers.
    """

    def __init__(self, tracer: Tracer, provider: Any = None, *, texts: bool = False) -> None:
        self._tracer = tracer
        self._provider = provider
        self._texts = texts

    @classmethod
    def open(cls, *, texts: bool = False) -> Traces | None:
        """Traces where the environment or the process wants them; None if nobody does.

        Raises:
            InputError: A collector is named, but OpenTelemetry is not installed.
        """
        try:
            from opentelemetry import trace
        except ImportError:
            if wanted():
                raise InputError(f"traces need OpenTelemetry: {_INSTALL}") from None
            return None
        given = trace.get_tracer_provider()
        if not isinstance(given, trace.ProxyTracerProvider | trace.NoOpTracerProvider):
            return cls(given.get_tracer(_NAME), texts=texts)
        if not wanted():
            return None
        provider = _provider()
        return cls(provider.get_tracer(_NAME), provider, texts=texts)

    def began(self, run: Run) -> None:
        """See `Sink`."""
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carrier = {"traceparent": run.asker.trace} if run.asker.trace else {}
        around = TraceContextTextMapPropagator().extract(carrier)
        about = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.provider.name": _NAME,
            "gen_ai.agent.name": run.graph,
            "gen_ai.conversation.id": run.thread,
            "ensemble.request.id": run.asker.request,
            "ensemble.key": run.asker.key,
        }
        run.notes["span"] = self._tracer.start_span(
            f"invoke_agent {run.graph}", around, SpanKind.INTERNAL, _present(about)
        )

    def called(
        self, run: Run, what: Ask, samples: Sequence[Sample], call: Call, *, nested: bool
    ) -> None:
        """See `Sink`."""
        from opentelemetry.trace import SpanKind, set_span_in_context

        ended = time.time_ns()
        span = self._tracer.start_span(
            f"{'invoke_agent' if nested else 'chat'} {what.member.model_name}",
            set_span_in_context(run.notes["span"]),
            SpanKind.CLIENT,
            _present(_of_call(what, samples, call, nested=nested)),
            start_time=ended - int(call["latency_ms"] * 1_000_000),
        )
        if self._texts:
            asked = [{"role": m.type, "content": str(m.text)} for m in what.messages]
            said = [{"role": "assistant", "content": sample.text} for sample in samples]
            _write_texts(span, asked, said)
        if call["status"] not in ("ok", "cut"):
            _mark(span, call["status"], call["error"])
        span.end(ended)

    def ended(self, run: Run) -> None:
        """See `Sink`."""
        span, sums = run.notes["span"], run.sums
        span.set_attributes(
            {
                "gen_ai.usage.input_tokens": int(sums.get("input_tokens", 0)),
                "gen_ai.usage.output_tokens": int(sums.get("output_tokens", 0)),
                "ensemble.calls": int(sums.get("calls", 0)),
                "ensemble.cost_usd": sums.get("cost_usd", 0.0),
                "ensemble.unpriced_calls": int(sums.get("unpriced", 0)),
            }
        )
        if self._texts:
            answer = [{"role": "assistant", "content": run.answer}] if run.answer else None
            _write_texts(span, run.question, answer)
        if run.status != "ok":
            _mark(span, run.status, run.error)
        span.end()

    def close(self) -> None:
        """Send what is left, if the provider is the server's own."""
        if self._provider is not None:
            self._provider.shutdown()


def _provider() -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise InputError(f"traces need OpenTelemetry's SDK: {_INSTALL}") from None
    named = {"service.name": os.environ.get("OTEL_SERVICE_NAME") or "langgraph-ensemble"}
    provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _of_call(what: Ask, samples: Sequence[Sample], call: Call, *, nested: bool) -> dict[str, Any]:
    usage = call["usage"]
    reasons = ["length" if sample.status == "cut" else "stop" for sample in samples]
    return {
        "gen_ai.operation.name": "invoke_agent" if nested else "chat",
        "gen_ai.provider.name": what.member.provider,
        "gen_ai.request.model": what.member.model_name,
        "gen_ai.request.choice.count": call["samples"] if call["samples"] > 1 else None,
        "gen_ai.request.temperature": what.temperature,
        "gen_ai.request.max_tokens": what.max_tokens,
        "gen_ai.usage.input_tokens": usage["input_tokens"] if usage else None,
        "gen_ai.usage.output_tokens": usage["output_tokens"] if usage else None,
        "gen_ai.response.finish_reasons": reasons if call["status"] in ("ok", "cut") else None,
        "ensemble.member": call["member"],
        "ensemble.stage": call["stage"],
        "ensemble.layer": call["layer"],
        "ensemble.role": (what.role or "")[:80] or None,
        "ensemble.requests": call["requests"],
        "ensemble.cost_usd": call["cost_usd"],
    }


def _mark(span: Any, kind: str, text: str | None) -> None:
    """Mark a span as failed; the text is free of secrets already."""
    from opentelemetry.trace import Status, StatusCode

    span.set_attribute("error.type", kind)
    if kind != "cancelled":
        span.set_status(Status(StatusCode.ERROR, text))


def _write_texts(span: Any, asked: Any, said: Any) -> None:
    for name, messages in (("input", asked), ("output", said)):
        if messages:
            written = json.dumps([_in_parts(each) for each in messages], ensure_ascii=False)
            span.set_attribute(f"gen_ai.{name}.messages", written)


def _in_parts(message: dict[str, Any]) -> dict[str, Any]:
    role = {"human": "user", "ai": "assistant"}.get(message["role"], message["role"])
    return {"role": role, "parts": [{"type": "text", "content": message["content"]}]}


def _present(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value not in (None, "")}
