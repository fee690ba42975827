"""Weights on this machine: the cache of GGUF files, each held to its checksum.

The cache is `ENSEMBLE_CACHE`, else `langgraph-ensemble` in the user's cache folder. Beside the
files lies `weights.json`: where each came from, and its SHA-256, against which it is checked
whenever it is opened.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from filelock import FileLock

from ..errors import InputError
from .catalogue import Entry, megabytes
from .sources import SourceError, Tell, sources_of

CACHE = "ENSEMBLE_CACHE"


def cache_folder() -> Path:
    """Where the weights lie; the folder need not exist yet."""
    if named := os.environ.get(CACHE):
        return Path(named).expanduser() / "models"
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "langgraph-ensemble" / "models"


def tell(line: str) -> None:
    """Say on standard error what is being fetched."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def cached(entry: Entry) -> Path | None:
    """The file of `entry` in the cache, unchecked; None where it was not fetched yet."""
    path = cache_folder() / entry.file
    return path if path.is_file() else None


def weights(entry: Entry, say: Tell = tell) -> Path:
    """The checked file of `entry`: from the cache, else fetched.

    Args:
        entry: A model of the catalogue.
        say: Gets one line before anything is fetched: size, licence, source.

    Raises:
        InputError: No source has it, or it is not the file it should be.
    """
    with _locked(entry):
        if path := cached(entry):
            check(entry, path)
            return path
        return _fetch(entry, say)


def check(entry: Entry, path: Path) -> None:
    """Compare a file with the checksum of the catalogue, else with the one first seen.

    Raises:
        InputError: They differ, or neither is known.
    """
    wanted = entry.sha256 or _records().get(entry.file, {}).get("sha256")
    if wanted is None:
        raise InputError(
            f"{path}: its checksum is not known, for it was not fetched by this package; "
            f"remove it, or name the file itself as the model"
        )
    if sha256(path) != wanted:
        raise InputError(
            f"{path}: its SHA-256 is not {wanted[:12]}…, so the file is damaged or another one; "
            f"remove it and it is fetched again"
        )


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _locked(entry: Entry) -> FileLock:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be made ({error.strerror}); name another folder in {CACHE}"
        ) from None
    return FileLock(folder / f".{entry.name}.lock")


def _fetch(entry: Entry, say: Tell) -> Path:
    folder = cache_folder()
    part = folder / f".{entry.name}.part"
    reasons = []
    for source in sources_of(entry):
        part.mkdir(exist_ok=True)
        try:
            found, wanted, where = source(entry, part, say)
            if sha256(found) != wanted:
                shutil.rmtree(part)
                raise SourceError(f"{where}: its SHA-256 is not {wanted[:12]}…, so it was refused")
        except SourceError as error:
            reasons.append(str(error))
            continue
        # Recorded before the file has its name: a file in the cache always has its checksum.
        _record(entry, {"sha256": wanted, "source": where, "licence": entry.licence})
        path = folder / entry.file
        found.replace(path)
        shutil.rmtree(part, ignore_errors=True)
        say(f"{entry.name}: checked by SHA-256, kept in {path}")
        return path
    shutil.rmtree(part, ignore_errors=True)
    raise InputError(
        f"{entry.name} ({megabytes(entry.size)}) could not be fetched: {'; '.join(reasons)}. "
        f"Go online and try again, or name a .gguf file as the model"
    )


def _records() -> dict[str, Any]:
    try:
        return json.loads((cache_folder() / "weights.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise InputError(
            f"{cache_folder() / 'weights.json'}: not JSON; remove it and the models beside it"
        ) from None


def _record(entry: Entry, line: dict[str, Any]) -> None:
    path = cache_folder() / "weights.json"
    with FileLock(path.with_name(".weights.lock")):
        text = json.dumps({**_records(), entry.file: line}, indent=2)
        draft = path.with_name(".weights.new")
        draft.write_text(text + "\n", encoding="utf-8")
        draft.replace(path)
