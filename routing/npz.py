"""Arrays from files that a stranger may have written: sizes are checked before anything is read."""

import io
import math
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

Array = np.ndarray

LARGEST = 512 * 2**20
"""Bytes of a file, and of all arrays that it says it holds."""
MOST = 1000
"""Arrays in a file."""

BROKEN = (
    ValueError,
    OSError,
    EOFError,
    LookupError,
    RuntimeError,
    TypeError,
    MemoryError,
    SyntaxError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What is raised where a file is no file of arrays, or one that is not to be read.

The header of an array is a Python literal, which may be none, or nested too deeply.
"""


def load_npz(payload: bytes) -> dict[str, Array]:
    """The arrays of an npz file, by name; never pickled objects.

    Raises:
        ValueError: It names a file outside, a file twice, or more than is to be read; what else
            may be raised for a broken file, `BROKEN` lists.

    Example:
        >>> buffer = io.BytesIO()
        >>> np.savez(buffer, a=np.arange(2))
        >>> load_npz(buffer.getvalue())["a"].tolist()
        [0, 1]
    """
    with zipfile.ZipFile(io.BytesIO(payload)) as stored:
        entries = stored.infolist()
        names = [entry.filename for entry in entries]
        if len(set(names)) < len(names) or len(names) > MOST:
            raise ValueError("an array stands there twice, or there are too many")
        if any("/" in n or "\\" in n or not n.endswith(".npy") for n in names):
            raise ValueError("it holds other files than arrays")
        if sum(entry.file_size for entry in entries) > LARGEST:
            raise ValueError(f"it says that it holds more than {LARGEST:,} bytes")
        found = {}
        for entry in entries:
            with stored.open(entry) as file:
                found[entry.filename.removesuffix(".npy")] = _read(file, entry.file_size)
        return found


def load_npy(path: Path) -> Array:
    """The array of an npy file.

    Raises:
        ValueError: As `load_npz`.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise ValueError(f"it has more than {LARGEST:,} bytes")
    with path.open("rb") as file:
        return _read(io.BytesIO(file.read(LARGEST)), size)


def _read(file: Any, size: int) -> Array:
    """An array of numbers whose header says just as many bytes as there are."""
    head = io.BytesIO(file.read(min(size, 12_000)))
    version = npy.read_magic(head)
    if version not in ((1, 0), (2, 0)):
        raise ValueError("an array is of an unknown version")
    reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = reader(head)
    if dtype.kind not in "biuf" or dtype.hasobject or any(length < 0 for length in shape):
        raise ValueError("it holds something else than numbers")
    if head.tell() + math.prod(shape) * dtype.itemsize != size:
        raise ValueError("an array is not as large as it says")
    whole = io.BytesIO(head.getvalue() + file.read())
    return np.asarray(npy.read_array(whole, allow_pickle=False))
