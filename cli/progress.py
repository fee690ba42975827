"""Live progress of the members on standard error: thinking, done, failed."""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..events import Event
from ..records import printable
from .terminal import line

_MARKS = {
    "thinking": ("●", "yellow"),
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
}


class Progress:
    """A table that is updated as drafts arrive; plain lines if standard error is not a terminal."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet)
        self._rows: dict[tuple[str, int, str], dict[str, Any]] = {}
        self._live: Live | None = None
        self._began = time.perf_counter()

    def __enter__(self) -> Progress:
        if self._console.is_terminal and not self._console.quiet:
            self._live = Live(console=self._console, refresh_per_second=12, transient=False)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.pause()

    def pause(self) -> None:
        """Stop updating the table, because the answer begins."""
        if self._live is not None:
            self._live.update(self._table(), refresh=True)
            self._live.stop()
            self._live = None

    def tell(self, event: Event) -> None:
        """Show one event of the run."""
        kind = event["type"]
        if kind in ("started", "token", "done", "failed"):
            self._call(event)
        elif kind == "routed":
            data = event.get("data", {})
            self._line(_routed(data))
        elif kind == "judged":
            data = event.get("data", {})
            reason = f": {event.get('text')}" if event.get("text") else ""
            self._line(f"judge keeps {', '.join(data['chosen'])}{reason}")
        elif kind == "moderated":
            stopped = event.get("data", {}).get("stopped")
            self._line(f"moderator: {'stop (' + stopped + ')' if stopped else 'go on'}")
        elif kind == "voted":
            self._vote(event.get("data", {}))

    def close(self, result: dict[str, Any]) -> None:
        """Print a last line with calls, tokens, cost and time."""
        usage, cost = result.get("usage"), result.get("cost_usd")
        about = "about " if usage and usage.get("estimated") else ""
        tokens = f"{about}{usage['total_tokens']:,} tokens" if usage else "tokens unknown"
        money = "cost unknown" if cost is None else f"${cost:.4f}"
        seconds = time.perf_counter() - self._began
        stopped = result.get("stopped")
        why = f", stopped by {stopped}" if stopped else ""
        for note in result.get("fell_back", []):
            self._console.print(line(f"note: {note}", "yellow"))
        calls = f"{result['calls']} calls, {tokens}, {money}, {seconds:.1f} s{why}"
        self._console.print(line(calls, "dim"))

    def _call(self, event: Event) -> None:
        key = (event["stage"], event["layer"], str(event.get("member")))
        row = self._rows.setdefault(
            key, {"state": "thinking", "began": time.perf_counter(), "text": "", "count": 0}
        )
        kind = event["type"]
        if kind == "token":
            row["text"] += event.get("text", "")
        elif kind in ("done", "failed"):
            row["count"] += kind == "done"
            row["state"] = "done" if row["count"] else "failed"
            row["text"] = event.get("text") or event.get("error") or row["text"]
            row["took"] = time.perf_counter() - row["began"]
        if self._live is not None:
            self._live.update(self._table())
        elif kind == "started":
            self._line(f"{self._place(key)}: thinking")
        elif kind == "failed" or (kind == "done" and row["count"] == 1):
            self._line(f"{self._place(key)}: {row['state']} ({row['took']:.1f} s) {_short(row)}")

    def _vote(self, data: dict[str, Any]) -> None:
        votes = ", ".join(f"{v['answer']} ×{v['count']}" for v in data.get("votes", []))
        margin = data.get("margin")
        shown = f", margin {margin:.0%}" if margin is not None else ""
        more = f"; asking {', '.join(data['asking'])}" if data.get("asking") else ""
        abstained = data.get("abstained")
        silent = f", {abstained} abstained" if abstained else ""
        self._line(f"vote: {votes or 'no readable answer'}{silent}{shown}{more}")

    def _line(self, text: str) -> None:
        self._console.print(line(text, "dim"))

    @staticmethod
    def _place(key: tuple[str, int, str]) -> str:
        stage, layer, member = key
        return f"{stage} {layer} {member}" if layer else f"{stage} {member}"

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 1))
        for key, row in self._rows.items():
            mark, colour = _MARKS[row["state"]]
            took = row.get("took", time.perf_counter() - row["began"])
            table.add_row(
                Text(mark, style=colour),
                Text(self._place(key)),
                Text(f"{took:.1f} s", style="dim"),
                Text(_short(row), style="dim", overflow="ellipsis", no_wrap=True),
            )
        return table


def _short(row: dict[str, Any]) -> str:
    """The end of a member's text, on one line."""
    text = printable(" ".join(str(row["text"]).split()))
    more = f"×{row['count']} " if row["count"] > 1 else ""
    return more + (text if len(text) <= 60 else f"…{text[-60:]}")


def _routed(data: dict[str, Any]) -> str:
    names = ", ".join(data["picked"])
    if data["cluster"] is None:
        return f"no task map: asking {names}"
    return f"routed to {names} (cluster {data['cluster']})"
