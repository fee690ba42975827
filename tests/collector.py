"""A collector of traces: a real HTTP server that keeps what is sent to it."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Sent(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


class Collector:
    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def spans(self, wanted: int, seconds: float = 10) -> list[Any]:
        """The spans, as soon as there are so many."""
        until = time.monotonic() + seconds
        while len(found := self._spans()) < wanted and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def _spans(self) -> list[Any]:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
            ExportTraceServiceRequest,
        )

        found = []
        for sent in list(self.sent):
            if sent.path.endswith("/v1/traces"):
                for group in ExportTraceServiceRequest.FromString(sent.body).resource_spans:
                    found += [span for scope in group.scope_spans for span in scope.spans]
        return found

    def to(self, path: str, seconds: float = 0) -> bytes:
        """What was sent to addresses that begin so, as soon as there is anything."""
        until = time.monotonic() + seconds
        while True:
            bodies = [sent.body for sent in list(self.sent) if sent.path.startswith(path)]
            if bodies or time.monotonic() >= until:
                return b"\n".join(bodies)
            time.sleep(0.05)


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port of 127.0.0.1."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"{}")

        def do_POST(self) -> None:
            body = self._body()
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            collector.sent.append(
                Sent(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            )
            self._answer(b"")

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = b""
            while size := int(self.rfile.readline(), 16):
                parts += self.rfile.read(size)
                self.rfile.readline()
            return parts

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def attributes(span: Any) -> dict[str, Any]:
    """The attributes of a span as plain values."""
    plain = {}
    for each in span.attributes:
        kind = each.value.WhichOneof("value")
        value = getattr(each.value, kind)
        plain[each.key] = [v.string_value for v in value.values] if kind == "array_value" else value
    return plain
