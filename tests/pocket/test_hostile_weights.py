"""A folder of weights from a stranger: refused in one line, whatever its files say."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import pytest
from langgraph_ensemble import InputError
from langgraph_ensemble.pocket.session import WEIGHTS, load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(WEIGHTS / "strings", tmp_path / "strings")
    shutil.copytree(WEIGHTS / "graphs", tmp_path / "graphs")
    return tmp_path / "strings"


def with_header(header: object, length: int | None = None, content: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + content


TENSOR = {"dtype": "F16", "shape": [100_000, 100_000], "data_offsets": [0, 20_000_000_000]}
WEIGHT = "model.embed_tokens.weight"
HOSTILE = {
    "header longer than the file": with_header({}, length=2**40),
    "header of no length": with_header({}, length=0),
    "tensor larger than the file": with_header({WEIGHT: TENSOR}),
    "tensor of another size": with_header(
        {WEIGHT: {**TENSOR, "shape": [4], "data_offsets": [0, 2]}}, content=b"ab"
    ),
    "offsets backwards": with_header(
        {WEIGHT: {**TENSOR, "data_offsets": [8, 0]}}, content=b"x" * 8
    ),
    "no tensors": with_header({}),
    "deep header": struct.pack("<Q", 100_000) + b"[" * 100_000,
    "empty": b"",
    "pickle": b"cos\nsystem\n(S'id'\ntR.",
}


def refused(folder: Path) -> None:
    with pytest.raises(InputError, match="this pocket model cannot be opened") as error:
        load(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", HOSTILE.values(), ids=list(HOSTILE))
def test_a_header_that_lies_is_refused(folder: Path, content: bytes) -> None:
    (folder / "model.safetensors").write_bytes(content)
    refused(folder)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", "[" * 100_000),
        ("config.json", "{}"),
        ("tokenizer.json", "{}"),
        ("tokenizer.json", "[" * 100_000),
    ],
)
def test_other_files_that_are_none_are_refused(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    refused(folder)


@pytest.mark.parametrize("longest", [10**12, -1, "many"])
def test_a_context_that_no_machine_has_is_refused(folder: Path, longest: object) -> None:
    path = folder / "config.json"
    path.write_text(
        json.dumps({**json.loads(path.read_text()), "max_position_embeddings": longest})
    )
    refused(folder)


def test_a_folder_that_is_whole_is_opened(folder: Path) -> None:
    assert load(folder).config == load("strings").config
