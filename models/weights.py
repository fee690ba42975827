"""The local cache of GGUF files, each checked against its checksum.

The cache is `ENSEMBLE_CACHE`, or `langgraph-ensemble` in the user's cache folder. `weights.json`
beside the files holds the source and the SHA-256 of each file, which is checked whenever the file
is opened.
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
    """The folder of the weights, which may not exist yet."""
    if named := os.environ.get(CACHE):
        return Path(named).expanduser() / "models"
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "langgraph-ensemble" / "models"


def tell(line: str) -> None:
    """Print a line about a download on standard error."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def cached(entry: Entry) -> Path | None:
    """The unchecked file of `entry` in the cache; None if it was not downloaded."""
    path = cache_folder() / entry.file
    return path if path.is_file() else None


def weights(entry: Entry, say: Tell = tell) -> Path:
    """The checked file of `entry`, from the cache or downloaded.

    Args:
        entry: A model of the catalogue.
        say: Called with one line of size, licence and source before a download.

    Raises:
        InputError: No source has the file, or its checksum is wrong.
    """
    with _locked(entry):
        if path := cached(entry):
            check(entry, path)
            return path
        return _fetch(entry, say)


def check(entry: Entry, path: Path) -> None:
    """Compare a file with the checksum of the catalogue, or of its first download.

    Raises:
        InputError: The checksums differ, or none is known.
    """
    wanted = entry.sha256 or _records().get(entry.file, {}).get("sha256")
    if wanted is None:
        raise InputError(
            f"{path}: its checksum is not known, because this package did not download it; "
            f"remove it, or name the file itself as the model"
        )
    if sha256(path) != wanted:
        raise InputError(
            f"{path}: its SHA-256 is not {wanted[:12]}…, so the file is damaged or another one; "
            f"remove it, and it will be downloaded again"
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
            file, wanted, where = source(entry, part, say)
            if sha256(file) != wanted:
                shutil.rmtree(part)
                raise SourceError(f"{where}: its SHA-256 is not {wanted[:12]}…, so it was refused")
        except SourceError as error:
            reasons.append(str(error))
            continue
        # Recorded before the file gets its name, so that a file in the cache always has a checksum.
        _record(entry, {"sha256": wanted, "source": where, "licence": entry.licence})
        path = folder / entry.file
        file.replace(path)
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
