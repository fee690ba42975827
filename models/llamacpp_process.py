"""The server processes of GGUF models: one per model, shared by all runs of this process."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from .catalogue import Entry, find
from .weights import weights

_SCRIPT = Path(__file__).with_name("llamacpp_server.py")


class ServerError(RuntimeError):
    """The server did not start, or ended."""


@dataclass(frozen=True)
class Settings:
    """The settings of a server, which identify it.

    Attributes:
        model: A name of the catalogue, or the path of a GGUF file.
        context: Tokens of each parallel call.
        parallel: Number of concurrent calls.
        threads: Number of computing threads.
    """

    model: str
    context: int
    parallel: int
    threads: int


@dataclass
class LlamaServer:
    """A server that is started at first use, and restarted if it has died."""

    settings: Settings
    key: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)
    _address: str = ""
    _log: IO[str] | None = field(default=None, repr=False)
    _owner: int = field(default_factory=os.getpid, repr=False)

    @property
    def address(self) -> str | None:
        """Its address; None if it is not running."""
        if self._owner != os.getpid():
            # A forked process uses its parent's server and must neither wait for it nor stop it.
            return self._address or None
        running = self._process is not None and self._process.poll() is None
        return self._address or None if running else None

    @property
    def pid(self) -> int | None:
        """The id of the process, if it is running."""
        return self._process.pid if self._process and self.address else None

    def start(self) -> str:
        """Start the server unless it is running; missing weights are downloaded first.

        Returns:
            The address, such as `http://127.0.0.1:40803`.

        Raises:
            InputError: There are no weights.
            ServerError: It does not start.
        """
        if address := self.address:
            return address
        with self._lock:
            return self.address or self._begin()

    def ended(self) -> str:
        """The reason why it is not running, for an error text."""
        code = self._process.poll() if self._process else None
        return f"the llama.cpp server of {self.settings.model} ended (exit code {code})"

    def ends_within(self, seconds: float) -> None:
        """Wait until the process has ended, at most so long."""
        if self._process is not None and self._owner == os.getpid():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)

    def stop(self) -> None:
        """End the process; the next `start` makes a new one."""
        if self._process is None or self._owner != os.getpid():
            return
        process, self._process, self._address = self._process, None, ""
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, self._log):
            if pipe:
                pipe.close()

    def _begin(self) -> str:
        self.stop()
        self._owner = os.getpid()
        meant = find(self.settings.model)
        path = weights(meant) if isinstance(meant, Entry) else meant
        wanted: dict[str, Any] = {
            "model": str(path),
            "key": self.key,
            "parallel": self.settings.parallel,
            "context": self.settings.context,
            "threads": self.settings.threads,
            "template": meant.template if isinstance(meant, Entry) else {},
        }
        log = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        # -P: the script's folder has modules with the names of the libraries that they wrap. The
        # process has its own session, so that Ctrl-C in a notebook does not stop the model.
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        self._process, self._log = process, log
        try:
            process.stdin.write(json.dumps(wanted) + "\n")  # pyright: ignore[reportOptionalMemberAccess]
            process.stdin.flush()  # pyright: ignore[reportOptionalMemberAccess]
            self._address = json.loads(process.stdout.readline())["address"]  # pyright: ignore[reportOptionalMemberAccess]
        except (OSError, ValueError):
            said = _complaint(log)
            self.stop()
            raise ServerError(
                f"the llama.cpp server of {self.settings.model} did not start: {said}"
            ) from None
        return self._address


def _complaint(log: IO[str]) -> str:
    """The last error that the server logged."""
    log.seek(0)
    lines = [line.strip() for line in log.read().splitlines() if line.strip()]
    told = [line for line in lines if " E " in line or "Error" in line]
    return (told or lines or ["it said nothing"])[-1][-200:]


_servers: dict[Settings, LlamaServer] = {}
_servers_lock = threading.Lock()


def server_of(settings: Settings) -> LlamaServer:
    """The server of this process with these settings, which may not be started yet."""
    with _servers_lock:
        return _servers.setdefault(settings, LlamaServer(settings))


def stop_all() -> None:
    """End every server of this process; each starts again at its next call."""
    with _servers_lock:
        for server in _servers.values():
            server.stop()


atexit.register(stop_all)
