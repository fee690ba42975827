"""The files of `deploy/`, by the tools that read them, where those are: `make deploy-check`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import langgraph_ensemble
import pytest
import yaml
from langgraph_ensemble.cli.main import app
from langgraph_ensemble.studio.config import FILE
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import app_server, free_port, write_pool
from operated import CAT, Server, operated
from typer.main import get_command

ROOT = Path(str(langgraph_ensemble.__file__)).parent
DEPLOY = ROOT / "deploy"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TOOLS = "make deploy-check installs it"


def run(*command: str, **more: Any) -> str:
    """The output of a tool, which must be content; skips the test where it is missing."""
    if (program := shutil.which(command[0])) is None:
        pytest.skip(f"{command[0]} is not here: {TOOLS}")
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_langgraph_builds_an_image_with_this_package(tmp_path: Path) -> None:
    pytest.importorskip("langgraph_cli", reason="pip install 'langgraph-ensemble[studio]'")
    out = tmp_path / "Dockerfile"
    command = [sys.executable, "-m", "langgraph_cli", "dockerfile", "-c", str(FILE), str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    text = out.read_text()
    assert f"ADD . /deps/{ROOT.name}\n" in text
    # A folder without a pyproject.toml would be wrapped as a package of its own.
    assert "non-package" not in text
    assert FILE.parent == ROOT
    (graphs,) = re.findall(r"^ENV LANGSERVE_GRAPHS='(.*)'$", text, re.MULTILINE)
    paths = {each["path"].partition(":")[0] for each in json.loads(graphs).values()}
    assert paths == {"langgraph_ensemble.studio.graphs"}


def test_what_an_image_is_given_can_be_installed() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    wanted = {"pyproject.toml", PROJECT["readme"], *PROJECT["license-files"], "langgraph.json"}
    wanted |= {p.removeprefix("langgraph_ensemble").lstrip(".").split(".")[0] for p in packages()}
    assert not wanted & set(ignored)


def packages() -> list[str]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]


def started() -> Iterator[tuple[str, list[str]]]:
    """The arguments of `ensemble serve` in each file."""
    docker = (DEPLOY / "Dockerfile").read_text()
    for kind in ("ENTRYPOINT", "CMD"):
        (found,) = re.findall(rf"^{kind} (\[.*\])$", docker, re.MULTILINE)
        yield "Dockerfile", [word for word in json.loads(found) if word != "ensemble"]
    for name in ("compose.yaml", "compose.many.yaml"):
        yield name, yaml.safe_load((DEPLOY / name).read_text())["services"]["ensemble"]["command"]
    workers = yaml.safe_load((DEPLOY / "kubernetes" / "workers.yaml").read_text())
    yield "workers.yaml", workers["spec"]["template"]["spec"]["containers"][0]["args"]
    unit = (DEPLOY / "ensemble.service").read_text()
    (line,) = re.findall(r"^ExecStart=/opt/ensemble/bin/ensemble (.*)$", unit, re.MULTILINE)
    yield "ensemble.service", line.split()


@pytest.mark.parametrize(("file", "arguments"), list(started()))
def test_every_option_is_one_of_the_command(file: str, arguments: list[str]) -> None:
    command: Any = get_command(app)
    serve = command.commands["serve"]
    known = {name for each in serve.params for name in [*each.opts, *each.secondary_opts]}
    given = {word for word in arguments if word.startswith("--")}
    assert given or arguments == ["serve"], file
    assert given <= known, file


def test_every_extra_and_variable_is_known() -> None:
    texts = {path: path.read_text() for path in DEPLOY.rglob("*") if path.is_file()}
    text = "\n".join(texts.values())
    named = re.findall(r"EXTRAS[=:] ?([a-z,]+)$", text, re.MULTILINE)
    assert named
    assert {e for each in named for e in each.split(",")} <= set(PROJECT["optional-dependencies"])
    code = "\n".join(path.read_text() for path in (ROOT / "studio").glob("*.py"))
    proxy = {"ENSEMBLE_NAME", "ENSEMBLE_HOST", "ENSEMBLE_PORT"}
    unknown = {n for n in re.findall(r"ENSEMBLE_[A-Z]+", text) if f'"{n}"' not in code} - proxy
    assert unknown == set()


@pytest.mark.parametrize("name", ["compose.yaml", "compose.many.yaml"])
def test_compose(name: str) -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(DEPLOY / name))


def test_dockerfile() -> None:
    run("hadolint", str(DEPLOY / "Dockerfile"))


def test_kubernetes() -> None:
    manifests = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    kinds = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())["resources"]
    assert {path.name for path in manifests} == {*kinds, "kustomization.yaml"}
    for path in manifests:
        if path.name in kinds:
            assert "passed" in run("kubernetes-validate", "--strict", str(path))
    if shutil.which("kubectl"):
        built = list(yaml.safe_load_all(run("kubectl", "kustomize", str(DEPLOY / "kubernetes"))))
        assert {each["metadata"]["namespace"] for each in built} == {"ensemble"}


def test_systemd(tmp_path: Path) -> None:
    unit = tmp_path / "ensemble.service"
    text = (DEPLOY / "ensemble.service").read_text()
    unit.write_text(text.replace("/opt/ensemble/bin/ensemble", shutil.which("true") or "/bin/true"))
    assert run("systemd-analyze", "verify", str(unit)) == ""


@pytest.mark.slow
def test_a_stream_passes_the_proxy_as_it_comes(tmp_path: Path, provider: Provider) -> None:
    if shutil.which("caddy") is None:
        pytest.skip(f"caddy is not here: {TOOLS}")
    provider.replace(Model("ann", says="word " * 20, token_ms=100))
    with app_server(tmp_path, write_pool(tmp_path, provider.url, ["ann"])) as server:
        port = free_port()
        env = {
            **os.environ,
            "ENSEMBLE_NAME": f"http://localhost:{port}",
            "ENSEMBLE_PORT": server.rpartition(":")[2],
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
        }
        text = (DEPLOY / "Caddyfile").read_text()
        # Its port of administration may be another Caddy's.
        (tmp_path / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text)
        command = ["caddy", "run", "--config", str(tmp_path / "Caddyfile")]
        with (tmp_path / "caddy.log").open("wb") as log:
            proxy = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        try:
            times = arrivals(f"http://localhost:{port}")
        finally:
            proxy.terminate()
            proxy.wait(20)
    # Twenty words, a tenth of a second apart.
    assert len(times) > 10
    assert times[-1] - times[2] > 1.0


def arrives(url: str) -> None:
    """Wait until a request passes the proxy."""
    until = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=5).close()  # noqa: S310
            return
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.1)


def arrivals(url: str) -> list[float]:
    """The times at which the pieces of an answer arrive."""
    body = {
        "model": "moa-lite",
        "messages": [{"role": "user", "content": "?"}],
        "stream": True,
    }
    headers = {"Content-Type": "application/json"}
    arrives(url)
    request = urllib.request.Request(  # noqa: S310
        f"{url}/v1/chat/completions", json.dumps(body).encode(), headers
    )
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
        return [time.monotonic() for line in reply if line.startswith(b"data: ")]


@pytest.mark.slow
def test_a_browser_signs_in_through_nginx(tmp_path: Path, provider: Provider) -> None:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not here: apt-get install nginx")
    provider.replace(Model("ann"))
    with operated({"pool": write_pool(tmp_path, provider.url, ["ann"])}, tmp_path) as server:
        port, text = free_port(), (DEPLOY / "nginx.conf").read_text()
        text = re.sub(r"ssl_certificate.*\n", "", text).replace("443 ssl", f"127.0.0.1:{port}")
        text = text.replace("127.0.0.1:8123", server.url.removeprefix("http://"))
        places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{name}_temp_path {tmp_path}/{name};\n" for name in places)
        file = tmp_path / "nginx.conf"
        file.write_text(
            f"daemon off; pid {tmp_path}/nginx.pid; error_log {tmp_path}/nginx.log;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{text}\n}}"
        )
        proxy = subprocess.Popen(["nginx", "-c", str(file)], stderr=subprocess.DEVNULL)
        try:
            front = Server(f"http://127.0.0.1:{port}", tmp_path)
            arrives(front.url)
            # As a browser says it: the port is a part of the origin.
            form = {"Content_Type": "application/x-www-form-urlencoded", "Origin": front.url}
            assert front.send("POST", "/login", f"key={CAT}", **form).status == 303
            assert front.send("GET", "/internal/x").status == 404
        finally:
            proxy.terminate()
            proxy.wait(20)
