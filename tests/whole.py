"""The whole server, `langgraph dev` with our application, as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from langgraph_ensemble.studio.serve import serve
pool, profile, data = (argument or None for argument in sys.argv[1:])
sys.exit(serve(pool=pool, profile=profile, data=data, hosts=["proxy.example"],
    origins=["http://localhost:3000"]))
"""


class Whole:
    """`serve()` in a process of its own; without `files` on the bundled models.

    `settings` are further environment variables.
    """

    def __init__(self, files: dict[str, Path], folder: Path, **settings: str) -> None:
        arguments = [
            *(files.get("pool", ""), files.get("profile", "")),
            folder / "conversations.sqlite",
        ]
        env = {k: v for k, v in os.environ.items() if not k.startswith("ENSEMBLE_")}
        env |= settings
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *map(str, arguments)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=env,
            # A test run in a shell's background ignores Ctrl-C, and child processes inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        assert self.process.stdout
        self.line = self.process.stdout.readline()
        self.url = self.line.split()[1].rstrip("/")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()
            self.process.communicate()
