"""What a server keeps of its own work: usage, log, metrics, traces, the state of its members."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..pool import Pool
from . import defaults
from .access import login
from .access.accounts import Accounts, OwnAccounts
from .access.admission import Admission, Slots
from .access.by_key import Access
from .access.gate import Gate
from .access.keys import Keys
from .access.limits import BodyLimit
from .access.prefix import Prefix
from .access.refusals import accounts_away
from .data.databases import need_postgres
from .problems import plain_words
from .settings import Settings
from .telemetry import metrics
from .telemetry.logs import Log, RunLog
from .telemetry.members import Members
from .telemetry.requests import Requests
from .telemetry.tracing import Traces
from .telemetry.usage import Usage
from .telemetry.watch import CURRENT, Watch

USAGE, LOG = "usage.sqlite", "log.jsonl"
"""Names of the files beside the conversations."""


def accounts_of(database: str, data: Path) -> Accounts:
    """The accounts of a server.

    Args:
        database: Where conversations are kept. Servers that share PostgreSQL share the accounts.
        data: The file of conversations, beside which the usage is otherwise.

    Raises:
        InputError: PostgreSQL does not answer, or its client is not installed.
    """
    if not defaults.is_address(database):
        return OwnAccounts(Usage(data.parent / USAGE))
    need_postgres()
    from .access.accounts_postgres import SharedAccounts

    return SharedAccounts(database)


class Operations:
    """Keys, limits, accounts and reports of one server.

    Args:
        settings: The operator's settings.

    Raises:
        InputError: The keys cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.keys = Keys.read(settings.api_keys)
        self.slots = Slots(settings.max_runs, settings.queue, settings.queue_seconds)
        self.log: Log | None = None
        self._gate: Gate | None = None
        self._members: Members | None = None

    @property
    def gate(self) -> Gate:
        """The keys with their budgets, while the server is open."""
        if self._gate is None:
            raise RuntimeError("the server is not open")
        return self._gate

    def outer(self) -> list[Middleware]:
        """What a request meets before its names and origin are checked."""
        prefix = self.settings.root_path
        before = [Middleware(Prefix, path=prefix)] if prefix else []
        return [*before, Middleware(Requests, log=lambda: self.log)]

    def inner(self) -> list[Middleware]:
        """What a request meets afterwards."""
        set_ = self.settings
        return [
            Middleware(Access, gate=lambda: self.gate, prefix=set_.root_path),
            Middleware(BodyLimit, most=set_.max_body, seconds=set_.body_seconds),
            Middleware(Admission, slots=self.slots),
        ]

    def routes(self) -> list[Route]:
        """The routes to mount."""
        return [
            Route("/live", self._live),
            Route("/ready", self._ready),
            Route("/v1/usage", self._usage),
            *metrics.routes(),
            *login.routes(lambda: self.gate, self.settings.root_path),
        ]

    @contextmanager
    def open(self, pool: Pool, data: Path, database: str = "") -> Iterator[None]:
        """Open the accounts and the log, and watch the runs of this process.

        Args:
            pool: The members.
            data: The file of conversations, beside which the log is.
            database: Where conversations are kept, and the accounts, if that is PostgreSQL.
        """
        texts = self.settings.log_texts
        accounts = accounts_of(database, data)
        log = Log(self.settings.log_file or data.parent / LOG)
        gate, members = Gate(self.keys, accounts), Members(pool, self.settings.probe_seconds)
        traces = Traces.open(texts=texts)
        sinks = [metrics.Metrics(), RunLog(log, texts=texts), gate, members]
        watch = Watch([*sinks, *([traces] if traces else [])], gate, texts=texts)
        watch.words = lambda error: plain_words(error, pool.secrets)[1]
        self._gate, self._members, self.log = gate, members, log
        CURRENT.append(watch)
        log.tell("started", members=pool.names, keys=[key.name for key in self.keys])
        try:
            yield
        finally:
            CURRENT.remove(watch)
            log.tell("stopped")
            self._gate = self._members = self.log = None
            if traces:
                traces.close()
            accounts.close()
            log.close()

    async def health(self, request: Request, models: list[str]) -> Response:
        """The state of the server and of its members: 503 if no member answers."""
        report = await self._report(request)
        if "members" in report:
            report = {**report, "models": models}
        return JSONResponse(report, 503 if report["status"] == "down" else 200)

    async def _live(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _ready(self, request: Request) -> Response:
        report = await self._report(request)
        return JSONResponse(report, 503 if report["status"] == "down" else 200)

    async def _report(self, request: Request) -> dict[str, object]:
        if self._members is None:
            return {"status": "down"}
        report = await self._members.report()
        if self.keys and request.scope.get("key") is None:
            # Those who have no key learn no names.
            return {"status": report["status"]}
        return report

    async def _usage(self, request: Request) -> Response:
        try:
            return JSONResponse(await self.gate.report(request.scope.get("key")))
        except TimeoutError:
            return accounts_away(request.url.path)
