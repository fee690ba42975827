"""Profiles on disk: one JSON file and one npz file, with checksums of both and without pickle."""

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from .npz import BROKEN, LARGEST, load_npz

FORMAT = 1
MANIFEST, ARRAYS = "profile.json", "arrays.npz"
LARGEST_MANIFEST = 16 * 2**20
"""Bytes of the JSON file."""


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
    if pickled := [name for name, array in arrays.items() if array.dtype.hasobject]:
        # Releases of numpy before 2.2 have no argument that forbids it.
        raise TypeError(f"{', '.join(pickled)}: only numbers and texts can be stored")
    np.savez_compressed(buffer, **arrays)  # pyright: ignore[reportArgumentType]
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
        InputError: It is missing, of another format, too large, or damaged.
    """
    folder = Path(folder)
    manifest, arrays = folder / MANIFEST, folder / ARRAYS
    if not manifest.is_file():
        raise InputError(f"no profile at {folder}: make one with 'ensemble calibrate'")
    text = _bytes(manifest, LARGEST_MANIFEST)
    try:
        data = json.loads(text.decode("utf-8"))
        claimed = data.pop("checksum")
        matches = digest(data) == claimed
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise _damaged(folder, MANIFEST) from error
    if data.get("format") != FORMAT:
        raise InputError(
            f"{folder}: profile format {str(data.get('format'))[:20]}, but this version reads "
            f"{FORMAT}: calibrate again"
        )
    if not matches:
        raise _damaged(folder, MANIFEST)
    payload = _bytes(arrays, LARGEST)
    if hashlib.sha256(payload).hexdigest() != data.get("arrays"):
        raise _damaged(folder, ARRAYS)
    try:
        return data, load_npz(payload)
    except BROKEN as error:
        raise _damaged(folder, f"{ARRAYS}: {_line(error)}") from None


@contextmanager
def whole(folder: str | Path) -> Iterator[None]:
    """What fails while a profile is put together says that it is damaged.

    Raises:
        InputError: As it was raised, or in place of what a part that does not fit raises.
    """
    try:
        yield
    except InputError:
        raise
    except (*BROKEN, ArithmeticError, AttributeError) as error:
        raise _damaged(Path(folder), _line(error)) from None


def _bytes(path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            raise InputError(f"{path}: more than {most:,} bytes, too large for a profile")
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise _damaged(path.parent, path.name) from error


def _line(error: BaseException) -> str:
    """The reason in a few words on one line."""
    return " ".join(f"{error}".split())[:200] or type(error).__name__


def _damaged(folder: Path, what: str) -> InputError:
    reason = f"{what} does not match its checksum" if what in (MANIFEST, ARRAYS) else what
    return InputError(
        f"{folder}: the profile is damaged ({reason}): calibrate again, or restore it from a copy"
    )
