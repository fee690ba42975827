"""A worker of `ensemble serve --engine aegra`, which can be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from langgraph_ensemble.studio.aegra import engine
from langgraph_ensemble.testing.serving import free_port

STARTS_WITHIN = 300.0
"""Seconds that a worker may take until it answers."""


class Worker:
    """One process, on one port.

    Args:
        settings: What the environment adds: pool, PostgreSQL, Redis.
        name: Name of its log.
    """

    def __init__(self, settings: dict[str, str], name: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="aegra-"))
        self._settings = settings
        self.log: Path = self._folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        """Start it; it answers later."""
        port = free_port()
        env = {**os.environ, **self._settings}
        command = engine.command("127.0.0.1", port, self._folder, env)
        self.url = f"http://127.0.0.1:{port}"
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, env=env, stdout=output, stderr=output, cwd=self._folder
            )

    def ready(self) -> None:
        """Wait until it answers."""
        ends = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/health", timeout=2).close()  # noqa: S310
                return
            except OSError:
                over = self.process is None or self.process.poll() is not None
                if over or time.monotonic() > ends:
                    raise RuntimeError(self.log.read_text()[-3000:]) from None
                time.sleep(0.1)

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self.process is not None  # noqa: S101
        return self.process.pid

    def kill(self) -> None:
        """End it as a machine that fails does."""
        assert self.process is not None  # noqa: S101
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
