"""`ensemble serve --engine aegra`: a worker among many, on PostgreSQL and Redis."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...errors import InputError
from .. import defaults
from ..config import config

REDIS = "REDIS_URL"
"""Environment variable of Redis' address: `redis://host:6379/0`."""

INSTALL = "pip install 'langgraph-ensemble[scale]', with Python 3.12 or newer"

# A killed worker's run is found when its lease has ended, and at the next round of the reaper: with
# Aegra's own 30 s and 15 s that takes 45 s.
TIMES: dict[str, str] = {
    "LEASE_DURATION_SECONDS": "10",
    "HEARTBEAT_INTERVAL_SECONDS": "3",
    "REAPER_INTERVAL_SECONDS": "1",
    # A run that was taken from the queue by a worker which was killed before it had the lease.
    "STUCK_PENDING_THRESHOLD_SECONDS": "10",
    # How often a run may lose its worker. It is resumed, so that a loss costs little.
    "BG_JOB_MAX_RETRIES": "20",
}


def aegra_json(*, mapped: bool = True, origins: list[str] | None = None) -> dict[str, Any]:
    """Aegra's configuration.

    Args:
        mapped: Whether there is a task map; without it Avengers that need one are not offered.
        origins: Origins whose pages may call the server.

    Example:
        >>> aegra_json()["http"]["app"]
        'langgraph_ensemble.studio.aegra.app:app'
    """
    whole = config(mapped=mapped, origins=origins or [defaults.STUDIO])
    file = Path(__file__).with_name("graphs.py")
    graphs = {
        name: {**each, "path": f"{file}:{each['path'].rpartition(':')[2]}"}
        for name, each in whole["graphs"].items()
        # It keeps its ledger on one machine's disk.
        if name != "calibration"
    }
    http = {**whole["http"], "app": f"{__package__}.app:app"}
    return {
        "graphs": graphs,
        "auth": {"path": f"{__package__}.auth:auth"},
        "http": http,
        # A call is recorded before the next one is made.
        "checkpointer": {"durability": "sync"},
    }


def check(env: Mapping[str, str]) -> None:
    """Refuse to start without what Aegra needs.

    Raises:
        InputError: Aegra is not installed, or PostgreSQL or Redis is not named.
    """
    if find_spec("aegra_api") is None:
        raise InputError(f"--engine aegra needs Aegra; install it with: {INSTALL}")
    if not defaults.is_address(env.get(defaults.DATA, "")):
        raise InputError(
            "--engine aegra keeps everything in PostgreSQL: name it with "
            f"--data postgresql://user@host/database, or in {defaults.DATA}"
        )
    if not env.get(REDIS):
        raise InputError(f"--engine aegra needs Redis: set {REDIS}, to redis://localhost:6379/0")


def command(host: str, port: int, folder: Path, env: dict[str, str]) -> list[str]:
    """The command of a worker; its settings are added to the environment.

    Args:
        host: The address to listen on.
        port: The port.
        folder: Where `aegra.json` is written.
        env: The environment; what it sets already is kept.
    """
    path = folder / "aegra.json"
    origins = env.get(defaults.ORIGINS, "").split()
    path.write_text(json.dumps(aegra_json(mapped=defaults.has_map(env), origins=origins)))
    settings = {
        **TIMES,
        "AEGRA_CONFIG": str(path),
        "DATABASE_URL": env[defaults.DATA],
        "REDIS_BROKER_ENABLED": "true",
        "HOST": host,
        "PORT": str(port),
        # Both would send data to other machines, or log what people ask.
        "LANGSMITH_TRACING": "false",
        "LOG_LEVEL": "WARNING",
    }
    for name, value in settings.items():
        env.setdefault(name, value)
    return [sys.executable, "-m", f"{__package__}.worker", host, str(port)]
