"""The server's log: one JSON object a line, which survives restarts and is rotated.

A thread writes it, so that no request waits for the disk; a process that is killed loses its last
quarter of a second. Servers may share a file: one at a time opens, writes and rotates it. Questions
and answers are left out unless that is switched on; keys, headers and query strings always are.
"""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from ...records import Call
from .often import Often
from .usage import gave_nothing
from .watch import Run, Sink

if TYPE_CHECKING:
    from ...models.exchange import Ask, Sample

LARGEST, KEPT = 20_000_000, 5
"""Bytes of a file, and number of older files that are kept."""
EVERY = 0.25
"""Seconds between two writes."""


class Log:
    """A log file.

    Args:
        path: The file; it is continued if it is there.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "log.jsonl"
        >>> log = Log(path)
        >>> log.tell("started", models=3)
        >>> log.close()
        >>> json.loads(path.read_text())["event"]
        'started'
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = _Shared(path)
        # What cannot be written is told at the start.
        self._file.append([])
        self._lines: deque[str] = deque()
        # It wakes by the clock and not for each line, because each time it takes the interpreter
        # away from the event loop.
        self._writer = Often(self._write, EVERY, "log")

    def tell(self, event: str, **fields: Any) -> None:
        """Write a line; fields that are None are left out."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        told = {name: value for name, value in fields.items() if value is not None}
        about = {"time": at, "event": event, **told}
        self._lines.append(json.dumps(about, ensure_ascii=False, default=str))

    def close(self) -> None:
        """Write everything."""
        self._writer.close()

    def _write(self) -> None:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        try:
            if lines:
                self._file.append(lines)
        except OSError as error:
            sys.stderr.write(f"ensemble: {len(lines)} lines of the log are lost: {error}\n")


class _Shared:
    """A rotated file that only its user may read, and that several processes write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # A pipe or a terminal, such as /dev/stdout, is not rotated.
        self._plain = path.is_file() or not path.exists()
        self._flags = os.O_CREAT | os.O_APPEND | (os.O_RDWR if self._plain else os.O_WRONLY)
        lock = path.with_name(path.name + ".lock")
        self._lock = FileLock(lock, mode=0o600) if self._plain else nullcontext()

    def append(self, lines: Sequence[str]) -> None:
        """Write lines, all in one place; and put the file aside if it is large then."""
        text = "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
        with self._lock:
            # Opened anew each time, because another process may have put it aside.
            handle = os.open(self._path, self._flags, 0o600)
            with os.fdopen(handle, "r+b" if self._plain else "wb", buffering=0) as file:
                if self._plain and text and not _ends_whole(file):
                    text = b"\n" + text
                while text:
                    text = text[file.write(text) :]
                large = self._plain and file.seek(0, os.SEEK_END) > LARGEST
            if large:
                self._put_aside()

    def _put_aside(self) -> None:
        for number in range(KEPT, 0, -1):
            older = self._path.with_name(f"{self._path.name}.{number}")
            newer = older.with_suffix(f".{number - 1}") if number > 1 else self._path
            if newer.exists():
                newer.replace(older)


def _ends_whole(file: Any) -> bool:
    """Whether the last line is whole: a process may have been killed while it wrote."""
    if not file.seek(0, os.SEEK_END):
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


class RunLog(Sink):
    """Logs each run, and each call that failed.

    Args:
        log: Where.
        texts: Whether the question and the answer are logged.
    """

    def __init__(self, log: Log, *, texts: bool = False) -> None:
        self._log = log
        self._texts = texts

    def called(
        self, run: Run, what: Ask, samples: Sequence[Sample], call: Call, *, nested: bool
    ) -> None:
        """See `Sink`."""
        if gave_nothing(call):
            self._log.tell(
                "call_failed",
                **_about(run),
                member=call["member"],
                stage=call["stage"],
                layer=call["layer"],
                status=call["status"],
                error=call["error"],
                seconds=round(call["latency_ms"] / 1000, 3),
            )

    def ended(self, run: Run) -> None:
        """See `Sink`."""
        sums = run.sums
        texts = {"question": run.question, "answer": run.answer} if self._texts else {}
        self._log.tell(
            "run",
            **_about(run),
            thread=run.thread,
            status=run.status,
            error=run.error,
            seconds=round(run.seconds, 3),
            calls=int(sums.get("calls", 0)),
            failed=int(sums.get("failed", 0)),
            input_tokens=int(sums.get("input_tokens", 0)),
            output_tokens=int(sums.get("output_tokens", 0)),
            cost_usd=None if sums.get("unpriced") else round(sums.get("cost_usd", 0.0), 9),
            **texts,
        )


def _about(run: Run) -> dict[str, Any]:
    asker = run.asker
    return {"request_id": asker.request or None, "key": asker.key, "graph": run.graph}
