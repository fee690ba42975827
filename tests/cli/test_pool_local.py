"""`ensemble pool local` finds running servers, offers small models and fetches nothing unasked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from langgraph_ensemble import InputError, Pool
from langgraph_ensemble.cli import pool_local as local_pool
from langgraph_ensemble.cli.main import main
from langgraph_ensemble.cli.pool_local import discover, local


@contextmanager
def _server(body: str) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/v1/models" else 404)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder without any model in the cache, and no way to fetch one."""
    monkeypatch.setenv("ENSEMBLE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(local_pool, "find_spec", lambda _: True)

    def unreachable(entry: object, say: object) -> None:
        raise AssertionError("nothing may be fetched")

    monkeypatch.setattr(local_pool, "weights", unreachable)
    return tmp_path


def models(*names: str) -> str:
    return json.dumps({"object": "list", "data": [{"id": name} for name in names]})


def test_running_servers_become_a_pool(tmp_path: Path, capsys) -> None:
    with _server(models("qwen2.5:7b", "nomic-embed-text")) as ollama, _server(models("phi")) as lm:
        ports = {"Ollama": ollama, "LM Studio": lm, "vLLM": 9}
        local(tmp_path / "pool.yaml", ports=ports)
    pool = Pool.from_file(tmp_path / "pool.yaml")
    assert pool.names == ["qwen2.5-7b", "phi"]
    assert pool[0].base_url == f"http://127.0.0.1:{ollama}/v1"
    said = capsys.readouterr()
    assert "Ollama runs at" in said.err
    assert "ensemble pool check" in said.out


def test_what_is_no_server_of_models_is_left_alone() -> None:
    with _server("<html>hello</html>") as page, _server('{"data": null}') as other:
        assert discover({"vLLM": page, "llama.cpp": other, "Ollama": 9}) == []


def test_a_person_may_decline(tmp_path: Path) -> None:
    with _server(models("phi")) as port:
        local(tmp_path / "pool.yaml", ports={"vLLM": port}, confirm=lambda _: False)
    assert not (tmp_path / "pool.yaml").exists()


def test_nothing_is_fetched_unless_somebody_says_so(empty: Path, capsys) -> None:
    local(empty / "pool.yaml", models=["SmolLM2-135M"], as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["wrote"] is None
    assert told["would_fetch"][0]["licence"] == "Apache-2.0"
    assert not (empty / "pool.yaml").exists()
    local(empty / "pool.yaml", ports={"vLLM": 9})
    assert "run again with --yes" in capsys.readouterr().out
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    with pytest.raises(InputError, match="no pool was written"):
        local(empty / "pool.yaml", llamacpp=True, confirm=no)
    assert len(asked) == 5
    assert "98 MB, licence Apache-2.0" in asked[0]


def test_what_can_be_had_becomes_the_pool(empty: Path, monkeypatch, capsys) -> None:
    def only_smol(entry, say) -> None:
        if "SmolLM2" not in entry.name:
            raise InputError(f"{entry.name} could not be fetched")

    monkeypatch.setattr(local_pool, "weights", only_smol)
    local(empty / "pool.yaml", llamacpp=True, yes=True)
    pool = Pool.from_file(empty / "pool.yaml")
    assert pool.names == ["SmolLM2-135M", "SmolLM2-360M"]
    assert pool.aggregator == "SmolLM2-360M"
    assert {member.provider for member in pool} == {"llamacpp"}
    assert "Left out: Qwen3-0.6B" in capsys.readouterr().err
    with pytest.raises(InputError, match="could not be fetched"):
        local(empty / "other.yaml", models=["Qwen3-0.6B"], yes=True)


def test_the_command_refuses_what_it_does_not_know(tmp_path: Path, capsys) -> None:
    out = str(tmp_path / "pool.yaml")
    with pytest.raises(SystemExit, match="2"):
        main(["pool", "local", "--model", "SmolLM-135M", "--out", out])
    assert "did you mean 'SmolLM2-135M'" in capsys.readouterr().err
    Path(out).touch()
    with pytest.raises(SystemExit, match="2"):
        main(["pool", "local", "--out", out])
    assert "--force" in capsys.readouterr().err


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(local_pool, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"langgraph-ensemble\[llamacpp\]"):
        local(tmp_path / "pool.yaml", llamacpp=True)
