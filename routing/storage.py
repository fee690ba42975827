"""Profiles on disk: one JSON file and one npz file, with checksums of both and without pickle."""

import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError

FORMAT = 1
MANIFEST, ARRAYS = "profile.json", "arrays.npz"


def digest(data: Any) -> str:
    """SHA-256 of plain JSON in canonical form.

    Example:
        >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
        True
    """
    text = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def write(folder: str | Path, data: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write a profile atomically: a reader sees either the old one or the new one.

    Args:
        folder: Created if it is missing; its two files are replaced, other files do not change.
        data: Plain JSON.
        arrays: Numeric arrays by name.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file: name a folder to save the profile in")
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)  # type: ignore[arg-type]
    payload = buffer.getvalue()
    manifest = {"format": FORMAT, **data, "arrays": hashlib.sha256(payload).hexdigest()}
    manifest["checksum"] = digest(manifest)
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    staging = Path(tempfile.mkdtemp(prefix=".profile-", dir=folder))
    try:
        (staging / ARRAYS).write_bytes(payload)
        (staging / MANIFEST).write_text(text + "\n", encoding="utf-8", errors="surrogatepass")
        for name in (ARRAYS, MANIFEST):
            os.replace(staging / name, folder / name)  # noqa: PTH105
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def read(folder: str | Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read a profile and check that it is complete.

    Raises:
        InputError: It is missing, of another format, or damaged.
    """
    folder = Path(folder)
    manifest, arrays = folder / MANIFEST, folder / ARRAYS
    if not manifest.is_file():
        raise InputError(f"no profile at {folder}: make one with 'ensemble calibrate'")
    try:
        data = json.loads(manifest.read_text(encoding="utf-8"))
        claimed = data.pop("checksum")
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise _damaged(folder, MANIFEST) from error
    if data.get("format") != FORMAT:
        raise InputError(
            f"{folder}: profile format {data.get('format')}, but this version reads {FORMAT}: "
            "calibrate again"
        )
    if digest(data) != claimed:
        raise _damaged(folder, MANIFEST)
    try:
        payload = arrays.read_bytes()
    except OSError as error:
        raise _damaged(folder, ARRAYS) from error
    if hashlib.sha256(payload).hexdigest() != data["arrays"]:
        raise _damaged(folder, ARRAYS)
    try:
        with np.load(io.BytesIO(payload), allow_pickle=False) as stored:
            return data, dict(stored)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise _damaged(folder, ARRAYS) from error


def _damaged(folder: Path, name: str) -> InputError:
    return InputError(
        f"{folder}: the profile is damaged ({name} does not match its checksum): calibrate again, "
        "or restore it from a copy"
    )
